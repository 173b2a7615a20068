# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Compute/restorePointCollections: the disks of a machine as they all are at one moment.

https://learn.microsoft.com/azure/virtual-machines/virtual-machines-create-restore-points. A point of a collection whose source is another
collection is a copy of a point of that one.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import zip_longest

from .. import api_versions
from ..errors import error
from ..guests import GuestBackend
from ..model import Body, Call, ResourceType, Style, Transition, picked, removal
from ..resource_id import parse
from ..store import Resource
from .restore_point_rules import COLLECTION, POINT, check_collection, check_point
from .virtual_machines import VIRTUAL_MACHINE

DISK_POINT = f"{POINT}/diskRestorePoints"
_CONSISTENCY = {"Linux": "FileSystemConsistent", "Windows": "ApplicationConsistent"}
_OF_DISK = ("osType", "lun", "name", "diskSizeGB", "caching", "writeAcceleratorEnabled")
#: What a disk that is made of a disk restore point has of its source.
_FROM_DISK = ("osType", "hyperVGeneration", "diskSizeGB", "supportedCapabilities", "securityProfile", "purchasePlan")


def build_collection(call: Call) -> Transition:
    """A collection of one machine, or one for copies of another collection's points."""
    desired = call.desired
    found = call.existing or Resource(call.path.id, COLLECTION, call.path.name, {})
    before = found.body.get("properties", {})
    asked = ((desired.get("properties") or {}).get("source") or {}).get("id")
    source = call.find(asked, "source") if call.is_new else None
    if source:
        check_collection(call, source)
    found.body = copy.deepcopy(picked(desired, "location", "tags"))
    found.body["properties"] = before or {
        "source": {"location": source.location if source else "", "id": asked},
        "restorePointCollectionId": call.cloud.new_id(),
    }
    return Transition(found)


def view_collection(call: Call, collection: Resource) -> Body:
    """A collection; $expand=restorePoints lists what is in it."""
    body = collection.document()
    if call.query.get("$expand", "").lower() == "restorepoints":
        points = call.cloud.store.of_type(POINT, collection.id)
        body["properties"]["restorePoints"] = [view_point(call, point) for point in points]
    return body


def build_point(call: Call) -> Transition:
    """A point is made once, of the machine as it is, and does not change."""
    if call.existing is not None:
        raise error("not_allowed", reason=f"Restore point {call.path.name} already exists and cannot be updated.")
    point = Resource(call.path.id, POINT, call.path.name, {"properties": {}})
    wanted = call.desired.get("properties") or {}
    if wanted.get("sourceRestorePoint"):
        _copy_point(call, point, wanted["sourceRestorePoint"].get("id"))
    else:
        _describe_machine(call, point, wanted)
    point.properties["timeCreated"] = call.cloud.timestamp()
    copies = list(_copies(call, point, wanted))

    def work(guests: GuestBackend) -> None:
        for resource, source_disk, _disk in copies:
            if resource.properties.get("osType"):
                guests.create_disk(resource.id.lower(), source_disk.lower())

    def finish(_result: object) -> None:
        for resource, _source_disk, disk in copies:
            call.cloud.store.add(resource)
            disk["diskRestorePoint"] = _shown(resource, disk.pop("copied", None))
        point.properties.setdefault("consistencyMode", _consistency(point.properties["sourceMetadata"]))

    return Transition(point, work=work, finish=finish)


def _consistency(metadata: Body) -> str:
    """What comes of a request that asks for none; a machine that was never provisioned has no agent to take part (recorded)."""
    if "osProfile" not in metadata:
        return "CrashConsistent"
    return _CONSISTENCY[metadata["storageProfile"]["osDisk"].get("osType", "Linux")]


def _copy_point(call: Call, point: Resource, source_id: str | None) -> None:
    """A copy says of the machine what its source says, without the profile of its system, and is crash-consistent (recorded)."""
    source = call.find(source_id, "restorePoints")
    point.properties["sourceMetadata"] = copy.deepcopy(source.properties["sourceMetadata"])
    point.properties["sourceMetadata"].pop("osProfile", None)
    point.properties.update(consistencyMode="CrashConsistent", sourceRestorePoint={"id": source.id})
    for disk in _profiles(point.body):
        disk["copied"] = disk.pop("diskRestorePoint", None)


def _describe_machine(call: Call, point: Resource, wanted: Body) -> None:
    parent = call.path.parent
    collection = call.find(parent.id if parent else None, "restorePointCollections")
    machine = call.find(collection.properties["source"]["id"], "virtualMachines")
    if machine.type != VIRTUAL_MACHINE:
        raise error("invalid_parameter", reason="Required parameter 'sourceRestorePoint' is missing (null).")
    excluded = {disk["id"].lower() for disk in wanted.get("excludeDisks") or []}
    check_point(call, machine, wanted, excluded)
    point.properties["sourceMetadata"] = _metadata(call, machine, excluded)
    point.properties.update(picked(wanted, "consistencyMode", "excludeDisks"))


def _shown(resource: Resource, copied: Body | None) -> Body:
    """How a point shows the restore point of one of its disks."""
    encryption = resource.properties["encryption"]
    shown: Body = {"sourceDiskRestorePoint": {"id": copied["id"]}} if copied else {}
    shown["encryption"] = {"type": encryption["type"]}
    if encryption.get("diskEncryptionSetId"):
        shown["encryption"]["diskEncryptionSet"] = {"id": encryption["diskEncryptionSetId"]}
    return {**shown, "id": resource.id}


def view_point(call: Call, point: Resource) -> Body:
    """A point has no type and no region in answers (recorded)."""
    del call
    body = point.document()
    del body["type"]
    for profile in _profiles(body):
        profile.pop("copied", None)
    return body


def remove_point(call: Call) -> Transition:
    """With a point, or a collection, its disks go."""
    disks = [disk.id.lower() for disk in call.cloud.store.of_type(DISK_POINT, call.existing.id)]

    def work(guests: GuestBackend) -> None:
        for disk in disks:
            guests.delete_disk(disk)

    return removal(call, work)


def read_only(call: Call) -> Transition:
    """Restore points of single disks come and go with the point of the machine."""
    raise error("method_not_allowed", method=call.method)


def _metadata(call: Call, machine: Resource, excluded: set[str]) -> Body:
    properties = machine.properties
    storage = properties["storageProfile"]
    shown: Body = {
        "vmId": properties["vmId"],
        "location": machine.location,
        "hardwareProfile": picked(properties["hardwareProfile"], "vmSize"),
        "storageProfile": {
            "osDisk": _disk(call, storage["osDisk"]),
            "dataDisks": [
                _disk(call, disk)
                for disk in storage.get("dataDisks") or []
                if disk["managedDisk"]["id"].lower() not in excluded
            ],
        },
        **copy.deepcopy(picked(properties, "osProfile", "securityProfile")),
    }
    disk = call.cloud.store.get(storage["osDisk"]["managedDisk"]["id"])
    generation = disk.properties.get("hyperVGeneration") if disk is not None else None
    return {**shown, "hyperVGeneration": generation or "V1"}


def _disk(call: Call, attached: Body) -> Body:
    resource = call.cloud.store.get(attached["managedDisk"]["id"])
    shown = copy.deepcopy(picked(attached, *_OF_DISK))
    managed = picked(attached["managedDisk"], "storageAccountType", "id")
    if resource is not None:
        shown["diskSizeGB"] = resource.properties.get("diskSizeGB", shown.get("diskSizeGB"))
        managed = {"storageAccountType": resource.body["sku"]["name"], "id": resource.id}
    return {**shown, "managedDisk": managed}


def _profiles(body: Body) -> Iterator[Body]:
    storage = body["properties"]["sourceMetadata"]["storageProfile"]
    yield storage["osDisk"]
    yield from storage["dataDisks"]


def _copies(call: Call, point: Resource, wanted: Body) -> Iterator[tuple[Resource, str, Body]]:
    """The restore point of each disk, what it is copied of, and where the point tells of it."""
    asked = ((wanted.get("sourceMetadata") or {}).get("storageProfile")) or {}
    for disk, with_wishes in zip_longest(
        _profiles(point.body), [asked.get("osDisk") or {}, *(asked.get("dataDisks") or [])], fillvalue={}
    ):
        of = (disk.get("copied") or {}).get("id") or disk["managedDisk"]["id"]
        source = call.cloud.store.get(of)
        if source is None:
            continue
        name = f"{parse(disk['managedDisk']['id']).name}_{call.cloud.new_id()}"
        properties = copy.deepcopy(picked(source.properties, *_FROM_DISK, "encryption"))
        properties.setdefault("encryption", {"type": "EncryptionAtRestWithPlatformKey"})
        wish = (with_wishes.get("diskRestorePoint") or {}).get("encryption") or {}
        if wish.get("diskEncryptionSet"):
            encryption_set = call.find(wish["diskEncryptionSet"].get("id"), "diskEncryptionSets")
            properties["encryption"] = {
                "type": encryption_set.properties["encryptionType"],
                "diskEncryptionSetId": encryption_set.id,
            }
        properties.update(
            sourceResourceId=disk["managedDisk"]["id"],
            sourceUniqueId=source.properties.get("uniqueId", source.properties.get("sourceUniqueId")),
            timeCreated=call.cloud.timestamp(),
            familyId=call.cloud.new_id(),
            networkAccessPolicy="AllowAll",
            publicNetworkAccess="Enabled",
            completionPercent=100.0,
        )
        yield Resource(f"{point.id}/diskRestorePoints/{name}", DISK_POINT, name, {"properties": properties}), of, disk


_SYNCHRONOUS = Style(201, long_running=False, body=True)
#: https://learn.microsoft.com/azure/virtual-machines/concepts-restore-points
_VERSIONS = tuple(version for version in api_versions.COMPUTE if version >= "2021-03-01")

COLLECTION_TYPE = ResourceType(
    name=COLLECTION,
    build=build_collection,
    remove=remove_point,
    view=view_collection,
    api_versions=_VERSIONS,
    created=_SYNCHRONOUS,
    updated=Style(200, long_running=False, body=True),
)
POINT_TYPE = ResourceType(
    name=POINT,
    build=build_point,
    remove=remove_point,
    view=view_point,
    api_versions=_VERSIONS,
    created=Style(201, body=True),
    located=False,
)
DISK_POINT_TYPE = ResourceType(
    name=DISK_POINT,
    build=read_only,
    remove=read_only,
    api_versions=api_versions.DISKS,
    located=False,
)
