# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The capture jobs of AWX: answers to their surveys, given to the project's playbooks as AWX gives them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from awx_surveys import GUESTS, file
from predicted_writes import sent_writes
from recorded_failures import run_recorded
from repository import ROOT

from awx_stand_in import surveys
from embedded_azure import EmbeddedAzure
from windows_guest.playbooks import install_collections

PROJECT = ROOT / "awx" / "project"
#: Text for what is a list or a dictionary, choices as text, numbers as numbers.
MACHINE = {"capture_source_vm": "web", "capture_guest_address": "192.0.2.1", "resource_group": "images"}
PREPARED = {"capture_generalize": "true", "capture_guest_prepared": "true"}
INTO = {
    "image": {"capture_image_name": "golden-web", "capture_image_tags": "team: web\nstage: test"},
    "gallery": {
        "capture_gallery": "golden",
        "capture_definition": "web",
        "capture_create_gallery": "true",
        "capture_target_regions": '[{"name": "westeurope"}, {"name": "northeurope"}]',
        "capture_concurrent_deployments": 30,
    },
}
INTO["both"] = {**INTO["image"], **INTO["gallery"]}


def given(guest: str, **answers: Any) -> tuple[str, str]:
    """What a job gets of its survey."""
    survey = json.loads(file(guest).read_text())
    assert surveys.answer_errors(survey["spec"], answers) == []
    return "-e", json.dumps(surveys.answers_given(survey, answers))


@pytest.mark.parametrize("into", INTO)
@pytest.mark.parametrize("guest", GUESTS)
@pytest.mark.sweep
def test_answers_capture_into_each_target(azure: EmbeddedAzure, playbooks: Any, guest: str, into: str) -> None:
    machine = {"name": "web", "group": "images", "power": "stopped", "os_type": guest.capitalize()}
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [machine]})
    azure.clear_requests()
    playbooks.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{ROOT / '.cache' / 'collections'}:{install_collections()}"
    playbook = str(PROJECT / f"capture_{guest}.yml")
    answers = {**MACHINE, **INTO[into]}

    refused = run_recorded(playbooks, playbook, *given(guest, **answers))
    assert refused.status != 0, "nobody has consented to the generalization"
    assert sent_writes(azure.requests) == []
    planned = run_recorded(playbooks, playbook, *given(guest, **answers, **PREPARED), "--check")
    assert planned.status == 0, planned.output
    assert sent_writes(azure.requests) == []
    made = run_recorded(playbooks, playbook, *given(guest, **answers, **PREPARED))
    assert made.status == 0, made.output
    resources = [one.lower() for one in azure.resources()]
    assert any(one.endswith("microsoft.compute/images/golden-web") for one in resources) is (into != "gallery")
    assert any("/galleries/golden/images/web/versions/" in one for one in resources) is (into != "image")


@pytest.mark.parametrize("guest", GUESTS)
def test_without_a_target_the_job_says_what_is_possible(azure: EmbeddedAzure, playbooks: Any, guest: str) -> None:
    machine = {"name": "web", "group": "images", "power": "stopped", "os_type": guest.capitalize()}
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [machine]})
    playbooks.environment["ANSIBLE_COLLECTIONS_PATH"] = f"{ROOT / '.cache' / 'collections'}:{install_collections()}"
    run = run_recorded(playbooks, str(PROJECT / f"capture_{guest}.yml"), *given(guest, **MACHINE), "--check")
    assert run.status != 0
    assert "no_target" in run.output
