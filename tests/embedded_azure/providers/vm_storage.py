# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The disks of a virtual machine: named, made, attached, shown."""

from __future__ import annotations

import copy
import re
from typing import Any

from ..cloud import Cloud
from ..errors import error
from ..model import Body, Call
from ..resource_id import same
from ..store import Resource
from ..vm_sizes import capabilities as capabilities_of
from .disk_model import DISK, attach, detach, new_disk
from .images_of_vms import ImageSource, capabilities

_PREMIUM_CAPABLE = re.compile(r"^(Standard_(DS|GS)\d|Standard_[A-Z]+\d+(-\d+)?[a-z]*s[a-z]*(_|$))")


def default_sku(vm_size: str) -> str:
    """Premium disks for sizes that can have them (an s among the small letters), else Standard."""
    return "Premium_LRS" if _PREMIUM_CAPABLE.match(vm_size) else "Standard_LRS"


def storage_profile(call: Call, wanted: Body, image: ImageSource | None, vm_size: str) -> Body:
    """The storage profile of a new machine, as the answer to its PUT shows it: nothing has a generated name yet."""
    profile: Body = {}
    if wanted.get("imageReference"):
        reference = dict(wanted["imageReference"])
        if image and image.exact_version:
            reference["exactVersion"] = image.exact_version
        profile["imageReference"] = reference
    profile["osDisk"] = _os_disk(call, dict(wanted.get("osDisk") or {}), image, vm_size)
    disks = [_data_disk(call, dict(disk), vm_size) for disk in wanted.get("dataDisks") or []]
    known = {disk["lun"] for disk in disks}
    for disk in image.data_disks if image else ():
        if disk.lun not in known:
            copied = {"createOption": "FromImage", "diskSizeGB": disk.size, "caching": disk.caching}
            disks.append(_data_disk(call, {"lun": disk.lun, **copied}, vm_size))
    profile["dataDisks"] = disks
    controller = wanted.get("diskControllerType") or _controller(vm_size, image)
    if controller:
        profile["diskControllerType"] = controller
    return profile


def _controller(vm_size: str, image: ImageSource | None) -> str | None:
    """How disks are attached where the request does not say it: by SCSI, where the size has it."""
    able = capabilities_of(vm_size).controllers
    return able[0] if "SCSI" not in able or (image and image.hyper_v_generation == "V2") else None


def _os_disk(call: Call, disk: Body, image: ImageSource | None, vm_size: str) -> Body:
    create = disk.get("createOption", "FromImage")
    shown: Body = {"osType": disk.get("osType") or (image.os_type if image else "Linux")}
    shown.update({key: disk[key] for key in ("name",) if key in disk})
    if create == "Attach" and (disk.get("managedDisk") or {}).get("id"):
        shown.setdefault("name", disk["managedDisk"]["id"].rsplit("/", 1)[-1])
    shown["createOption"] = create
    for key in ("image", "vhd", "diffDiskSettings", "encryptionSettings", "writeAcceleratorEnabled"):
        if disk.get(key) is not None:
            shown[key] = disk[key]
    ephemeral = bool(disk.get("diffDiskSettings"))
    if "encryptionSettings" in shown:
        shown["encryptionSettings"] = {"enabled": True, **shown["encryptionSettings"]}
    shown["caching"] = disk.get("caching") or ("ReadOnly" if ephemeral else "ReadWrite")
    if "vhd" not in disk:
        shown["managedDisk"] = _managed(call, disk, "Standard_LRS" if ephemeral else default_sku(vm_size))
    shown["deleteOption"] = disk.get("deleteOption") or ("Delete" if ephemeral else "Detach")
    size = disk.get("diskSizeGB") or (image.os_disk_size if image else _attached_size(call, disk))
    if image and size < image.os_disk_size:
        raise error("disk_smaller_than_image", asked=size, least=image.os_disk_size, target="osDisk.diskSizeGB")
    if size:
        shown["diskSizeGB"] = size
    return shown


def _data_disk(call: Call, disk: Body, vm_size: str) -> Body:
    shown: Body = {"lun": disk["lun"]}
    shown.update({key: disk[key] for key in ("name",) if key in disk})
    shown["createOption"] = disk.get("createOption", "Empty")
    if shown["createOption"] == "Attach" and (disk.get("managedDisk") or {}).get("id"):
        shown.setdefault("name", disk["managedDisk"]["id"].rsplit("/", 1)[-1])
    for key in ("vhd", "image", "sourceResource", "writeAcceleratorEnabled", "detachOption"):
        if disk.get(key) is not None:
            shown[key] = disk[key]
    shown["caching"] = disk.get("caching") or "None"
    if "vhd" not in disk:
        shown["managedDisk"] = _managed(call, disk, default_sku(vm_size))
    shown["deleteOption"] = disk.get("deleteOption") or "Detach"
    size = disk.get("diskSizeGB") or _attached_size(call, disk) or (0 if "vhd" in disk else 4)
    if size:
        shown["diskSizeGB"] = size
    shown["toBeDetached"] = bool(disk.get("toBeDetached", False))
    return shown


def _managed(call: Call, disk: Body, sku: str) -> Body:
    managed = dict(disk.get("managedDisk") or {})
    attached = call.cloud.store.get(managed.get("id"))
    managed.setdefault("storageAccountType", attached.body["sku"]["name"] if attached else sku)
    return managed


def _attached_size(call: Call, disk: Body) -> int | None:
    attached = call.cloud.store.get((disk.get("managedDisk") or {}).get("id"))
    return attached.properties.get("diskSizeGB") if attached else None


def make_disks(call: Call, vm: Resource, image: ImageSource | None) -> Body:
    """Make the missing disks and attach all; return the storage profile with every name and id filled in."""
    profile = copy.deepcopy(vm.properties["storageProfile"])
    base = vm.id.rsplit("/", 3)[0]
    os_disk = profile["osDisk"]
    creation = _creation(call, os_disk, image)
    _make(
        call,
        vm,
        os_disk,
        f"{base}/Microsoft.Compute/disks",
        f"{vm.name}_{'disk1' if _is_managed(image) else 'OsDisk_1'}_{_hex(call.cloud)}",
        creation,
        osType=os_disk["osType"],
        hyperVGeneration=image.hyper_v_generation if image else None,
        **(capabilities(image) if image else {}),
        # A disk says by which plan its content was bought.
        **({"purchasePlan": copy.deepcopy(vm.body["plan"])} if vm.body.get("plan") else {}),
    )
    for number, disk in enumerate(profile["dataDisks"], start=2):
        creation = _creation(call, disk, image)
        source = (disk.get("sourceResource") or {}).get("id")
        if source:
            creation["sourceResourceId"] = source
        _make(call, vm, disk, f"{base}/Microsoft.Compute/disks", f"{vm.name}_disk{number}_{_hex(call.cloud)}", creation)
    return profile


def _is_managed(image: ImageSource | None) -> bool:
    """Whether an image is a managed one, neither a platform image nor a version of a gallery."""
    return image is not None and image.resource is not None and image.exact_version is None


def _creation(call: Call, disk: Body, image: ImageSource | None) -> Body:
    """What a disk that comes with a machine says of its origin.

    Those from a managed image are copies of snapshots that nobody sees, which are named after the image (recorded).
    """
    if disk["createOption"] != "FromImage" or image is None:
        return {"createOption": disk["createOption"]}
    number = disk.get("lun")
    if image.resource is not None and _is_managed(image):
        place = 0 if number is None else 1 + [data.lun for data in image.data_disks].index(number)
        folder = f"{image.resource.id.rsplit('/', 2)[0]}/snapshots"
        snapshot = f"{folder}/{image.resource.name}_{place}_{_hex(call.cloud)[:11]}"
        return {"createOption": "Copy", "sourceResourceId": snapshot, "sourceUniqueId": call.cloud.new_id()}
    reference = {"id": image.platform_id or image.resource.id}
    return {
        "createOption": "FromImage",
        "imageReference": reference if number is None else {**reference, "lun": number},
    }


def _hex(cloud: Cloud) -> str:
    return cloud.new_id().replace("-", "")


def _make(call: Call, vm: Resource, disk: Body, folder: str, name: str, creation: Body, **more: Any) -> None:
    if "managedDisk" not in disk:
        disk.setdefault("name", name)
        return
    managed = disk["managedDisk"]
    existing = call.cloud.store.get(managed.get("id"))
    if disk["createOption"] == "Attach" or existing is not None:
        resource = call.find(managed.get("id"), "disk")
        owner = resource.body.get("managedBy")
        if owner and not same(owner, vm.id):
            raise error("disk_taken", disk=resource.name, vm=vm.name, owner=owner.rsplit("/", 1)[-1])
        disk.setdefault("name", resource.name)
    else:
        disk.setdefault("name", name)
        resource = new_disk(
            call.cloud,
            f"{folder}/{disk['name']}",
            vm.location,
            managed["storageAccountType"],
            disk.get("diskSizeGB") or 4,
            creation,
            zones=vm.body.get("zones"),
            tags=vm.body.get("tags"),
            **_encryption(call, vm, managed),
            **more,
        )
    managed["id"] = resource.id
    attach(call.cloud, resource, vm.id)


def _encryption(call: Call, vm: Resource, managed: Body) -> Body:
    """The key of a disk that is made with its machine; Azure takes none of another region."""
    wanted = (managed.get("diskEncryptionSet") or {}).get("id")
    if not wanted:
        return {}
    key = call.find(wanted, "disk encryption set")
    if key.location != vm.location:
        raise error(
            "bad_request",
            reason=f"The disk encryption set '{key.name}' is in {key.location}, and the virtual machine in {vm.location}.",
        )
    return {"encryption": {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": key.id}}


def check_number(disks: list[Body], vm_size: str) -> None:
    """Refuse more data disks than a size takes."""
    most = capabilities_of(vm_size).data_disks
    if len(disks) > most:
        raise error("too_many_data_disks", limit=most, target="dataDisks")


def disks_of(cloud: Cloud, vm: Resource) -> list[tuple[Body, Resource]]:
    """The managed disks of a machine: the entry in its profile with the disk itself, the OS disk first."""
    profile = vm.private.get("storage") or vm.properties["storageProfile"]
    entries = [profile["osDisk"], *profile["dataDisks"]]
    found = [(entry, cloud.store.get((entry.get("managedDisk") or {}).get("id"))) for entry in entries]
    return [(entry, disk) for entry, disk in found if disk is not None and disk.type == DISK]


def os_disk_id(vm: Resource) -> str | None:
    """The id of the OS disk, or None for an unmanaged one."""
    profile = vm.private.get("storage") or vm.properties["storageProfile"]
    return (profile["osDisk"].get("managedDisk") or {}).get("id")


def mark(cloud: Cloud, vm: Resource, state: str) -> None:
    """Set the state of all disks of a machine: Attached while it holds its host, Reserved when deallocated."""
    for _entry, disk in disks_of(cloud, vm):
        attach(cloud, disk, vm.id, state)


def release(cloud: Cloud, vm: Resource) -> list[str]:
    """Let go of all disks of a machine that is deleted; return the ids of those deleted with it."""
    deleted = []
    for entry, disk in disks_of(cloud, vm):
        detach(cloud, disk)
        if entry.get("deleteOption") == "Delete":
            cloud.store.remove(disk.id)
            deleted.append(disk.id.lower())
    return deleted


def swap_release(cloud: Cloud, disks: list[Resource]) -> None:
    """Set disks free that a changed profile does not keep."""
    for disk in disks:
        detach(cloud, disk)


def attached_disk(call: Call, vm: Resource, item: Body, lun: int) -> Body:
    """The profile entry of a disk that attachDetachDataDisks brings in."""
    disk = {"lun": lun, "createOption": "Attach", "managedDisk": {"id": item["diskId"]}}
    disk.update({key: item[key] for key in ("caching", "deleteOption", "writeAcceleratorEnabled") if key in item})
    return _data_disk(call, disk, vm.properties["hardwareProfile"]["vmSize"])


def drop_detached(call: Call, vm: Resource) -> None:
    """Let go of the data disks marked toBeDetached: they show until the operation ends."""
    profile = vm.private["storage"]
    leaving = [disk for disk in profile["dataDisks"] if disk.get("toBeDetached")]
    profile["dataDisks"] = [disk for disk in profile["dataDisks"] if not disk.get("toBeDetached")]
    for disk in leaving:
        resource = call.cloud.store.get((disk.get("managedDisk") or {}).get("id"))
        if resource is not None:
            detach(call.cloud, resource)
