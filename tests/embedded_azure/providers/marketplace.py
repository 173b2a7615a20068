# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The marketplace as addresses: publishers, offers, SKUs, versions; sizes of machines; SKUs of resources."""

from __future__ import annotations

from .. import size_restrictions, vm_cores
from ..catalogue import PlatformImage
from ..errors import AzureError
from ..model import Body, Call, Response, Route
from ..vm_sizes import SIZES, capabilities
from .vm_view import size

_PLACE = "/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{location}"
_PUBLISHERS = f"{_PLACE}/publishers"
_OFFERS = f"{_PUBLISHERS}/{{publisher}}/artifacttypes/vmimage/offers"
_SKUS = f"{_OFFERS}/{{offer}}/skus"
_VERSIONS = f"{_SKUS}/{{sku}}/versions"
_MEBIBYTE = 1024**2
_GIBIBYTE = 1024**3


def _root(call: Call) -> str:
    place = call.parameters["location"]
    return f"/Subscriptions/{call.path.subscription}/Providers/Microsoft.Compute/Locations/{place}/Publishers"


def _item(call: Call, name: str, id: str) -> Body:
    return {"location": call.parameters["location"], "name": name, "id": id}


def _select(call: Call, *words: str) -> list[PlatformImage]:
    found = call.cloud.catalogue.select(*(call.parameters[word] for word in words))
    if not found:
        labels = ", ".join(f"{word.capitalize()}: {call.parameters[word]}" for word in words)
        raise AzureError(404, "NotFound", f"Artifact: VMImage was not found. ({labels})")
    return found


def _distinct(values: list[str]) -> list[str]:
    return sorted(dict.fromkeys(values), key=str.lower)


def publishers(call: Call) -> Response:
    """All publishers."""
    return Response(200, [_item(call, name, f"{_root(call)}/{name}") for name in call.cloud.catalogue.publishers()])


def offers(call: Call) -> Response:
    """Offers of a publisher; none of one that publishes only extensions (recorded)."""
    if call.cloud.catalogue.is_without_images(call.parameters["publisher"]):
        return Response(200, [])
    found = _select(call, "publisher")
    base = f"{_root(call)}/{found[0].publisher}/ArtifactTypes/VMImage/Offers"
    names = _distinct([image.offer for image in found])
    return Response(200, [_item(call, name, f"{base}/{name}") for name in names])


def skus(call: Call) -> Response:
    """SKUs of an offer."""
    found = _select(call, "publisher", "offer")
    base = f"{_root(call)}/{found[0].publisher}/ArtifactTypes/VMImage/Offers/{found[0].offer}/Skus"
    names = _distinct([image.sku for image in found])
    items = [_item(call, name, f"{base}/{name}") for name in names]
    return Response(
        200,
        [{**item, "properties": {"automaticOSUpgradeProperties": _upgrades(found, item["name"])}} for item in items],
    )


def _upgrades(images: list[PlatformImage], sku: str) -> Body:
    """Whether Azure upgrades scale sets to new versions of a SKU by itself."""
    return {"automaticOSUpgradeSupported": any(image.automatic_upgrades for image in images if image.sku == sku)}


def versions(call: Call) -> Response:
    """Versions of a SKU, with $top, $orderby (name asc|desc) and $expand=properties."""
    found = _select(call, "publisher", "offer", "sku")
    if "desc" in call.query.get("$orderby", "").lower():
        found = found[::-1]
    if "$top" in call.query:
        found = found[: int(call.query["$top"])]
    expand = call.query.get("$expand", "").lower()
    if expand == "properties/imagedeprecationstatus":
        return Response(200, [_with_deprecation(call, image) for image in found])
    whole = expand == "properties"
    return Response(200, [_version(call, image) if whole else _short(call, image) for image in found])


def version(call: Call) -> Response:
    """One version."""
    reference = {word: call.parameters[word] for word in ("publisher", "offer", "sku", "version")}
    return Response(200, _version(call, call.cloud.catalogue.resolve(reference)))


def _short(call: Call, image: PlatformImage) -> Body:
    base = f"{_root(call)}/{image.publisher}/ArtifactTypes/VMImage/Offers/{image.offer}/Skus/{image.sku}"
    return _item(call, image.version, f"{base}/Versions/{image.version}")


def _with_deprecation(call: Call, image: PlatformImage) -> Body:
    """A list's item with its deprecation; what is not said is null (recorded)."""
    status = {"scheduledDeprecationTime": None, **(image.deprecation or {"imageState": "Active"})}
    properties = {
        "imageDeprecationStatus": status,
        "hyperVGeneration": image.hyper_v_generation,
        "architecture": image.architecture,
        "replicaType": "Managed" if image.hyper_v_generation == "V2" else "Unmanaged",
        "replicaCount": 10 if image.hyper_v_generation == "V2" else None,
        "goLiveDate": image.go_live_date,
    }
    return {"properties": properties, "extendedLocation": None, **_short(call, image)}


def _version(call: Call, image: PlatformImage) -> Body:
    generation_two = image.hyper_v_generation == "V2"
    disk: Body = {"operatingSystem": image.os_type, "sizeInGb": image.os_disk_size}
    if not generation_two:
        # A VHD has a little more than the disks that are made of it, and its GiB are rounded up (recorded).
        disk["sizeInBytes"] = image.os_disk_size * _GIBIBYTE + _MEBIBYTE + 512
        disk["sizeInGb"] = image.os_disk_size + 1
    data_disk: Body = {"sizeInGb": image.data_disk_size}
    if not generation_two:
        # No more than its footer (errcli2021__test_vm_create_with_market_place_image).
        data_disk["sizeInBytes"] = image.data_disk_size * _GIBIBYTE + 512
    properties: Body = {
        "hyperVGeneration": image.hyper_v_generation,
        "architecture": image.architecture,
        "replicaType": "Managed" if generation_two else "Unmanaged",
        "disallowed": {"vmDiskType": "Unmanaged" if generation_two else "None"},
        "automaticOSUpgradeProperties": {"automaticOSUpgradeSupported": image.automatic_upgrades},
        "imageDeprecationStatus": image.deprecation or {"imageState": "Active"},
        "features": [{"name": name, "value": value} for name, value in image.features],
        "osDiskImage": disk,
        "dataDiskImages": [{"lun": lun, **data_disk} for lun in image.data_disk_luns],
    }
    if generation_two:
        properties["replicaCount"] = 10
    if image.go_live_date:
        properties["goLiveDate"] = image.go_live_date
    if image.plan:
        properties["plan"] = {"publisher": image.publisher, "name": image.sku, "product": image.offer}
    if call.api_version < "2022-03-01":
        for key in ("architecture", "imageDeprecationStatus"):
            del properties[key]
    if not image.features:
        del properties["features"]
    return {"properties": properties, **_short(call, image)}


def sizes(call: Call) -> Response:
    """Sizes of machines in a region."""
    return Response(200, {"value": [size(name) for name in SIZES]})


def resource_skus(call: Call) -> Response:
    """What can be bought where; enough to learn which sizes there are and which zones they have."""
    from_filter = call.query.get("$filter", "")
    place = from_filter.split("'")[1] if "'" in from_filter else "westeurope"
    shown = [
        {
            "resourceType": "virtualMachines",
            "name": name,
            "tier": "Standard",
            "size": name.removeprefix("Standard_"),
            "family": vm_cores.family_of(name),
            "locations": [place],
            "locationInfo": [{"location": place, "zones": ["1", "2", "3"], "zoneDetails": []}],
            "capabilities": [
                {"name": "vCPUs", "value": str(vm_cores.cores_of(name))},
                {"name": "HyperVGenerations", "value": ",".join(able.generations)},
                {"name": "CpuArchitectureType", "value": able.architecture},
                {"name": "PremiumIO", "value": "True"},
                {"name": "EncryptionAtHostSupported", "value": str(able.encryption_at_host)},
                {"name": "AcceleratedNetworkingEnabled", "value": str(able.accelerated_networking)},
                {"name": "DiskControllerTypes", "value": ",".join(able.controllers)},
                *([] if able.trusted_launch else [{"name": "TrustedLaunchDisabled", "value": "True"}]),
                *([{"name": "ConfidentialComputingType", "value": "SNP"}] if able.confidential else []),
            ],
            "restrictions": size_restrictions.restrictions(call.cloud, name, place),
        }
        for name, able in ((name, capabilities(name)) for name in SIZES)
    ]
    return Response(200, {"value": shown})


ROUTES = (
    Route("GET", _PUBLISHERS, publishers),
    Route("GET", _OFFERS, offers),
    Route("GET", _SKUS, skus),
    Route("GET", _VERSIONS, versions),
    Route("GET", f"{_VERSIONS}/{{version}}", version),
    Route("GET", f"{_PLACE}/vmSizes", sizes),
    Route("GET", "/subscriptions/{subscription}/providers/Microsoft.Compute/skus", resource_skus),
)
