# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide how to capture a virtual machine: what is there and what is wanted in, a plan out; pure."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.golden.azure.plugins.module_utils import gallery_plan, image_plan, source_plan
from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.capture_request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils.locks import forbids, level_of, scope_of
from ansible_collections.golden.azure.plugins.module_utils.plan import Finding, Plan, Step


def plan_capture(request: CaptureRequest, state: CaptureState) -> Plan:
    """Decide.

    :returns: a plan whose steps, done in their order, end with all targets there and matching.
    """
    targets = [request.image.label] if request.image else []
    targets += [f"{target.definition.label}, version {target.version}" for target in request.gallery_targets]
    title = f"Capture of {request.source.label} into {' and '.join(targets)}"
    blockers = list(_blockers(request, state))
    warnings = list(_warnings(request, state))
    return Plan(title, blockers, warnings, [] if blockers else list(_steps(request, state)))


def _everything_is_made(request: CaptureRequest, state: CaptureState) -> bool:
    """Whether the source has nothing more to give: all targets are there or being made."""
    source = machine.identity(state.vm) if state.vm else None
    versions = (
        gallery_plan.find_version(target, there, source)[1]
        for target, there in zip(request.gallery_targets, state.galleries)
    )
    return (not request.image or image_plan.is_made(state.image)) and all(map(gallery_plan.is_made, versions))


def _blockers(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    made = _everything_is_made(request, state)
    if request.image:
        yield from image_plan.image_blockers(request, state, request.image)
    for target, there in zip(request.gallery_targets, state.galleries):
        yield from gallery_plan.gallery_blockers(request, state, target, there)
    if state.vm is None:
        if not made:
            yield Finding(
                "source_not_found",
                f"There is no {request.source.label}, and no image of it either; check 'source_vm' and 'resource_group'.",
            )
        return
    yield from _lock_blockers(request, state, writes=not made)
    if not made:
        yield from source_plan.source_blockers(request, state.vm, state.disks)
        yield from source_plan.power_blockers(request, state.vm)


def _lock_blockers(request: CaptureRequest, state: CaptureState, writes: bool) -> Iterator[Finding]:
    for lock in state.locks:
        for resource in (request.source, *request.targets):
            deletes = request.delete_source_vm and resource is request.source
            if forbids(lock, resource, writes=writes, deletes=deletes):
                level = level_of(lock)
                yield Finding(
                    "locked",
                    f"The lock '{lock.get('name')}' ({level}) on '{scope_of(lock)}' does not let the {resource.label} be "
                    f"{'deleted' if level.lower() == 'cannotdelete' else 'changed'}; remove the lock.",
                )


def _warnings(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    if not state.locks_known:
        yield Finding(
            "locks_unknown", "The locks on source and targets could not be read (no right to); one may stop the run."
        )
    if request.image:
        yield from image_plan.image_warnings(request, request.image)
    if state.vm is None:
        return
    if not _everything_is_made(request, state):
        yield from source_plan.source_warnings(request, state.vm)
    kept = machine.kept_on_deletion(state.vm) if request.delete_source_vm else []
    if kept:
        yield Finding(
            "kept_on_deletion",
            f"Deleting the {request.source.label} leaves what its delete options keep: {', '.join(kept)}.",
        )


def _steps(request: CaptureRequest, state: CaptureState) -> Iterator[Step]:
    if state.vm is not None and not _everything_is_made(request, state):
        yield from source_plan.source_steps(request, state.vm)
    if request.image:
        yield from image_plan.image_steps(request, state, request.image)
    for target, there in zip(request.gallery_targets, state.galleries):
        yield from gallery_plan.gallery_steps(request, state, target, there)
    if request.delete_source_vm and state.vm is not None:
        yield source_plan.deletion_step(request)
