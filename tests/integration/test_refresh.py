# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook refresh: killed at any stage, kept for a look, and with a reference machine that goes on running."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements
from embedded_azure.guests.windows import StandInWindows
from embedded_azure.seed import machine_body
from fleet.guests import MixedGuests
from fleet.runs import GROUP, LIMIT, Fleet

ROOT = Path(__file__).resolve().parents[2]
DESK = ("--limit", "win-desk")


@pytest.fixture
def windows(tmp_path: Path) -> StandInWindows:
    """Stand-in guests."""
    return StandInWindows(tmp_path / "windows")


@pytest.fixture
def fleet(windows: StandInWindows, tmp_path: Path) -> Iterator[Fleet]:
    """The fleet, of which these tests use the stand-ins only."""
    with EmbeddedAzure(guests=windows, retry_after=1) as azure:
        yield Fleet(azure, windows, tmp_path)


def end_when(fleet: Fleet, process: subprocess.Popen[str], method: str, part: str) -> None:
    """Kill a run, with all it has started, once it has sent a request."""
    limit = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < limit:
        if any(one.method == method and part in one.path.lower() for one in fleet.azure.requests):
            break
        time.sleep(0.1)
    assert process.poll() is None, process.communicate()[0][-3000:]
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)


@pytest.mark.parametrize(
    ("method", "part"),
    [
        pytest.param("PUT", "/virtualmachines/build-win-desk", id="while it builds"),
        pytest.param("POST", "/virtualmachines/build-win-desk/generalize", id="while it captures"),
        pytest.param("PUT", "/images/win-desk-killed", id="while the image is made"),
        pytest.param("PUT", "/virtualmachines/verify-win-desk", id="while it verifies"),
    ],
)
def test_a_run_that_was_killed_leaves_nothing_after_the_next_one(fleet: Fleet, method: str, part: str) -> None:
    before = set(fleet.azure.resources())
    with fleet.start("killed", *DESK) as process:
        end_when(fleet, process, method, part)
    run = fleet.run("next", *DESK)
    assert run.status == 0, run.output[-5000:]
    assert run.result_of("win-desk") == "promoted"
    images = {one.rpartition("/")[2] for one in set(fleet.azure.resources()) - before}
    # The image of the killed run, where it was made of the same things; else that of the next run. Never both.
    assert images in ({"win-desk-killed"}, {"win-desk-next"})


def test_what_a_failed_refresh_made_is_kept_on_request_and_removed_by_the_next(fleet: Fleet) -> None:
    variables = {"golden_image_roles": ["not_windows"], "golden_image_keep_failed": True}
    role = fleet.directory / "roles" / "not_windows" / "tasks"
    role.mkdir(parents=True)
    task = {"name": "Fail", "ansible.builtin.fail": {"msg": "<script>alert(1)</script> {{ 1 + 1 }}"}}
    (role / "main.yml").write_text(yaml.safe_dump([task]))
    kept = fleet.run("kept", *DESK, **variables)
    record = kept.image("win-desk")
    assert record["failure"]["stage"] == "customise"
    assert "<script>alert(1)</script> 2" in record["failure"]["message"]
    assert "<script>" not in kept.page.read_text()
    assert record["leftovers"] and set(record["leftovers"]) <= kept.came
    again = fleet.run("again", *DESK)
    assert again.result_of("win-desk") == "promoted"
    assert kept.came <= again.went


def test_check_mode_plans_and_changes_nothing(fleet: Fleet) -> None:
    run = fleet.run("check", "--check", *DESK)
    assert run.status == 0, run.output[-5000:]
    assert run.result_of("win-desk") == "planned"
    assert not run.came | run.went
    assert {one.method for one in fleet.azure.requests if "/subscriptions/" in one.path} <= {"GET"}


def test_an_image_that_is_defined_badly_fails_alone(fleet: Fleet) -> None:
    (fleet.directory / "inventory" / "host_vars").mkdir()
    (fleet.directory / "inventory" / "host_vars" / "win-desk.yml").write_text("golden_image_base: {}\n")
    run = fleet.run("bad", "--limit", "windows_images", "--check")
    assert run.status != 0
    assert "is not defined" in run.image("win-desk")["failure"]["message"]
    assert run.result_of("win-server") == "planned"


def test_a_host_that_is_lost_is_cleaned_up_after_and_the_others_go_on(tmp_path: Path) -> None:
    lost = {"build-win-desk": ({"lose": {"win_regedit": -1}}, {})}
    windows = StandInWindows(tmp_path / "windows", lost)
    with EmbeddedAzure(guests=windows, retry_after=1) as azure:
        run = Fleet(azure, windows, tmp_path).run("lost", "--limit", "windows_images")
    assert run.status != 0
    assert "unreachable=1" in run.output
    record = run.image("win-desk")
    assert (record["failure"]["stage"], record["images"]) == ("customise", [])
    assert "could not be reached" in record["failure"]["message"]
    assert [stage["name"] for stage in record["stages"]] == ["decide", "build", "customise", "clean"]
    assert run.result_of("win-server") == "promoted"
    assert not run.leftovers


def test_a_host_that_is_refused_before_it_begins_is_in_the_report(fleet: Fleet) -> None:
    run = fleet.run("refused", "--check", *DESK, golden_image_refresh_when="sometimes")
    assert run.status != 0
    assert "sometimes" in run.output
    assert run.image("win-desk")["result"] == "failed"


def test_approval_may_stand_between_verification_and_promotion(fleet: Fleet) -> None:
    first = fleet.run("refresh", *DESK, golden_image_promote=False)
    assert first.result_of("win-desk") == "verified"
    second = fleet.run("promote", *DESK, playbook="golden.azure.promote")
    assert second.result_of("win-desk") == "promoted"
    assert not second.came
    third = fleet.run("promote-again", *DESK, playbook="golden.azure.promote")
    assert third.result_of("win-desk") == "skipped"


# -- copy mode ----------------------------------------------------------------------------------------------------


@pytest.mark.guest
@pytest.mark.skipif(bool(missing_requirements()), reason=" ".join(missing_requirements()) or "guests can run")
def test_a_reference_machine_goes_on_while_an_image_is_made_of_its_copy(
    windows: StandInWindows, tmp_path: Path
) -> None:
    guests = MixedGuests(NspawnGuests(ROOT / ".cache" / "guests", tmp_path / "state"), windows)
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        fleet = Fleet(azure, windows, tmp_path)
        reference = _reference(fleet)
        before = guests.run(reference.lower(), _LOOK, 60.0).stdout
        azure.clear_requests()
        run = fleet.run("copy", "--limit", "database", **_copy_of(fleet, reference))
        assert run.status == 0, run.output[-6000:]
        assert run.result_of("database") == "promoted"
        assert guests.run(reference.lower(), _LOOK, 60.0).stdout == before
        assert not run.leftovers
        assert not run.went
        writes = [one for one in azure.requests if one.method != "GET" and reference.lower() in one.path.lower()]
        assert not writes, [(one.method, one.path) for one in writes]
        assert run.image("database")["verification"]["outcome"] == "verified"


#: Boot id, machine id, when it was booted, and who is on it: what nobody may have touched.
_LOOK = (
    "cat /proc/sys/kernel/random/boot_id /etc/machine-id; stat -c %Y /proc/1; getent passwd azureuser; ls /etc/ssh /opt"
)


def _reference(fleet: Fleet) -> str:
    machine: dict[str, Any] = {
        "name": "reference",
        "ssh_public_keys": [fleet.variables["fleet_public_key"]],
        "admin_username": "azureuser",
    }
    body = machine_body(machine, "westeurope")
    reference = f"/subscriptions/{fleet.azure.settings.subscription}/resourceGroups/{GROUP}"
    reference += "/providers/Microsoft.Compute/virtualMachines/reference"
    fleet.azure.seed({"resources": [{"id": reference, **body}]})
    return reference


def _copy_of(fleet: Fleet, reference: str) -> dict[str, Any]:
    return {
        "golden_image_base": {"copy_of": reference},
        "golden_image_isolated_subnet": fleet.variables["fleet_subnet"],
    }
