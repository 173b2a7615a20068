# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a virtual machine or disk is made from: platform images, managed images, gallery versions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import error
from ..model import Body, Call
from ..resource_id import parse
from ..store import Resource
from .gallery_sources import shared_version
from .replication import usable_regions

#: Feature SecurityType of an image -> what the disks made from it say of it.
_SECURITY_OPTIONS = {
    "trustedlaunch": "TrustedLaunchSupported",
    "trustedlaunchsupported": "TrustedLaunchSupported",
    "trustedlaunchandconfidentialvmsupported": "TrustedLaunchAndConfidentialVMSupported",
}


@dataclass(frozen=True)
class DataDisk:
    """A data disk of an image; its size is in GiB."""

    lun: int
    size: int
    caching: str


@dataclass(frozen=True)
class ImageSource:
    """A resolved image. `guest_disk` is what the guests copy; None is the pristine Debian or nothing at all."""

    os_type: str
    hyper_v_generation: str
    os_disk_size: int
    generalized: bool = True
    architecture: str = "x64"
    guest_disk: str | None = None
    exact_version: str | None = None
    resource: Resource | None = None
    location: str | None = None
    data_disks: tuple[DataDisk, ...] = field(default=())
    features: tuple[tuple[str, str], ...] = ()
    platform_id: str | None = None
    needs_plan: bool = False


def resolve(call: Call, reference: dict[str, Any], location: str) -> ImageSource:
    """Find what an imageReference means; AzureError when it is not there or not in this region."""
    shared = reference.get("sharedGalleryImageId") or reference.get("communityGalleryImageId")
    if shared:
        return _version(call, shared_version(call, shared), location)
    if reference.get("id"):
        return _by_id(call, reference["id"], location)
    image = call.cloud.catalogue.resolve(reference)
    return ImageSource(
        os_type=image.os_type,
        hyper_v_generation=image.hyper_v_generation,
        os_disk_size=image.os_disk_size,
        architecture=image.architecture,
        exact_version=image.version,
        data_disks=tuple(DataDisk(lun, image.data_disk_size, "None") for lun in image.data_disk_luns),
        features=image.features,
        platform_id=(
            f"/Subscriptions/{call.path.subscription}/Providers/Microsoft.Compute/Locations/{location}/Publishers/"
            f"{image.publisher}/ArtifactTypes/VMImage/Offers/{image.offer}/Skus/{image.sku}/Versions/{image.version}"
        ),
        needs_plan=image.plan,
    )


def _by_id(call: Call, id: str, location: str) -> ImageSource:
    path = parse(id)
    kind = "/".join(path.types).lower()
    if kind.startswith("locations/publishers"):
        words = dict(zip((word.lower() for word in path.types), path.names, strict=False))
        reference = {
            "publisher": words["publishers"],
            "offer": words.get("offers"),
            "sku": words.get("skus"),
            "version": words.get("versions"),
        }
        return resolve(call, reference, location)
    if kind == "images":
        image = call.find(id, "Image")
        call.require(
            image.location == location,
            "invalid_parameter",
            reason=f"Image {image.id} in location {image.location} cannot be used to create a VM in location "
            f"{location}.",
        )
        storage = image.properties["storageProfile"]
        return ImageSource(
            os_type=storage["osDisk"]["osType"],
            hyper_v_generation=image.properties.get("hyperVGeneration", "V1"),
            os_disk_size=storage["osDisk"].get("diskSizeGB", 30),
            guest_disk=image.id.lower(),
            resource=image,
            data_disks=tuple(
                DataDisk(disk["lun"], disk.get("diskSizeGB", 4), disk.get("caching", "None"))
                for disk in storage.get("dataDisks", [])
            ),
            # It shows none, and its machines are refused all the same.
            needs_plan=bool(image.private.get("needs_plan")),
        )
    if kind == "galleries/images":
        definition = call.find(id, "gallery image")
        return _version(call, _latest(call, definition, location), location)
    return _version(call, call.find(id, "gallery image version"), location)


def _latest(call: Call, definition: Resource, location: str) -> Resource:
    versions = [
        version
        for version in call.cloud.store.of_type("Microsoft.Compute/galleries/images/versions", definition.id)
        if not version.properties["publishingProfile"].get("excludeFromLatest")
        and version.properties.get("provisioningState") == "Succeeded"
        and location in usable_regions(version)
    ]
    if not versions:
        raise error(
            "invalid_parameter",
            reason=f"There is no version of the image {definition.id} in location {location} that 'latest' could mean.",
        )
    return max(versions, key=lambda version: tuple(int(part) for part in version.name.split(".")))


def _version(call: Call, version: Resource, location: str) -> ImageSource:
    definition = call.find(version.id.rsplit("/versions/", 1)[0], "gallery image")
    if location not in usable_regions(version):
        raise error(
            "invalid_parameter",
            reason=f"The gallery image {version.id} is not available in {location} region. Please contact image owner "
            "to replicate to this region, or change your requested region.",
        )
    storage = version.properties["storageProfile"]
    return ImageSource(
        os_type=definition.properties["osType"],
        hyper_v_generation=definition.properties.get("hyperVGeneration", "V1"),
        os_disk_size=storage["osDiskImage"].get("sizeInGB", 30),
        generalized=definition.properties["osState"] == "Generalized",
        architecture=definition.properties.get("architecture", "x64"),
        guest_disk=version.id.lower(),
        exact_version=version.name,
        resource=version,
        data_disks=tuple(
            DataDisk(disk["lun"], disk.get("sizeInGB", 4), disk.get("hostCaching", "None"))
            for disk in storage.get("dataDiskImages", [])
        ),
        features=tuple((item["name"], item["value"]) for item in definition.properties.get("features", [])),
        needs_plan="purchasePlan" in definition.properties,
    )


def capabilities(image: ImageSource) -> Body:
    """What the features of an image say about the disks made from it."""
    features = dict(image.features)
    shown: Body = {"supportedCapabilities": {"architecture": image.architecture}}
    if "DiskControllerTypes" in features:
        shown["supportedCapabilities"]["diskControllerTypes"] = features["DiskControllerTypes"]
    option = _SECURITY_OPTIONS.get(features.get("SecurityType", "").lower())
    if option:
        shown["supportedCapabilities"]["supportedSecurityOption"] = option
    if "IsAcceleratedNetworkSupported" in features:
        shown["supportedCapabilities"]["acceleratedNetwork"] = features["IsAcceleratedNetworkSupported"] == "True"
    if "IsHibernateSupported" in features:
        shown["supportsHibernation"] = features["IsHibernateSupported"] == "True"
    return shown
