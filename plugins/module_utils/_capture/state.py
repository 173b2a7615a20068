# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the current state for the plan of a capture; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._capture.derived import with_derived
from ansible_collections.golden.azure.plugins.module_utils._capture.existing import (
    all_targets_exist,
    backup_id,
    has_definition,
    restore_points_id,
    temporary_disk_id,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
    GalleryState,
    TargetState,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.sources.kinds import kind_of
from ansible_collections.golden.azure.plugins.module_utils._capture.target_state import read_target_state
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    ResourceId,
    group_of,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import read_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.restore_point_reader import read_restore_points
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._local.awx_jobs import run_has_ended
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.claim import Claim, read_claim
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import described_copy
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import public_address_ids

#: From this number of disks on, their consistency with each other matters.
_SEVERAL = 2


def read_state(arm: ArmReader, request: CaptureRequest, check_mode: bool = False) -> CaptureState:
    """Read the current state.

    :param check_mode: plan for a copy that does not exist yet.
    :raises Failure: if anything other than the locks cannot be read.
    """
    groups = {str(group).lower(): arm.get(group) for group in request.groups_to_create}
    reading = kind_of(request.source).read(arm, request)
    source = reading.resource
    original = get_or_none(arm, request.copied_from, expand="instanceView") if request.copied_from else None
    planned_copy = described_copy(original, request.resource) if original and source is None and check_mode else None
    source = source or planned_copy
    missing = {group for group, found in groups.items() if found is None}
    image = get_or_none(arm, request.image) if request.image and _exists(request.image, missing) else None
    galleries = [_read_gallery(arm, target, missing) for target in request.gallery_targets]
    disks = _read_all(arm, _disks_to_read(request, source or {}))
    locked = [resource for resource in request.resources if _exists(resource, missing)]
    # The base image is not needed for existing targets.
    concerned = request.of_machine and (bool(request.gallery_targets) or not machine.exists_or_in_progress(image))
    interfaces, addresses = [], []
    if source and request.of_machine and (request.delete_source_vm or _makes_definition(request, galleries)):
        interfaces = _read_all(arm, machine.interface_ids(source))
    if source and request.delete_source_vm:
        address_ids = public_address_ids(interfaces)
        addresses = _read_all(arm, address_ids)
        # Resources deleted with the virtual machine may be in other groups.
        locked += [*machine.managed_disk_ids(source), *machine.interface_ids(source), *address_ids]
    if source and request.snapshot_disks:
        # Snapshots are created, and temporary disks are deleted, in the groups of the disks.
        locked += machine.managed_disk_ids(source)
    locks, locks_known = read_locks(arm, locked)
    state = CaptureState(
        resource=source,
        original=original,
        image=image,
        disks=disks,
        locks=locks,
        locks_known=locks_known,
        galleries=galleries,
        source_definition=reading.definition,
        named_disks=_read_named_disks(arm, request),
        file=reading.file,
        file_obstacle=reading.file_obstacle,
        interfaces=interfaces,
        addresses=addresses,
        groups=groups,
        base_state=_read_base_state(arm, request, source) if source and concerned else None,
        claim=_claim_of_another(request, source) if request.of_machine else None,
    )
    if source and request.snapshot_disks:
        state = _with_backups(arm, request, state, source)
    state = with_derived(request, state)
    if planned_copy and all_targets_exist(request, state):
        # They were captured from an earlier copy, and another one is not needed.
        state = with_derived(request, replace(state, resource=None))
    targets = read_target_state(arm, request, state)
    return replace(state, targets=targets, zones_available=_has_zones(request, state, targets))


def _claim_of_another(request: CaptureRequest, vm: dict[str, Any] | None) -> Claim | None:
    """The claim of a run that still prepares the guest; it is not relevant after the virtual machine is marked as generalized."""
    claim = read_claim(vm)
    if claim is None or vm is None or machine.is_generalized(vm) or claim.is_of(request.run):
        return None
    return None if claim.is_over(datetime.now(timezone.utc), run_has_ended) else claim


def _exists(resource: ResourceId, missing: set[str]) -> bool:
    """Whether a resource can exist, since its group does."""
    return str(group_of(resource)).lower() not in missing


def _makes_definition(request: CaptureRequest, galleries: list[GalleryState]) -> bool:
    return any(
        target.new_definition is not None and not has_definition(existing)
        for target, existing in zip(request.gallery_targets, galleries)
    )


def _has_zones(request: CaptureRequest, state: CaptureState, targets: TargetState) -> bool | None:
    """Whether the region of a new image has availability zones; None if not needed."""
    source = state.source
    regions = targets.regions.get(request.resources[0].subscription_id.lower())
    wanted = request.zone_resilient and source is not None and source.location and regions is not None
    return regions.has_zones(source.location) if wanted and source and regions else None


def _disks_to_read(request: CaptureRequest, vm: dict[str, Any]) -> list[ResourceId]:
    """The managed disks of a virtual machine that the capture depends on."""
    if not request.of_machine:
        return []
    if request.data_disks is None or request.snapshot_disks or request.delete_source_vm:
        return machine.managed_disk_ids(vm)
    wanted = {disk.lun for disk in request.data_disks if disk.source is None}
    return machine.managed_disk_ids(vm, wanted)


def _read_all(arm: ArmReader, resources: Iterable[ResourceId | None]) -> list[dict[str, Any]]:
    """The existing ones of these resources."""
    return [found for found in (arm.get(resource) for resource in resources if resource) if found]


def _with_backups(arm: ArmReader, request: CaptureRequest, state: CaptureState, vm: dict[str, Any]) -> CaptureState:
    """The state with the existing backups, and with what an interrupted run has left of creating them."""
    backups = _read_all(arm, [backup_id(vm, disk) for disk in state.disks])
    state = replace(state, backups={str(snapshot.get("id")).lower(): snapshot for snapshot in backups})
    if len(state.disks) < _SEVERAL:
        return state
    found, unavailable = read_restore_points(arm, restore_points_id(request.resource, vm))
    parts = _read_all(arm, [temporary_disk_id(vm, disk) for disk in state.disks])
    return replace(
        state,
        backup_parts={str(part.get("id")).lower(): part for part in (*parts, *([found] if found else []))},
        restore_points=found,
        restore_points_unavailable=unavailable,
    )


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
        base = arm.read(path, "compute", "Reading the marketplace image from which the virtual machine was created")
    except NotFound:
        return "Withdrawn"
    except SignInFailed:
        raise
    except Refused:
        # It is for a warning only; a denied read does not fail the task.
        return None
    return str((machine.properties(base).get("imageDeprecationStatus") or {}).get("imageState") or "Active")


def _read_named_disks(arm: ArmReader, request: CaptureRequest) -> dict[str, dict[str, Any]]:
    found = {}
    for disk in request.data_disks or ():
        if isinstance(disk.source, ResourceId):
            read = arm.get(disk.source)
            if read is not None:
                found[str(disk.source).lower()] = read
    return found


def _read_gallery(arm: ArmReader, target: GalleryTarget, missing: set[str]) -> GalleryState:
    gallery = get_or_none(arm, target.gallery) if _exists(target.gallery, missing) else None
    definition = arm.get(target.definition) if gallery else None
    if definition is None:
        return GalleryState(gallery, None)
    versions = arm.list(f"{target.definition}/versions", "galleries", f"the versions of {target.definition.label}")
    return GalleryState(gallery, definition, [_with_replication(arm, version) for version in versions])


def _with_replication(arm: ArmReader, version: dict[str, Any]) -> dict[str, Any]:
    """A version, with the replication to its regions if it is in the state Failed: it can be in use nevertheless."""
    if machine.provisioning_state(version) != "Failed":
        return version
    version_id = parse(str(version.get("id")))
    return (arm.get(version_id, expand="ReplicationStatus") if version_id else None) or version
