# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A user who signed in without multi-factor authentication: may read, and is refused before anything is touched."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._azure.auth import credentials
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.claims_challenge import MFA_REQUIRED
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._lease import run as lease
from ansible_collections.golden.azure.plugins.module_utils._tag import run as tagging
from az_login import az_login
from driven import driven_azure, run_code
from module_runs import run_main
from playbook_runs import Playbooks
from predicted_writes import is_write, sent_writes

from embedded_azure import EmbeddedAzure
from embedded_azure.access import encoded_claims

Json = dict[str, Any]

SEED = {"groups": {"images": "westeurope"}, "virtual_machines": [{"name": "web", "group": "images"}]}
OPTIONS = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True}
DEFINITION = {"publisher": "Example", "offer": "web", "sku": "debian"}
UNGRANTED = ["Microsoft.Compute/virtualMachines/write"]
WITHOUT_CLAIMS = [{"scope": "", "actions": ["*"], "not_actions": UNGRANTED}]
GALLERY = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute/galleries/golden"


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(SEED)
        yield running


def codes(found: Json) -> list[str]:
    return [warning["code"] for warning in found["plan"]["warnings"]]


def captured(azure: EmbeddedAzure, environment: dict[str, str], check: bool = False, **options: Any) -> Json:
    with mock.patch.dict(os.environ, environment):
        return run_code(azure, capture.execute, capture_options.OPTIONS, check, **{**OPTIONS, **options})


def refused(azure: EmbeddedAzure, environment: dict[str, str], **options: Any) -> Failure:
    with pytest.raises(Failure) as failed:
        captured(azure, environment, **options)
    return failed.value


# -- before the guest is prepared ---------------------------------------------------------------------------------


def test_check_mode_says_that_it_could_not_be_tried_and_writes_nothing(azure: EmbeddedAzure, tmp_path: Path) -> None:
    environment = az_login(azure, tmp_path)
    for _again in range(2):
        azure.clear_requests()
        planned = captured(azure, environment, check=True, guest_prepared=False)
        assert codes(planned) == ["write_not_tried"]
        assert [step["action"] for step in planned["plan"]["steps"]][:2] == ["claim_vm", "prepare"]
        assert sent_writes(azure.requests) == []


def test_the_first_write_is_refused_before_the_guest_is_prepared(azure: EmbeddedAzure, tmp_path: Path) -> None:
    before = azure.resources()
    for _again in range(2):
        azure.clear_requests()
        failure = refused(azure, az_login(azure, tmp_path), guest_prepared=False)
        assert failure.code == MFA_REQUIRED
        assert failure.details["changed"] is False
        writes = [(one.method, one.status) for one in azure.requests if is_write(one)]
        # It ends: the Azure CLI has no other token to offer.
        assert writes == [("PATCH", 401)]
        assert azure.resources() == before


def test_what_helps_is_named_with_the_claims_that_azure_asks_for(azure: EmbeddedAzure, tmp_path: Path) -> None:
    message = refused(azure, az_login(azure, tmp_path), guest_prepared=False).message
    command = f'az login --tenant "{azure.settings.tenant}" --claims-challenge "{encoded_claims()}"'
    assert command in message
    assert "cloud_environment" not in message


@pytest.mark.parametrize("user", [True, False], ids=["a user with MFA", "a service principal"])
def test_others_may_write(azure: EmbeddedAzure, tmp_path: Path, user: bool) -> None:
    azure.settings.user_mfa = True
    environment = az_login(azure, tmp_path, user)
    azure.settings.rights = WITHOUT_CLAIMS
    before = azure.resources()
    planned = captured(azure, environment, check=True, guest_prepared=False)
    assert codes(planned) == ["machine_not_claimed", *(["write_not_tried"] if user else [])]
    # The user's token says that it has what it takes: then it is but a note.
    assert planned["warnings"] == []
    if user:
        tried = captured(azure, environment, guest_prepared=False)
        assert [step["action"] for step in tried["steps"]] == ["try_write"]
        assert tried["changed"] is False
        assert azure.resources() == before
    else:
        with pytest.raises(Failure, match="run the role that prepares the guest"):
            captured(azure, environment, guest_prepared=False)


def test_a_write_that_comes_before_anyway_is_enough(azure: EmbeddedAzure, tmp_path: Path) -> None:
    azure.seed({"resources": [{"id": GALLERY, "location": "westeurope"}]})
    versions = [{"gallery": "golden", "definition": "web", "create_definition": DEFINITION}]
    planned = captured(azure, az_login(azure, tmp_path), check=True, guest_prepared=False, gallery_versions=versions)
    assert [step["action"] for step in planned["plan"]["steps"]][:2] == ["claim_vm", "create_definition"]
    failure = refused(azure, az_login(azure, tmp_path), guest_prepared=False, gallery_versions=versions)
    assert failure.code == MFA_REQUIRED


def test_the_write_goes_to_a_group_whose_tags_the_user_may_set(azure: EmbeddedAzure, tmp_path: Path) -> None:
    azure.settings.rights = [
        {"scope": "", "actions": ["*"], "not_actions": [*UNGRANTED, "Microsoft.Resources/tags/write"]}
    ]
    planned = captured(azure, az_login(azure, tmp_path), check=True, guest_prepared=False)
    assert planned["plan"]["steps"][0]["action"] == "prepare"
    assert codes(planned) == ["machine_not_claimed", "write_not_tried"]


# -- other writes -------------------------------------------------------------------------------------------------


def test_a_password_without_more_is_refused_in_the_same_way(azure: EmbeddedAzure) -> None:
    """Through the proxy, by the names of the public cloud: msal asks there whose the user is."""
    environment = {
        **dict.fromkeys(azure.environment(), ""),
        "AZURE_SUBSCRIPTION_ID": azure.settings.subscription,
        "AZURE_TENANT": azure.settings.tenant,
        "AZURE_AD_USER": azure.settings.user,
        "AZURE_PASSWORD": azure.settings.user_password,
        "REQUESTS_CA_BUNDLE": str(azure.certificate_authority),
        "SSL_CERT_FILE": str(azure.certificate_authority),
        "HTTPS_PROXY": azure.proxy_url,
    }
    assert codes(captured(azure, environment, check=True, guest_prepared=False)) == ["write_not_tried"]
    failure = refused(azure, environment, guest_prepared=False)
    assert failure.code == MFA_REQUIRED
    assert "az login" in failure.message
    assert azure.settings.user_password not in str(failure)


@pytest.mark.parametrize("named", ["by its URL", "as adfs_authority_url"])
def test_an_authority_with_a_port_is_asked_there_whose_the_user_is(azure: EmbeddedAzure, named: str) -> None:
    environment = {
        **azure.environment(),
        "AZURE_CLIENT_ID": "",
        "AZURE_SECRET": "",
        "AZURE_AD_USER": azure.settings.user,
        "AZURE_PASSWORD": azure.settings.user_password,
    }
    more: Json = {}
    if named != "by its URL":
        more = {"adfs_authority_url": f"{azure.url}/"}
    result = captured(azure, environment, check=True, guest_prepared=False, **more)
    assert result["account"]["auth_method"] == "password"
    realm = f"/common/userrealm/{azure.settings.user}"
    assert [one.host for one in azure.requests if one.path == realm] == [azure.url.removeprefix("https://")]


def test_a_password_is_warned_of(azure: EmbeddedAzure) -> None:
    """A cloud by its URL does not require more of users than a password; the public cloud does."""
    environment = {
        **azure.environment(),
        "AZURE_CLIENT_ID": "",
        "AZURE_SECRET": "",
        "AZURE_AD_USER": azure.settings.user,
        "AZURE_PASSWORD": azure.settings.user_password,
    }
    public = {
        **environment,
        "AZURE_CLOUD_ENVIRONMENT": "",
        "HTTPS_PROXY": azure.proxy_url,
    }
    for variables, reads_only in ((environment, False), (public, True)):
        with mock.patch.dict(os.environ, variables):
            found = run_main("vm_image_info", {"resource_group": "images"}, False)
        assert found["rc"] == 0, found
        said = str(found["warnings"])
        assert "is deprecated by Microsoft" in said
        assert ("can only read in the Azure public cloud" in said) is reads_only
        assert azure.settings.user_password not in str(found)


def test_a_release_of_the_sdk_without_passwords(azure: EmbeddedAzure) -> None:
    environment = {**azure.environment(), "AZURE_CLIENT_ID": "", "AZURE_SECRET": ""}
    environment |= {"AZURE_AD_USER": azure.settings.user, "AZURE_PASSWORD": azure.settings.user_password}
    dropped = mock.patch.object(credentials, "identity", SimpleNamespace())
    with mock.patch.dict(os.environ, environment), dropped:
        found = run_main("vm_image_info", {"resource_group": "images"}, False)
    assert found["error"]["code"] == "password_not_supported"
    assert "service principal" in found["msg"]


def test_every_module_refuses_by_the_same_code(azure: EmbeddedAzure, tmp_path: Path) -> None:
    azure.act(f"{GALLERY.rsplit('/galleries/', 1)[0]}/virtualMachines/web", "powerOff")
    storage = {
        "osDisk": {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
    }
    image = {
        "id": f"{GALLERY.rsplit('/galleries/', 1)[0]}/images/old",
        "location": "westeurope",
        "properties": {"storageProfile": storage},
    }
    azure.seed({"resources": [image]})
    who = {"name": "lease", "image": "web", "run": "1", "holder": "me", "location": "westeurope"}
    calls: list[tuple[Any, Json, Json]] = [
        (capture.execute, capture_options.OPTIONS, OPTIONS),
        (tagging.execute, tagging.OPTIONS, {"resource_group": "images", "image": "old", "tags": {"a": "b"}}),
        (lease.execute, lease.OPTIONS, who),
    ]
    before = azure.resources()
    with mock.patch.dict(os.environ, az_login(azure, tmp_path)):
        for code, specification, options in calls:
            with pytest.raises(Failure) as failed:
                run_code(azure, code, specification, **options)
            assert failed.value.code == MFA_REQUIRED
    assert azure.resources() == before


# -- the playbook -------------------------------------------------------------------------------------------------


def play(azure: EmbeddedAzure, directory: Path, *arguments: str) -> Any:
    inventory = directory / "inventory.yml"
    # Nothing answers there: whoever connected to the guest would fail by another code.
    inventory.write_text(
        yaml.safe_dump({"all": {"hosts": {"web": {"ansible_host": "192.0.2.1", "ansible_timeout": 1}}}})
    )
    values = json.dumps(
        {"target": "web", "resource_group": "images", "capture_image_name": "golden", "capture_generalize": True}
    )
    runs = Playbooks(directory, az_login(azure, directory / "bin"))
    runs.environment["PATH"] = f"{directory / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    return runs.run("golden.azure.capture_linux", "-i", str(inventory), "-e", values, *arguments)


def untagged(azure: EmbeddedAzure) -> Json:
    """What there is; without tags and with none is the same."""
    return {
        key: {name: value for name, value in body.items() if value != {}} for key, body in azure.resources().items()
    }


@pytest.mark.parametrize("mfa", [False, True])
def test_the_playbook_ends_before_it_connects_to_the_guest(tmp_path: Path, mfa: bool) -> None:
    with EmbeddedAzure(retry_after=1, user_mfa=mfa) as azure:
        azure.seed(SEED)
        azure.clear_requests()
        before = untagged(azure)
        finished = play(azure, tmp_path)
        assert finished.returncode != 0, finished.stdout
        assert (f'"code": "{MFA_REQUIRED}"' in finished.stdout) is not mfa, finished.stdout
        # With what it takes, the playbook goes on to the guest, and only there to its end.
        assert ("The guest cannot be reached" in finished.stdout) is mfa, finished.stdout
        assert untagged(azure) == before
        # What was claimed is released.
        assert len(sent_writes(azure.requests)) == (2 if mfa else 1)


def test_check_mode_of_the_playbook_writes_nothing(tmp_path: Path) -> None:
    with EmbeddedAzure(retry_after=1) as azure:
        azure.seed(SEED)
        azure.clear_requests()
        finished = play(azure, tmp_path, "--check")
        assert "[write_not_tried]" in finished.stdout, finished.stdout
        assert sent_writes(azure.requests) == []
