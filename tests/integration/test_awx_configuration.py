# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of AWX, applied by the modules of awx.awx; and its credentials, used to sign in."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import jwt
import pytest
import yaml
from awx_clients import private_key
from awx_sites import WORKFLOW, Site, changes
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from managed_identity import identity_of_this_machine
from playbook_runs import Playbooks
from repository import ROOT

from awx_stand_in.credential_types import Injected, injected
from awx_stand_in.server import StandIn
from embedded_azure import EmbeddedAzure
from windows_guest.playbooks import install_collections

#: What Entra ID is shown by each way to sign in.
PROOFS = {
    "federated_token": {"client_assertion"},
    "managed_identity": set(),
    "secret": {"client_secret"},
    "certificate": {"client_assertion"},
}


@pytest.fixture(scope="module")
def azure() -> Iterator[EmbeddedAzure]:
    """The Azure that jobs sign in to."""
    with EmbeddedAzure() as running:
        running.seed({"groups": {"images": "westeurope"}})
        yield running


@pytest.fixture(scope="module")
def certificate() -> str:
    """A certificate with its private key (PEM)."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "golden images")])
    now = datetime.now(timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return (private + public).decode()


@pytest.fixture(scope="module")
def site(azure: EmbeddedAzure, certificate: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An AWX to which the configuration was applied once."""
    environment = azure.environment()
    secrets = {
        "awx_private_key": private_key(),
        "awx_azure_subscription_id": environment["AZURE_SUBSCRIPTION_ID"],
        "awx_azure_tenant": environment["AZURE_TENANT"],
        "awx_azure_client_id": environment["AZURE_CLIENT_ID"],
        "awx_azure_cloud": environment["AZURE_CLOUD_ENVIRONMENT"],
        "awx_azure_secret": environment["AZURE_SECRET"],
        "awx_azure_secret_expires": "2099-01-31",
        "awx_azure_certificate": certificate,
    }
    with StandIn(ROOT / "awx" / "project") as awx:
        made = Site(awx, tmp_path_factory.mktemp("site"), secrets)
        assert changes(made.configure()) > 10
        yield made


@pytest.mark.sweep
def test_a_second_run_changes_nothing_and_check_mode_tells_what_would(site: Site) -> None:
    # What awx.awx sends for all AWX to pass over: its own oversights, and nothing of ours.
    known = {
        ("credential_types", "managed"),
        ("job_templates", "organization"),
        ("workflow_job_template_nodes", "type"),
    }
    assert site.awx.store.passed_over == known

    before = len(site.awx.writes)
    again = site.configure()
    assert changes(again) == 0, again.stdout
    looked = site.configure("--check", awx_slices=5)
    assert changes(looked) == 2, looked.stdout
    # Nothing but the update that shows whether the branch has moved.
    project = site.of("projects", "Golden images")["id"]
    assert site.awx.writes[before:] == [("POST", f"/api/v2/projects/{project}/update/", {})]


@pytest.mark.sweep
def test_the_workflow_leads_over_an_approval_to_promotion(site: Site) -> None:
    workflow = site.of("workflow_job_templates", WORKFLOW)
    nodes = {
        one["identifier"]: one
        for one in site.awx.store.of("workflow_job_template_nodes")
        if one["workflow_job_template"] == workflow["id"]
    }
    ways = {
        (name, kind, follower)
        for name, node in nodes.items()
        for kind in ("success_nodes", "failure_nodes", "always_nodes")
        for follower in site.names(node[kind], "identifier")
    }
    assert ways == {
        ("refresh", "always_nodes", "summary"),
        ("summary", "always_nodes", "approval"),
        ("approval", "success_nodes", "promote"),
    }
    done = {name: site.awx.store.objects[node["unified_job_template"]] for name, node in nodes.items()}
    assert done["approval"]["endpoint"] == "workflow_approval_templates"
    assert done["approval"]["timeout"] == 72 * 3600
    assert [done[name]["playbook"] for name in ("refresh", "summary", "promote")] == [
        "refresh.yml",
        "summary.yml",
        "promote.yml",
    ]
    (schedule,) = site.awx.store.of("schedules")
    assert schedule["unified_job_template"] == workflow["id"]
    assert schedule["enabled"]


@pytest.mark.sweep
def test_the_pods_carry_the_token_that_the_credential_names(site: Site) -> None:
    pod = yaml.safe_load(site.of("instance_groups", "golden.azure")["pod_spec_override"])
    (mount,) = pod["spec"]["containers"][0]["volumeMounts"]
    (volume,) = pod["spec"]["volumes"]
    (source,) = volume["projected"]["sources"]
    credential = site.of("credentials", "Azure for golden images (federated token)")
    token = f"{mount['mountPath']}/{source['serviceAccountToken']['path']}"
    assert credential["inputs"]["federated_token_file"] == token
    assert mount["name"] == volume["name"]


@pytest.mark.sweep
def test_what_the_jobs_are_given(site: Site) -> None:
    organization = site.of("organizations", "Golden images")
    assert site.names(organization["galaxy_credentials"]) == ["Ansible Galaxy"]
    job = site.of("job_templates", "Refresh golden images")
    assert json.loads(job["extra_vars"]) == {"golden_image_promote": False, "golden_image_retention": {}}
    assert job["job_slice_count"] == 3
    assert job["survey_spec"] == site.of("workflow_job_templates", WORKFLOW)["survey_spec"]
    summary = site.of("job_templates", "Summarize the refresh of golden images")
    assert json.loads(summary["extra_vars"]) == {"golden_image_expected": "{{ groups['golden_images'] }}"}


@pytest.mark.sweep
def test_the_job_that_cleans_up_removes_nothing_unasked(site: Site) -> None:
    job = site.of("job_templates", "Clean up after interrupted runs")
    assert (job["playbook"], job["ask_job_type_on_launch"], job["survey_enabled"]) == ("cleanup.yml", True, True)
    assert job["survey_spec"] == json.loads(
        (ROOT / "awx" / "configuration" / "files" / "cleanup_survey.json").read_text()
    )
    # No key of a guest: it connects to none.
    assert "Build machines" not in site.names(job["credentials"])
    assert json.loads(job["extra_vars"] or "{}") == {}


def token_file(azure: EmbeddedAzure, directory: Path) -> str:
    """A file as the token of a service account lies in a pod."""
    path = directory / "token"
    now = int(time.time())
    claims = {"sub": azure.settings.client, "iss": "https://cluster.example", "iat": now, "exp": now + 600}
    path.write_text(jwt.encode(claims, "k" * 32))
    return str(path)


@pytest.mark.sweep
@pytest.mark.parametrize("way", PROOFS)
def test_jobs_sign_in(way: str, site: Site, azure: EmbeddedAzure, playbooks: Playbooks, tmp_path: Path) -> None:
    assert changes(site.configure(awx_sign_in=way)) >= 0
    words = way.replace("_", " ")
    credential = site.of("credentials", f"Azure for golden images ({words})")
    job = site.of("job_templates", "Refresh golden images")
    assert set(site.names(job["credentials"])) == {credential["name"], "Build machines"}
    assert site.names(job["instance_groups"]) == (["golden.azure"] if way == "federated_token" else [])

    inputs = dict(credential["inputs"])
    if way == "federated_token":
        inputs["federated_token_file"] = token_file(azure, tmp_path)
    given = injected(site.of("credential_types", f"golden.azure {words}"), inputs, tmp_path)
    with identity_of_this_machine(azure) as (machine, clients):
        before = len(azure.requests)
        read_images(playbooks, given, machine if way == "managed_identity" else {})
    assert clients == ([azure.settings.client] if way == "managed_identity" else [])
    asked = [one.request_body for one in azure.requests[before:] if one.path.endswith("/oauth2/v2.0/token")]
    assert {name for form in asked for name in form} & {"client_secret", "client_assertion"} == PROOFS[way]


def read_images(playbooks: Playbooks, given: Injected, variables: dict[str, str]) -> None:
    """Run a module with nothing but what AWX gives to a job, and what leads to this cloud."""
    task = {"name": "Read", "golden.azure.vm_image_info": {"resource_group": "images"}}
    play = {"name": "Read", "hosts": "localhost", "gather_facts": False, "tasks": [task]}
    playbook = playbooks.directory / "read.yml"
    playbook.write_text(yaml.safe_dump([play]))
    trust = {name: value for name, value in playbooks.environment.items() if not name.startswith("AZURE_")}
    job = Playbooks(playbooks.directory, {**trust, **given.environment, **variables})
    finished = job.run(playbook, "-e", json.dumps(given.extra_vars))
    assert finished.returncode == 0, finished.stdout


@pytest.mark.sweep
def test_a_new_secret_is_sent_when_it_is_said_so(site: Site) -> None:
    old, new = site.secrets["awx_private_key"].strip(), private_key()
    assert changes(site.configure(awx_private_key=new)) >= 0
    assert site.of("credentials", "Build machines")["inputs"]["ssh_key_data"].strip() == old
    assert changes(site.configure(awx_private_key=new, awx_update_secrets=True)) > 0
    assert site.of("credentials", "Build machines")["inputs"]["ssh_key_data"].strip() == new.strip()


def test_the_guide_has_its_reader_install_these_modules() -> None:
    manifest = install_collections() / "ansible_collections" / "awx" / "awx" / "MANIFEST.json"
    installed = json.loads(manifest.read_text())["collection_info"]["version"]
    assert f"ansible-galaxy collection install awx.awx:{installed}\n" in (ROOT / "docs/guides/awx.md").read_text()


@pytest.mark.sweep
def test_what_is_missing_is_said_before_anything_is_sent(site: Site) -> None:
    before = len(site.awx.writes)
    finished = site.configure(awx_sign_in="certificate", awx_azure_certificate="", awx_azure_tenant="")
    assert finished.returncode != 0
    assert "fill in awx_azure_tenant, awx_azure_certificate in settings.yml" in finished.stdout
    finished = site.configure(awx_sign_in="password")
    assert "one of federated_token, managed_identity, secret, certificate" in finished.stdout
    assert site.awx.writes[before:] == []
