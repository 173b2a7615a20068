# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which failures an image is to blame for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.filter.verification_outcome import verification_outcome

RUN_COMMAND = "golden.azure.vm_run_command"


def instance(
    *done: str, code: str | None = None, planned: tuple[str, ...] = ("create_machine", "wait_for_agent")
) -> Any:
    """The result of a machine that was not made, or did not come up."""
    steps = [{"action": action} for action in planned]
    error = {"error": {"code": code}} if code else {}
    return {"plan": {"steps": steps}, "steps": [{"action": action} for action in done], **error}


@pytest.mark.parametrize(
    ("result", "outcome"),
    [
        (instance(code="SkuNotAvailable"), "not_tried"),
        (instance(code="AuthorizationFailed"), "not_tried"),
        (instance(code="OSProvisioningTimedOut"), "failed"),
        (instance("create_machine"), "failed"),
        (instance("wait_for_machine", planned=("wait_for_machine", "wait_for_agent")), "failed"),
        (instance(planned=("wait_for_agent",)), "failed"),
        (instance(planned=("wait_for_machine", "wait_for_agent"), code="AllocationFailed"), "not_tried"),
        # Azure has taken it away.
        (instance("create_machine", code="NotFound"), "not_tried"),
        ({"msg": "Blocked."}, "not_tried"),
        ({"plan": {"steps": []}, "msg": "Blocked."}, "not_tried"),
    ],
)
def test_machines_that_do_not_come_up(result, outcome):
    assert verification_outcome([result]) == outcome


def test_one_machine_of_several_is_enough():
    assert verification_outcome([instance(code="QuotaExceeded"), instance("create_machine")]) == "failed"


@pytest.mark.parametrize(
    ("action", "result", "outcome"),
    [
        (RUN_COMMAND, {"execution_state": "Failed", "rc": 1}, "failed"),
        (RUN_COMMAND, {"execution_state": "TimedOut"}, "failed"),
        (RUN_COMMAND, {"error": {"code": "AuthorizationFailed"}}, "not_tried"),
        (RUN_COMMAND, {"msg": "The connection was lost."}, "not_tried"),
        ("ansible.builtin.command", {"rc": 1}, "failed"),
        ("ansible.builtin.wait_for_connection", {"msg": "timed out"}, "failed"),
        ("ansible.builtin.fail", {"msg": "They have the same machine-id."}, "failed"),
    ],
)
def test_checks_that_fail(action, result, outcome):
    assert verification_outcome([result], action, True) == outcome
