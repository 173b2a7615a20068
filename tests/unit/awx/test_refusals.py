# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stand-in for AWX refuses and takes besides; each case names the place in AWX's source (24.6.1) that says so."""

from __future__ import annotations

import contextlib
import http.client
import json
from typing import Any

import pytest
from awx_clients import Client, private_key

from awx_stand_in.launches import slices
from awx_stand_in.names import address_error, image_error
from awx_stand_in.server import TOKEN
from awx_stand_in.surveys import survey_error

TEXT = {"id": "a", "label": "A"}
FLAG = {"id": "a", "label": "A", "type": "boolean"}
RULE = "DTSTART;TZID=Europe/Amsterdam:20260104T020000 RRULE:FREQ=DAILY;INTERVAL=1"


@pytest.fixture
def client() -> Client:
    return Client()


#: (where AWX says so) -> endpoint, body, and the field of the error; text that begins with a dollar sign is an id of the client's.
REFUSED = {
    "CredentialTypeSerializer.validate: kinds": (
        "credential_types",
        {"name": "x", "kind": "ssh", "inputs": {}, "injectors": {}},
        "kind",
    ),
    "CredentialTypeSerializer.validate: ask_at_runtime": (
        "credential_types",
        {"name": "x", "kind": "cloud", "inputs": {"fields": [{**TEXT, "ask_at_runtime": True}]}},
        "inputs",
    ),
    "CredentialTypeInputField.validate: text's properties": (
        "credential_types",
        {"name": "x", "kind": "cloud", "inputs": {"fields": [{**FLAG, "multiline": True}]}},
        "inputs",
    ),
    "CredentialTypeInputField.validate: even if false": (
        "credential_types",
        {"name": "x", "kind": "cloud", "inputs": {"fields": [{**FLAG, "secret": False}]}},
        "inputs",
    ),
    "CredentialTypeInputField.validate: defaults": (
        "credential_types",
        {"name": "x", "kind": "cloud", "inputs": {"fields": [{**TEXT, "default": ["a"]}]}},
        "inputs",
    ),
    "constants.ENV_BLOCKLIST": (
        "credential_types",
        {"name": "x", "kind": "cloud", "inputs": {"fields": [TEXT]}, "injectors": {"env": {"PATH": "{{ a }}"}}},
        "injectors",
    ),
    "CredentialTypeInjectorField.validate: files": (
        "credential_types",
        {
            "name": "x",
            "kind": "cloud",
            "inputs": {"fields": [TEXT]},
            "injectors": {"file": {"template": "{{ a }}", "template.b": "{{ a }}"}},
        },
        "injectors",
    ),
    "base.VERBOSITY_CHOICES": ("job_templates", {"name": "x", "playbook": "refresh.yml", "verbosity": 6}, "verbosity"),
    "JobOptionsSerializer.validate: branch": (
        "job_templates",
        {"name": "x", "playbook": "refresh.yml", "scm_branch": "other"},
        "scm_branch",
    ),
    "JobOptionsSerializer.validate: asking for one": (
        "job_templates",
        {"name": "x", "playbook": "refresh.yml", "ask_scm_branch_on_launch": True},
        "ask_scm_branch_on_launch",
    ),
    "vars_validate_or_raise: text": (
        "job_templates",
        {"name": "x", "playbook": "refresh.yml", "extra_vars": "a: b: c"},
        "extra_vars",
    ),
    "parse_yaml_or_json: JSON": (
        "job_templates",
        {"name": "x", "playbook": "refresh.yml", "extra_vars": "a: 2026-01-04"},
        "extra_vars",
    ),
    "WorkflowJobTemplateSerializer.validate_extra_vars": (
        "workflow_job_templates",
        {"name": "x", "extra_vars": "{a"},
        "extra_vars",
    ),
    "InventorySerializer.validate_variables": (
        "inventories",
        {"name": "x", "organization": "$organization", "variables": "{a"},
        "variables",
    ),
    "JobTemplate._accept_or_ignore_job_kwargs: slices": (
        "workflow_job_template_nodes",
        {"identifier": "x", "workflow_job_template": "$workflow", "unified_job_template": "$job", "job_slice_count": 3},
        "job_slice_count",
    ),
    "JobTemplate._accept_or_ignore_job_kwargs: others": (
        "schedules",
        {"name": "x", "rrule": RULE, "unified_job_template": "$job", "verbosity": 3},
        "verbosity",
    ),
    "UnifiedJobTemplate._accept_or_ignore_job_kwargs": (
        "schedules",
        {"name": "x", "rrule": RULE, "unified_job_template": "$project", "limit": "web"},
        "limit",
    ),
    "Schedule.rrulestr": (
        "schedules",
        {"name": "x", "rrule": RULE.replace("Amsterdam", "Atlantis"), "unified_job_template": "$job"},
        "rrule",
    ),
    "SchedulePreviewSerializer.validate_rrule": (
        "schedules",
        {"name": "x", "rrule": f"{RULE} EXDATE:20260105T020000Z", "unified_job_template": "$job"},
        "rrule",
    ),
    "validate_container_image_name": ("execution_environments", {"name": "x", "image": "Example/EE:latest"}, "image"),
    "update_scm_url": ("projects", {"name": "x", "scm_type": "git", "scm_url": "oci://git.example/x"}, "scm_url"),
    "ProjectOptionsSerializer.validate": (
        "projects",
        {"name": "x", "scm_type": "archive", "scm_url": "https://git.example/x.tgz", "scm_branch": "main"},
        "scm_branch",
    ),
    "ProjectSerializer.validate": ("projects", {"name": "x", "scm_update_on_launch": True}, "scm_update_on_launch"),
    "InventorySource.cloud_credential_validation": (
        "inventory_sources",
        {"name": "x", "inventory": "$inventory", "source": "azure_rm"},
        "credential",
    ),
    "InventorySourceSerializer.validate: branch": (
        "inventory_sources",
        {"name": "x", "inventory": "$inventory", "source": "scm", "source_project": "$project", "scm_branch": "b"},
        "scm_branch",
    ),
    "InventorySourceSerializer.validate: constructed": (
        "inventory_sources",
        {"name": "x", "inventory": "$inventory", "source": "constructed"},
        "error",
    ),
    "provision_instance: controlplane": ("instance_groups", {"name": "controlplane"}, "__all__"),
    "register_default_execution_environments": (
        "execution_environments",
        {"name": "Control Plane Execution Environment", "image": "example/ee"},
        "__all__",
    ),
}


@pytest.mark.parametrize("source", REFUSED)
def test_awx_refuses(client: Client, source: str) -> None:
    endpoint, body, field = REFUSED[source]
    values = {name: _id(client, value) for name, value in body.items()}
    needed = client.runs if endpoint == "job_templates" else {}
    status, answer = client.ask("POST", f"{endpoint}/", **values, **needed)
    assert (status, list(answer)) == (400, [field]), answer


def _id(client: Client, value: Any) -> Any:
    return getattr(client, value[1:]) if isinstance(value, str) and value.startswith("$") else value


# -- credentials ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "inputs",
    [
        {"ssh_key_data": "a key"},
        {"ssh_key_data": "-----BEGIN OPENSSH PRIVATE KEY-----\nnot one\n-----END OPENSSH PRIVATE KEY-----"},
        {"ssh_key_data": private_key().replace("OPENSSH PRIVATE", "PUBLIC")},
        {"ssh_key_data": private_key("secret")},
        {"ssh_key_data": private_key(), "ssh_key_unlock": "secret"},
        {"ssh_key_data": "$encrypted$"},
    ],
)
def test_awx_refuses_keys(client: Client, inputs: dict[str, str]) -> None:
    """validate_ssh_private_key of awx/main/validators.py; CredentialInputField.validate of awx/main/fields.py."""
    number = client.named("credential_types", "Machine")
    body = {"name": "c", "organization": client.organization, "credential_type": number}
    status, answer = client.ask("POST", "credentials/", **body, inputs=inputs)
    assert (status, list(answer)) == (400, ["inputs"]), answer


def test_awx_takes_keys_and_become(client: Client) -> None:
    """The managed type Machine of awx/main/models/credential."""
    client.credential("Machine", ssh_key_data=private_key(), become_method="sudo", become_username="root")
    client.credential("Machine", ssh_key_data=private_key("secret"), ssh_key_unlock="secret")
    client.credential("Source Control", ssh_key_data=private_key())


def test_awx_puts_credentials_where_their_kind_belongs(client: Client) -> None:
    """JobTemplateCredentialsList, ProjectOptions.clean_credential, and the serializers' validate_credential."""
    login = {"username": "u", "password": "p"}
    registry = client.credential("Container Registry", host="registry.example", **login)
    source = client.credential("Source Control", **login)
    machine = client.credential("Machine", username="u")
    assert client.ask("POST", f"job_templates/{client.job}/credentials/", id=source)[0] == 400
    assert client.ask("POST", f"job_templates/{client.job}/credentials/", id=registry)[0] == 400
    assert client.ask("POST", f"job_templates/{client.job}/credentials/", id=machine)[0] == 204
    path = f"projects/{client.project}/"
    assert client.ask("PATCH", path, credential=registry) == (400, {"credential": ["Credential kind must be 'scm'."]})
    assert client.ask("PATCH", path, credential=source)[0] == 200
    body = {"name": "x", "image": "registry.example:5000/images/ee:1"}
    assert client.ask("POST", "execution_environments/", **body, credential=source)[0] == 400
    assert client.ask("POST", "execution_environments/", **body, credential=registry)[0] == 201
    group = {"name": "x", "is_container_group": True}
    assert client.ask("POST", "instance_groups/", **group, credential=machine)[0] == 400
    galaxy = f"organizations/{client.organization}/galaxy_credentials/"
    assert client.ask("POST", galaxy, id=machine)[0] == 400
    assert client.ask("POST", galaxy, id=client.named("credentials", "Ansible Galaxy"))[0] == 204


def test_awx_keeps_types_that_are_its_own_or_in_use(client: Client) -> None:
    """CredentialTypeSerializer.validate."""
    own = client.named("credential_types", "Machine")
    assert client.ask("PATCH", f"credential_types/{own}/", description="mine")[0] == 403
    kind = client.made("credential_types", name="x", kind="cloud", inputs={"fields": [TEXT]})
    other = {"fields": [TEXT, {"id": "b", "label": "B"}]}
    assert client.ask("PATCH", f"credential_types/{kind}/", inputs=other)[0] == 200
    client.made("credentials", name="c", organization=client.organization, credential_type=kind, inputs={"a": "1"})
    assert client.ask("PATCH", f"credential_types/{kind}/", inputs={"fields": [TEXT]})[0] == 403
    assert client.ask("PATCH", f"credential_types/{kind}/", injectors={"env": {"A": "{{ a }}"}})[0] == 200


# -- surveys and variables -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"default": ["a"]},
        {"type": "multiselect", "choices": ["a"], "default": ["a"]},
        {"type": "multiplechoice", "choices": ["a", "b"], "default": "a\nb"},
        {"type": "password", "default": "$encrypted$"},
        {"default": "$encrypted$"},
    ],
)
def test_awx_refuses_defaults(change: dict[str, Any]) -> None:
    """JobTemplateSurveySpec._validate_spec_data; SURVEY_TYPE_MAPPING of awx/main/constants.py."""
    good = {"question_name": "q", "variable": "v", "type": "text", "required": False}
    assert survey_error({"name": "n", "description": "d", "spec": [good]}) is None
    assert survey_error({"name": "n", "description": "d", "spec": [{**good, **change}]})
    assert survey_error({"name": "n", "description": "d", "spec": ["text"]})


def test_awx_answers_what_it_cannot_read(client: Client) -> None:
    """Django REST framework's parsers and views: an error of the client's, never one of the server's."""
    with client.awx as awx:
        address = awx.environment()["CONTROLLER_HOST"].removeprefix("http://")
        for body in (b"{", b"[]", json.dumps({"extra_vars": "{a"}).encode()):
            connection = http.client.HTTPConnection(address, timeout=60)
            with contextlib.closing(connection):
                path = f"/api/v2/job_templates/{client.job}/"
                connection.request("PATCH", path, body, {"Authorization": f"Bearer {TOKEN}"})
                assert connection.getresponse().status == 400
    for path in ("projects/name/", "projects/?page=x", "nowhere/", "project_updates/99/"):
        assert client.ask("GET", path)[0] == 404


# -- what is stored for a launch, and slices -----------------------------------------------------------------------


def test_awx_slices_no_further_than_there_are_hosts(client: Client) -> None:
    """JobTemplate.get_effective_slice_ct; an inventory has no hosts until its source was updated."""
    store = client.awx.store
    client.ask("PATCH", f"job_templates/{client.job}/", job_slice_count=3, ask_job_slice_count_on_launch=True)
    assert slices(store.objects[client.job], store.objects) == 0
    node = {"identifier": "n", "workflow_job_template": client.workflow, "unified_job_template": client.job}
    refused = client.ask("POST", "workflow_job_template_nodes/", **node, job_slice_count=2)
    assert refused == (400, {"job_slice_count": "Job inventory does not have enough hosts for slicing"})
    source = {"source": "scm", "source_project": client.project, "source_path": "inventory"}
    number = client.made("inventory_sources", name="s", inventory=client.inventory, **source)
    assert client.ask("GET", f"inventories/{client.inventory}/")[1]["total_hosts"] == 0
    status, update = client.ask("POST", f"inventory_sources/{number}/update/")
    assert (status, update["status"]) == (202, "successful")
    assert client.ask("GET", f"inventories/{client.inventory}/")[1]["total_hosts"] == 1
    assert slices(store.objects[client.job], store.objects) == 1


def test_awx_takes_what_a_template_has_already(client: Client) -> None:
    """_accept_or_ignore_job_kwargs: a value that is the template's own is neither accepted nor refused."""
    node = {"workflow_job_template": client.workflow, "unified_job_template": client.job}
    client.made("workflow_job_template_nodes", identifier="n", **node, verbosity=0, job_type="run")


def test_awx_takes_times_below_zero(client: Client) -> None:
    """IntegerFields of awx/main/models/jobs.py, projects.py, inventory.py and workflow.py."""
    assert client.ask("PATCH", f"job_templates/{client.job}/", timeout=-1)[0] == 200
    assert client.ask("PATCH", f"projects/{client.project}/", timeout=-1)[0] == 200
    path = f"workflow_job_template_nodes/{client.node('n')}/create_approval_template/"
    assert client.ask("POST", path, name="Well?", timeout=-1)[0] == 201
    assert client.ask("PATCH", f"job_templates/{client.job}/", forks=-1)[0] == 400


def test_awx_takes_cycles_that_no_root_leads_to(client: Client) -> None:
    """SimpleDAG.has_cycle of awx/main/scheduler/dag_simple.py."""
    alone, first, second = (client.node(name) for name in ("alone", "first", "second"))

    def link(one: int, other: int) -> int:
        return client.ask("POST", f"workflow_job_template_nodes/{one}/always_nodes/", id=other)[0]

    assert link(first, second) == 204
    assert link(second, first) == 204, "the node alone is a root, and leads nowhere"
    assert link(alone, first) == 400
    assert link(alone, alone) == 400


def test_awx_refuses_a_workflow_without_a_root(client: Client) -> None:
    first, second = client.node("first"), client.node("second")
    path = "workflow_job_template_nodes"
    assert client.ask("POST", f"{path}/{first}/always_nodes/", id=second)[0] == 204
    assert client.ask("POST", f"{path}/{second}/success_nodes/", id=first) == (400, {"Error": "Cycle detected."})


# -- what stays as it is -------------------------------------------------------------------------------------------


def test_awx_does_not_move_an_execution_environment(client: Client) -> None:
    """ExecutionEnvironmentSerializer.validate."""
    body = {"name": "x", "image": "example/ee"}
    own = client.made("execution_environments", **body, organization=client.organization)
    other = client.made("organizations", name="Other")
    assert client.ask("PATCH", f"execution_environments/{own}/", organization=other)[0] == 400
    assert client.ask("PATCH", f"execution_environments/{own}/", organization=client.organization)[0] == 200
    assert client.ask("PATCH", f"execution_environments/{own}/", organization=None)[0] == 200
    assert client.ask("PATCH", f"execution_environments/{own}/", organization=client.organization)[0] == 400


def test_awx_keeps_its_own_groups(client: Client) -> None:
    """InstanceGroupSerializer.validate_name and validate_is_container_group."""
    own = client.named("instance_groups", "controlplane")
    assert client.ask("PATCH", f"instance_groups/{own}/", name="mine")[0] == 400
    assert client.ask("PATCH", f"instance_groups/{own}/", is_container_group=True)[0] == 400


# -- names ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "good"),
    [
        ("ee", True),
        ("example/golden-azure-ee:latest", True),
        ("registry.example:5000/a/b_c/d:1.0", True),
        (f"registry.example/ee@sha256:{'0' * 64}", True),
        ("https://registry.example/ee", False),
        ("example/EE", False),
        ("example/ee:", False),
        ("", False),
    ],
)
def test_names_of_images(name: str, good: bool) -> None:
    assert (image_error(name) is None) is good


@pytest.mark.parametrize(
    ("kind", "address", "good"),
    [
        ("git", "https://git.example/x.git", True),
        ("git", "git@git.example:x.git", True),
        ("git", "ssh://git@git.example/x.git", True),
        ("git", "/srv/x.git", True),
        ("git", "git+ssh://git.example/x", False),
        ("git", "s3://bucket/x", False),
        ("git", "https:///x", False),
        ("git", "https://git.example:port/x", False),
        ("git", "file://elsewhere/x", False),
        ("svn", "git.example/x", False),
        ("archive", "https://git.example/x.tar.gz", True),
        ("archive", "ssh://git.example/x", False),
    ],
)
def test_addresses_of_repositories(kind: str, address: str, good: bool) -> None:
    assert (address_error(kind, address) is None) is good


# -- updates -------------------------------------------------------------------------------------------------------


def test_a_project_that_cannot_be_fetched_has_no_playbooks(client: Client) -> None:
    """Project.save, RunProjectUpdate: the update is started with the project, and again when its branch changes."""
    here = {"organization": client.organization, "scm_type": "git", "scm_url": "https://git.example/y"}
    number = client.made("projects", name="other", scm_branch="elsewhere", **here)
    shown = client.ask("GET", f"projects/{number}/")[1]
    assert (shown["status"], shown["scm_revision"]) == ("failed", "")
    events = client.ask(
        "GET", f"{shown['related']['last_update'].removeprefix('/api/v2/')}events/?event=runner_on_failed"
    )
    (event,) = events[1]["results"]
    assert event["event_data"]["res"]["msg"] == "Failed to checkout elsewhere"
    job = {"name": "j", "playbook": "refresh.yml", "project": number, "inventory": client.inventory}
    assert client.ask("POST", "job_templates/", **job)[1] == {"playbook": ["Playbook not found for project."]}
    assert client.ask("PATCH", f"projects/{number}/", scm_branch="main")[1]["status"] == "successful"
    assert client.ask("POST", "job_templates/", **job)[0] == 201


def test_an_inventory_fails_with_its_project(client: Client) -> None:
    here = {"organization": client.organization, "scm_type": "git", "scm_url": "https://git.example/y"}
    number = client.made("projects", name="other", scm_branch="elsewhere", scm_update_on_launch=True, **here)
    source = {"source": "scm", "source_project": number, "source_path": "inventory"}
    made = client.made("inventory_sources", name="s", inventory=client.inventory, **source)
    update = client.ask("POST", f"inventory_sources/{made}/update/")[1]
    assert (update["failed"], "Previous Task Failed" in update["job_explanation"]) == (True, True)
    assert client.ask("PATCH", f"projects/{number}/", scm_branch="main")[0] == 200
    client.ask("PATCH", f"inventory_sources/{made}/", source_path="nowhere")
    update = client.ask("POST", f"inventory_sources/{made}/update/")[1]
    assert update["failed"]
    assert "nowhere" in client.ask("GET", f"inventory_updates/{update['id']}/stdout/?format=json")[1]["content"]
