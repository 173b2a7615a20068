# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose a lease is, when it counts no more, and how two at once come to know."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import RESOURCE_GROUP, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation, full_specification
from ansible_collections.golden.azure.plugins.module_utils._lease import run as lease
from ansible_collections.golden.azure.plugins.module_utils._lease.plan import (
    PROCESS,
    RUN,
    LeaseRequest,
    is_own,
    plan_end,
    plan_lease,
    plan_release,
    plan_renewal,
)
from ansible_collections.golden.azure.plugins.module_utils._local import processes
from repository import ROOT

from awx_stand_in.server import StandIn
from embedded_azure import EmbeddedAzure

NOW = datetime(2026, 11, 21, 5, tzinfo=timezone.utc)
GROUP = ResourceId("0", "refresh-web", RESOURCE_GROUP, ("refresh-web",))
ALIVE, DEAD = "boot/1/7/1", "boot/1/8/1"


def request(run: str = "mine", **more: Any) -> LeaseRequest:
    return LeaseRequest(
        **{
            "group": GROUP,
            "image": "web",
            "holder": "h",
            "process": ALIVE,
            "stale_after_hours": 12.0,
            "run": run,
            **more,
        }
    )


def there(of: LeaseRequest, **tags: str) -> dict[str, Any]:
    return {"id": str(GROUP), "tags": {**of.all_tags(NOW), **tags}, "properties": {"provisioningState": "Succeeded"}}


def planned(own: LeaseRequest, group: dict[str, Any] | None, now: datetime = NOW) -> Any:
    return plan_lease(own, group, "westeurope", now, lambda process: process == DEAD)


# -- whose it is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "hours", "taken"),
    [
        ({"process": ALIVE}, 11.9, False),
        ({"process": ALIVE}, 12, True),
        ({"process": DEAD}, 0, True),
        ({"process": "ended"}, 0, True),
        ({"process": ""}, 11.9, False),
    ],
)
def test_a_lease_counts_until_its_run_has_ended_or_is_silent_for_long(other: Any, hours: float, taken: bool) -> None:
    plan = planned(request(), there(request("other", **other)), NOW + timedelta(hours=hours))
    assert ([step.action.name for step in plan.steps] == ["merge_tags"]) is taken
    assert [blocker.code for blocker in plan.blockers] == ([] if taken else ["leased"])


def test_nobody_has_two_hosts_of_one_name_at_once() -> None:
    assert planned(request(), there(request(holder="another host"))).blockers
    assert planned(request(), there(request(image="Web"))).blockers


def test_a_group_that_is_no_lease_is_left_alone() -> None:
    assert planned(request(), {"id": str(GROUP), "tags": None}).blockers[0].code == "name_taken"


def test_a_lease_that_is_being_given_back_is_waited_for() -> None:
    leaving = {**there(request("other")), "properties": {"provisioningState": "Deleting"}}
    assert [step.action.name for step in planned(request(), leaving).steps] == ["wait_for_removal", "create_group"]


def test_only_who_has_a_lease_renews_it() -> None:
    own = there(request(), **{RUN: "other"})
    assert plan_renewal(request(), own, NOW).blockers[0].code == "lease_lost"
    assert plan_renewal(request(), None, NOW).blockers[0].code == "lease_lost"
    blank = there(request(), **{RUN: "", PROCESS: ""})
    assert plan_renewal(request(), blank, NOW).changed, "who was second has taken its name off again"
    assert planned(request("third"), blank).blockers, "whose it is then, a third cannot know"


def test_only_who_has_a_lease_ends_it() -> None:
    assert not plan_end(request(), there(request("other"))).changed
    assert not plan_release(request(), there(request("other")), 0).changed
    assert [step.action.name for step in plan_release(request(), there(request()), 0).steps] == ["delete_group"]
    with_strangers = plan_release(request(), there(request()), 2)
    assert [step.action.name for step in with_strangers.steps] == ["merge_tags"]
    assert with_strangers.warnings[0].code == "group_kept"
    assert is_own(request(), there(request()))


# -- processes ----------------------------------------------------------------------------------------------------


def test_a_process_is_known_to_have_ended_once_it_has() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        identity = processes.identify(process.pid)
        assert not processes.has_ended(identity)
        process.communicate(b"\n", timeout=30)
    assert processes.has_ended(identity)
    assert not processes.has_ended(processes.identify(os.getpid()))


def test_a_number_that_is_used_again_is_another_process() -> None:
    assert processes.has_ended(f"{processes.identify(os.getpid())}9")


@pytest.mark.parametrize("identity", ["", "ended", "a/b", "another-boot/1/1/1", "a/b/c/d", "{own}/x/1"])
def test_what_cannot_be_seen_from_here_has_not_ended(identity: str) -> None:
    space = processes.identify(os.getpid()).rsplit("/", 2)[0]
    assert not processes.has_ended(identity.replace("{own}", space))


# -- jobs of AWX --------------------------------------------------------------------------------------------------

ELSEWHERE = "another-boot/1/7/1 job {} of https://awx.example"


def test_in_awx_the_survey_is_named() -> None:
    told = planned(request(process=f"{ALIVE} job 9 of https://awx.example"), there(request("other"))).blockers[0]
    assert "the survey's question" in told.message
    assert "stale_after_hours" not in told.message
    assert "'stale_after_hours'" in planned(request(), there(request("other"))).blockers[0].message


def test_the_lease_of_a_canceled_job_is_taken_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a credential for AWX, which says that the job has ended; its pod cannot be seen."""
    with (
        EmbeddedAzure(seed={"groups": {"images": "westeurope"}}) as azure,
        StandIn(ROOT / "awx" / "project") as awx,
        mock.patch.dict(os.environ, {**azure.environment(), "JOB_ID": "3", "AWX_HOST": "https://awx.example"}),
    ):
        awx.store.jobs.update({1: "running", 2: "running"})
        assert _tried(azure, process=ELSEWHERE.format(1))("canceled") == ""
        awx.store.jobs[1] = "canceled"
        second = _tried(azure, process=ELSEWHERE.format(2))
        assert "run 'canceled' (canceled)" in second("second"), "nobody can be asked"
        for name, value in awx.environment().items():
            monkeypatch.setenv(name, value)
        assert second("second") == ""
        assert "run 'second' (second)" in _tried(azure, process=ELSEWHERE.format(3))("third"), "it is running"


# -- two at once --------------------------------------------------------------------------------------------------


def test_of_two_at_the_same_moment_one_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have looked before either writes."""
    with (
        EmbeddedAzure(seed={"groups": {"images": "westeurope"}}) as azure,
        mock.patch.dict(os.environ, azure.environment()),
    ):
        barrier, create = threading.Barrier(2), lease._create

        def together(*arguments: Any) -> Any:
            barrier.wait(30)
            return create(*arguments)

        monkeypatch.setattr(lease, "_create", together)
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(_tried(azure), ("one", "two")))
        assert sorted(map(bool, answers)) == [False, True], answers
        winner = "one" if answers[0] == "" else "two"
        loser_says = answers[1] if winner == "one" else answers[0]
        assert "at the same time" in loser_says or "took over the lease" in loser_says
        assert _tried(azure, "renewed")(winner) == ""


def _tried(azure: EmbeddedAzure, state: str = "present", process: str = "") -> Callable[[str], str]:
    def attempt(run: str) -> str:
        """What it was refused with; nothing if it was not."""
        options = {name: one.get("default") for name, one in full_specification(lease.OPTIONS).items()}
        own = {
            "name": "refresh-web",
            "image": "web",
            "run": run,
            "holder": run,
            "resource_group": "images",
            "state": state,
            "process": process,
        }
        try:
            lease.execute(Invocation({**options, **own}, False))
        except Failure as failure:
            return failure.message
        return ""

    return attempt
