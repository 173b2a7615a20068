# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the disks of a copy from a restore point, which contains all disks of the virtual machine at the same time; pure."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    RESTORE_POINT_COLLECTION,
    ResourceId,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._model.disk_consistency import ConsistencyDecision, decide
from ansible_collections.golden.azure.plugins.module_utils._model.restore_points import is_restored_from, is_usable


def collection_id(request: InstanceRequest) -> ResourceId:
    """The restore point collection of a copy; the source is only read, so that it is in the resource group of the copy."""
    return request.part_id(RESTORE_POINT_COLLECTION, "restore-points")


def consistency(request: InstanceRequest, state: InstanceState) -> ConsistencyDecision:
    """How the disks of the virtual machine are copied."""
    unavailable = state.restore_points_unavailable
    source = request.source.resource
    if source is not None and source.subscription_id.lower() != request.machine.subscription_id.lower():
        # No source says that it is supported.
        unavailable = "its copy is in another subscription"
    return decide(request.disk_consistency, state.copied or {}, state.copied_disks, unavailable)


def is_resumed(state: InstanceState, targets: list[ResourceId]) -> bool:
    """Whether the copy continues with the restore point of an earlier run: a disk of the copy was created from it, or it is recent.

    :param targets: the disks of the copy.
    """
    if not is_usable(state.restore_points, state.copied or {}):
        return False
    return state.restore_point_is_recent or any(is_restored(state, target) for target in targets)


def is_restored(state: InstanceState, target: ResourceId) -> bool:
    """Whether a disk of the copy was created from the restore point; the disks of a failed virtual machine are deleted with it."""
    return state.vm is None and is_restored_from(state.part(target), state.restore_points)
