# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the state and plan again after a conflict with another run."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._capture.contention import (
    is_contested,
    may_be_contested,
    without_changes,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.plan.capture import plan_capture
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.state import read_state
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._model.actions import PREPARE


def replan(arm: ArmReader, request: CaptureRequest, failure: Failure) -> tuple[Plan, CaptureState]:
    """Replan a failed capture.

    :returns: the plan that continues, as far as possible in a task, and its state.
    :raises Failure: the one given, if it was not a conflict, or the new plan is blocked.
    """
    if not may_be_contested(failure):
        raise failure
    try:
        state = read_state(arm, request)
    except Failure:
        # The first failure is reported.
        raise failure from None
    plan = plan_capture(request, state)
    if plan.blockers or not is_contested(failure, request, state):
        raise failure
    plan = plan.before(PREPARE)
    return replace(plan, steps=without_changes(plan.steps, request, state, lost=True)), state
