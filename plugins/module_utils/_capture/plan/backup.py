# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the backup of the disks of a virtual machine before its guest is prepared; pure.

A backup is a snapshot of each disk, of the same time if possible (backup_restore_point). The first one is kept: a run that continues
after the guest was prepared must not replace it by a copy of the prepared guest. This collection never deletes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.existing import backup_id, temporary_disk_id
from ansible_collections.golden.azure.plugins.module_utils._capture.plan import backup_restore_point
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import (
    BACKED_UP_DISK,
    BACKUP_OF,
    CREATED_AT,
    DISK_CONSISTENCY,
    fitting,
    tag_value,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import (
    CRASH_CONSISTENT,
    PER_DISK,
    ConsistencyDecision,
    consistency_blockers,
    consistency_warnings,
    decide,
)
from ansible_collections.golden.azure.plugins.module_utils._model.export_access import (
    closed_access,
    is_being_exported,
    open_properties,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import RUN_TAG, SOURCE_TAG

Json = dict[str, Any]


def consistency(request: CaptureRequest, state: CaptureState, vm: Json) -> ConsistencyDecision:
    """How the missing backups are taken. Those that exist are kept: missing ones are of the same time only through their restore point."""
    kept = _kept(state, vm)
    if not kept or request.disk_consistency == PER_DISK:
        unavailable = state.restore_points_unavailable or backup_restore_point.lock_obstacle(request, state, vm)
        return decide(request.disk_consistency, vm, state.disks, unavailable)
    if backup_restore_point.is_continued(state, vm, kept):
        recorded = tag_value(kept[0][1].get("tags"), DISK_CONSISTENCY)
        return ConsistencyDecision(recorded or CRASH_CONSISTENT, restore_point=True)
    return ConsistencyDecision(PER_DISK, obstacles=("the backups of some disks exist already",))


def backup_blockers(request: CaptureRequest, state: CaptureState, vm: Json) -> Iterator[Finding]:
    """Blockers for resources with the name of a backup, and of backups that Azure cannot take as requested."""
    for disk in state.disks:
        snapshot_id = backup_id(vm, disk)
        snapshot = state.backups.get(str(snapshot_id).lower())
        if snapshot and tag_value(snapshot.get("tags"), BACKUP_OF) != _unique_id(disk):
            yield Finding(
                "backup_of_another_disk",
                f"The {snapshot_id.label if snapshot_id else 'snapshot'} exists already and is not a backup of the "
                f"disk '{disk.get('name')}'; delete it.",
            )
    if _missing(state, vm):
        decision = consistency(request, state, vm)
        kept = [str(snapshot.get("name")) for _disk, snapshot in _kept(state, vm)]
        if kept and decision.obstacles and request.disk_consistency == CRASH_CONSISTENT:
            yield Finding(
                "backups_of_another_time",
                f"Some disks of {request.source.label} have backups that an earlier run created (snapshots {', '.join(kept)}), and backups "
                "of the others would be of another time; delete these snapshots, or set 'disk_consistency: per_disk'.",
            )
        else:
            yield from consistency_blockers(request.source.label, request.disk_consistency, decision)
        if decision.restore_point:
            yield from backup_restore_point.temporary_blockers(request, state)


def backup_warnings(request: CaptureRequest, state: CaptureState, vm: Json) -> Iterator[Finding]:
    """Warnings about a backup."""
    for snapshot_id, disk, snapshot in _present_backups(state, vm):
        if open_properties(disk, snapshot) and is_being_exported(snapshot):
            yield Finding(
                "backup_being_exported",
                f"The {snapshot_id.label} is being exported, so that export access cannot be disabled; revoke its "
                "access, and run the task again.",
            )
    if any("vhd" in disk for disk in [machine.os_disk(vm), *machine.data_disks(vm)]):
        yield Finding(
            "unmanaged_disks_not_kept",
            f"The {request.source.label} has unmanaged disks, which are not backed up; copy their blobs.",
        )
    if _missing(state, vm):
        decision = consistency(request, state, vm)
        yield from consistency_warnings(request.source.label, request.disk_consistency, vm, decision)


def closing_steps(state: CaptureState, vm: Json) -> Iterator[Step]:
    """Disable export access of existing backups."""
    for snapshot_id, disk, snapshot in _present_backups(state, vm):
        properties = open_properties(disk, snapshot)
        if properties and not is_being_exported(snapshot):
            yield Step(
                actions.CLOSE_ACCESS,
                snapshot_id,
                f"disable export access to the {snapshot_id.label} ({', '.join(sorted(properties))})",
                method="PATCH",
                path=str(snapshot_id),
                body={"properties": properties},
            )


def _present_backups(state: CaptureState, vm: Json) -> Iterator[tuple[ResourceId, Json, Json]]:
    """The existing, complete backups, each with its disk."""
    for disk in state.disks:
        snapshot_id = backup_id(vm, disk)
        snapshot = state.backups.get(str(snapshot_id).lower())
        if snapshot_id and snapshot and machine.provisioning_state(snapshot) == "Succeeded":
            yield snapshot_id, disk, snapshot


def backup_steps(request: CaptureRequest, state: CaptureState, vm: Json, made: bool) -> Iterator[Step]:
    """Create the missing snapshots, and delete what is needed only for that.

    :param made: whether the source is not needed any more.
    """
    missing = [] if made else _missing(state, vm)
    decision = consistency(request, state, vm)
    steps: list[Step] = []
    if missing and decision.restore_point:
        steps += backup_restore_point.temporary_steps(request, state, vm, missing)
    steps += (_snapshot_step(request, vm, disk, decision) for disk in missing)
    yield from steps
    yield from backup_restore_point.removal_steps(request, state, vm, steps)


def _missing(state: CaptureState, vm: Json) -> list[Json]:
    """The managed disks without a snapshot, or with one whose creation failed."""
    found = []
    for disk in state.disks:
        snapshot_id = backup_id(vm, disk)
        snapshot = state.backups.get(str(snapshot_id).lower())
        if snapshot_id is not None and (snapshot is None or machine.has_failed(snapshot)):
            found.append(disk)
    return found


def _kept(state: CaptureState, vm: Json) -> list[tuple[Json, Json]]:
    """The disks that have a snapshot already, with it, if others have none."""
    missing = [disk.get("id") for disk in _missing(state, vm)]
    if not missing:
        return []
    present = ((disk, state.backups.get(str(backup_id(vm, disk)).lower())) for disk in state.disks)
    return [(disk, snapshot) for disk, snapshot in present if snapshot is not None and disk.get("id") not in missing]


def _snapshot_step(request: CaptureRequest, vm: Json, disk: Json, decision: ConsistencyDecision) -> Step:
    snapshot_id = backup_id(vm, disk)
    source = temporary_disk_id(vm, disk) if decision.restore_point else str(disk.get("id"))
    if snapshot_id is None:
        raise ValueError(f"disk without an id: {disk}")
    tags = {
        **(request.tags or {}),
        BACKUP_OF: _unique_id(disk),
        BACKED_UP_DISK: fitting(str(disk.get("id"))),
        DISK_CONSISTENCY: decision.mode,
        SOURCE_TAG: machine.identity(vm),
        CREATED_AT: request.run.moment,
        RUN_TAG: request.run.run_id,
    }
    return Step(
        actions.CREATE_SNAPSHOT,
        snapshot_id,
        f"create the {snapshot_id.label} of the disk '{disk.get('name')}'",
        method="PUT",
        path=str(snapshot_id),
        body={
            "location": disk.get("location"),
            "tags": tags,
            "sku": {"name": "Standard_LRS"},
            "properties": {
                "creationData": {"createOption": "Copy", "sourceResourceId": str(source)},
                "incremental": True,
                **closed_access(disk),
            },
        },
    )


def _unique_id(disk: Json) -> str:
    return str(machine.properties(disk).get("uniqueId") or disk.get("id") or "")
