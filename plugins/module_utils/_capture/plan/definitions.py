# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Further checks of the image definition of a target; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_containers import IDENTIFIER
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source

Json = dict[str, Any]

_NVME = "nvme"


def definition_warnings(target: GalleryTarget, definition: Json) -> Iterator[Finding]:
    """A warning if an existing definition has other identifiers than the task; it is not changed."""
    new = target.new_definition
    if new is None:
        return
    has = machine.properties(definition)
    present = {**(has.get("identifier") or {}), "description": has.get("description")}
    stated = {name: getattr(new, name) for name in (*IDENTIFIER, "description") if getattr(new, name) is not None}
    differing = [
        f"{name} {present.get(name) or 'none'}"
        for name, value in stated.items()
        if str(present.get(name) or "").lower() != str(value).lower()
    ]
    if differing:
        yield Finding(
            "definition_differs",
            f"The {target.definition.label} exists with {', '.join(differing)}, which differs from "
            "'create_definition', and is not changed.",
        )


def controller_warnings(source: Source, definition_id: ResourceId, definition: Json) -> Iterator[Finding]:
    """A warning if virtual machines with some disk controllers will not boot from the version.

    Sizes from v6 on support only NVMe, and no image whose definition does not list NVMe in its
    DiskControllerTypes: https://learn.microsoft.com/azure/virtual-machines/enable-nvme-faqs
    """
    offered = machine.features(definition).get("diskcontrollertypes", "SCSI")
    controllers = source.disk_controllers or ""
    if _NVME in controllers.lower() and _NVME not in offered.lower():
        yield Finding(
            "definition_without_nvme",
            f"The {definition_id.label} does not list NVMe in its disk controller types ({offered}), so that VM sizes "
            f"that support only NVMe (v6 and later) will not boot from it, although the {source.reference.label} "
            "supports NVMe; choose a definition with the feature DiskControllerTypes 'SCSI, NVMe'.",
        )
    elif controllers and _NVME not in controllers.lower() and _NVME in offered.lower():
        yield Finding(
            "source_without_nvme",
            f"The {definition_id.label} lists NVMe in its disk controller types, and the {source.reference.label} "
            f"supports only {controllers}: virtual machines with NVMe may not boot; choose another definition.",
        )


def image_controller_warnings(source: Source, image_id: ResourceId) -> Iterator[Finding]:
    """A warning if virtual machines with NVMe will not boot from a managed image, which supports only SCSI."""
    if _NVME in (source.disk_controllers or "").lower():
        yield Finding(
            "image_without_nvme",
            f"VM sizes that support only NVMe (v6 and later) will not boot from the {image_id.label}, since a managed "
            "image cannot declare NVMe support; capture into a gallery for these sizes.",
        )
