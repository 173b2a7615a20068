# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what a capture's plan needs to know; nothing is written."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.capture_request import (
    CaptureRequest,
    CaptureState,
    GalleryState,
    GalleryTarget,
)
from ansible_collections.golden.azure.plugins.module_utils.locks import read_locks
from ansible_collections.golden.azure.plugins.module_utils.resource_id import normalized_location


def read_state(arm: Arm, request: CaptureRequest) -> CaptureState:
    """Read what the plan needs to know; nothing is written.

    :raises Failure: when something but the locks cannot be read.
    """
    vm = arm.get(request.source, expand="instanceView")
    image = arm.get(request.image) if request.image else None
    disks = [disk for disk in (arm.get(disk_id) for disk_id in machine.managed_disk_ids(vm or {})) if disk]
    locks, locks_known = read_locks(arm, (request.source, *request.targets))
    zones = _has_zones(arm, request, vm) if vm and request.zone_resilient else None
    galleries = [_read_gallery(arm, target) for target in request.gallery_targets]
    return CaptureState(vm, image, disks, locks, locks_known, zones, galleries)


def _read_gallery(arm: Arm, target: GalleryTarget) -> GalleryState:
    gallery = arm.get(target.gallery)
    definition = arm.get(target.definition) if gallery else None
    if definition is None:
        return GalleryState(gallery, None)
    versions = arm.list(f"{target.definition}/versions", "galleries", f"the versions of {target.definition.label}")
    return GalleryState(gallery, definition, list(versions))


def _has_zones(arm: Arm, request: CaptureRequest, vm: dict[str, Any]) -> bool:
    path = f"/subscriptions/{request.source.subscription_id}/locations"
    for location in arm.list(path, "locations", "the regions of the subscription"):
        if str(location.get("name")).lower() == normalized_location(str(vm.get("location"))):
            return bool(location.get("availabilityZoneMappings"))
    return False
