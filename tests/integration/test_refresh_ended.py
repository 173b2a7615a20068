# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook refresh, ended from outside at any stage; with hosts that are lost; and two of it at once."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
import yaml
from repository import ROOT
from started_runs import Hold, end, has_asked, wait_until

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements
from embedded_azure.guests.windows import StandInWindows
from fleet.guests import MixedGuests
from fleet.runs import Fleet

#: Not --limit: the controller must be in the play, too.
DESK = ("-e", "target=win-desk")
#: A machine that is gone says nothing, nor does what leads to it.
_ALIVE = "-o ServerAliveInterval=2 -o ServerAliveCountMax=2"
_TAGS = "/images/win-desk-ended/providers/microsoft.resources/tags/default"


def images_of(fleet: Fleet, before: set[str]) -> set[str]:
    """Names of what has come; anything but images would be a leftover."""
    return {one.rpartition("/")[2] for one in set(fleet.azure.resources()) - before}


# -- ended from outside -------------------------------------------------------------------------------------------


def sweep(*values: object, id: str) -> Any:
    """A case for make sweep."""
    return pytest.param(*values, id=id, marks=pytest.mark.sweep)


@pytest.mark.parametrize(
    ("method", "part", "times", "number", "left"),
    [
        sweep("PUT", "/resourcegroups/refresh-win-desk", 1, signal.SIGINT, "next", id="while it begins"),
        sweep("PUT", "/virtualmachines/build-win-desk", 1, signal.SIGKILL, "next", id="while it builds"),
        sweep("GET", "/providers/microsoft.authorization/locks", 1, signal.SIGINT, "next", id="while it prepares"),
        pytest.param("POST", "/build-win-desk/generalize", 1, signal.SIGKILL, "ended", id="while it captures"),
        sweep("PUT", "/images/win-desk-ended", 1, signal.SIGINT, "ended", id="while the image is made"),
        sweep("PUT", "/virtualmachines/verify-win-desk", 1, signal.SIGINT, "ended", id="while it verifies"),
        sweep("PATCH", _TAGS, 1, signal.SIGKILL, "ended", id="while it records the verification"),
        sweep("PATCH", _TAGS, 2, signal.SIGINT, "ended", id="while it promotes"),
        sweep("DELETE", "/resourcegroups/refresh-win-desk", 1, signal.SIGINT, "ended", id="while it ends"),
    ],
)
def test_a_run_that_was_ended_leaves_nothing_after_the_next_one(
    fleet: Fleet, method: str, part: str, times: int, number: signal.Signals, left: str
) -> None:
    before = set(fleet.azure.resources())
    with fleet.start("ended", *DESK) as process:
        wait_until(has_asked(fleet, method, part, times), process)
        end(process, number)
    run = fleet.run("next", *DESK)
    assert run.status == 0, run.output[-5000:]
    # Where the image was promoted already, there is nothing to do but to clean up.
    assert run.result_of("win-desk") in ("promoted", "skipped")
    assert images_of(fleet, before) == {f"win-desk-{left}"}


@pytest.mark.sweep
def test_a_run_that_was_ended_while_it_customised_leaves_nothing_after_the_next_one(
    fleet: Fleet, tmp_path: Path
) -> None:
    before, hold = set(fleet.azure.resources()), Hold(tmp_path)
    with fleet.start("ended", *DESK, **hold.variables) as process:
        wait_until(hold.is_reached, process)
        said = end(process, signal.SIGINT)
    assert "interrupted" in said
    run = fleet.run("next", *DESK)
    assert run.status == 0, run.output[-5000:]
    assert images_of(fleet, before) == {"win-desk-next"}


@pytest.mark.sweep
def test_a_run_that_was_ended_while_it_pruned_leaves_nothing_after_the_next_one(fleet: Fleet) -> None:
    before = set(fleet.azure.resources())
    assert fleet.run("old", *DESK).status == 0
    fleet.azure.clear_requests()
    with fleet.start("ended", *DESK, golden_image_refresh_when="always") as process:
        wait_until(has_asked(fleet, "DELETE", "/images/win-desk-old"), process)
        end(process, signal.SIGINT)
    run = fleet.run("next", *DESK)
    assert run.status == 0, run.output[-5000:]
    assert images_of(fleet, before) == {"win-desk-ended"}


# -- hosts that are lost ------------------------------------------------------------------------------------------


@pytest.mark.sweep
def test_a_host_that_is_lost_is_cleaned_up_after_and_the_others_go_on(tmp_path: Path) -> None:
    lost = {"build-win-desk": ({"lose": {"win_regedit": -1}}, {})}
    windows = StandInWindows(tmp_path / "windows", lost)
    with EmbeddedAzure(guests=windows, retry_after=1) as azure:
        run = Fleet(azure, windows, tmp_path).run("lost", "--limit", "windows_images")
    assert run.status != 0
    assert "unreachable=1" in run.output
    record = run.image("win-desk")
    assert (record["failure"]["stage"], record["images"]) == ("customise", [])
    assert "unreachable" in record["failure"]["message"]
    assert [stage["name"] for stage in record["stages"]] == ["decide", "build", "customise", "clean"]
    assert run.result_of("win-server") == "promoted"
    assert not run.leftovers


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("arguments", "images"),
    [
        sweep(("-e", "target=win-desk"), ["win-desk"], id="one by its name"),
        sweep(("--limit", "win-desk,localhost"), ["win-desk"], id="one by a limit"),
        (("-e", "target=windows_images"), ["win-desk", "win-server"]),
    ],
)
def test_hosts_that_are_all_lost_are_cleaned_up_after_and_reported(
    tmp_path: Path, arguments: tuple[str, ...], images: list[str]
) -> None:
    lost = {f"build-{name}": ({"lose": {"win_regedit": -1, "win_file": -1}}, {}) for name in ("win-desk", "win-server")}
    windows = StandInWindows(tmp_path / "windows", lost)
    with EmbeddedAzure(guests=windows, retry_after=1) as azure:
        run = Fleet(azure, windows, tmp_path).run("lost", *arguments)
    assert run.status != 0
    assert "NO MORE HOSTS LEFT" not in run.output
    assert run.output.count("unreachable=1") == len(images)
    assert "localhost " not in run.output.partition("PLAY RECAP")[2], "the controller is no image"
    assert [image["name"] for image in run.report["images"]] == images
    for name in images:
        assert run.image(name)["failure"]["stage"] == "customise"
    assert not run.came


@pytest.mark.sweep
@pytest.mark.guest
@pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run")
def test_a_machine_that_goes_down_in_the_middle_is_cleaned_up_after_and_reported(
    windows: StandInWindows, tmp_path: Path
) -> None:
    down = tmp_path / "down.yml"
    tasks = [
        {"name": "Go down", "ansible.builtin.command": "systemctl poweroff --force --force", "changed_when": True},
        {"name": "Go on", "ansible.builtin.ping": {}},
    ]
    down.write_text(yaml.safe_dump(tasks))
    guests = MixedGuests(NspawnGuests(ROOT / ".cache" / "guests", tmp_path / "state"), windows)
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        variables = {"golden_image_tasks": [str(down)], "ansible_ssh_extra_args": _ALIVE}
        run = Fleet(azure, windows, tmp_path).run("down", "-e", "target=database", **variables)
    assert run.status != 0
    assert "UNREACHABLE" in run.output
    record = run.image("database")
    assert (record["result"], record["failure"]["stage"]) == ("failed", "customise")
    assert not run.came


# -- two at once --------------------------------------------------------------------------------------------------


@pytest.mark.sweep
def test_a_second_run_is_refused_while_the_first_goes_on(fleet: Fleet, tmp_path: Path) -> None:
    before, hold = set(fleet.azure.resources()), Hold(tmp_path)
    with fleet.start("first", *DESK, **hold.variables) as process:
        wait_until(hold.is_reached, process)
        there = set(fleet.azure.resources())
        for arguments in ((), ("--check",)):
            second = fleet.run("second", *DESK, *arguments, **hold.variables)
            assert second.status != 0
            message = second.image("win-desk")["failure"]["message"]
            assert "is being refreshed by run 'first' (host win-desk, run on " in message
            assert "stale_after_hours" in message
            assert set(fleet.azure.resources()) == there
        hold.let_go()
        output = process.communicate(timeout=300)[0]
    assert process.returncode == 0, output[-5000:]
    assert images_of(fleet, before) == {"win-desk-first"}


@pytest.mark.sweep
def test_a_run_that_is_taken_over_stops_and_leaves_the_other_alone(fleet: Fleet, tmp_path: Path) -> None:
    before, hold = set(fleet.azure.resources()), Hold(tmp_path)
    with fleet.start("first", *DESK, **hold.variables) as process:
        wait_until(hold.is_reached, process)
        second = fleet.run("second", *DESK, golden_image_lease_stale_after_hours=0)
        assert second.result_of("win-desk") == "promoted", second.output[-5000:]
        hold.let_go()
        output = process.communicate(timeout=300)[0]
    assert process.returncode != 0
    assert "The lease (resource group 'refresh-win-desk') no longer exists: this run stops" in " ".join(output.split())
    assert images_of(fleet, before) == {"win-desk-second"}
