# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute/images: managed images from a generalized machine, a disk, a snapshot or a blob."""

from __future__ import annotations

import copy

from .. import api_versions, locations
from ..errors import error
from ..guests import GuestBackend
from ..model import Body, Call, ResourceType, Style, Transition, Work, picked, removal_with_disk
from ..resource_id import same
from ..store import Resource
from . import capture_rules, vm_storage
from .disk_access import inherit_blob, inherit_content

IMAGE = "Microsoft.Compute/images"
SINCE = {"properties.hyperVGeneration": "2019-03-01"}
# Before that, images kept the storage of no disk (recorded with 2019-03-01 and with 2020-06-01).
_INHERITED = "2019-07-01"
_SOURCES = ("managedDisk", "snapshot", "blobUri")


def build(call: Call) -> Transition:
    """PUT makes an image; of an existing one only tags can change."""
    if call.existing is not None:
        return _update(call)
    desired = call.desired
    wanted = desired.get("properties") or {}
    image = Resource(call.path.id, IMAGE, call.path.name, picked(desired, "location", "tags", "extendedLocation"))
    source = (wanted.get("sourceVirtualMachine") or {}).get("id")
    if source:
        vm = call.find(source, "Virtual Machine")
        _check_machine(call, image, vm)
        profile, generation, disk = _from_machine(call, vm), vm.private["hyper_v_generation"], vm_storage.os_disk_id(vm)
        image.properties["sourceVirtualMachine"] = {"id": source}
    else:
        profile, disk = _from_profile(call, image, wanted.get("storageProfile") or {})
        generation = wanted.get("hyperVGeneration") or _generation(call, disk)
    zone_resilient = (wanted.get("storageProfile") or {}).get("zoneResilient")
    if zone_resilient and image.location not in locations.WITH_ZONES:
        raise error("bad_request", reason=f"Zone resilient images are not supported in the region '{image.location}'.")
    if zone_resilient is not None or not source:
        profile["zoneResilient"] = bool(zone_resilient)
    image.properties["storageProfile"] = profile
    image.properties["hyperVGeneration"] = generation
    content = call.cloud.store.get(disk)
    image.private["needs_plan"] = bool(content and content.properties.get("purchasePlan"))
    inherit_content(image, content)
    inherit_blob(call, image, profile["osDisk"].get("blobUri"))
    return Transition(image, work=_copy(image, disk), finish=lambda _result: _measure(call, image))


def _check_machine(call: Call, image: Resource, vm: Resource) -> None:
    security = (vm.properties.get("securityProfile") or {}).get("securityType")
    if security in ("TrustedLaunch", "ConfidentialVM"):
        raise error("image_trusted_launch", security=security)
    _check_place(image, vm)
    if not vm.private["generalized"]:
        raise error("image_not_generalized", vm=vm.name)
    if vm.private.get("architecture") == "Arm64":
        raise error(
            "bad_request", reason="Managed images are not supported for virtual machines of architecture Arm64."
        )
    capture_rules.check_machine(call.cloud, vm)


def _check_place(image: Resource, source: Resource) -> None:
    if source.location != image.location:
        raise error(
            "invalid_parameter",
            reason=f"The source '{source.id}' is in location '{source.location}' and the image in '{image.location}': they "
            "must be in the same location.",
        )


def _from_machine(call: Call, vm: Resource) -> Body:
    profile = vm.private["storage"]
    os_disk = {"osType": vm.private["os_type"], "osState": "Generalized", **_source_of(call, profile["osDisk"])}
    data_disks = [{"lun": disk["lun"], **_source_of(call, disk)} for disk in profile["dataDisks"]]
    return {"osDisk": os_disk, "dataDisks": data_disks}


def _source_of(call: Call, disk: Body) -> Body:
    shown: Body = {}
    if "vhd" in disk:
        shown.update(blobUri=disk["vhd"]["uri"], diskSizeGB=disk.get("diskSizeGB", 30))
        sku = "Standard_LRS"
    else:
        shown["managedDisk"] = {"id": disk["managedDisk"]["id"]}
        inherited: str = call.find(disk["managedDisk"]["id"], "disk").body["sku"]["name"]
        sku = inherited if call.api_version >= _INHERITED else "Standard_LRS"
    return {**shown, "caching": disk["caching"], "storageAccountType": sku}


def _from_profile(call: Call, image: Resource, wanted: Body) -> tuple[Body, str | None]:
    os_disk = wanted.get("osDisk") or {}
    call.require(
        os_disk.get("osType") and any(os_disk.get(key) for key in _SOURCES),
        "invalid_parameter",
        reason="Required parameter 'image.properties.storageProfile.osDisk' is missing (null).",
    )
    if os_disk.get("osState") != "Generalized":
        raise error(
            "bad_request",
            reason="Managed images support generalized disks only: the osState of the OS disk must be Generalized.",
        )
    shown = {"osDisk": _disk(call, image, os_disk), "dataDisks": []}
    shown["dataDisks"] = [_disk(call, image, disk) for disk in wanted.get("dataDisks") or []]
    source = os_disk.get("managedDisk") or os_disk.get("snapshot") or {}
    return shown, source.get("id")


def _disk(call: Call, image: Resource, disk: Body) -> Body:
    for key in ("managedDisk", "snapshot"):
        reference = disk.get(key)
        if not reference:
            continue
        source = call.cloud.store.get(reference["id"])
        if source is None:
            raise error("not_here", target=key)
        _check_place(image, source)
        capture_rules.check_disk(source)
    shown = copy.deepcopy(picked(disk, "lun", "osType", "osState", "diskSizeGB", *_SOURCES, "diskEncryptionSet"))
    for key in ("managedDisk", "snapshot"):
        if key in shown:
            shown[key] = {"id": "/" + shown[key]["id"].strip("/")}
    key = (disk.get("diskEncryptionSet") or {}).get("id")
    if key:
        _check_place(image, call.find(key, "disk encryption set"))
    shown["caching"] = disk.get("caching", "None")
    # Whatever the storage of the disk is (recorded); one made of a machine inherits it.
    shown["storageAccountType"] = disk.get("storageAccountType") or "Standard_LRS"
    return shown


def _generation(call: Call, source: str | None) -> str:
    disk = call.cloud.store.get(source)
    return disk.properties.get("hyperVGeneration", "V1") if disk else "V1"


def _copy(image: Resource, source: str | None) -> Work:
    image_id, source_id = image.id.lower(), source.lower() if source else None

    def work(guests: GuestBackend) -> None:
        guests.create_disk(image_id, source_id)

    return work


def _measure(call: Call, image: Resource) -> None:
    """The sizes show once the copy is there."""
    profile = image.properties["storageProfile"]
    for disk in (profile["osDisk"], *profile["dataDisks"]):
        source = call.cloud.store.get((disk.get("managedDisk") or disk.get("snapshot") or {}).get("id"))
        if "diskSizeGB" not in disk:
            disk["diskSizeGB"] = source.properties.get("diskSizeGB", 30) if source else 30


def _update(call: Call) -> Transition:
    image, desired = call.existing, call.desired
    wanted = desired.get("properties") or {}
    source = (wanted.get("sourceVirtualMachine") or {}).get("id")
    before = (image.properties.get("sourceVirtualMachine") or {}).get("id")
    if source and not same(source, before):
        raise error("property_change", property="sourceVirtualMachine")
    resilient = (wanted.get("storageProfile") or {}).get("zoneResilient")
    if resilient is not None and resilient != image.properties["storageProfile"].get("zoneResilient", False):
        raise error("property_change", property="storageProfile.zoneResilient")
    image.body.pop("tags", None)
    image.body.update(copy.deepcopy(picked(desired, "tags")))
    return Transition(image)


def remove(call: Call) -> Transition:
    """An image goes unless a machine is just being made from it."""
    image = call.existing
    busy = [
        vm.name
        for vm in call.cloud.store.of_type("Microsoft.Compute/virtualMachines")
        if vm.properties.get("provisioningState") == "Creating"
        and same(vm.properties["storageProfile"].get("imageReference", {}).get("id"), image.id)
    ]
    if busy:
        raise error("image_in_use", vms=", ".join(busy), image=image.name)
    return removal_with_disk(call)


TYPE = ResourceType(
    name=IMAGE,
    build=build,
    remove=remove,
    api_versions=api_versions.COMPUTE,
    created=Style(201, body=True),
    updated=Style(200, body=True),
    since=SINCE,
    policies={"get": "GetImages", "list": "HighCostGetImages", "write": "CreateImages", "delete": "DeleteImages"},
    shouting_lists=True,
)
