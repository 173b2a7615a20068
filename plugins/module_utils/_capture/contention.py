# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What it means for a capture that another run captures the same source at the same time; pure.

The claim of a capture is the write that makes its target: Azure lets one of two have it, and its tags say whose it is. What comes
before (deallocating, marking as generalized) is the same for both. A claim of its own would be a fourth write for each machine, of
which Azure takes ten a second: 1,000 captures would take a third longer. Nothing has to be given back, either, by a run that was killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import CREATED_AT, tag_value
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import HOLDER_TAG, RUN_TAG

Json = dict[str, Any]

#: How often a run that another one has got in the way of looks again and goes on from there.
ATTEMPTS = 5
_PREEMPTED = "OperationPreempted"
#: How Azure says that another request was there first, or that what was to be changed is gone by now.
_CODES = (_PREEMPTED, "Conflict", "NotFound", "ResourceNotFound")
_UNDER_WAY = ("Creating", "Updating")


def may_be_contested(failure: Failure) -> bool:
    """Whether a failure can mean that another run was there first: then it is worth a look."""
    return failure.code in _CODES


def is_contested(failure: Failure, request: CaptureRequest, state: CaptureState) -> bool:
    """Whether a capture failed because another run captures the same source, as a new look shows."""
    if failure.code == _PREEMPTED and state.resource is not None:
        return machine.power_state(state.resource) in ("deallocating", "deallocated")
    return may_be_contested(failure) and any(_foreign(request, state))


def under_way_findings(request: CaptureRequest, state: CaptureState) -> Iterator[Finding]:
    """A warning for each target that another run is making."""
    for target, found in _foreign(request, state):
        if machine.provisioning_state(found) in _UNDER_WAY:
            yield _finding(target, found, "is being made")


def with_findings(plan: Plan, request: CaptureRequest, state: CaptureState) -> Plan:
    """A plan that another run got in the way of, with a warning for each target that is the other's.

    :param state: as it was when that showed.
    """
    lost = [_finding(target, found, "was made at the same time") for target, found in _foreign(request, state)]
    return replace(plan, warnings=[*plan.warnings, *lost])


def _foreign(request: CaptureRequest, state: CaptureState) -> Iterator[tuple[ResourceId, Json]]:
    """The targets that are there of the same source, and made by another run."""
    found: list[tuple[ResourceId, Json | None]] = []
    if request.image and machine.exists_or_in_progress(state.image):
        found.append((request.image, state.image))
    for existing in state.galleries:
        if machine.exists_or_in_progress(existing.version):
            found.append((existing.version_id, existing.version))
    for resource, body in found:
        if body is not None and _whose(body) != (request.run.run_id, request.run.holder):
            yield resource, body


def _whose(body: Json) -> tuple[str, str]:
    tags = body.get("tags")
    return tag_value(tags, RUN_TAG) or "", tag_value(tags, HOLDER_TAG) or ""


def _finding(target: ResourceId, found: Json, how: str) -> Finding:
    run, holder = (each or "unknown" for each in _whose(found))
    since = tag_value(found.get("tags"), CREATED_AT) or "an unknown time"
    return Finding(
        "captured_by_another_run",
        f"The {target.label} {how} by run '{run}' on '{holder}', which began at {since} to capture the same source; this run makes it no "
        "second time, and waits until it is there.",
        {"target": str(target), "run": run, "holder": holder},
    )
