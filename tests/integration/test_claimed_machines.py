# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two runs that would prepare the guest of one machine: the first claims it, the second leaves the guest alone and waits."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import parsing
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation, full_specification
from ansible_collections.golden.azure.plugins.module_utils._local.processes import identify
from driven import driven_azure, run_code
from playbook_runs import Playbooks
from predicted_writes import sent_writes
from repository import ROOT

from awx_stand_in.server import StandIn
from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
MACHINE, IMAGE = f"{COMPUTE}/virtualMachines/web", f"{COMPUTE}/images/golden"
SEED = {
    "groups": {"images": "westeurope"},
    "virtual_machines": [{"name": "web", "group": "images", "tags": {"a": "b"}}],
}
OTHER = "captured_by_another_run"
#: A process of this machine that is not there.
ENDED = "/".join([*identify(1).split("/")[:2], "999999999", "1"])


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(durations={"PUT Microsoft.Compute/images": 90.0, "*": 20.0}) as running:
        running.seed(SEED)
        running.clear_requests()
        yield running


@pytest.fixture(params=[False, True], ids=["alone", "among several"])
def several(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def run(
    azure: EmbeddedAzure,
    several: bool,
    run_id: str,
    check: bool = False,
    progress: Callable[[str], None] = lambda line: None,
    **more: Any,
) -> Json:
    wanted = {
        "resource_group": "images",
        "source_vm": "web",
        "image": "golden",
        "generalize": True,
        "run_id": run_id,
        "guest_prepared": False,
        **more,
    }
    given = {"captures": [wanted]} if several else wanted
    whole: Json = run_code(azure, capture.execute, capture_options.OPTIONS, check, progress, **given)
    return {**whole["results"][0], "changed": whole["changed"]} if several else whole


def done(result: Json) -> list[str]:
    return [step["action"] for step in result["steps"]]


def planned(result: Json) -> list[str]:
    return [step["action"] for step in result["plan"]["steps"]]


def others(result: Json) -> list[str]:
    return [warning["run"] for warning in result["plan"]["warnings"] if warning["code"] == OTHER]


def tags(azure: EmbeddedAzure) -> dict[str, str]:
    return dict(azure.resources()[MACHINE].get("tags") or {})


def once(mark: str, action: Callable[[], Any]) -> Callable[[str], None]:
    """Something to be told of progress that acts when a line holds the mark for the first time."""
    told: list[str] = []

    def progress(line: str) -> None:
        if mark in line and not told:
            told.append(line)
            action()

    return progress


def finish(azure: EmbeddedAzure) -> None:
    """What the first run does after it has prepared the guest."""
    azure.act(MACHINE, "powerOff")
    run(azure, False, "first", guest_prepared=True)


def test_the_first_run_claims_the_machine_and_keeps_its_tags(azure: EmbeddedAzure, several: bool) -> None:
    assert planned(run(azure, several, "first", check=True))[:2] == ["claim_vm", "prepare"]
    assert sent_writes(azure.requests) == []
    claimed = run(azure, several, "first")
    assert done(claimed) == ["claim_vm"]
    assert claimed["changed"] is True
    assert tags(azure)["golden.azure.claimed_by_run"] == "first"
    assert tags(azure)["a"] == "b"
    again = run(azure, several, "first", check=True)
    assert planned(again)[0] == "prepare"
    assert others(again) == []


def test_the_second_run_says_who_has_it_and_waits_for_the_image(azure: EmbeddedAzure, several: bool) -> None:
    run(azure, several, "first")
    azure.clear_requests()
    looked = run(azure, several, "second", check=True)
    assert others(looked) == ["first"]
    assert planned(looked) == ["wait_for_capture"]
    progress = once("wait until another run", lambda: finish(azure))
    waited = run(azure, several, "second", progress=progress)
    assert done(waited) == ["wait_for_capture"]
    assert waited["changed"] is False
    assert waited["image"]["provisioning_state"] == "Succeeded"
    captured = run(azure, several, "second", guest_prepared=True)
    assert captured["changed"] is False
    assert captured["provenance"]["run_id"] == "first"


@pytest.mark.parametrize("power", ["powerOff", "deallocate"])
def test_a_guest_that_has_been_shut_down_by_the_first_blocks_nothing(
    azure: EmbeddedAzure, several: bool, power: str
) -> None:
    run(azure, several, "first")
    azure.act(MACHINE, power)
    looked = run(azure, several, "second", check=True, snapshot_disks=True)
    assert looked["plan"]["blockers"] == []
    assert planned(looked) == ["wait_for_capture"]


def test_of_two_that_claim_at_the_same_moment_one_has_it(azure: EmbeddedAzure, several: bool) -> None:
    def overtake() -> None:
        run(azure, False, "first")
        assert tags(azure)["golden.azure.claimed_by_run"] == "first"

    seen: list[str] = []

    def progress(line: str) -> None:
        seen.append(line)
        if "claim the" in line and len(seen) == 1:
            overtake()
        elif "wait until another run" in line:
            finish(azure)

    result = run(azure, several, "second", progress=progress)
    assert done(result) == ["wait_for_capture"]
    assert others(result) == ["first"]
    assert [one.status for one in azure.requests if one.method == "PATCH"].count(412) == 1


@pytest.mark.parametrize("how", ["old", "its process has ended"])
def test_a_claim_that_counts_no_more_is_taken_over(azure: EmbeddedAzure, several: bool, how: str) -> None:
    run(azure, False, "first")
    body = {"tags": tags(azure)}
    if how == "old":
        body["tags"]["golden.azure.claimed_at"] = (datetime.now(timezone.utc) - timedelta(hours=3)).isoformat()
    else:
        body["tags"]["golden.azure.claimed_by_process"] = ENDED
    azure.change(MACHINE, body)
    result = run(azure, several, "second")
    assert done(result) == ["claim_vm"]
    assert tags(azure)["golden.azure.claimed_by_run"] == "second"
    assert others(result) == []


def test_a_claim_that_is_released_is_taken_over_by_who_waits(azure: EmbeddedAzure, several: bool) -> None:
    run(azure, False, "first")
    assert planned(run(azure, False, "second", check=True, release_claim=True)) == []
    progress = once("wait until another run", lambda: run(azure, False, "first", release_claim=True))
    result = run(azure, several, "second", progress=progress)
    assert done(result) == ["claim_vm"]
    assert tags(azure)["golden.azure.claimed_by_run"] == "second"
    released = run(azure, several, "second", release_claim=True)
    assert done(released) == ["release_vm"]
    assert tags(azure) == {"a": "b"}
    assert run(azure, several, "second", release_claim=True)["changed"] is False


def test_a_machine_that_was_captured_is_not_changed_by_a_release(azure: EmbeddedAzure, several: bool) -> None:
    run(azure, False, "first")
    finish(azure)
    azure.clear_requests()
    assert planned(run(azure, several, "first", release_claim=True)) == []
    assert sent_writes(azure.requests) == []


def test_a_run_knows_its_own_claim_by_its_process(azure: EmbeddedAzure) -> None:
    with mock.patch.object(parsing, "controller_identity", lambda: identify(1)):
        run(azure, False, "first")
        assert planned(run(azure, False, "another task", check=True))[0] == "prepare"


def test_the_claim_of_a_canceled_job_of_awx_is_taken_over(
    azure: EmbeddedAzure, several: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its pod cannot be seen; a credential for AWX says that it has ended."""
    monkeypatch.setattr(parsing, "controller_identity", lambda: "another-boot/1/7/1")
    monkeypatch.setenv("AWX_HOST", "https://awx.example")
    monkeypatch.setenv("JOB_ID", "1")
    with StandIn(ROOT / "awx" / "project") as awx:
        for name, value in awx.environment().items():
            monkeypatch.setenv(name, value)
        awx.store.jobs.update({1: "running", 2: "running"})
        assert done(run(azure, several, "first")) == ["claim_vm"]
        monkeypatch.setenv("JOB_ID", "2")
        seen = run(azure, several, "second", check=True)
        (warning,) = [one for one in seen["plan"]["warnings"] if one["code"] == OTHER]
        assert warning["holder"] == "job 1 of AWX, https://awx.example/#/jobs/playbook/1"
        awx.store.jobs[1] = "canceled"
        assert done(run(azure, several, "second")) == ["claim_vm"]
        assert tags(azure)["golden.azure.claimed_by_run"] == "second"


def test_an_answer_that_is_lost_is_known_by_the_tags(azure: EmbeddedAzure, several: bool) -> None:
    azure.faults.add("PATCH", "/virtualMachines/web", drop="after")
    assert done(run(azure, several, "first")) == ["claim_vm"]


def test_a_machine_full_of_tags_is_not_claimed(azure: EmbeddedAzure) -> None:
    body = {"tags": {f"tag-{number}": "x" for number in range(48)}}
    azure.change(MACHINE, body)
    assert planned(run(azure, False, "first", check=True))[0] == "prepare"


# -- the playbook -------------------------------------------------------------------------------------------------


def test_the_second_playbook_leaves_the_guest_alone_and_ends_well(tmp_path: Path) -> None:
    durations = {"*": 0.2, "PUT Microsoft.Compute/images": 0.5}
    inventory = tmp_path / "inventory.yml"
    # Nothing answers there: whoever connected to the guest would fail.
    guests = {"all": {"hosts": {"web": {"ansible_host": "192.0.2.1", "ansible_timeout": 1}}}}
    inventory.write_text(yaml.safe_dump(guests))
    values = {"target": "web", "resource_group": "images", "capture_image_name": "golden", "capture_generalize": True}
    with EmbeddedAzure(retry_after=1, durations=durations) as azure, mock.patch.dict(os.environ, azure.environment()):
        azure.seed(SEED)
        real_run("first", guest_prepared=False)
        azure.clear_requests()
        log = tmp_path / "log"
        runs = Playbooks(tmp_path, {**azure.environment(), "ANSIBLE_LOG_PATH": str(log)})
        process = runs.started("golden.azure.capture_linux", "-i", str(inventory), "-e", json.dumps(values))
        # It has planned, and looks whether the image is there by now.
        while sum(one.path.endswith("/images/golden") for one in azure.requests) < 3 and process.poll() is None:
            time.sleep(0.05)
        azure.act(MACHINE, "powerOff")
        real_run("first", guest_prepared=True)
        assert process.wait(timeout=60) == 0, log.read_text()
        assert "run 'first'" in log.read_text()
        assert azure.resources()[IMAGE]["tags"]["golden.azure.run_id"] == "first"


def real_run(run_id: str, **more: Any) -> Json:
    options = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True, "run_id": run_id}
    specification = full_specification(capture_options.OPTIONS)
    checked = ArgumentSpecValidator(specification).validate({**options, **more})
    return capture.execute(Invocation(checked.validated_parameters, check_mode=False))
