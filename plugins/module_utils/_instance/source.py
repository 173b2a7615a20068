# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The properties of an image that virtual machines created from it depend on; pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.image_order import latest, version_of
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import plain_plan, recorded_plan

Json = dict[str, Any]


@dataclass(frozen=True)
class SourceImage:
    """An image of any kind, with the properties that a virtual machine created from it depends on."""

    #: Its reference in the request body of the virtual machine.
    reference: Json
    os_type: str
    #: Regions it can be used in, normalized; empty for all.
    regions: tuple[str, ...] = ()
    generalized: bool = True
    #: Feature SecurityType of the image, such as TrustedLaunchSupported; Standard without one.
    security_feature: str = "Standard"
    #: V1 or V2; None if unknown.
    generation: str | None = None
    #: x64 or Arm64.
    architecture: str = "x64"
    data_disk_luns: tuple[int, ...] = ()
    #: Name, product and publisher.
    purchase_plan: Json | None = None
    #: The disk controllers that it supports; None if unknown.
    disk_controllers: str | None = None
    #: Its provisioning state; None if there is none.
    state: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether virtual machines can be created from it."""
        return self.state in (None, "Succeeded")

    def is_available_in(self, location: str) -> bool:
        """Whether virtual machines in this region can be created from it."""
        return not self.regions or normalized_location(location) in self.regions


def of_managed_image(image: Json) -> SourceImage:
    """A managed image, which has no security type and is available in its own region only."""
    storage = machine.properties(image).get("storageProfile") or {}
    return SourceImage(
        reference={"id": str(image.get("id"))},
        os_type=str((storage.get("osDisk") or {}).get("osType") or "Linux"),
        regions=(normalized_location(str(image.get("location") or "")),),
        generation=machine.properties(image).get("hyperVGeneration"),
        data_disk_luns=_luns(storage.get("dataDisks")),
        purchase_plan=recorded_plan(image.get("tags")),
        disk_controllers="SCSI",
        state=machine.provisioning_state(image),
    )


def of_gallery_version(version: Json, definition: Json) -> SourceImage:
    """A gallery image version; most of its properties are those of its definition."""
    properties, described = machine.properties(version), machine.properties(definition)
    regions = (properties.get("publishingProfile") or {}).get("targetRegions") or []
    features = {str(item.get("name")).lower(): str(item.get("value")) for item in described.get("features") or []}
    return SourceImage(
        reference={"id": str(version.get("id"))},
        os_type=str(described.get("osType") or "Linux"),
        regions=tuple(normalized_location(str(region.get("name"))) for region in regions),
        generalized=str(described.get("osState") or "Generalized") == "Generalized",
        security_feature=features.get("securitytype", "Standard"),
        generation=described.get("hyperVGeneration"),
        architecture=str(described.get("architecture") or "x64"),
        data_disk_luns=_luns((properties.get("storageProfile") or {}).get("dataDiskImages")),
        purchase_plan=plain_plan(described.get("purchasePlan")) or recorded_plan(version.get("tags")),
        disk_controllers=features.get("diskcontrollertypes", "SCSI"),
        state=machine.provisioning_state(version),
    )


def of_marketplace(facts: Json) -> SourceImage:
    """A marketplace image, from the facts that vm_image_info returns of it."""
    return SourceImage(
        reference={key: facts[key] for key in ("publisher", "offer", "sku", "version")},
        os_type="Windows" if facts["os_type"] == "windows" else "Linux",
        security_feature=str(facts["security_type"] or "Standard"),
        generation=facts["hyper_v_generation"],
        architecture=str(facts["architecture"] or "x64"),
        data_disk_luns=_luns(facts["data_disks"]),
        purchase_plan=plain_plan(facts["purchase_plan"]),
    )


def latest_version(versions: list[Json], location: str | None) -> Json | None:
    """The gallery image version that "latest" refers to in a region; None if there is none."""
    found = latest(map(version_of, versions), location)
    return next((version for version in versions if found and version_of(version) == found), None)


def _luns(disks: Any) -> tuple[int, ...]:
    return tuple(int(disk["lun"]) for disk in disks or [])
