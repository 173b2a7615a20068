# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Handle concurrent captures of the same source by another run; pure.

The claim of a capture is the write that creates its target: Azure accepts one of two, and its tags name the owner. The steps
before (deallocating, marking as generalized) are the same for both. A separate claim would be a fourth write per virtual machine, of
which Azure allows ten per second: 1,000 captures would take a third longer. A killed run does not need to release anything, either.
Only a guest that is not prepared yet is claimed before (plan/claims), since its preparation is irreversible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.plan.claims import claim_warnings
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import CREATED_AT, tag_value
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.claim import CLAIM_OVER
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import HOLDER_TAG, RUN_TAG

Json = dict[str, Any]

#: How often a run replans after a conflict with another run.
ATTEMPTS = 5
_PREEMPTED = "OperationPreempted"
#: Codes that end an attempt to claim a virtual machine, or the wait for the run that claimed it: the virtual machine has changed
#: since it was read (https://github.com/kubernetes-sigs/cloud-provider-azure/issues/9728), or the claim is no longer valid.
_CLAIM_CODES = ("PreconditionFailed", CLAIM_OVER)
#: Azure's codes for a preceding concurrent request, or a resource deleted in the meantime.
_CODES = (_PREEMPTED, "Conflict", "NotFound", "ResourceNotFound", *_CLAIM_CODES)
_IN_PROGRESS = ("Creating", "Updating")
#: Steps that change existing resources.
_CHANGES = (actions.UPDATE_TAGS, actions.MERGE_TAGS, actions.PUBLISH_VERSION)
#: Warnings about a stopped virtual machine that a detected concurrent run explains.
_EXPLAINED = ("preparation_not_visible", "deallocation_under_way")


def may_be_contested(failure: Failure) -> bool:
    """Whether a conflict with another run can cause a failure."""
    return failure.code in _CODES


def is_contested(failure: Failure, request: CaptureRequest, state: CaptureState) -> bool:
    """Whether a capture failed because another run captures the same source, according to the new state."""
    if failure.code in _CLAIM_CODES or (may_be_contested(failure) and state.claim is not None):
        return True
    if failure.code == _PREEMPTED and state.resource is not None:
        return machine.power_state(state.resource) in ("deallocating", "deallocated")
    return may_be_contested(failure) and any(_created_by_others(request, state))


def in_progress_findings(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    """A warning for each target that another run is creating."""
    for target, found in _created_by_others(request, state):
        if machine.provisioning_state(found) in _IN_PROGRESS:
            yield _finding(target, found, "is being created")


def without_changes(steps: Iterable[Step], request: CaptureRequest, state: CaptureState, lost: bool) -> list[Step]:
    """The steps without changes of resources that another run creates: the first run determines tags and settings.

    :param lost: whether this run lost the conflict; otherwise only resources still being created belong to the other run.
    """
    kept = [
        str(target).lower()
        for target, found in _created_by_others(request, state)
        if lost or machine.provisioning_state(found) in _IN_PROGRESS
    ]
    return [step for step in steps if step.action not in _CHANGES or str(step.resource).lower() not in kept]


def with_findings(plan: Plan, request: CaptureRequest, state: CaptureState) -> Plan:
    """A plan that conflicted with another run, with a warning for each target of that run.

    :param state: the state at the time of the conflict.
    """
    warnings = [warning for warning in plan.warnings if warning.code not in _EXPLAINED]
    lost = [
        _finding(target, found, "was created at the same time") for target, found in _created_by_others(request, state)
    ]
    return replace(plan, warnings=[*warnings, *lost, *claim_warnings(request, state)])


def _created_by_others(request: CaptureRequest, state: CaptureState) -> Iterator[tuple[ResourceId, Json]]:
    """The existing targets of the same source that another run created."""
    found: list[tuple[ResourceId, Json | None]] = []
    if request.image and machine.exists_or_in_progress(state.image):
        found.append((request.image, state.image))
    for existing in state.galleries:
        if machine.exists_or_in_progress(existing.version):
            found.append((existing.version_id, existing.version))
    for resource, body in found:
        if body is not None and _owner(body) != (request.run.run_id, request.run.holder):
            yield resource, body


def _owner(body: Json) -> tuple[str, str]:
    tags = body.get("tags")
    return tag_value(tags, RUN_TAG) or "", tag_value(tags, HOLDER_TAG) or ""


def _finding(target: ResourceId, found: Json, how: str) -> Finding:
    run, holder = (each or "unknown" for each in _owner(found))
    since = tag_value(found.get("tags"), CREATED_AT) or "unknown"
    return Finding(
        "captured_by_another_run",
        f"The {target.label} {how} by run '{run}' on '{holder}', which started to capture the same source at {since}; "
        "this run waits until it is created, and does not change its tags and settings.",
        {"target": str(target), "run": run, "holder": holder},
    )
