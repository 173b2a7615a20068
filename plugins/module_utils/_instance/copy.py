# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the copy of a virtual machine: snapshots of its disks, disks from the snapshots, a virtual machine from the disks; pure.

The source is only read: a snapshot is a separate resource.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    SNAPSHOT,
    ResourceId,
    same_id,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import deletion_step
from ansible_collections.golden.azure.plugins.module_utils._model.export_access import (
    closed_access,
    is_being_exported,
    open_properties,
)
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import COPIED_MACHINE, belongs_to

Json = dict[str, Any]


# -- names --------------------------------------------------------------------------------------------------------


def _suffix(copied: Json, disk: ResourceId) -> str:
    for entry in machine.data_disks(copied):
        if same_id((entry.get("managedDisk") or {}).get("id"), str(disk)):
            return f"data-{entry.get('lun')}"
    return "os"


def snapshot_id_of(request: InstanceRequest, copied: Json, disk: ResourceId) -> ResourceId:
    """The snapshot of a disk of the copied virtual machine."""
    return request.part_id(SNAPSHOT, f"snapshot-{_suffix(copied, disk)}")


def disk_id_of(request: InstanceRequest, copied: Json, disk: ResourceId) -> ResourceId:
    """The disk of the copy for a disk of the copied virtual machine."""
    return request.part_id(DISK, _suffix(copied, disk))


def copy_tags(request: InstanceRequest, copied: Json | None) -> dict[str, str]:
    """The tags of the resources of a copy, with the vmId of its source, because its resource id can be reused."""
    return {**request.all_tags, **({COPIED_MACHINE: machine.identity(copied)} if copied else {})}


# -- steps --------------------------------------------------------------------------------------------------------


def copy_steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    """Steps that create the disks of the copy."""
    copied = state.copied or {}
    disks = machine.managed_disk_ids(copied)
    needs_new_snapshots = not _can_be_resumed(request, state)
    missing = [disk for disk in disks if needs_new_snapshots or not _disk_is_usable(request, state, disk)]
    snapshots = [snapshot_id_of(request, copied, disk) for disk in missing]
    if needs_new_snapshots:
        yield from (deletion_step(snapshot) for snapshot in snapshots if state.part(snapshot))
    location = str(copied.get("location"))
    tags = copy_tags(request, copied)
    for disk, snapshot in zip(missing, snapshots):
        if needs_new_snapshots:
            body = _body(state, disk, disk, "Standard_LRS", location, tags)
            body["properties"]["incremental"] = True
            yield _creation(actions.CREATE_SNAPSHOT, snapshot, f"create the {snapshot.label} of {disk.label}", body)
    for disk, snapshot in zip(missing, snapshots):
        target = disk_id_of(request, copied, disk)
        if state.part(target):
            yield deletion_step(target)
        sku = str((_copied_disk(state, disk).get("sku") or {}).get("name") or "Standard_LRS")
        body = _body(state, disk, snapshot, sku, location, tags)
        if request.encryption_set:
            body["properties"]["encryption"] = {
                "type": "EncryptionAtRestWithCustomerKey",
                "diskEncryptionSetId": str(request.encryption_set),
            }
        yield _creation(actions.CREATE_DISK, target, f"create the {target.label} from its snapshot, {sku}", body)


def access_steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    """Disable export access of existing disks and snapshots that are used for the copy."""
    copied = state.copied or {}
    resumes = state.vm is None and _can_be_resumed(request, state)
    for disk in machine.managed_disk_ids(copied):
        # Snapshots are deleted once the virtual machine exists; if nothing is resumed, everything is created again.
        existing = [disk_id_of(request, copied, disk)] if resumes or state.vm else []
        existing += [snapshot_id_of(request, copied, disk)] if resumes else []
        for part_id in existing:
            part = state.part(part_id)
            properties = open_properties(_copied_disk(state, disk), part) if part else {}
            if part and properties and _is_from_source(state, part) and not is_being_exported(part):
                yield Step(
                    actions.CLOSE_ACCESS,
                    part_id,
                    f"disable export access to the {part_id.label} ({', '.join(sorted(properties))})",
                    method="PATCH",
                    path=str(part_id),
                    body={"properties": properties},
                )


def snapshot_deletion_steps(
    request: InstanceRequest, state: InstanceState, before: Iterable[Step] = ()
) -> Iterator[Step]:
    """Delete the snapshots after the disks of the copy were created.

    :param before: earlier steps; the snapshots that they create are deleted as well.
    """
    copied = state.copied or {}
    created = {str(step.resource) for step in before if step.action is actions.CREATE_SNAPSHOT}
    for disk in machine.managed_disk_ids(copied):
        snapshot = snapshot_id_of(request, copied, disk)
        if str(snapshot) in created or belongs_to(state.part(snapshot), request.mark):
            yield deletion_step(snapshot)


def _can_be_resumed(request: InstanceRequest, state: InstanceState) -> bool:
    """Whether an earlier run created all snapshots: snapshots of different runs have contents of different times."""
    disks = machine.managed_disk_ids(state.copied or {})
    return all(_disk_is_usable(request, state, disk) or _snapshot_is_usable(request, state, disk) for disk in disks)


def resumed_snapshots(request: InstanceRequest, state: InstanceState) -> str | None:
    """The creation time of the snapshots that the copy resumes from; None if new ones are created."""
    if not _can_be_resumed(request, state):
        return None
    copied = state.copied or {}
    names = (
        name(request, copied, disk)
        for name in (snapshot_id_of, disk_id_of)
        for disk in machine.managed_disk_ids(copied)
    )
    parts = filter(None, map(state.part, names))
    return next((str(machine.properties(part).get("timeCreated") or "at an unknown time") for part in parts), None)


def _disk_is_usable(request: InstanceRequest, state: InstanceState, disk: ResourceId) -> bool:
    """Whether the copy of this disk exists and is usable; the disks of a failed virtual machine are deleted with it."""
    part = state.part(disk_id_of(request, state.copied or {}, disk))
    return state.vm is None and _is_from_source(state, part)


def _snapshot_is_usable(request: InstanceRequest, state: InstanceState, disk: ResourceId) -> bool:
    part = state.part(snapshot_id_of(request, state.copied or {}, disk))
    source = (machine.properties(part).get("creationData") or {}).get("sourceResourceId")
    return _is_from_source(state, part) and same_id(source, str(disk))


def _is_from_source(state: InstanceState, part: Json | None) -> bool:
    """Whether a part is complete and was created from this virtual machine: an earlier run may have copied another one."""
    if part is None or machine.provisioning_state(part) != "Succeeded":
        return False
    return tag_value(part.get("tags"), COPIED_MACHINE) == machine.identity(state.copied or {})


def _copied_disk(state: InstanceState, disk: ResourceId) -> Json:
    return next((known for known in state.copied_disks if same_id(known.get("id"), str(disk))), {})


def _encryption(state: InstanceState, disk: ResourceId) -> Json | None:
    """Snapshots and copies of a disk with a customer-managed key are encrypted with the same key."""
    found = machine.properties(_copied_disk(state, disk)).get("encryption") or {}
    return {key: found[key] for key in ("type", "diskEncryptionSetId")} if found.get("diskEncryptionSetId") else None


def _body(
    state: InstanceState, disk: ResourceId, source: ResourceId, sku: str, location: str, tags: dict[str, str]
) -> Json:
    """The request body for a copy of a disk or of a snapshot."""
    properties: Json = {
        "creationData": {"createOption": "Copy", "sourceResourceId": str(source)},
        **closed_access(_copied_disk(state, disk)),
    }
    encryption = _encryption(state, disk)
    if encryption:
        properties["encryption"] = encryption
    return {"location": location, "tags": tags, "sku": {"name": sku}, "properties": properties}


def _creation(action: Action, resource: ResourceId, description: str, body: Json) -> Step:
    return Step(action, resource, description, method="PUT", path=str(resource), body=body)
