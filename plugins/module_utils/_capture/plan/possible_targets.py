# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The possible targets of a source, if the task names none, or an unsupported one; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceReference

Json = dict[str, Any]

#: Managed images do not support these: https://learn.microsoft.com/azure/virtual-machines/trusted-launch
_UNSUPPORTED_SECURITY_TYPES = ("trustedlaunch", "confidentialvm")
#: A name of a new gallery; a hyphen would not be allowed.
_GALLERY = "golden_images"


def unsupported_image_blockers(label: str, source: Source) -> Iterator[Finding]:
    """Reasons why a source does not support managed images, regardless of other options.

    :param label: the label of the source.
    """
    if source.specialized:
        yield Finding(
            "specialized_image",
            f"A managed image is always generalized, and the {label} is captured as specialized",
        )
    if source.security_type.lower() in _UNSUPPORTED_SECURITY_TYPES:
        yield Finding(
            "security_type_not_supported",
            f"The {label} has the security type {source.security_type}, which managed images do not support",
        )
    if source.architecture.lower() == "arm64":
        yield Finding(
            "architecture_not_supported",
            f"The {label} has the architecture Arm64, which managed images do not support",
        )


def gallery_instead_blockers(label: str, source: Source, image: ResourceId, has_gallery: bool) -> Iterator[Finding]:
    """Blockers for an unsupported managed image; each recommends a gallery instead."""
    instead = gallery_option(image.name)
    advice = f"capture it into a gallery instead of 'image': {_written(instead)}"
    for objection in unsupported_image_blockers(label, source):
        if has_gallery:
            yield replace(objection, message=f"{objection.message}; omit 'image'.")
        else:
            yield replace(objection, message=f"{objection.message}; {advice}.", details={"instead": instead})


def no_target_blockers(reference: SourceReference, source: Source | None) -> Iterator[Finding]:
    """The blocker of a task without targets, with the possible targets of its source."""
    choices: list[Json] = []
    if source is None:
        missing = (
            f"No target is specified, and the {reference.label} does not exist; check its name and 'resource_group'."
        )
        yield Finding("no_target", missing, {"choices": choices})
        return
    sentences = ["No target is specified."]
    instead = gallery_option(getattr(reference, "name", "golden"))
    reasons = list(unsupported_image_blockers(reference.label, source))
    choices.append(_choice("image", reasons))
    if reasons:
        sentences.append("; ".join(reason.message for reason in reasons) + ".")
    else:
        sentences.append("Set 'image' for a managed image.")
    unmanaged = any(isinstance(disk.source, Blob) for disk in source.disks)
    reason = Finding(
        "unmanaged_disks", f"The {reference.label} has unmanaged disks, which cannot be captured into a gallery version"
    )
    choices.append(_choice("gallery_versions", [reason] if unmanaged else []))
    sentences.append(f"{reason.message}." if unmanaged else f"For a gallery version set {_written(instead)}.")
    yield Finding("no_target", " ".join(sentences), {"choices": choices, "instead": {} if unmanaged else instead})


def gallery_option(name: str) -> Json:
    """A value of 'gallery_versions' that requires no existing gallery."""
    return {"gallery_versions": [{"gallery": _GALLERY, "definition": name, "create_gallery": True}]}


def _choice(option: str, reasons: list[Finding]) -> Json:
    return {"option": option, "possible": not reasons, "reason_codes": [reason.code for reason in reasons]}


def _written(option: Json) -> str:
    [version] = option["gallery_versions"]
    inside = ", ".join(f"{name}: {str(value).lower() if value is True else value}" for name, value in version.items())
    return f"'gallery_versions: [{{{inside}}}]'"
