# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_run_command: however a script ends, its command is deleted, and the task says what became of it."""

from __future__ import annotations

from typing import Any

import pytest

from scripted_azure.resources import GROUP, VM_ID, vm
from scripted_azure.wire import accepted

SCRIPT = "echo hello"
COMMANDS = f"{VM_ID}/runCommands"
LOCKS = f"{GROUP}/providers/Microsoft.Authorization/locks"
COMMAND = f"{COMMANDS}/golden-azure-*"
TASK = {"vm_name": "web", "resource_group": "images", "script": SCRIPT}


def view(state: str, **more: Any) -> dict[str, Any]:
    return {"properties": {"instanceView": {"executionState": state, **more}}}


def expect_it_begun(wire: Any) -> None:
    wire.expect("GET", VM_ID, body=vm("running"))
    wire.expect("GET", COMMANDS, body={"value": []})
    wire.expect("GET", LOCKS, body={"value": []})
    wire.expect("PUT", COMMAND, 201, {}, headers=accepted())


def expect_it_deleted(wire: Any) -> None:
    wire.expect("DELETE", COMMAND, 202, headers=accepted())
    wire.operation()


def deletions(wire: Any) -> list[str]:
    return [path for method, path in asked(wire) if method == "DELETE"]


def asked(wire: Any) -> list[tuple[str, str]]:
    return [(request.method, request.path_url.partition("?")[0]) for request in wire.asked]


def made(wire: Any) -> str:
    return next(path for method, path in asked(wire) if method == "PUT")


def test_what_the_script_says(wire, run):
    expect_it_begun(wire)
    wire.operation()
    wire.expect("GET", COMMAND, body=view("Succeeded", exitCode=0, output="hello\n"))
    expect_it_deleted(wire)
    result = run("vm_run_command", **TASK)
    assert (result["rc"], result["stdout"]) == (0, "hello\n")


def test_a_command_that_is_gone_is_not_waited_for(wire, run, clock):
    """Somebody has deleted it, or Azure has taken a spot machine away."""
    expect_it_begun(wire)
    wire.operation()
    wire.refuse("GET", COMMAND, 404, "ResourceNotFound", "It was not found.")
    expect_it_deleted(wire)
    result = run("vm_run_command", **TASK)
    assert "is in the state NotFound" in result["msg"]
    assert sum(clock.slept) < 10


def test_a_task_that_is_interrupted_leaves_no_command(wire, run):
    """As Ansible does when the task's own timeout is over."""
    expect_it_begun(wire)
    wire.expect(
        "GET", "/providers/Microsoft.Compute/locations/westeurope/operations/operation-1", error=KeyboardInterrupt()
    )
    expect_it_deleted(wire)
    with pytest.raises(KeyboardInterrupt):
        run("vm_run_command", **TASK)
    assert deletions(wire) == [made(wire)]


def test_a_task_whose_time_is_over_still_has_time_to_delete_the_command(wire, run):
    wire.expect("GET", VM_ID, body=vm("running"))
    wire.expect("GET", COMMANDS, body={"value": []})
    wire.expect("GET", LOCKS, body={"value": []})
    wire.expect("PUT", COMMAND, 201, {}, headers=accepted())
    for _poll in range(4):
        wire.operation("InProgress")
    wire.expect("DELETE", COMMAND, 429, {}, headers={"Retry-After": "20"})
    expect_it_deleted(wire)
    result = run("vm_run_command", **TASK, timeout=5)
    assert "within the time limit of 5 s" in result["msg"]
    # It is no wait that the next run goes on with.
    assert "started again" in result["msg"]
    assert "no progress is lost" not in result["msg"]
    assert deletions(wire) == [made(wire)] * 2


def test_what_the_script_said_is_told_though_the_command_could_not_be_deleted(wire, run):
    expect_it_begun(wire)
    wire.operation()
    wire.expect("GET", COMMAND, body=view("Succeeded", exitCode=0, output="hello\n"))
    wire.refuse("DELETE", COMMAND, 403, "AuthorizationFailed", "You may not.")
    result = run("vm_run_command", **TASK)
    assert "Deleting run command" in result["msg"]
    assert result["stdout"] == "hello\n"


def test_each_call_has_a_name_of_its_own(wire, run):
    """Azure's handler for Linux does not run a name again, whether the command was deleted or not."""
    for _time in range(2):
        expect_it_begun(wire)
        wire.operation()
        wire.expect("GET", COMMAND, body=view("Succeeded", exitCode=0))
        expect_it_deleted(wire)
        run("vm_run_command", **TASK)
    assert len(set(deletions(wire))) == 2


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("\ufffd\ufffd" + "x" * 4094, "x" * 4094),
        ("\ufffd\ufffd" + "x" * 4093, "\ufffd\ufffd" + "x" * 4093),
        ("\ufffd" * 4 + "x" * 4092, "\ufffd" * 4 + "x" * 4092),
        ("\ufffd" + "\u20ac" * 1365, "\u20ac" * 1365),
    ],
    ids=["cut", "not cut", "no character", "cut among others"],
)
def test_what_is_left_of_a_cut_character_is_not_shown(wire, run, output, shown):
    """Azure cuts bytes; what it has not cut is shown as it is."""
    expect_it_begun(wire)
    wire.operation()
    wire.expect("GET", COMMAND, body=view("Succeeded", exitCode=0, output=output, error=output))
    expect_it_deleted(wire)
    result = run("vm_run_command", **TASK)
    assert (result["stdout"], result["stderr"]) == (shown, shown)


def test_a_script_that_stops_its_machine_is_told_though_its_command_is_left(wire, run):
    expect_it_begun(wire)
    wire.operation()
    wire.expect("GET", COMMAND, body={"id": "the-id", **view("Succeeded", exitCode=0, output="bye\n")})
    wire.refuse(
        "DELETE", COMMAND, 409, "OperationNotAllowed", "Cannot modify extensions in the VM when it is not running."
    )
    result = run("vm_run_command", **TASK)
    assert (result["rc"], result["stdout"], result["remaining"]) == (0, "bye\n", ["the-id"])
    assert len(result["warnings"]) == 1


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("option", ["parameters", "protected_parameters"])
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"KEY": None}, "parameter_without_value"),
        ({"KEY": ""}, "parameter_without_value"),
        ({"KEY": "  "}, "parameter_without_value"),
        ({"KEY": "__omit_place_holder__1f"}, "parameter_without_value"),
        ({"KEY": ["value"]}, "parameter_not_text"),
        ({"KEY": {"value": 123}}, "parameter_not_text"),
        ({"": "value"}, "parameter_without_name"),
    ],
)
def test_a_parameter_without_a_value_never_reaches_a_script(wire, run, option, values, code, check):
    result = run("vm_run_command", check, **TASK, **{option: values})
    assert (result["rc"], result["error"]["code"]) == (1, code)
    assert asked(wire) == []
