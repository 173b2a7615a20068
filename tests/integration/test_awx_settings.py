# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Settings of the configuration: what is refused before it is sent, and what needs no edit of its tasks."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx_clients import private_key
from awx_sites import Site, changes, failure, settings
from repository import ROOT

from awx_stand_in.server import StandIn

pytestmark = pytest.mark.sweep

KEY = private_key()
PROTECTED = private_key("secret")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with StandIn(ROOT / "awx" / "project") as awx:
        yield Site(awx, tmp_path_factory.mktemp("site"), settings())


def old_key(passphrase: str, folder: Path) -> str:
    """A key in the format of OpenSSL, which names its cipher in its head."""
    path = folder / "old"
    words = ["-q", "-t", "rsa", "-m", "PEM", "-N", passphrase, "-f", str(path)]
    subprocess.run(["ssh-keygen", *words], check=True, timeout=60)
    return path.read_text()


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"awx_private_key": "ssh-ed25519 AAAA build"}, "awx_private_key is not a private key in PEM format"),
        ({"awx_private_key": KEY.replace("=", "?").replace("A", "!", 1)}, "awx_private_key is not a private key"),
        ({"awx_private_key": " \n"}, "fill in awx_private_key in settings.yml"),
        ({"awx_private_key": PROTECTED}, "is protected by a passphrase: specify awx_private_key_passphrase"),
        (
            {"awx_private_key_passphrase": "secret"},
            "is not protected by a passphrase: remove awx_private_key_passphrase",
        ),
        ({"awx_project_private_key": PROTECTED}, "specify awx_project_private_key_passphrase"),
        ({"awx_sign_in": "secret", "awx_azure_secret": ""}, "fill in awx_azure_secret, awx_azure_secret_expires"),
        (
            {"awx_sign_in": "secret", "awx_azure_secret": "s", "awx_azure_secret_expires": "2020-01-31"},
            "create a new one, and run this playbook with -e awx_update_secrets=true",
        ),
        (
            {"awx_sign_in": "certificate", "awx_azure_certificate": KEY},
            "must be in PEM format, and contain the certificate",
        ),
        ({"awx_registry_password": "p", "awx_registry_host": "registry.example"}, "which is not in the registry"),
    ],
)
def test_it_is_refused_before_anything_is_sent(site: Site, variables: dict[str, Any], told: str) -> None:
    said = failure(site.configure(**variables))
    assert told in said
    assert not any(line in said for line in (*KEY.splitlines()[1:-1], *PROTECTED.splitlines()[1:-1]))
    assert site.awx.writes == []


@pytest.mark.parametrize("passphrase", ["", "secret"])
def test_keys_of_openssl_are_known_as_well(site: Site, passphrase: str, tmp_path: Path) -> None:
    key = old_key(passphrase, tmp_path)
    said = failure(site.configure(awx_private_key=key, awx_private_key_passphrase="" if passphrase else "secret"))
    assert f"is {'protected' if passphrase else 'not protected'} by a passphrase" in said


def test_what_awx_refuses_all_the_same_is_named_without_the_secret(tmp_path: Path) -> None:
    with StandIn(ROOT / "awx" / "project") as awx:
        site = Site(awx, tmp_path, settings())
        body = "".join(KEY.splitlines()[1:-1])
        # One letter less, which is no base64 any more.
        broken = f"-----BEGIN OPENSSH PRIVATE KEY-----\n{body.rstrip('=')[:-1]}\n-----END OPENSSH PRIVATE KEY-----\n"
        said = failure(site.configure(awx_private_key=broken))
        assert "AWX rejected the credential 'Build machines': check ssh_key_data." in said
        assert body[40:80] not in said


def test_another_organization_with_repository_and_registry_of_its_own(tmp_path: Path) -> None:
    with StandIn(ROOT / "awx" / "project") as awx:
        site = Site(awx, tmp_path, settings())
        assert changes(site.configure()) > 10
        other = {
            "awx_organization": "Another",
            "awx_execution_environment": "golden.azure of another",
            "awx_container_group": "golden.azure of another",
            "awx_image": "registry.example:5000/images/ee:1.0",
            "awx_registry_host": "registry.example:5000",
            "awx_registry_username": "robot",
            "awx_registry_password": "registry-secret",
            "awx_project_url": "git@git.example:images.git",
            "awx_project_private_key": PROTECTED,
            "awx_project_private_key_passphrase": "secret",
            "awx_private_key": PROTECTED,
            "awx_private_key_passphrase": "secret",
            "awx_controller_host": "https://awx.example",
            "awx_controller_token": "read-only",
            "awx_pod_resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
        }
        assert changes(site.configure(**other)) > 10
        assert changes(site.configure()) == 0, "the first one is as it was"

        store = awx.store
        number = site.of("organizations", "Another")["id"]
        (project,) = [one for one in store.of("projects") if one["organization"] == number]
        assert store.objects[project["credential"]]["name"] == "Repository of golden images"
        assert store.objects[project["credential"]]["inputs"]["ssh_key_unlock"] == "secret"
        environment = store.objects[project["default_environment"]]
        assert environment["image"] == other["awx_image"]
        assert store.objects[environment["credential"]]["inputs"]["host"] == "registry.example:5000"
        jobs = [one for one in store.of("job_templates") if one["organization"] == number]
        assert len(jobs) == 6
        for job in jobs:
            assert store.objects[job["inventory"]]["organization"] == number
            assert {store.objects[one]["organization"] for one in job["credentials"]} <= {number}
        (refresh,) = [job for job in jobs if job["playbook"] == "refresh.yml"]
        names = {*site.names(refresh["credentials"])}
        assert names == {"Azure for golden images (federated token)", "Build machines", "AWX for golden images"}
        pod = yaml.safe_load(site.of("instance_groups", other["awx_container_group"])["pod_spec_override"])
        assert pod["spec"]["containers"][0]["resources"] == other["awx_pod_resources"]
        own = yaml.safe_load(site.of("instance_groups", "golden.azure")["pod_spec_override"])
        # get_default_pod_spec of awx/main/utils/execution_environments.py
        assert own["spec"]["containers"][0]["resources"] == {"requests": {"cpu": "250m", "memory": "100Mi"}}
        # What AWX itself made is as it was.
        assert site.of("execution_environments", "Control Plane Execution Environment")["image"] != other["awx_image"]
