# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Answers that have nothing to do with a task: a token refused half-way, an Azure or a proxy that does not let it through."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.credentials import CLI_IN_ANOTHER_CLOUD
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._info import run as info
from az_login import az_login
from driven import driven_azure, run_code
from module_runs import run_main

from embedded_azure import EmbeddedAzure

CAPTURE = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True}
SEED = {
    "groups": {"images": "westeurope"},
    "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(durations={"*": 60.0}) as running:
        running.seed(SEED)
        yield running


def captured(azure: EmbeddedAzure, **options: Any) -> Any:
    return run_code(azure, capture.execute, capture_options.OPTIONS, **{**CAPTURE, **options})


def sign_ins(azure: EmbeddedAzure) -> int:
    return sum(exchange.path.endswith("/oauth2/v2.0/token") for exchange in azure.requests)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/operations/"), ("POST", "/deallocate"), ("PUT", "/images/golden"), ("GET", "web")]
)
def test_a_token_that_is_refused_half_way_is_renewed_once(azure: EmbeddedAzure, method: str, path: str) -> None:
    azure.faults.add(method, path, status=401, code="ExpiredAuthenticationToken")
    azure.clear_requests()
    assert captured(azure)["image"]["provisioning_state"] == "Succeeded"
    assert sign_ins(azure) == 2


def test_a_token_that_is_refused_again_is_told(azure: EmbeddedAzure) -> None:
    azure.faults.add("GET", "/operations/", times=0, status=401, code="InvalidAuthenticationToken")
    azure.clear_requests()
    with pytest.raises(Failure) as failed:
        captured(azure)
    assert failed.value.code == "InvalidAuthenticationToken"
    assert "cloud_environment" not in failed.value.message
    assert sign_ins(azure) == 2


@pytest.mark.parametrize("limit", [20, 3600])
def test_an_azure_that_answers_503_without_end_is_told_so(azure: EmbeddedAzure, limit: int) -> None:
    azure.faults.add("GET", "/operations/", times=0, status=503, code="ServerUnavailable")
    with pytest.raises(Failure) as failed:
        captured(azure, timeout=limit)
    assert "HTTP 503" in failed.value.message
    assert "asks to wait" not in failed.value.message


@pytest.mark.parametrize("credentials", ["", "somebody:wrong"])
def test_a_proxy_that_wants_credentials_is_told(credentials: str) -> None:
    with driven_azure(proxy_credentials="somebody:the-password-of-the-proxy") as azure:
        proxy = azure.proxy_url.replace("://", f"://{credentials}@" if credentials else "://")
        environment = {"HTTPS_PROXY": proxy, "AZURE_CLOUD_ENVIRONMENT": "AzureCloud"}
        with mock.patch.dict(os.environ, environment), pytest.raises(Failure) as failed:
            run_code(azure, info.execute, info.OPTIONS, resource_group="images")
    assert failed.value.code == "proxy_wants_credentials"
    assert "wrong" not in failed.value.message


def test_a_proxy_lets_through_who_has_its_credentials() -> None:
    with driven_azure(proxy_credentials="somebody:the-password") as azure:
        azure.seed(SEED)
        proxy = azure.proxy_url.replace("://", "://somebody:the-password@")
        with mock.patch.dict(os.environ, {"HTTPS_PROXY": proxy, "AZURE_CLOUD_ENVIRONMENT": "AzureCloud"}):
            assert run_code(azure, info.execute, info.OPTIONS, resource_group="images")["images"] == []


@pytest.mark.parametrize("named", [True, False])
def test_a_login_in_a_sovereign_cloud_names_its_environment(azure: EmbeddedAzure, tmp_path: Path, named: bool) -> None:
    environment = az_login(azure, tmp_path, environment="AzureUSGovernment")
    subscription = environment["AZURE_SUBSCRIPTION_ID"] if named else ""
    chosen = {**environment, "AZURE_CLOUD_ENVIRONMENT": "AzureCloud", "AZURE_SUBSCRIPTION_ID": subscription}
    with mock.patch.dict(os.environ, {**chosen, "HOME": str(tmp_path)}):
        result = run_main("vm_image_info", {"resource_group": "images"}, check=False)
    assert result["error"]["code"] == CLI_IN_ANOTHER_CLOUD
    assert "'cloud_environment: AzureUSGovernment'" in result["msg"]


def test_a_tenant_that_is_not_found_may_be_in_another_cloud(azure: EmbeddedAzure) -> None:
    with pytest.raises(Failure) as failed:
        captured(azure, client_id="c", secret="s", tenant="99999999-9999-4999-8999-999999999999")
    assert failed.value.code == "tenant_not_found"
    assert "'cloud_environment'" in failed.value.message


def test_a_wrong_secret_has_nothing_to_do_with_the_cloud(azure: EmbeddedAzure) -> None:
    with pytest.raises(Failure) as failed:
        captured(azure, client_id=azure.settings.client, secret="s", tenant=azure.settings.tenant)
    assert failed.value.code == "AADSTS7000215"
    assert "cloud_environment" not in failed.value.message
