# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs of AWX: which one runs a process, and whether AWX says that another one has ended."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.awx_job import (
    Job,
    current_job,
    job_of,
    with_job,
    without_job,
)
from ansible_collections.golden.azure.plugins.module_utils._local.awx_jobs import job_has_ended
from repository import ROOT

from awx_stand_in.server import StandIn

HOST = "https://awx.example"
PROCESS = "boot/1/7/1"


def test_a_job_is_named_by_its_environment() -> None:
    job = current_job({"JOB_ID": "42", "AWX_HOST": f"{HOST}/"})
    assert job == Job("42", HOST)
    assert job.title == f"job 42 of AWX, {HOST}/#/jobs/playbook/42"
    assert job_of(with_job(PROCESS, job)) == job
    assert without_job(with_job(PROCESS, job)) == PROCESS


@pytest.mark.parametrize("environment", [{}, {"JOB_ID": "42"}, {"JOB_ID": "x", "AWX_HOST": HOST}, {"AWX_HOST": HOST}])
def test_outside_awx_there_is_no_job(environment: dict[str, str]) -> None:
    assert current_job(environment) is None
    assert with_job(PROCESS, None) == PROCESS
    assert job_of(PROCESS) is None
    assert without_job(PROCESS) == PROCESS


@pytest.fixture(params=[False, True], ids=["awx", "platform"])
def awx(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    with StandIn(ROOT / "awx" / "project", is_platform=request.param) as running:
        running.store.jobs.update({1: "canceled", 2: "running", 3: "error", 4: "successful", 5: "waiting"})
        yield running


def environment(awx: StandIn) -> dict[str, str]:
    """Of a job to which a credential for AWX is attached."""
    return {**awx.environment(), "JOB_ID": "9", "AWX_HOST": HOST}


@pytest.mark.parametrize(("number", "ended"), [(1, True), (2, False), (3, True), (4, True), (5, False), (6, False)])
def test_awx_says_whether_a_job_has_ended(awx: StandIn, number: int, ended: bool) -> None:
    identity = with_job(PROCESS, Job(str(number), HOST))
    assert job_has_ended(identity, environment(awx)) is ended


def test_nobody_else_is_asked(awx: StandIn) -> None:
    """Without a credential; about a process without a job; about a job of another AWX; with a token that is refused."""
    canceled = with_job(PROCESS, Job("1", HOST))
    given = environment(awx)
    assert job_has_ended(canceled, given)
    for name in ("CONTROLLER_HOST", "CONTROLLER_OAUTH_TOKEN", "JOB_ID"):
        assert not job_has_ended(canceled, {key: value for key, value in given.items() if key != name})
    assert not job_has_ended(PROCESS, given)
    assert not job_has_ended(with_job(PROCESS, Job("1", "https://other.example")), given)
    assert not job_has_ended(canceled, {**given, "CONTROLLER_OAUTH_TOKEN": "other"})
    assert not job_has_ended(canceled, {**given, "CONTROLLER_HOST": "http://127.0.0.1:1"})
