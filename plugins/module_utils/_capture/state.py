# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what a capture's plan needs to know; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import storage
from ansible_collections.golden.azure.plugins.module_utils._capture.derived import with_derived
from ansible_collections.golden.azure.plugins.module_utils._capture.existing import backup_id
from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
    GalleryState,
    TargetState,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.target_state import read_target_state
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, NotFound, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_VERSION,
    ResourceId,
    group_of,
    parent,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import read_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._local import conversion
from ansible_collections.golden.azure.plugins.module_utils._local.image_file_reader import inspect
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget
from ansible_collections.golden.azure.plugins.module_utils._model.image_file import ImageFile, LocalFile
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import public_address_ids


def read_state(arm: ArmReader, request: CaptureRequest) -> CaptureState:
    """Read what the plan needs to know.

    :raises Failure: when something but the locks cannot be read.
    """
    image_file, obstacle = _read_file(request.source) if isinstance(request.source, LocalFile) else (None, None)
    group, group_exists = None, None
    if request.image and request.create_resource_group:
        group = arm.get(group_of(request.image))
        group_exists = group is not None
    source = _read_source(arm, request, group_exists)
    image = get_or_none(arm, request.image) if request.image and group_exists is not False else None
    disks = _read_all(arm, _disks_to_read(request, source or {}))
    locked = [resource for resource in request.resources if group_exists is not False or resource is not request.image]
    # Of what is made already, nobody is told any more what it was made of.
    concerned = request.of_machine and (bool(request.gallery_targets) or not machine.exists_or_in_progress(image))
    interfaces, addresses = [], []
    if source and request.delete_source_vm:
        interfaces = _read_all(arm, machine.interface_ids(source))
        address_ids = public_address_ids(interfaces)
        addresses = _read_all(arm, address_ids)
        # What goes with the machine may lie elsewhere.
        locked += [*machine.managed_disk_ids(source), *machine.interface_ids(source), *address_ids]
    locks, locks_known = read_locks(arm, locked)
    definition = None
    if source and isinstance(request.source, ResourceId) and request.source.resource_type == GALLERY_VERSION:
        definition = arm.get(parent(request.source))
    state = CaptureState(
        source=source,
        image=image,
        disks=disks,
        locks=locks,
        locks_known=locks_known,
        galleries=[_read_gallery(arm, target) for target in request.gallery_targets],
        source_definition=definition,
        named_disks=_read_named_disks(arm, request),
        file=image_file,
        file_obstacle=obstacle,
        interfaces=interfaces,
        addresses=addresses,
        backups=_read_backups(arm, source, disks) if source and request.snapshot_disks else {},
        group_exists=group_exists,
        base_state=_read_base_state(arm, request, source) if source and concerned else None,
    )
    state = with_derived(request, state)
    targets = read_target_state(arm, request, state, group)
    return replace(state, targets=targets, zones_available=_has_zones(request, state, targets))


def _has_zones(request: CaptureRequest, state: CaptureState, targets: TargetState) -> bool | None:
    """Whether the region that an image is to be made in has availability zones; None where nobody asked."""
    origin = state.described_source
    regions = targets.regions.get(request.resources[0].subscription_id.lower())
    wanted = request.zone_resilient and origin is not None and origin.location and regions is not None
    return regions.has_zones(origin.location) if wanted and origin and regions else None


def _disks_to_read(request: CaptureRequest, vm: dict[str, Any]) -> list[ResourceId]:
    """The managed disks of a machine, without those that have no part in the capture."""
    if not request.of_machine:
        return []
    if request.data_disks is None or request.snapshot_disks or request.delete_source_vm:
        return machine.managed_disk_ids(vm)
    wanted = {disk.lun for disk in request.data_disks if disk.source is None}
    return machine.managed_disk_ids(vm, wanted)


def _read_all(arm: ArmReader, resources: Iterable[ResourceId | None]) -> list[dict[str, Any]]:
    """Those of the resources that are there."""
    return [found for found in (arm.get(resource) for resource in resources if resource) if found]


def _read_backups(arm: ArmReader, vm: dict[str, Any], disks: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found = _read_all(arm, [backup_id(vm, disk) for disk in disks])
    return {str(snapshot.get("id")).lower(): snapshot for snapshot in found}


def _read_base_state(arm: ArmReader, request: CaptureRequest, vm: dict[str, Any]) -> str | None:
    reference = machine.storage(vm).get("imageReference") or {}
    version = reference.get("exactVersion") or reference.get("version")
    if not reference.get("publisher") or not version or version == "latest":
        return None
    path = (
        f"/subscriptions/{request.resources[0].subscription_id}/providers/Microsoft.Compute/locations/{vm.get('location')}"
        f"/publishers/{reference['publisher']}/artifacttypes/vmimage/offers/{reference.get('offer')}"
        f"/skus/{reference.get('sku')}/versions/{version}"
    )
    try:
        base = arm.read(path, "compute", "Reading the marketplace image that the machine was made of")
    except NotFound:
        return "Withdrawn"
    except SignInFailed:
        raise
    except Refused:
        # It is for a warning only; what may not be read is no reason to stop.
        return None
    return str((machine.properties(base).get("imageDeprecationStatus") or {}).get("imageState") or "Active")


def _read_source(arm: ArmReader, request: CaptureRequest, group_exists: bool | None) -> dict[str, Any] | None:
    if isinstance(request.source, Blob):
        # What a blob is cannot be read without rights on its data; Azure looks when the image is made.
        return None
    if isinstance(request.source, LocalFile):
        # It lies in the group of the image.
        return arm.get(request.upload_disk) if request.upload_disk and group_exists is not False else None
    return get_or_none(arm, request.source, **({"expand": "instanceView"} if request.of_machine else {}))


def _read_file(file: LocalFile) -> tuple[ImageFile, str | None]:
    """Look at the file, and whether it can be uploaded from here; an image that is there already needs no upload."""
    found = inspect(file.path)
    try:
        storage()
    except Failure as missing:
        return found, missing.message
    if found.is_direct:
        return found, None
    if not conversion.program():
        return found, conversion.missing(found)
    return (replace(found, disk_size=conversion.disk_size(found)) if found.disk_size is None else found), None


def _read_named_disks(arm: ArmReader, request: CaptureRequest) -> dict[str, dict[str, Any]]:
    found = {}
    for disk in request.data_disks or ():
        if isinstance(disk.source, ResourceId):
            read = arm.get(disk.source)
            if read is not None:
                found[str(disk.source).lower()] = read
    return found


def _read_gallery(arm: ArmReader, target: GalleryTarget) -> GalleryState:
    gallery = get_or_none(arm, target.gallery)
    definition = arm.get(target.definition) if gallery else None
    if definition is None:
        return GalleryState(gallery, None)
    versions = arm.list(f"{target.definition}/versions", "galleries", f"the versions of {target.definition.label}")
    return GalleryState(gallery, definition, list(versions))
