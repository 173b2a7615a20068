# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the copy of a virtual machine: a restore point or snapshots, disks from these, a virtual machine from the disks; pure.

The source is only read: restore points and snapshots are separate resources.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    SNAPSHOT,
    ResourceId,
    same_id,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import DISK_CONSISTENCY, tag_value
from ansible_collections.golden.azure.plugins.module_utils._instance.copy_restore_point import (
    collection_id,
    consistency,
    is_restored,
    is_resumed,
)
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
from ansible_collections.golden.azure.plugins.module_utils._model.restore_points import (
    created_at,
    creation_data,
    point_steps,
    wait_steps,
)

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


def copy_tags(request: InstanceRequest, state: InstanceState) -> dict[str, str]:
    """The tags of the resources of a copy, with the vmId of its source, because its resource id can be reused."""
    if state.copied is None:
        return request.all_tags
    own = {COPIED_MACHINE: machine.identity(state.copied), DISK_CONSISTENCY: _consistency_mode(request, state)}
    return {**request.all_tags, **own}


def _consistency_mode(request: InstanceRequest, state: InstanceState) -> str:
    """How consistent the disks of the copy are with each other; snapshots of an earlier run are as that has recorded."""
    decision = consistency(request, state)
    if not decision.restore_point and _can_be_resumed(request, state):
        for part in _parts(request, state):
            recorded = tag_value(part.get("tags"), DISK_CONSISTENCY)
            if recorded:
                return recorded
    return decision.mode


# -- steps --------------------------------------------------------------------------------------------------------


def copy_steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    """Steps that create the disks of the copy."""
    if consistency(request, state).restore_point:
        yield from _restore_steps(request, state)
    else:
        yield from _snapshot_steps(request, state)


def _restore_steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    """Create the disks from a restore point."""
    copied, collection, tags = state.copied or {}, collection_id(request), copy_tags(request, state)
    if _restore_point_is_resumed(request, state):
        yield from wait_steps(collection, state.restore_points)
    elif request.source.resource is not None:
        source, existing = request.source.resource, state.restore_points
        yield from point_steps(collection, existing, source, copied, state.copied_disks, tags)
    for disk in machine.managed_disk_ids(copied):
        target = disk_id_of(request, copied, disk)
        if is_restored(state, target):
            continue
        if state.part(target):
            yield deletion_step(target)
        data, late = creation_data(collection, disk)
        sku = _sku(state, disk)
        body = _disk_body(request, state, disk, data, tags)
        description = f"create the {target.label} from its restore point, {sku}"
        yield replace(_creation(actions.CREATE_DISK, target, description, body), late=late)


def _restore_point_is_resumed(request: InstanceRequest, state: InstanceState) -> bool:
    copied = state.copied or {}
    return is_resumed(state, [disk_id_of(request, copied, disk) for disk in machine.managed_disk_ids(copied)])


def _snapshot_steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    """Create the disks from snapshots, each of which is of another time."""
    copied = state.copied or {}
    disks = machine.managed_disk_ids(copied)
    needs_new_snapshots = not _can_be_resumed(request, state)
    missing = [disk for disk in disks if needs_new_snapshots or not _disk_is_usable(request, state, disk)]
    snapshots = [snapshot_id_of(request, copied, disk) for disk in missing]
    if needs_new_snapshots:
        yield from (deletion_step(snapshot) for snapshot in snapshots if state.part(snapshot))
    tags = copy_tags(request, state)
    for disk, snapshot in zip(missing, snapshots):
        if needs_new_snapshots:
            body = _body(state, disk, _copy_of(disk), "Standard_LRS", tags)
            body["properties"]["incremental"] = True
            yield _creation(actions.CREATE_SNAPSHOT, snapshot, f"create the {snapshot.label} of {disk.label}", body)
    for disk, snapshot in zip(missing, snapshots):
        target = disk_id_of(request, copied, disk)
        if state.part(target):
            yield deletion_step(target)
        body = _disk_body(request, state, disk, _copy_of(snapshot), tags)
        description = f"create the {target.label} from its snapshot, {_sku(state, disk)}"
        yield _creation(actions.CREATE_DISK, target, description, body)


def access_steps(request: InstanceRequest, state: InstanceState) -> Iterator[Step]:
    """Disable export access of existing disks and snapshots that are used for the copy."""
    copied = state.copied or {}
    restores = consistency(request, state).restore_point
    resumes = state.vm is None and not restores and _can_be_resumed(request, state)
    for disk in machine.managed_disk_ids(copied):
        # Snapshots are deleted once the virtual machine exists; if nothing is resumed, everything is created again.
        target = disk_id_of(request, copied, disk)
        existing = [target] if resumes or state.vm or (restores and is_restored(state, target)) else []
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


def source_deletion_steps(
    request: InstanceRequest, state: InstanceState, before: Iterable[Step] = ()
) -> Iterator[Step]:
    """Delete the snapshots or the restore points after the disks of the copy were created.

    :param before: earlier steps; what they create is deleted as well.
    """
    copied = state.copied or {}
    made = (actions.CREATE_SNAPSHOT, actions.CREATE_RESTORE_POINT_COLLECTION)
    created = {str(step.resource) for step in before if step.action in made}
    snapshots = [snapshot_id_of(request, copied, disk) for disk in machine.managed_disk_ids(copied)]
    for resource in (*snapshots, collection_id(request)):
        if str(resource) in created or belongs_to(state.part(resource), request.mark):
            yield deletion_step(resource)


def _can_be_resumed(request: InstanceRequest, state: InstanceState) -> bool:
    """Whether an earlier run created all snapshots: snapshots of different runs have contents of different times."""
    disks = machine.managed_disk_ids(state.copied or {})
    return all(_disk_is_usable(request, state, disk) or _snapshot_is_usable(request, state, disk) for disk in disks)


def resumed_from(request: InstanceRequest, state: InstanceState) -> tuple[str, str] | None:
    """What the copy resumes from, and when that was created; None if it is created anew."""
    if consistency(request, state).restore_point:
        if not _restore_point_is_resumed(request, state):
            return None
        created = created_at(state.restore_points)
        return "restore point", created.isoformat() if created else "at an unknown time"
    if not _can_be_resumed(request, state):
        return None
    times = (machine.properties(part).get("timeCreated") for part in _parts(request, state))
    return next((("snapshots", str(time or "at an unknown time")) for time in times), None)


def _parts(request: InstanceRequest, state: InstanceState) -> Iterator[Json]:
    """The existing snapshots and disks of the copy."""
    copied = state.copied or {}
    names = (
        name(request, copied, disk)
        for name in (snapshot_id_of, disk_id_of)
        for disk in machine.managed_disk_ids(copied)
    )
    yield from filter(None, map(state.part, names))


def _disk_is_usable(request: InstanceRequest, state: InstanceState, disk: ResourceId) -> bool:
    """Whether the copy of this disk exists and is usable; the disks of a failed virtual machine are deleted with it."""
    part = state.part(disk_id_of(request, state.copied or {}, disk))
    option = (machine.properties(part).get("creationData") or {}).get("createOption")
    return state.vm is None and _is_from_source(state, part) and option != "Restore"


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


def _copy_of(source: ResourceId) -> Json:
    return {"createOption": "Copy", "sourceResourceId": str(source)}


def _sku(state: InstanceState, disk: ResourceId) -> str:
    return str((_copied_disk(state, disk).get("sku") or {}).get("name") or "Standard_LRS")


def _disk_body(
    request: InstanceRequest, state: InstanceState, disk: ResourceId, creation: Json, tags: dict[str, str]
) -> Json:
    """The request body for a disk of the copy.

    :param disk: the disk of the virtual machine.
    """
    body = _body(state, disk, creation, _sku(state, disk), tags)
    if request.encryption_set:
        body["properties"]["encryption"] = {
            "type": "EncryptionAtRestWithCustomerKey",
            "diskEncryptionSetId": str(request.encryption_set),
        }
    return body


def _body(state: InstanceState, disk: ResourceId, creation: Json, sku: str, tags: dict[str, str]) -> Json:
    """The request body for a snapshot of a disk, or a copy of it."""
    properties: Json = {"creationData": creation, **closed_access(_copied_disk(state, disk))}
    encryption = _encryption(state, disk)
    if encryption:
        properties["encryption"] = encryption
    location = str((state.copied or {}).get("location"))
    return {"location": location, "tags": tags, "sku": {"name": sku}, "properties": properties}


def _creation(action: Action, resource: ResourceId, description: str, body: Json) -> Step:
    return Step(action, resource, description, method="PUT", path=str(resource), body=body)
