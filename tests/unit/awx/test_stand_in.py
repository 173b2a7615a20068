# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for AWX: it refuses what AWX refuses, so that a configuration which it takes means something."""

from __future__ import annotations

from typing import Any

import pytest
from awx_clients import Client

from awx_stand_in import surveys
from awx_stand_in.rules import rule_error
from awx_stand_in.store import HIDDEN

RULE = "DTSTART:20260104T020000Z RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=SU;BYSETPOS=1"
QUESTION = {"question_name": "When?", "variable": "when", "type": "text", "required": True}
FIELDS = {"fields": [{"id": "secret", "label": "Secret", "type": "string", "secret": True}]}


@pytest.fixture
def client() -> Client:
    return Client()


def test_nobody_gets_in_without_the_token(client: Client) -> None:
    assert client.awx.answer("GET", "/api/v2/projects/", "Bearer other", {})[0] == 401


@pytest.mark.parametrize(
    ("endpoint", "body", "field"),
    [
        ("organizations", {}, "name"),
        ("execution_environments", {"name": "x", "image": "i", "pull": "sometimes"}, "pull"),
        ("execution_environments", {"name": "x"}, "image"),
        ("projects", {"name": "x", "scm_type": "git"}, "scm_url"),
        ("projects", {"name": "x", "scm_type": "cvs", "scm_url": "u"}, "scm_type"),
        ("inventories", {"name": "x"}, "organization"),
        ("inventories", {"name": "x", "organization": 999}, "organization"),
        ("inventory_sources", {"name": "x", "inventory": "inventory", "source": "scm"}, "source_project"),
        ("job_templates", {"name": "x", "playbook": "refresh.yml"}, "project"),
        ("job_templates", {"name": "x", "playbook": "golden.azure.refresh", "runs": True}, "playbook"),
        ("job_templates", {"name": "x", "playbook": "ansible.cfg", "runs": True}, "playbook"),
        (
            "job_templates",
            {"name": "x", "playbook": "refresh.yml", "runs": True, "job_slice_count": "3"},
            "job_slice_count",
        ),
        ("job_templates", {"name": "x", "playbook": "refresh.yml", "runs": True, "extra_vars": "[1]"}, "extra_vars"),
        ("job_templates", {"name": "x", "playbook": "refresh.yml", "project": "project"}, "inventory"),
        ("job_templates", {"name": "Job", "playbook": "refresh.yml", "runs": True}, "__all__"),
        ("schedules", {"name": "x", "unified_job_template": "workflow", "rrule": "DTSTART:NONSENSE"}, "rrule"),
        ("schedules", {"name": "x", "rrule": RULE}, "unified_job_template"),
        ("schedules", {"name": "x", "rrule": RULE, "unified_job_template": "workflow", "limit": "web"}, "limit"),
    ],
)
def test_it_refuses(client: Client, endpoint: str, body: dict[str, Any], field: str) -> None:
    values = {name: getattr(client, str(value), value) for name, value in body.items() if name != "runs"}
    status, answer = client.ask("POST", f"{endpoint}/", **values, **(client.runs if "runs" in body else {}))
    assert (status, list(answer)) == (400, [field]), answer


@pytest.mark.parametrize(
    ("inputs", "injectors", "field"),
    [
        ({"fields": [{"id": "9", "label": "l"}]}, {}, "inputs"),
        ({"fields": [{"id": "a", "label": "l", "type": "int"}]}, {}, "inputs"),
        ({"fields": [{"id": "a", "label": "l"}] * 2}, {}, "inputs"),
        ({**FIELDS, "dependencies": {}}, {}, "inputs"),
        (FIELDS, {"env": {"AZURE_SECRET": "{{ other }}"}}, "injectors"),
        (FIELDS, {"env": {"AZURE_SECRET": "{{ secret"}}, "injectors"),
        (FIELDS, {"env": {"ANSIBLE_AZURE_AUTH_SOURCE": "msi"}}, "injectors"),
        (FIELDS, {"env": {"A": "{{ tower.filename.certificate }}"}}, "injectors"),
        (FIELDS, {"file": {"certificate": "{{ secret }}"}}, "injectors"),
        (FIELDS, {"environment": {}}, "injectors"),
    ],
)
def test_it_refuses_credential_types(client: Client, inputs: Any, injectors: Any, field: str) -> None:
    status, answer = client.ask("POST", "credential_types/", name="x", kind="cloud", inputs=inputs, injectors=injectors)
    assert (status, list(answer)) == (400, [field])


def test_it_shows_no_secret_and_keeps_one_that_was_not_shown(client: Client) -> None:
    kind = client.made("credential_types", name="x", kind="cloud", inputs=FIELDS)
    body = {"name": "c", "organization": client.organization, "credential_type": kind}
    assert client.ask("POST", "credentials/", **body, inputs={"other": "x"})[0] == 400
    made = client.made("credentials", **body, inputs={"secret": "hidden"})
    status, answer = client.ask("PATCH", f"credentials/{made}/", inputs={"secret": HIDDEN})
    assert (status, answer["inputs"]) == (200, {"secret": HIDDEN})
    assert client.awx.store.objects[made]["inputs"] == {"secret": "hidden"}


def test_a_job_has_one_credential_of_a_type(client: Client) -> None:
    kind = client.made("credential_types", name="x", kind="cloud", inputs=FIELDS)
    body = {"organization": client.organization, "credential_type": kind}
    first, second = (client.made("credentials", name=name, **body) for name in ("a", "b"))
    assert client.ask("POST", f"job_templates/{client.job}/credentials/", id=first)[0] == 204
    assert client.ask("POST", f"job_templates/{client.job}/credentials/", id=second)[0] == 400


@pytest.mark.parametrize(
    "change",
    [
        {"type": "number"},
        {"required": "yes"},
        {"variable": None},
        {"min": "1"},
        {"type": "integer", "default": "30"},
        {"type": "multiplechoice"},
        {"type": "multiplechoice", "choices": ["a"], "default": "b"},
    ],
)
def test_it_refuses_surveys(client: Client, change: dict[str, Any]) -> None:
    path = f"job_templates/{client.job}/survey_spec/"
    good = {"name": "n", "description": "d", "spec": [QUESTION]}
    assert client.ask("POST", path, **good)[0] == 200
    assert client.ask("POST", path, **{**good, "spec": [{**QUESTION, **change}]})[0] == 400
    assert client.ask("POST", path, **{**good, "spec": [QUESTION, QUESTION]})[0] == 400
    assert client.ask("GET", path) == (200, good)


def test_a_required_question_keeps_a_template_from_being_scheduled(client: Client) -> None:
    survey = {"name": "n", "description": "d", "spec": [{**QUESTION, "default": "now"}]}
    client.ask("PATCH", f"workflow_job_templates/{client.workflow}/", survey_enabled=True)
    client.ask("POST", f"workflow_job_templates/{client.workflow}/survey_spec/", **survey)
    body = {"name": "s", "rrule": RULE, "unified_job_template": client.workflow}
    assert client.ask("POST", "schedules/", **body) == (400, {"variables_needed_to_start": ["'when' value missing"]})
    assert client.ask("POST", "schedules/", **body, extra_data={"when": "now"})[0] == 201


@pytest.mark.parametrize(
    ("rule", "good"),
    [
        (RULE, True),
        ("DTSTART;TZID=Europe/Amsterdam:20260104T020000 RRULE:FREQ=DAILY;INTERVAL=2", True),
        ("DTSTART:20260104T020000 RRULE:FREQ=DAILY;INTERVAL=1", False),
        ("DTSTART:20260104T020000Z", False),
        ("DTSTART:20260104T020000Z RRULE:FREQ=DAILY", False),
        ("DTSTART:20260104T020000Z RRULE:FREQ=SECONDLY;INTERVAL=1", False),
        ("DTSTART:20260104T020000Z RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=1SU", False),
        ("DTSTART:20260104T020000Z RRULE:FREQ=REGULARLY;INTERVAL=1", False),
        ("DTSTART:20260104T020000Z RRULE:FREQ=DAILY;INTERVAL=1;COUNT=2000", False),
        (f"{RULE} DTSTART:20260104T020000Z", False),
    ],
)
def test_the_rule_of_a_schedule(rule: str, good: bool) -> None:
    assert (rule_error(rule) is None) is good


def test_nodes_lead_to_nodes_and_never_back(client: Client) -> None:
    first, second = client.node("first"), client.node("second")
    path = f"workflow_job_template_nodes/{first}"
    assert client.ask("POST", f"{path}/always_nodes/", id=second)[0] == 204
    assert client.ask("POST", f"{path}/success_nodes/", id=second)[0] == 400
    assert client.ask("POST", f"workflow_job_template_nodes/{second}/always_nodes/", id=first)[0] == 400
    status, approval = client.ask("POST", f"{path}/create_approval_template/", name="Well?", timeout=60)
    assert status == 201
    # What follows an approval hangs on its node.
    assert client.ask("GET", f"workflow_approval_templates/{approval['id']}/success_nodes/")[0] == 404


def test_lists_are_filtered_and_come_in_pages(client: Client) -> None:
    for number in range(30):
        client.node(f"n{number}")
    status, page = client.ask("GET", "workflow_job_template_nodes/")
    assert (status, page["count"], len(page["results"])) == (200, 30, 25)
    following = client.ask("GET", page["next"].removeprefix("/api/v2/"))[1]
    assert (len(following["results"]), following["next"]) == (5, None)
    found = client.ask("GET", f"projects/?or__id={client.project}&or__name=other&organization={client.organization}")
    assert found[1]["count"] == 1
    assert client.ask("GET", "projects/?colour=red")[0] == 400
    names = [one["name"] for one in client.ask("GET", "unified_job_templates/")[1]["results"]]
    assert names == ["Project", "Job", "Workflow"]


def test_a_job_gets_answers_and_defaults_that_are_answers() -> None:
    spec = [
        {**QUESTION, "default": "", "min": 1},
        {**QUESTION, "variable": "days", "type": "integer", "default": 30},
        {**QUESTION, "variable": "kinds", "type": "multiselect", "choices": "a\nb", "default": ""},
        {**QUESTION, "variable": "keep", "type": "multiplechoice", "choices": ["true", "false"], "required": False},
    ]
    assert surveys.answers_given({"spec": spec}, {"keep": "true"}) == {"days": 30, "keep": "true"}
    assert surveys.answer_errors(spec, {"when": "x", "days": 1, "kinds": ["a"]}) == []
    assert len(surveys.answer_errors(spec, {"when": "", "days": "1", "kinds": "a", "keep": "maybe"})) == 4
