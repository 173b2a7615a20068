# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan a backup of which all disks are of the same time; pure.

Azure creates disks of a restore point, but no snapshots. A temporary disk of each is therefore snapshotted, and deleted together with the
restore point once all snapshots are complete. Until then, a run that continues finds where each snapshot comes from.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.existing import (
    restore_points_id,
    temporary_disk_id,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, parse, same_id
from ansible_collections.golden.azure.plugins.module_utils._core.tags import (
    BACKUP_SOURCE,
    CREATED_AT,
    image_mark,
    tag_value,
)
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.export_access import closed_access
from ansible_collections.golden.azure.plugins.module_utils._model.locks import forbids, level_of
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import RUN_TAG
from ansible_collections.golden.azure.plugins.module_utils._model.restore_points import (
    creation_data,
    is_fresh,
    is_restored_from,
    is_usable,
    point_steps,
    wait_steps,
)

Json = dict[str, Any]


def temporary_blockers(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    """Blockers for resources with the name of the restore points or of a temporary disk that were not created for the backup."""
    for part in state.backup_parts.values():
        identity = parse(str(part.get("id")))
        if identity is not None and not _is_own(request, part):
            yield Finding(
                "backup_name_taken",
                f"The {identity.label} exists already and was not created to back up the disks of {request.source.label}; delete it, or "
                "set 'disk_consistency: per_disk'.",
            )


def lock_obstacle(request: CaptureRequest, state: CaptureState, vm: Json) -> str | None:
    """The lock that would keep what is temporary from being deleted; None if there is none."""
    temporary = [restore_points_id(request.resource, vm), *(temporary_disk_id(vm, disk) for disk in state.disks)]
    for lock in state.locks:
        if any(forbids(lock, each, writes=False, deletes=True) for each in temporary if each is not None):
            return f"the lock '{lock.get('name')}' ({level_of(lock)}) prevents the deletion of its restore point and temporary disks"
    return None


def is_continued(state: CaptureState, vm: Json, kept: list[tuple[Json, Json]]) -> bool:
    """Whether the existing restore point is the one of which the existing backups were created.

    :param kept: disks with their snapshots.
    """
    return is_usable(state.restore_points, vm) and all(_is_of_restore_point(state, vm, *each) for each in kept)


def _is_of_restore_point(state: CaptureState, vm: Json, disk: Json, snapshot: Json) -> bool:
    temporary = temporary_disk_id(vm, disk)
    source = (machine.properties(snapshot).get("creationData") or {}).get("sourceResourceId")
    return same_id(source, str(temporary)) and is_restored_from(_part(state, temporary), state.restore_points)


def temporary_steps(request: CaptureRequest, state: CaptureState, vm: Json, missing: list[Json]) -> Iterator[Step]:
    """Create the restore point, and a temporary disk for each snapshot that is missing.

    :param missing: the disks whose snapshots are missing.
    """
    collection = restore_points_id(request.resource, vm)
    if _is_resumed(request, state, vm):
        yield from wait_steps(collection, state.restore_points)
    else:
        existing = state.restore_points
        yield from point_steps(collection, existing, request.resource, vm, state.disks, _tags(request))
    for disk in missing:
        target = temporary_disk_id(vm, disk)
        source = parse(str(disk.get("id") or ""))
        if target is None or source is None or is_restored_from(_part(state, target), state.restore_points):
            continue
        if _part(state, target) is not None:
            yield actions.deletion_step(target)
        data, late = creation_data(collection, source)
        encryption = machine.properties(disk).get("encryption") or {}
        own_key = {key: encryption[key] for key in ("type", "diskEncryptionSetId") if encryption.get(key)}
        yield Step(
            actions.CREATE_DISK,
            target,
            f"create the temporary {target.label} from the restore point of the disk '{disk.get('name')}'",
            method="PUT",
            path=str(target),
            body={
                "location": disk.get("location"),
                "tags": _tags(request),
                "sku": {"name": "Standard_LRS"},
                "properties": {
                    "creationData": data,
                    **closed_access(disk),
                    **({"encryption": own_key} if "diskEncryptionSetId" in own_key else {}),
                },
            },
            late=late,
        )


def removal_steps(request: CaptureRequest, state: CaptureState, vm: Json, before: list[Step]) -> Iterator[Step]:
    """Delete the temporary disks, then the restore points.

    :param before: earlier steps; what they create is deleted as well.
    """
    made = (actions.CREATE_DISK, actions.CREATE_RESTORE_POINT_COLLECTION)
    created = {str(step.resource) for step in before if step.action in made}
    for resource in (*(temporary_disk_id(vm, disk) for disk in state.disks), restore_points_id(request.resource, vm)):
        part = _part(state, resource)
        if resource is not None and (str(resource) in created or (part is not None and _is_own(request, part))):
            yield actions.deletion_step(resource)


def _is_resumed(request: CaptureRequest, state: CaptureState, vm: Json) -> bool:
    """Whether the backup continues with the restore point of an earlier run: something was created from it, or it is recent."""
    if not is_usable(state.restore_points, vm):
        return False
    now = parse_timestamp(request.run.moment)
    temporary = (_part(state, temporary_disk_id(vm, disk)) for disk in state.disks)
    begun = any(is_restored_from(disk, state.restore_points) for disk in temporary)
    return begun or (now is not None and is_fresh(state.restore_points, now))


def _is_own(request: CaptureRequest, part: Json) -> bool:
    return tag_value(part.get("tags"), BACKUP_SOURCE) == image_mark(str(request.resource))


def _tags(request: CaptureRequest) -> dict[str, str]:
    return {
        **(request.tags or {}),
        BACKUP_SOURCE: image_mark(str(request.resource)),
        CREATED_AT: request.run.moment,
        RUN_TAG: request.run.run_id,
    }


def _part(state: CaptureState, resource: ResourceId | None) -> Json | None:
    return state.backup_parts.get(str(resource).lower())
