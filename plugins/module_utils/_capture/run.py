# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_capture: options -> ids -> state -> plan -> steps -> facts."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._capture import contention
from ansible_collections.golden.azure.plugins.module_utils._capture.batch import capture_all
from ansible_collections.golden.azure.plugins.module_utils._capture.existing import backup_facts
from ansible_collections.golden.azure.plugins.module_utils._capture.overtaken import replan
from ansible_collections.golden.azure.plugins.module_utils._capture.parsing import parse_request
from ansible_collections.golden.azure.plugins.module_utils._capture.plan.capture import (
    before_preparation,
    plan_capture,
    refuse_request,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.state import read_state
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import IMAGE_TAGS, refuse_reserved
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_VERSION,
    ResourceId,
    parent,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import (
    Executor,
    StepResult,
    has_changes,
    result_fields,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import CREATE_SNAPSHOT
from ansible_collections.golden.azure.plugins.module_utils._model.facts import (
    as_option,
    gallery_version_facts,
    image_facts,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import provenance_facts
from ansible_collections.golden.azure.plugins.module_utils._upload import upload


def execute(invocation: Invocation) -> dict[str, Any]:
    """Perform the capture that the options specify, or several captures.

    :returns: the task's result, as the module documents it.
    :raises Failure: if it is blocked or refused, or exceeds its time limit.
    """
    _check_tags(invocation.options)
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        if invocation.options["captures"] is not None:
            return capture_all(
                arm,
                deadline,
                invocation.options,
                invocation.check_mode,
                invocation.progress,
                result_of=_result,
                refuse_blocked=_refuse_blocked,
            )
        return capture(arm, deadline, invocation.options, invocation.check_mode, invocation.progress)
    finally:
        arm.close()


def _check_tags(options: dict[str, Any]) -> None:
    """Refuse reserved tags, before anything is read.

    :raises InvalidInput: with these tags.
    """
    refuse_reserved("tags", options["tags"], IMAGE_TAGS)
    for number, item in enumerate(options["captures"] or [], start=1):
        refuse_reserved(f"captures[{number}].tags", item["tags"], IMAGE_TAGS)


def capture(
    arm: ArmClient, deadline: Deadline, options: dict[str, Any], check_mode: bool, progress: Progress
) -> dict[str, Any]:
    """Perform one capture, over a connection that can be shared.

    :param options: the options of one capture.
    :raises Failure: if it is blocked or refused, or exceeds its time limit.
    """
    request = parse_request(options, arm.subscription_id, datetime.now(timezone.utc))
    refuse_request(request)
    state = read_state(arm, request, check_mode)
    plan = checked(arm, plan_capture(request, state), check_mode)
    _refuse_blocked(request, state, plan)
    results: list[StepResult] = []
    if not check_mode:
        plan = before_preparation(request, plan)
        plan, state = _carry_out(Executor(arm, deadline, progress, upload), request, state, plan, results)
    return _result(arm, request, state, plan, results, check_mode)


def _carry_out(
    executor: Executor, request: CaptureRequest, state: CaptureState, plan: Plan, results: list[StepResult]
) -> tuple[Plan, CaptureState]:
    """Execute a plan; replan after a conflict with another run that captures the same source.

    :param results: executed steps are added to it.
    :returns: the plan with warnings about the other run, and the final state.
    :raises Failure: if a step fails for another reason.
    """
    new_plan, contested = plan, False
    for attempt in range(1, contention.ATTEMPTS + 1):
        try:
            executor.run(new_plan, results)
            break
        except Failure as failure:
            if attempt == contention.ATTEMPTS:
                raise
            new_plan, state = replan(executor.arm, request, failure)
            contested = True
    return contention.with_findings(plan, request, state) if contested else plan, state


def _refuse_blocked(request: CaptureRequest, state: CaptureState, plan: Plan) -> None:
    """Stop a blocked capture.

    :raises Blocked: with the source, since a playbook that resolves the blockers in the guest must know its vmId.
    """
    plan.raise_if_blocked(source=_source_facts(request, state), steps=[])


def _result(
    arm: ArmReader,
    request: CaptureRequest,
    state: CaptureState,
    plan: Plan,
    results: list[StepResult],
    check_mode: bool,
) -> dict[str, Any]:
    # Nothing was written: the state is still valid.
    image = arm.get(request.image) if request.image and results else state.image
    if request.image and image is None and request.guest_prepared and not check_mode:
        raise Failure(f"The {request.image.label} was reported as created but cannot be found; run the task again.")
    versions = [] if check_mode or not request.guest_prepared else _versions(arm, request, state, results)
    recorded = [resource for resource in (image, *(version for version, _definition in versions)) if resource]
    now = datetime.now(timezone.utc)
    return {
        "changed": plan.changed if check_mode else has_changes(results),
        "image": image_facts(image) if image else None,
        "gallery_versions": [gallery_version_facts(version, definition, now) for version, definition in versions],
        "source": _source_facts(request, state),
        "backups": _backups(arm, request, state, results),
        "provenance": provenance_facts(recorded[0]) if recorded else None,
        **result_fields(arm, plan, results),
    }


def _backups(
    arm: ArmReader, request: CaptureRequest, state: CaptureState, results: list[StepResult]
) -> list[dict[str, Any]]:
    """The existing backups, and those just created."""
    if not request.snapshot_disks:
        return []
    made = {
        str(result.step.resource).lower(): result.step.resource
        for result in results
        if result.step.action is CREATE_SNAPSHOT
    }
    found = {**state.backups, **{key: arm.get(resource) for key, resource in made.items()}}
    return [backup_facts(snapshot) for snapshot in found.values() if snapshot]


def _source_facts(request: CaptureRequest, state: CaptureState) -> dict[str, Any]:
    source = state.source
    vm = state.resource if request.of_machine else None
    return {
        "id": str(request.source),
        "copy_of": str(request.copied_from) if request.copied_from else None,
        # A copy that is only planned has none.
        "vm_id": machine.identity(vm) or None if vm else None,
        "unique_id": source.identity if source and not vm else None,
        "power_state": machine.power_state(vm) if vm else None,
        "generalized": machine.is_generalized(vm) if vm else None,
        "os_type": as_option(source.os_type) if source else None,
    }


def _versions(
    arm: ArmReader, request: CaptureRequest, state: CaptureState, results: list[StepResult]
) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
    """The versions of the targets, each with its definition: those just created, and existing ones."""
    made: dict[str, ResourceId] = {}
    for result in results:
        if result.step.resource.resource_type == GALLERY_VERSION:
            made[str(parent(result.step.resource)).lower()] = result.step.resource
    found = []
    for target, existing in zip(request.gallery_targets, state.galleries):
        version_id = made.get(str(target.definition).lower())
        version = arm.get(version_id) if version_id else existing.version
        if version is None:
            raise Failure(
                f"The version of {target.definition.label} was reported as created but cannot be found; run the task again."
            )
        found.append((version, existing.definition or arm.get(target.definition)))
    return found
