# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_run_command: however a script ends, its command is deleted, and the task says what became of it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from scripted_azure.resources import VM_ID, vm
from scripted_azure.wire import accepted

SCRIPT = "echo hello"
COMMAND = f"{VM_ID}/runCommands/golden-azure-{hashlib.sha256(SCRIPT.encode()).hexdigest()[:16]}"
TASK = {"virtual_machine": "web", "resource_group": "images", "script": SCRIPT}


def view(state: str, **more: Any) -> dict[str, Any]:
    return {"id": COMMAND, "properties": {"instanceView": {"executionState": state, **more}}}


def expect_it_begun(wire: Any) -> None:
    wire.expect("GET", VM_ID, body=vm("running"))
    wire.refuse("GET", COMMAND, 404, "ResourceNotFound", "It was not found.")
    wire.expect("PUT", COMMAND, 201, {}, headers=accepted())


def expect_it_deleted(wire: Any) -> None:
    wire.expect("DELETE", COMMAND, 202, headers=accepted())
    wire.operation()


def deletions(wire: Any) -> list[str]:
    return [request.path_url.partition("?")[0] for request in wire.asked if request.method == "DELETE"]


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
    assert deletions(wire) == [COMMAND]


def test_a_task_whose_time_is_over_still_has_time_to_delete_the_command(wire, run):
    wire.expect("GET", VM_ID, body=vm("running"))
    wire.refuse("GET", COMMAND, 404, "ResourceNotFound", "It was not found.")
    wire.expect("PUT", COMMAND, 201, {}, headers=accepted())
    for _poll in range(4):
        wire.operation("InProgress")
    wire.expect("DELETE", COMMAND, 429, {}, headers={"Retry-After": "20"})
    expect_it_deleted(wire)
    result = run("vm_run_command", **TASK, timeout=5)
    assert "within the time limit of 5 s" in result["msg"]
    assert deletions(wire) == [COMMAND, COMMAND]


def test_what_the_script_said_is_told_though_the_command_could_not_be_deleted(wire, run):
    expect_it_begun(wire)
    wire.operation()
    wire.expect("GET", COMMAND, body=view("Succeeded", exitCode=0, output="hello\n"))
    wire.refuse("DELETE", COMMAND, 403, "AuthorizationFailed", "You may not.")
    result = run("vm_run_command", **TASK)
    assert "Deleting run command" in result["msg"]
    assert result["stdout"] == "hello\n"


@pytest.mark.parametrize(
    ("provisioning", "execution", "running"),
    [
        ("Creating", "Running", True),
        ("Succeeded", "Running", True),
        ("Succeeded", "Failed", False),
        ("Failed", "", False),
    ],
)
def test_the_same_script_of_another_run_is_not_ended(wire, run, provisioning, execution, running):
    """Two runs at once would delete each other's commands; what a killed run has left has ended before long."""
    left = view(execution, startTime="2026-05-01T10:00:00+00:00")
    left["properties"]["provisioningState"] = provisioning
    wire.expect("GET", VM_ID, body=vm("running"))
    wire.expect("GET", COMMAND, body=left)
    if not running:
        expect_it_deleted(wire)
        wire.expect("PUT", COMMAND, 201, {}, headers=accepted())
        wire.operation()
        wire.expect("GET", COMMAND, body=view("Succeeded", exitCode=0))
        expect_it_deleted(wire)
    result = run("vm_run_command", **TASK)
    assert ("still runs" in result.get("msg", "")) is running
    assert deletions(wire) == ([] if running else [COMMAND, COMMAND])
