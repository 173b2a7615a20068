# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the backup of the disks of a virtual machine before its guest is prepared; pure.

A backup is a snapshot of each disk. The first one is kept: a run that continues after the guest was prepared
must not replace it by a copy of the prepared guest. This collection never deletes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.existing import backup_id
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import BACKUP_OF, CREATED_AT, tag_value
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.export_access import (
    closed_access,
    is_being_exported,
    open_properties,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import RUN_TAG, SOURCE_TAG

Json = dict[str, Any]


def backup_blockers(state: CaptureState, vm: Json) -> Iterator[Finding]:
    """Blockers for resources with the name of a backup."""
    for disk in state.disks:
        snapshot_id = backup_id(vm, disk)
        snapshot = state.backups.get(str(snapshot_id).lower())
        if snapshot and tag_value(snapshot.get("tags"), BACKUP_OF) != _unique_id(disk):
            yield Finding(
                "backup_of_another_disk",
                f"The {snapshot_id.label if snapshot_id else 'snapshot'} exists already and is not a backup of the "
                f"disk '{disk.get('name')}'; delete it.",
            )


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
    if machine.power_state(vm) == "running" and len(machine.managed_disk_ids(vm)) > 1:
        yield Finding(
            "backup_while_running",
            f"The {request.source.label} is running: its disks are snapshotted one after the other, each "
            "crash-consistent; stop it first if the disks must be consistent with each other.",
        )


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


def backup_steps(request: CaptureRequest, state: CaptureState, vm: Json) -> Iterator[Step]:
    """Create the missing snapshots."""
    for disk in state.disks:
        snapshot_id = backup_id(vm, disk)
        if snapshot_id is None:
            continue
        snapshot = state.backups.get(str(snapshot_id).lower())
        if snapshot is not None and machine.provisioning_state(snapshot) not in ("Failed", "Canceled"):
            continue
        yield Step(
            actions.CREATE_SNAPSHOT,
            snapshot_id,
            f"create the {snapshot_id.label} of the disk '{disk.get('name')}'",
            method="PUT",
            path=str(snapshot_id),
            body={
                "location": disk.get("location"),
                "tags": {
                    **(request.tags or {}),
                    BACKUP_OF: _unique_id(disk),
                    SOURCE_TAG: machine.identity(vm),
                    CREATED_AT: request.run.moment,
                    RUN_TAG: request.run.run_id,
                },
                "sku": {"name": "Standard_LRS"},
                "properties": {
                    "creationData": {"createOption": "Copy", "sourceResourceId": str(disk.get("id"))},
                    "incremental": True,
                    **closed_access(disk),
                },
            },
        )


def _unique_id(disk: Json) -> str:
    return str(machine.properties(disk).get("uniqueId") or disk.get("id") or "")
