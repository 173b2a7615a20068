# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan a capture from the request and the current state; pure."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.golden.azure.plugins.module_utils._capture import contention
from ansible_collections.golden.azure.plugins.module_utils._capture.existing import all_targets_exist
from ansible_collections.golden.azure.plugins.module_utils._capture.plan import backup as backup_plan
from ansible_collections.golden.azure.plugins.module_utils._capture.plan import (
    cascade_delete,
    other_sources,
    source_vm,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.plan import claims as claim_plan
from ansible_collections.golden.azure.plugins.module_utils._capture.plan import gallery as gallery_plan
from ansible_collections.golden.azure.plugins.module_utils._capture.plan import image as image_plan
from ansible_collections.golden.azure.plugins.module_utils._capture.plan import targets as target_checks
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import container_tags
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model import actions, possible_targets
from ansible_collections.golden.azure.plugins.module_utils._model.locks import (
    lock_blockers,
    resource_lock_blockers,
    unread_locks_warning,
)
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source
from ansible_collections.golden.azure.plugins.module_utils._upload import plan as upload_plan
from ansible_collections.golden.azure.plugins.module_utils._upload.request import UploadRequest


def plan_capture(request: CaptureRequest, state: CaptureState) -> Plan:
    """Create the plan.

    :returns: a plan whose steps, executed in order, create or update all targets.
    """
    if request.release_claim:
        return claim_plan.plan_release(request, state)
    source = state.source
    if request.first_target is None:
        return Plan(_title(request), list(possible_targets.no_target_blockers(request.source, source)))
    # Whether the source is not needed any more: all targets exist or are being created.
    made = all_targets_exist(request, state)
    blockers = list(_blockers(request, state, source, made))
    warnings = list(_warnings(request, state, source, made))
    steps = [] if blockers else list(_steps(request, state, source, made))
    steps = contention.without_changes(steps, request, state, lost=False)
    blockers += _step_blockers(state, steps)
    return Plan(_title(request), blockers, warnings, [] if blockers else steps)


def refuse_request(request: CaptureRequest) -> None:
    """Fail before anything is read if Azure would refuse the options.

    :raises Blocked: with all invalid options.
    """
    Plan(_title(request), blockers=list(_request_blockers(request))).raise_if_blocked(steps=[])


def _title(request: CaptureRequest) -> str:
    targets = [request.image.label] if request.image else []
    targets += [f"{target.definition.label}, version {target.version}" for target in request.gallery_targets]
    title = f"Capture of {request.source.label}"
    return f"{title} into {' and '.join(targets)}" if targets else title


def _request_blockers(request: CaptureRequest) -> Iterator[Finding]:
    yield from target_checks.request_blockers(request)


def _step_blockers(state: CaptureState, steps: list[Step]) -> list[Finding]:
    """Blockers that depend on the steps only."""
    return [*target_checks.step_blockers(state, steps), *lock_blockers(state.locks, steps)]


def before_preparation(request: CaptureRequest, plan: Plan) -> Plan:
    """The part of a plan before the preparation of the guest; if it is empty, the executor fails with advice."""
    early = plan.before(actions.PREPARE)
    return early if early.steps or request.snapshot_disks else plan


def _group_step(request: CaptureRequest, group: ResourceId, source: Source | None) -> Step:
    location = source.location if source else ""
    return Step(
        actions.CREATE_GROUP,
        group,
        f"create the {group.label} in {location}",
        method="PUT",
        path=str(group),
        body={"location": location, **container_tags(request.tags)},
    )


def _blockers(request: CaptureRequest, state: CaptureState, source: Source | None, made: bool) -> Iterator[Finding]:
    yield from _request_blockers(request)
    yield from target_checks.target_blockers(request, state, source)
    if request.image:
        yield from image_plan.image_blockers(request, state, source, request.image)
    for target, existing in zip(request.gallery_targets, state.galleries):
        yield from gallery_plan.gallery_blockers(request, source, target, existing)
    if source is None:
        if not made:
            yield Finding(
                "source_not_found",
                f"The {request.source.label} does not exist, and no image of it exists; check its name and "
                "'resource_group'.",
            )
        return
    yield from _lock_blockers(request, state, source, writes=not made)
    if made:
        return
    if request.of_machine and state.resource is not None:
        if request.snapshot_disks and not claim_plan.is_claimed_by_another(request, state):
            yield from backup_plan.backup_blockers(request, state, state.resource)
        yield from source_vm.copy_blockers(request, state, state.resource)
        yield from source_vm.source_blockers(request, state.resource, state.disks, source)
        yield from source_vm.power_blockers(request, state.resource, claim_plan.is_claimed_by_another(request, state))
    else:
        yield from other_sources.disk_source_blockers(request, state, source)
    yield from other_sources.setting_blockers(request, source)
    upload = _upload(request, state, source)
    if upload is not None:
        yield from upload_plan.upload_blockers(upload)
    yield from other_sources.named_disk_blockers(request, state, source)


def _lock_blockers(
    request: CaptureRequest, state: CaptureState, source: Source | None, writes: bool
) -> Iterator[Finding]:
    # Virtual machines are the only sources that are changed.
    written = list(request.resources if request.of_machine else request.targets)
    deleted = [request.source] if request.delete_source_vm and isinstance(request.source, ResourceId) else []
    if request.delete_source_vm and state.resource is not None and source is not None:
        along = cascade_delete.deleted_with_machine(state, source, state.resource)
        written += along
        deleted += along
    if request.upload_disk and (writes or state.resource):
        written.append(request.upload_disk)
        deleted.append(request.upload_disk)
    yield from resource_lock_blockers(state.locks, written, deleted, writes)


def _warnings(request: CaptureRequest, state: CaptureState, source: Source | None, made: bool) -> Iterator[Finding]:
    if not state.locks_known:
        yield unread_locks_warning("source and targets")
    yield from target_checks.target_warnings(request, state, source)
    yield from contention.in_progress_findings(request, state)
    if request.image:
        yield from image_plan.image_warnings(request, request.image)
    if not request.of_machine or state.resource is None:
        return
    if not made:
        yield from claim_plan.claim_warnings(request, state)
        yield from source_vm.source_warnings(request, state.resource)
        yield from source_vm.content_warnings(request, state, state.resource)
        if request.snapshot_disks:
            yield from backup_plan.backup_warnings(request, state, state.resource)
    if request.delete_source_vm and source is not None and isinstance(request.source, ResourceId):
        yield from cascade_delete.kept_warnings(state, source, request.source, state.resource)


def _early_steps(request: CaptureRequest, state: CaptureState, source: Source | None, made: bool) -> Iterator[Step]:
    """Steps before the guest and its virtual machine are changed: backups, and writes that may be refused."""
    vm = state.resource if request.of_machine else None
    if vm is not None and not made and source_vm.is_to_be_prepared(request, vm):
        yield from claim_plan.claim_steps(request, vm)
    if not made:
        for group in request.groups_to_create:
            if state.groups.get(str(group).lower()) is None:
                yield _group_step(request, group, source)
    if vm is not None and request.snapshot_disks:
        yield from backup_plan.closing_steps(state, vm)
        yield from backup_plan.backup_steps(request, state, vm, made)
    yield from gallery_plan.creation_steps(request, source, state.galleries)
    for target, existing in zip(request.gallery_targets, state.galleries):
        yield from gallery_plan.definition_steps(request, source, target, existing)


def _steps(request: CaptureRequest, state: CaptureState, source: Source | None, made: bool) -> Iterator[Step]:
    vm = state.resource if request.of_machine else None
    if not made and claim_plan.is_claimed_by_another(request, state):
        yield from claim_plan.waiting_steps(request, state)
        return
    yield from _early_steps(request, state, source, made)
    if vm is not None and source is not None and isinstance(request.source, ResourceId):
        marking = cascade_delete.marking_steps(state, source, request.source, vm) if request.delete_source_vm else ()
        yield from source_vm.source_steps(request, request.source, vm, marking) if not made else marking
    upload = _upload(request, state, source)
    if upload is not None and source is not None and not made:
        yield from upload_plan.upload_steps(upload)
    if request.image:
        yield from image_plan.image_steps(request, state, source, request.image)
    for target, existing in zip(request.gallery_targets, state.galleries):
        yield from gallery_plan.gallery_steps(request, source, target, existing)
    if request.delete_source_vm and vm is not None and isinstance(request.source, ResourceId):
        yield actions.deletion_step(request.source)
    if upload is not None:
        yield from upload_plan.removal_steps(upload, made)


def _upload(request: CaptureRequest, state: CaptureState, source: Source | None) -> UploadRequest | None:
    """The upload for the capture of a file; None for other sources."""
    target = request.first_target
    if state.file is None or request.upload_disk is None or target is None:
        return None
    return UploadRequest(
        image=state.file,
        disk_id=request.upload_disk,
        target=target,
        source=source,
        directory=request.work_directory,
        architecture=request.architecture,
        tags=request.tags or {},
        run=request.run,
        disk=state.resource,
        obstacle=state.file_obstacle,
    )
