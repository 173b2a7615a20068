# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""vm_run_command on embedded Azure: a script runs as often as its task, and what a run has left does not stay."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._run_command import run as run_command
from counting_guests import CountingGuests
from driven import run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure
from embedded_azure.clock import DrivenClock
from embedded_azure.guests import CompletedRun

Json = dict[str, Any]

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images"
COMMANDS = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web/runCommands"
TASK = {"resource_group": "images", "vm_name": "web", "script": "date"}


@pytest.fixture
def guests() -> CountingGuests:
    return CountingGuests()


@pytest.fixture
def azure(guests: CountingGuests, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddedAzure]:
    """A machine as it was two hours ago."""
    clock = DrivenClock(datetime.now(timezone.utc) - timedelta(hours=2))
    seed = {"virtual_machines": [{"name": "web", "group": "images"}]}
    with EmbeddedAzure(clock=clock, seed=seed, guests=guests) as running:
        for name, value in running.environment().items():
            monkeypatch.setenv(name, value)
        yield running


def run(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    answer: Json = run_code(azure, run_command.execute, run_command.OPTIONS, check, **{**TASK, **options})
    return answer


def name_of(azure: EmbeddedAzure, number: int = 0) -> str:
    return f"golden-azure-{azure.clock.now():%Y%m%d%H%M%S}-{number:08x}"


def leave(azure: EmbeddedAzure, name: str, script: str = "date", ends: bool = True, timeout: int = 600) -> str:
    """Make a command as a run does that is killed before it can delete it."""
    id = f"{COMMANDS}/{name}"
    azure.settings.durations = {"*": 0.0 if ends else 100_000.0}
    body = {"location": "westeurope", "properties": {"source": {"script": script}, "timeoutInSeconds": timeout}}
    azure.cloud.send("PUT", id, body, "2026-04-01")
    azure.cloud.operations.advance()
    azure.settings.durations = {}
    assert azure.resources()[id]["properties"]["provisioningState"] == ("Succeeded" if ends else "Creating")
    return id


def hours_later(azure: EmbeddedAzure) -> None:
    azure.clock.advance(7200)
    azure.clear_requests()


def commands(azure: EmbeddedAzure) -> list[str]:
    return [id for id in azure.resources() if "/runCommands/" in id]


def test_the_same_script_runs_each_time(azure: EmbeddedAzure, guests: CountingGuests) -> None:
    hours_later(azure)
    for _time in range(3):
        assert run(azure)["rc"] == 0
    assert guests.scripts == ["date"] * 3
    assert commands(azure) == []


def test_check_mode_shows_what_would_be_deleted_and_writes_nothing(
    azure: EmbeddedAzure, guests: CountingGuests
) -> None:
    left = leave(azure, name_of(azure))
    hours_later(azure)
    for _time in range(2):
        steps = run(azure, check=True)["plan"]["steps"]
        assert [step["action"] for step in steps] == ["delete_run_command", "run_command", "delete_run_command"]
        assert steps[0]["resource_id"] == left
    assert sent_writes(azure.requests) == []
    assert guests.scripts == ["date"]


@pytest.mark.parametrize("ends", [True, False])
def test_what_killed_runs_have_left_is_deleted(azure: EmbeddedAzure, ends: bool) -> None:
    """Also a command that Azure still calls running: no run waits for it any more."""
    leave(azure, name_of(azure), ends=ends)
    hours_later(azure)
    result = run(azure)
    assert [step["action"] for step in result["steps"]] == ["delete_run_command", "run_command", "delete_run_command"]
    assert commands(azure) == []


def test_what_another_run_may_still_wait_for_stays(azure: EmbeddedAzure) -> None:
    """One that may run for three hours, one that has just ended and whose answer may not have been read, and others' own."""
    mine = leave(azure, "golden-azure-mine")
    long = leave(azure, name_of(azure, 1), "long", ends=False, timeout=10800)
    hours_later(azure)
    ended = leave(azure, name_of(azure, 2))
    assert len(run(azure)["steps"]) == 2
    assert commands(azure) == [mine, long, ended]


def test_the_same_script_does_not_run_twice_at_once(azure: EmbeddedAzure, guests: CountingGuests) -> None:
    azure.clock.advance(7200)
    leave(azure, name_of(azure), ends=False)
    guests.scripts.clear()
    azure.clear_requests()
    for check in (True, False):
        with pytest.raises(Blocked) as refused:
            run(azure, check)
        assert [blocker["code"] for blocker in refused.value.details["plan"]["blockers"]] == ["script_runs_already"]
    assert sent_writes(azure.requests) == []
    assert guests.scripts == []
    assert run(azure, script="another")["rc"] == 0


def test_a_machine_has_at_most_25_commands(azure: EmbeddedAzure) -> None:
    for number in range(25):
        leave(azure, f"others-{number}")
    hours_later(azure)
    for check in (True, False):
        with pytest.raises(Blocked) as refused:
            run(azure, check)
        (blocker,) = refused.value.details["plan"]["blockers"]
        assert (blocker["code"], blocker["count"]) == ("too_many_run_commands", 25)
    assert sent_writes(azure.requests) == []


def test_of_25_that_were_left_the_oldest_are_deleted_within_azure_s_limits(azure: EmbeddedAzure) -> None:
    """Twelve writes at once are taken of a machine, and each deletion is one."""
    left = []
    for number in range(25):
        left.append(leave(azure, name_of(azure, number)))
        azure.clock.advance(1)
    hours_later(azure)
    azure.settings.throttling = True
    run(azure)
    assert commands(azure) == left[10:]
    assert len(sent_writes(azure.requests)) == 12
    assert [exchange for exchange in azure.requests if exchange.status == 429] == []
    hours_later(azure)
    run(azure)
    assert commands(azure) == left[20:]


def test_a_script_whose_time_is_over_is_said_to_be(azure: EmbeddedAzure, guests: CountingGuests) -> None:
    guests.answer = CompletedRun(-1, "begun\n", "")
    azure.settings.update({"durations": {"PUT Microsoft.Compute/virtualMachines/runCommands": 60}})
    hours_later(azure)
    with pytest.raises(Failure, match="within 'script_timeout' \\(60 s\\)") as failed:
        run(azure, script_timeout=60)
    assert failed.value.details["stdout"] == "begun\n"
    assert commands(azure) == []


def test_a_script_may_stop_its_machine(
    azure: EmbeddedAzure, guests: CountingGuests, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(vm_id: str, script: str, timeout: float) -> CompletedRun:
        guests.power_off(vm_id)
        return CompletedRun(0, "bye\n", "")

    monkeypatch.setattr(guests, "run", stop)
    hours_later(azure)
    result = run(azure)
    assert result["stdout"] == "bye\n"
    assert result["remaining"] == commands(azure)
    assert len(result["warnings"]) == 1
