# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Wait for a long-running operation by its URL, or for its effect by polling the resource itself.

The URL is the better source as long as it is valid: it returns the reason of a failure. It is lost when the process that got it
has died, when the response with it was lost, and when it has expired; then the effect is polled.
"""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import refusal
from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.responses import Accepted
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect, Observer
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Refused

# Seconds. The operation of a virtual machine can be polled 15 times per minute on average
# (https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits).
_MAX_INTERVAL = 5.0
_MIN_INTERVAL = 1.0
_GROWTH = 1.25
_SUCCEEDED = ("succeeded", "completed")
_FAILED = ("failed", "canceled", "cancelled")


def intervals(asked_for: float | None = None) -> Callable[[], float]:
    """Polling intervals in seconds: short at first; never less than Azure's Retry-After.

    They grow slowly, so that completion is detected at most a quarter of the duration late.
    """
    current = _MIN_INTERVAL / _GROWTH

    def following() -> float:
        nonlocal current
        current = min(_MAX_INTERVAL, current * _GROWTH)
        return max(current, asked_for or 0)

    return following


def poll_operation(
    arm: ArmClient,
    accepted: Accepted,
    deadline: Deadline,
    operation_label: str,
    report: Callable[[dict[str, Any]], None] = lambda answer: None,
) -> dict[str, Any]:
    """Wait for an operation by its URL.

    :param operation_label: as in "Deallocating virtual machine 'web' in resource group 'images'".
    :param report: called with each response while the operation is in progress.
    :returns: its last response; that to the write if it was final.
    :raises Refused: if it fails or is canceled, with Azure's reason.
    :raises NotFound: if the operation is unknown to Azure; check the effect then.
    :raises DeadlineExceeded: if the task's time limit is exceeded.
    """
    if accepted.operation_url is None:
        return accepted.body or {}
    asked_for = accepted.retry_after
    interval = intervals(asked_for)
    state = "InProgress"
    while True:
        deadline.wait(
            interval(), f"{operation_label} (operation {accepted.operation_id}, state {state}) did not complete"
        )
        answer, asked_for = arm.poll(accepted.operation_url, operation_label)
        state = str(answer.get("status") or "InProgress")
        if operation_effect(answer, operation_label, accepted.operation_id) is Effect.DONE:
            return answer
        report(answer)


def operation_effect(answer: dict[str, Any], operation_label: str, operation_id: str | None) -> Effect:
    """The progress of an operation from its JSON.

    :returns: DONE or IN_PROGRESS.
    :raises Refused: if it failed or was canceled, with Azure's reason.
    """
    state = str(answer.get("status") or "InProgress")
    if state.lower() in _FAILED:
        raise refusal(operation_label, 0, answer.get("error") or {"code": state}, operation_id)
    return Effect.DONE if state.lower() in _SUCCEEDED else Effect.IN_PROGRESS


def wait_for_effect(
    observe: Observer, deadline: Deadline, operation_label: str, asked_for: float | None = None
) -> Effect:
    """Wait for an effect by polling the resource, as long as it is in progress.

    :returns: DONE, or ABSENT if no operation is in progress.
    :raises Refused: if the resource is in a failed state.
    :raises DeadlineExceeded: if the time limit is exceeded.
    """
    interval = intervals(asked_for)
    while True:
        effect, state = observe()
        if effect is Effect.FAILED:
            raise Refused(f"{operation_label} failed: the resource is in the state {state}.", code=state)
        if effect is not Effect.IN_PROGRESS:
            return effect
        deadline.wait(interval(), f"{operation_label} (state {state}) did not complete")
