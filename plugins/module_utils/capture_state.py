# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what a capture's plan needs to know; nothing is written."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils.capture_request import (
    CaptureRequest,
    CaptureState,
    GalleryState,
    GalleryTarget,
)
from ansible_collections.golden.azure.plugins.module_utils.locks import read_locks
from ansible_collections.golden.azure.plugins.module_utils.resource_id import (
    GALLERY_VERSION,
    ResourceId,
    normalized_location,
    parent,
)


def read_state(arm: Arm, request: CaptureRequest) -> CaptureState:
    """Read what the plan needs to know.

    :raises Failure: when something but the locks cannot be read.
    """
    source = _read_source(arm, request)
    image = arm.get(request.image) if request.image else None
    disk_ids = machine.managed_disk_ids(source or {}) if request.of_machine else []
    disks = [disk for disk in map(arm.get, disk_ids) if disk]
    locks, locks_known = read_locks(arm, request.resources)
    location = (source or {}).get("location") or request.location
    zones = _has_zones(arm, request, str(location)) if location and request.zone_resilient else None
    definition = None
    if source and request.source.resource_type == GALLERY_VERSION:
        definition = arm.get(parent(request.source))
    return CaptureState(
        source=source,
        image=image,
        disks=disks,
        locks=locks,
        locks_known=locks_known,
        zones_available=zones,
        galleries=[_read_gallery(arm, target) for target in request.gallery_targets],
        source_definition=definition,
        named_disks=_read_named_disks(arm, request),
    )


def _read_source(arm: Arm, request: CaptureRequest) -> dict[str, Any] | None:
    if isinstance(request.source, Blob):
        # What a blob is cannot be read without rights on its data; Azure looks when the image is made.
        return None
    return arm.get(request.source, **({"expand": "instanceView"} if request.of_machine else {}))


def _read_named_disks(arm: Arm, request: CaptureRequest) -> dict[str, dict[str, Any]]:
    found = {}
    for disk in request.data_disks or ():
        if isinstance(disk.source, ResourceId):
            read = arm.get(disk.source)
            if read is not None:
                found[str(disk.source).lower()] = read
    return found


def _read_gallery(arm: Arm, target: GalleryTarget) -> GalleryState:
    gallery = arm.get(target.gallery)
    definition = arm.get(target.definition) if gallery else None
    if definition is None:
        return GalleryState(gallery, None)
    versions = arm.list(f"{target.definition}/versions", "galleries", f"the versions of {target.definition.label}")
    return GalleryState(gallery, definition, list(versions))


def _has_zones(arm: Arm, request: CaptureRequest, region: str) -> bool:
    path = f"/subscriptions/{request.resources[0].subscription_id}/locations"
    for location in arm.list(path, "locations", "the regions of the subscription"):
        if str(location.get("name")).lower() == normalized_location(region):
            return bool(location.get("availabilityZoneMappings"))
    return False
