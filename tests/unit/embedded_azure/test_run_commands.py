# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed run commands as Azure's handler runs them: by name and number, which it remembers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from counting_guests import CountingGuests, WaitingGuests

from embedded_azure import DrivenClock, EmbeddedAzure
from embedded_azure.guests import CompletedRun

COMMAND = "virtualMachines/linux/runCommands/command"


@pytest.fixture
def guests() -> CountingGuests:
    return CountingGuests()


@pytest.fixture
def arm(guests: CountingGuests, arm_for: Any) -> Iterator[Any]:
    image = {
        "publisher": "MicrosoftWindowsServer",
        "offer": "WindowsServer",
        "sku": "2022-datacenter-g2",
        "version": "latest",
    }
    windows = {"name": "windows", "group": "golden", "os_type": "Windows", "image": image}
    machines = [{"name": "linux", "group": "golden"}, windows]
    with EmbeddedAzure(seed={"virtual_machines": machines}, guests=guests) as azure:
        yield arm_for(azure)


def put(arm: Any, script: str = "true", path: str = COMMAND, **properties: Any) -> dict[str, Any]:
    body = {"location": "westeurope", "properties": {"source": {"script": script}, **properties}}
    arm.send("PUT", path, body)
    arm.azure.cloud.operations.hurry()
    return view(arm, path)


def view(arm: Any, path: str = COMMAND) -> dict[str, Any]:
    shown: dict[str, Any] = arm.send("GET", path, **{"$expand": "instanceView"}).json()["properties"]["instanceView"]
    return shown


def delete(arm: Any, path: str = COMMAND) -> None:
    arm.send("DELETE", path)
    arm.azure.cloud.operations.hurry()


def test_an_unchanged_command_is_not_run_again(arm: Any, guests: CountingGuests) -> None:
    secret = [{"name": "a", "value": "1"}]
    first = put(arm, protectedParameters=secret)
    assert put(arm, protectedParameters=secret) == first
    assert len(guests.scripts) == 1
    put(arm, protectedParameters=[{"name": "a", "value": "2"}])
    assert len(guests.scripts) == 2


def test_a_deleted_command_that_is_made_again_is_not_run_on_linux(arm: Any, guests: CountingGuests) -> None:
    put(arm)
    put(arm, "another")
    delete(arm)
    guests.scripts.clear()
    # The first change is number 0 again, and number 1 was run.
    assert put(arm, "a third") == {"executionState": "Unknown"}
    assert put(arm, "a fourth") == {"executionState": "Unknown"}
    assert guests.scripts == []
    assert put(arm, "a fifth")["executionState"] == "Succeeded"
    assert guests.scripts == ["a fifth"]


def test_it_is_on_windows(arm: Any, guests: CountingGuests) -> None:
    path = COMMAND.replace("linux", "windows")
    put(arm, path=path)
    delete(arm, path)
    put(arm, path=path)
    assert len(guests.scripts) == 2


def test_another_guest_remembers_nothing_of_it(arm: Any, guests: CountingGuests) -> None:
    put(arm)
    delete(arm, "virtualMachines/linux")
    arm.azure.seed({"virtual_machines": [{"name": "linux", "group": "golden"}]})
    put(arm)
    assert len(guests.scripts) == 2


def test_bytes_are_cut(arm: Any, guests: CountingGuests) -> None:
    """A euro sign has three bytes: of the one in the middle of the cut a byte is left."""
    guests.answer = CompletedRun(0, "\u20ac" * 2000, "x" * 5000)
    shown = put(arm)
    assert shown["output"] == "\ufffd" + "\u20ac" * 1365
    assert shown["error"] == "x" * 4096
    guests.answer = CompletedRun(0, "\U0001f600" + "x" * 4093, "")
    assert put(arm, "again")["output"] == "\ufffd" * 3 + "x" * 4093


def test_a_script_whose_time_is_over_has_failed(arm: Any, guests: CountingGuests) -> None:
    guests.answer = CompletedRun(-1, "begun\n", "")
    shown = put(arm, timeoutInSeconds=1)
    assert (shown["executionState"], shown["exitCode"], shown["output"]) == ("Failed", -1, "begun\n")


@pytest.mark.parametrize("treated", [True, False])
def test_a_script_that_fails_is_a_failure_of_the_deployment_if_that_is_wanted(
    arm: Any, guests: CountingGuests, treated: bool
) -> None:
    guests.answer = CompletedRun(3, "said", "")
    shown = put(arm, treatFailureAsDeploymentFailure=treated)
    assert (shown["executionState"], shown["exitCode"], shown["output"]) == ("Failed", 3, "said")
    state = arm.send("GET", COMMAND).json()["properties"]["provisioningState"]
    assert state == ("Failed" if treated else "Succeeded")
    failure = arm.azure.cloud.operations.failure_of(arm.id(COMMAND))
    assert (failure.code if failure else None) == ("VMExtensionProvisioningError" if treated else None)
    guests.answer = CompletedRun(0, "", "")
    put(arm, "other", treatFailureAsDeploymentFailure=treated)
    assert arm.send("GET", COMMAND).json()["properties"]["provisioningState"] == "Succeeded"


@pytest.mark.parametrize("state", ["TimedOut", "Canceled"])
def test_a_handler_may_name_an_end_otherwise(arm: Any, guests: CountingGuests, state: str) -> None:
    guests.answer = CompletedRun(-1, "begun", "", state)
    assert put(arm, timeoutInSeconds=1)["executionState"] == state


@pytest.fixture
def waiting(arm_for: Any) -> Iterator[tuple[Any, WaitingGuests]]:
    guests = WaitingGuests()
    with EmbeddedAzure(
        seed={"virtual_machines": [{"name": "linux", "group": "golden"}]}, guests=guests, clock=DrivenClock()
    ) as azure:
        yield arm_for(azure), guests
        guests.end()


def begin(arm: Any, script: str = "wait", **properties: Any) -> dict[str, Any]:
    body = {"location": "westeurope", "properties": {"source": {"script": script}, **properties}}
    shown: dict[str, Any] = arm.send("PUT", COMMAND, body).json()
    return shown


def test_the_output_so_far_is_told_every_15_seconds(waiting: tuple[Any, WaitingGuests]) -> None:
    arm, guests = waiting
    begin(arm)
    guests.said = "one"
    assert "output" not in view(arm)
    arm.azure.clock.advance(15)
    shown = view(arm)
    assert (shown["executionState"], shown["output"]) == ("Running", "one")
    assert (shown["executionMessage"], shown["exitCode"]) == ("Execution in progress", 0)
    guests.said = "one two"
    arm.azure.clock.advance(14)
    assert view(arm)["output"] == "one"
    arm.azure.clock.advance(1)
    assert view(arm)["output"] == "one two"


def test_nobody_waits_for_a_script_that_is_to_run_by_itself(waiting: tuple[Any, WaitingGuests]) -> None:
    arm, guests = waiting
    begin(arm, asyncExecution=True)
    assert arm.send("GET", COMMAND).json()["properties"]["provisioningState"] == "Succeeded"
    assert view(arm)["executionState"] == "Running"
    guests.end()
    arm.azure.cloud.store.get(arm.id(COMMAND)).private["running"].result(10)
    assert (view(arm)["executionState"], view(arm)["output"]) == ("Succeeded", "done")


def test_a_change_ends_the_script_that_runs(waiting: tuple[Any, WaitingGuests]) -> None:
    arm, guests = waiting
    begin(arm, asyncExecution=True)
    begin(arm, "other", asyncExecution=True)
    assert guests.ended == [f"{arm.id(COMMAND).lower()}#0"]


def test_parameters_are_environment_variables_whatever_is_in_them(arm: Any, guests: CountingGuests) -> None:
    parameters = [{"name": "a", "value": "it's"}, {"name": "empty", "value": ""}]
    put(arm, parameters=parameters)
    assert guests.scripts == ["export a='it'\\''s'\ntrue"]


def test_parameters_without_a_name_are_arguments(arm: Any, guests: CountingGuests) -> None:
    parameters = [
        {"name": "a", "value": "1"},
        {"name": "", "value": "one two"},
        {"name": "", "value": "three"},
        {"name": "", "value": ""},
    ]
    put(arm, parameters=parameters)
    assert guests.scripts == ["export a='1'\nset -- one two three\ntrue"]


def test_nothing_is_written_while_the_machine_does_not_run(arm: Any) -> None:
    put(arm)
    arm.azure.act(arm.id("virtualMachines/linux"), "deallocate")
    refused = (409, "OperationNotAllowed")
    assert (
        arm.error("PUT", COMMAND, {"location": "westeurope", "properties": {"source": {"script": "x"}}})[:2] == refused
    )
    assert arm.error("DELETE", COMMAND)[:2] == refused


def test_at_most_25(arm: Any) -> None:
    for number in range(25):
        put(arm, path=f"{COMMAND}{number}")
    put(arm, "another", path=f"{COMMAND}0")
    status, code, message = arm.error("PUT", COMMAND, {"location": "westeurope", "properties": {}})[:3]
    assert (status, code) == (409, "OperationNotAllowed")
    assert "(max=25, current=25)" in message
