# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Look again, and plan again, where another run has got in the way of a capture."""

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
    """See what is left to do of a capture that has failed.

    :returns: the plan that goes on from there, as far as a task can, and the state it was made from.
    :raises Failure: the one given, where no other run is the reason, or nothing can be done.
    """
    if not may_be_contested(failure):
        raise failure
    try:
        state = read_state(arm, request)
    except Failure:
        # What it failed with is what matters.
        raise failure from None
    plan = plan_capture(request, state)
    if plan.blockers or not is_contested(failure, request, state):
        raise failure
    plan = plan.before(PREPARE)
    return replace(plan, steps=without_changes(plan.steps, request, state, lost=True)), state
