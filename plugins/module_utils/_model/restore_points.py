# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Restore points: all disks of a virtual machine at one time, as the source of disks; pure.

The ids of its disk restore points exist only after a restore point was created: Azure appends a random suffix to the disk's name.
Source: https://learn.microsoft.com/rest/api/compute/restore-points/create
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import LateBody, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK_RESTORE_POINT,
    RESTORE_POINT,
    ResourceId,
    child,
    same_id,
)
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

#: The name of the restore point in its collection, which contains no other.
_POINT = "disks"
#: The URL parameters of a read that returns a collection with its restore points:
#: https://learn.microsoft.com/rest/api/compute/restore-point-collections/get
WITH_POINTS = {"expand": "restorePoints"}
#: How long a restore point of which nothing was created yet is used by the next run. Azure supports one per hour:
#: https://learn.microsoft.com/azure/virtual-machines/concepts-restore-points
_FRESH = timedelta(hours=1)


def point_id(collection: ResourceId) -> ResourceId:
    """The id of the restore point in a collection."""
    return child(collection, RESTORE_POINT, _POINT)


# -- existing restore points --------------------------------------------------------------------------------------


def existing_point(collection: Json | None) -> Json | None:
    """The restore point in a collection that was read with its restore points; None if there is none."""
    points = machine.properties(collection).get("restorePoints") or []
    return next((point for point in points if str(point.get("name")).lower() == _POINT), None)


def is_usable(collection: Json | None, vm: Json) -> bool:
    """Whether the restore point in a collection is complete or being created, and contains all disks that the virtual machine has."""
    point = existing_point(collection)
    if point is None or machine.has_failed(point) or machine.provisioning_state(point) == "Deleting":
        return False
    found = machine.properties(point)
    metadata = found.get("sourceMetadata") or {}
    covered = {str((disk.get("managedDisk") or {}).get("id")).lower() for disk in _disks(point)}
    return (
        metadata.get("vmId") == machine.identity(vm)
        and found.get("consistencyMode") in (None, "CrashConsistent")
        and {str(disk).lower() for disk in machine.managed_disk_ids(vm)} <= covered
    )


def is_complete(collection: Json | None) -> bool:
    """Whether the restore point in a collection is complete."""
    point = existing_point(collection)
    return point is not None and machine.provisioning_state(point) == "Succeeded"


def is_fresh(collection: Json | None, now: datetime) -> bool:
    """Whether the restore point in a collection is so new that the next run can begin with it."""
    created = created_at(collection)
    return created is not None and now - created <= _FRESH


def created_at(collection: Json | None) -> datetime | None:
    """When the restore point in a collection was created; None if that is unknown."""
    return parse_timestamp(machine.properties(existing_point(collection)).get("timeCreated"))


def is_restored_from(disk: Json | None, collection: Json | None) -> bool:
    """Whether a disk is complete, and was created from the restore point in a collection."""
    point = existing_point(collection)
    if disk is None or point is None or machine.provisioning_state(disk) != "Succeeded":
        return False
    source = (machine.properties(disk).get("creationData") or {}).get("sourceResourceId")
    return any(same_id(source, one.get("id")) for one in map(_disk_restore_point, _disks(point)))


def _disks(point: Json) -> Iterator[Json]:
    """The disks of a restore point, as its source metadata describes them."""
    storage = (machine.properties(point).get("sourceMetadata") or {}).get("storageProfile") or {}
    yield storage.get("osDisk") or {}
    yield from storage.get("dataDisks") or []


def _disk_restore_point(disk: Json) -> Json:
    return disk.get("diskRestorePoint") or {}


# -- steps --------------------------------------------------------------------------------------------------------


def point_steps(
    collection: ResourceId,
    existing: Json | None,
    source: ResourceId,
    vm: Json,
    disks: Sequence[Json],
    tags: dict[str, str],
) -> Iterator[Step]:
    """Create a restore point of a virtual machine, instead of an existing one.

    :param existing: the existing collection.
    :param source: the id of the virtual machine.
    :param disks: its managed disks.
    :param tags: of the collection; restore points have none.
    """
    if existing is not None:
        yield actions.deletion_step(collection)
    yield Step(
        actions.CREATE_RESTORE_POINT_COLLECTION,
        collection,
        f"create the {collection.label}",
        method="PUT",
        path=str(collection),
        body={"location": vm.get("location"), "tags": tags, "properties": {"source": {"id": str(source)}}},
    )
    point = point_id(collection)
    yield Step(
        actions.CREATE_RESTORE_POINT,
        point,
        f"create the {point.label}: all disks of {source.label} at the same time, crash-consistent",
        method="PUT",
        path=str(point),
        body={"properties": {"consistencyMode": "CrashConsistent", **_encryption(vm, disks)}},
    )


def wait_steps(collection: ResourceId, existing: Json | None) -> Iterator[Step]:
    """Wait for an existing restore point that is being created."""
    point = point_id(collection)
    if not is_complete(existing):
        description = f"wait for the {point.label}, which is being created"
        yield Step(actions.WAIT_FOR_RESTORE_POINT, point, description)


def _encryption(vm: Json, disks: Sequence[Json]) -> Json:
    """The encryption of disks with a customer-managed key, which Azure does not apply to a restore point by itself."""

    def described(attached: Json) -> Json:
        identity = (attached.get("managedDisk") or {}).get("id")
        disk = next((one for one in disks if same_id(one.get("id"), identity)), {})
        encryption = machine.properties(disk).get("encryption") or {}
        shown: Json = {"managedDisk": {"id": identity}}
        if encryption.get("diskEncryptionSetId"):
            wanted = {"type": encryption.get("type"), "diskEncryptionSet": {"id": encryption["diskEncryptionSetId"]}}
            shown["diskRestorePoint"] = {"encryption": wanted}
        return shown

    os_disk, *data_disks = map(described, [machine.os_disk(vm), *machine.data_disks(vm)])
    if not any("diskRestorePoint" in each for each in (os_disk, *data_disks)):
        return {}
    return {"sourceMetadata": {"storageProfile": {"osDisk": os_disk, "dataDisks": data_disks}}}


def creation_data(collection: ResourceId, disk: ResourceId) -> tuple[Json, LateBody]:
    """The creation data of a disk that is created from a restore point, with the name of the source disk as a placeholder.

    :param disk: the disk of the virtual machine.
    :returns: the creation data, and how they are completed before the request.
    """
    point = point_id(collection)
    placeholder = child(point, DISK_RESTORE_POINT, disk.name)
    data = {"createOption": "Restore", "sourceResourceId": str(placeholder)}
    return data, LateBody(point, _completion(point, disk))


def _completion(point: ResourceId, disk: ResourceId) -> Callable[[Json, Json | None], Json]:
    return partial(_complete, point, disk)


def _complete(point: ResourceId, disk: ResourceId, body: Json, found: Json | None) -> Json:
    """The body with the id of the disk restore point.

    :raises Failure: if the restore point does not have one of this disk.
    """
    identity = next(
        (
            _disk_restore_point(one).get("id")
            for one in _disks(found or {})
            if same_id((one.get("managedDisk") or {}).get("id"), str(disk))
        ),
        None,
    )
    if not identity:
        raise Failure(f"The {point.label} does not contain the {disk.label}; run the task again to create a new one.")
    properties = body.get("properties") or {}
    data = {**(properties.get("creationData") or {}), "sourceResourceId": identity}
    return {**body, "properties": {**properties, "creationData": data}}
