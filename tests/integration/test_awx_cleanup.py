# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The clean-up job of AWX: answers to its survey, given to the project's playbook as AWX gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from awx_surveys import CLEANUP_FILE
from orphan_cases import FOR_GONE, FOR_STAYS, GONE, SUBSCRIPTION, YOUNG, disk, seed, snapshot
from predicted_writes import sent_writes
from recorded_failures import run_recorded
from repository import ROOT

from awx_stand_in import surveys
from embedded_azure import EmbeddedAzure

PLAYBOOK = str(ROOT / "awx" / "project" / "cleanup.yml")
REMOVING = {"cleanup_remove": "true"}


@pytest.fixture
def left(azure: EmbeddedAzure) -> EmbeddedAzure:
    rows = [
        snapshot("images", "of-gone", FOR_GONE),
        disk("work", "of-gone", FOR_GONE),
        snapshot("images", "of-golden", FOR_STAYS),
        snapshot("images", "young", {"golden.azure.image": f"{GONE}-2".lower()}, created=YOUNG),
    ]
    seed(azure, *rows)
    azure.clear_requests()
    return azure


def given(**answers: Any) -> tuple[str, str]:
    """What a job gets of its survey."""
    survey = json.loads(CLEANUP_FILE.read_text())
    assert surveys.answer_errors(survey["spec"], answers) == []
    return "-e", json.dumps(surveys.answers_given(survey, answers))


def snapshots_and_disks(azure: EmbeddedAzure) -> set[str]:
    return {"/".join(id.split("/")[-2:]) for id in azure.resources() if "/snapshots/" in id or "/disks/" in id}


def test_without_answers_it_only_lists(left: EmbeddedAzure, playbooks: Any) -> None:
    run = run_recorded(playbooks, PLAYBOOK, *given())
    assert run.status == 0, run.output
    assert sent_writes(left.requests) == []
    assert "Orphaned resources: 2 found, 0 removed. Kept: 2." in run.output


def test_an_answer_removes_and_the_job_type_check_only_says_so(left: EmbeddedAzure, playbooks: Any) -> None:
    everything = snapshots_and_disks(left)
    planned = run_recorded(playbooks, PLAYBOOK, *given(**REMOVING), "--check")
    assert planned.status == 0, planned.output
    assert "2 would be removed" in planned.output
    assert (sent_writes(left.requests), snapshots_and_disks(left)) == ([], everything)
    done = run_recorded(playbooks, PLAYBOOK, *given(**REMOVING))
    assert done.status == 0, done.output
    assert everything - snapshots_and_disks(left) == {"snapshots/of-gone", "disks/of-gone"}
    left.clear_requests()
    again = run_recorded(playbooks, PLAYBOOK, *given(**REMOVING))
    assert again.status == 0 and sent_writes(left.requests) == []


def test_all_answers_are_understood(left: EmbeddedAzure, playbooks: Any) -> None:
    """Numbers as numbers, choices and lists as text."""
    other = "44444444-4444-4444-8444-444444444444"
    left.settings.other_subscriptions = [other]
    answers = {
        **REMOVING,
        "cleanup_subscriptions": f"{SUBSCRIPTION.rpartition('/')[2]},{other}",
        "cleanup_older_than_hours": 48,
        "cleanup_stale_after_hours": 1.5,
        "cleanup_backups_older_than_days": 90,
        "cleanup_packer": "true",
        "cleanup_packer_prefix": "ci",
        "cleanup_protected_tag": "keep",
        "cleanup_max_removals": 1,
    }
    # Both were created for one image: more than one must be removed, or none.
    run = run_recorded(playbooks, PLAYBOOK, *given(**answers))
    assert run.status == 0, run.output
    assert "limit of 1 removals per run" in run.output and sent_writes(left.requests) == []
    more = run_recorded(playbooks, PLAYBOOK, *given(**{**answers, "cleanup_max_removals": 2}))
    assert "2 found, 2 removed" in more.output
    assert any(other in entry.path or other in str(entry.request_body) for entry in left.requests)


def test_an_answer_that_makes_no_sense_is_refused_by_the_name_of_its_variable(
    left: EmbeddedAzure, playbooks: Any
) -> None:
    run = run_recorded(playbooks, PLAYBOOK, *given(**REMOVING, cleanup_older_than_hours=0))
    assert run.status != 0 and "cleanup_older_than_hours" in run.output
    assert sent_writes(left.requests) == []
