# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The possible targets of a source, if the task names none, or an unsupported one, or asks for them; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.definition_of_source import (
    definition_properties_of,
    features_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.machine_findings import machine_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import plain_plan
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


def unsupported_gallery_blockers(label: str, source: Source) -> Iterator[Finding]:
    """Reasons why a source does not support gallery versions, regardless of other options.

    :param label: the label of the source.
    """
    if any(isinstance(disk.source, Blob) for disk in source.disks):
        yield Finding(
            "unmanaged_disks", f"The {label} has unmanaged disks, which cannot be captured into a gallery version"
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
        sentences.append("For a managed image set 'image: NAME'.")
    unmanaged = list(unsupported_gallery_blockers(reference.label, source))
    choices.append(_choice("gallery_versions", unmanaged))
    sentences += [f"{reason.message}." for reason in unmanaged] or [f"For a gallery version set {_written(instead)}."]
    yield Finding("no_target", " ".join(sentences), {"choices": choices, "instead": {} if unmanaged else instead})


def targets_of_machine(vm: Json, disks: list[Json], source: Source) -> list[Json]:
    """The targets of a virtual machine, each with the reasons why it is not possible, and what its images would support.

    :param vm: the virtual machine.
    :param disks: its managed disks.
    :param source: the description of it (source_of_machine).
    """
    label = source.reference.label
    common = list(machine_blockers(label, vm, disks, source))
    specialized = replace(source, specialized=True)
    unmanaged = list(unsupported_gallery_blockers(label, source))
    generalized = _generalized_blockers(label, vm)
    return [
        _target("image", source, [*common, *unsupported_image_blockers(label, source)], _image_support(source)),
        _target("gallery_versions", source, [*common, *unmanaged], _gallery_support(source)),
        _target("gallery_versions", specialized, [*common, *unmanaged, *generalized], _gallery_support(specialized)),
    ]


def _generalized_blockers(label: str, vm: Json) -> Iterator[Finding]:
    if machine.is_generalized(vm):
        yield Finding(
            "already_generalized",
            f"The {label} is marked as generalized, so that a specialized version cannot be created from it",
        )


def _target(option: str, source: Source, reasons: list[Finding], support: Json) -> Json:
    return {
        "option": option,
        "os_state": "specialized" if source.specialized else "generalized",
        "possible": not reasons,
        "reasons": [{"code": reason.code, "message": f"{reason.message.rstrip('.')}."} for reason in reasons],
        **support,
    }


def _image_support(source: Source) -> Json:
    """What virtual machines from a managed image can be, which declares no features.

    Source: https://learn.microsoft.com/azure/virtual-machines/enable-nvme-faqs
    """
    return {
        "os_type": source.os_type.lower() or None,
        "hyper_v_generation": source.generation or "V1",
        "architecture": source.architecture,
        "features": {"SecurityType": "Standard", "DiskControllerTypes": "SCSI"},
        "data_disk_luns": list(source.luns),
        "purchase_plan": plain_plan(source.purchase_plan),
    }


def _gallery_support(source: Source) -> Json:
    """What the image definition has that a capture would create."""
    properties = definition_properties_of(source)
    return {
        "os_type": properties["osType"].lower() or None,
        "hyper_v_generation": properties["hyperVGeneration"],
        "architecture": properties["architecture"],
        "features": features_of(source),
        "data_disk_luns": list(source.luns),
        "purchase_plan": plain_plan(source.purchase_plan),
    }


def gallery_option(name: str) -> Json:
    """A value of 'gallery_versions' that requires no existing gallery."""
    return {"gallery_versions": [{"gallery": _GALLERY, "definition": name, "create_gallery": True}]}


def _choice(option: str, reasons: list[Finding]) -> Json:
    return {"option": option, "possible": not reasons, "reason_codes": [reason.code for reason in reasons]}


def _written(option: Json) -> str:
    [version] = option["gallery_versions"]
    inside = ", ".join(f"{name}: {str(value).lower() if value is True else value}" for name, value in version.items())
    return f"'gallery_versions: [{{{inside}}}]'"
