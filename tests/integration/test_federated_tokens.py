# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Signing in with the token of a CI system: requested, inline, or in a file that is renewed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qs

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.federated_token import NOT_ISSUED
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from driven import driven_azure, run_code
from module_runs import run_main
from playbook_runs import Playbooks

from embedded_azure import EmbeddedAzure
from embedded_azure.ci_tokens import ISSUER, PATH, ci_token

Json = dict[str, Any]

AUDIENCE = "api://AzureADTokenExchange"
FIND = {"resource_group": "images"}
SEED = {
    "groups": {"images": "westeurope"},
    "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
}


def trust(azure: EmbeddedAzure, subject: str = "", audience: str = AUDIENCE) -> None:
    """Give the client a federated credential."""
    azure.settings.federated_credentials = [
        {"issuer": ISSUER, "subject": subject or azure.settings.oidc_subject, "audiences": [audience]}
    ]


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(SEED)
        trust(running)
        running.clear_requests()
        yield running


def found(environment: dict[str, str], **options: Any) -> Json:
    with mock.patch.dict(os.environ, environment):
        return run_main("vm_image_info", {**FIND, **options}, False)


def assertions(azure: EmbeddedAzure) -> list[str]:
    """The federated tokens that were exchanged."""
    forms = [one for one in azure.requests if one.path.endswith("/token") and one.method == "POST"]
    return [assertion for one in forms for assertion in _fields(one.sent).get("client_assertion", [])]


def _fields(sent: bytes) -> dict[str, list[str]]:
    text = sent.decode()
    if text.startswith("{"):
        return {name: [value] for name, value in yaml.safe_load(text).items()}
    return parse_qs(text)


# -- requested ----------------------------------------------------------------------------------------------------


def test_a_job_requests_its_token(azure: EmbeddedAzure) -> None:
    result = found(azure.job_environment())
    assert result["rc"] == 0, result
    assert result["account"]["auth_method"] == "workload_identity"
    [asked] = [one for one in azure.requests if one.path == PATH]
    assert asked.query == {"api-version": "2.0", "audience": AUDIENCE}
    assert azure.settings.oidc_request_token not in str(result)
    assert "eyJ" not in str(result)


def test_another_audience(azure: EmbeddedAzure) -> None:
    trust(azure, audience="api://golden")
    refused = found(azure.job_environment())
    assert refused["error"]["code"] == "AADSTS700212"
    assert found(azure.job_environment(), oidc_audience="api://golden")["rc"] == 0


def test_a_token_that_is_not_issued(azure: EmbeddedAzure) -> None:
    refused = found({**azure.job_environment(), "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "another"})
    assert refused["error"]["code"] == NOT_ISSUED
    assert "add 'id-token: write' to the permissions of the job" in refused["msg"]
    assert "another" not in refused["msg"]
    assert assertions(azure) == []


def test_a_subject_that_is_not_trusted(azure: EmbeddedAzure) -> None:
    trust(azure, subject="repo:example/other:ref:refs/heads/main")
    refused = found(azure.job_environment())
    assert refused["error"]["code"] == "AADSTS700213"
    assert "compare the federated credential of the application" in refused["msg"]


def test_a_request_token_is_sent_over_https_only(azure: EmbeddedAzure) -> None:
    refused = found({**azure.job_environment(), "ACTIONS_ID_TOKEN_REQUEST_URL": f"http://127.0.0.1{PATH}"})
    assert refused["error"]["code"] == "option_not_valid"
    assert [one for one in azure.requests if one.path == PATH] == []


def test_a_secret_goes_before_the_token_of_the_job(azure: EmbeddedAzure) -> None:
    """A job may have the permission for another step."""
    result = found({**azure.job_environment(), **azure.environment()})
    assert result["account"]["auth_method"] == "client_secret"
    assert [one for one in azure.requests if one.path == PATH] == []


# -- inline and in a file -----------------------------------------------------------------------------------------


def test_an_inline_token(azure: EmbeddedAzure) -> None:
    token = ci_token(azure.settings, AUDIENCE)
    environment = {**azure.environment(), "AZURE_SECRET": ""}
    for result in (found({**environment, "AZURE_FEDERATED_TOKEN": token}), found(environment, federated_token=token)):
        assert result["rc"] == 0, result
        assert token not in str(result)
    assert assertions(azure) == [token, token]


@pytest.mark.parametrize(("token", "code"), [("no token at all", "option_not_valid"), ("", "AADSTS700024")])
def test_an_inline_token_that_is_of_no_use(azure: EmbeddedAzure, token: str, code: str) -> None:
    given = token or ci_token(azure.settings, AUDIENCE, lifetime=-1)
    refused = found({**azure.environment(), "AZURE_SECRET": "", "AZURE_FEDERATED_TOKEN": given})
    assert refused["error"]["code"] == code
    assert given not in str(refused)


def test_a_file_that_is_renewed_while_the_task_runs(azure: EmbeddedAzure, tmp_path: Path) -> None:
    """Azure refuses the access token half-way: the next exchange takes what is in the file by then."""
    first, second = (ci_token(azure.settings, AUDIENCE) for _time in range(2))
    path = tmp_path / "token"
    path.write_text(first)
    azure.faults.add("PUT", "/images/golden", status=401, code="ExpiredAuthenticationToken")
    options = {**FIND, "source_vm": "web", "image": "golden", "generalize": True}
    environment = {"AZURE_SECRET": "", "AZURE_FEDERATED_TOKEN_FILE": str(path)}
    with mock.patch.dict(os.environ, environment):
        run_code(
            azure,
            capture.execute,
            capture_options.OPTIONS,
            progress=lambda line: path.write_text(second) and None,
            **options,
        )
    assert assertions(azure) == [first, second]


def test_a_job_requests_a_token_for_each_exchange(azure: EmbeddedAzure) -> None:
    azure.faults.add("PUT", "/images/golden", status=401, code="ExpiredAuthenticationToken")
    options = {**FIND, "source_vm": "web", "image": "golden", "generalize": True}
    with mock.patch.dict(os.environ, azure.job_environment()):
        run_code(azure, capture.execute, capture_options.OPTIONS, **options)
    assert len(set(assertions(azure))) == 2


# -- what is shown ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as a module"])
def test_no_token_is_shown(tmp_path: Path, in_process: bool) -> None:
    with EmbeddedAzure(retry_after=1) as azure:
        azure.seed(SEED)
        trust(azure)
        token = ci_token(azure.settings, AUDIENCE)
        playbooks = Playbooks(tmp_path, azure.job_environment())
        tasks = [
            {"name": "Requested", "golden.azure.vm_image_info": FIND},
            {"name": "Inline", "golden.azure.vm_image_info": {**FIND, "federated_token": token}},
        ]
        variables = {"golden_azure_in_process": in_process, "ansible_python_interpreter": sys.executable}
        play = {"name": "Play", "hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": tasks}
        path = tmp_path / "tokens.yml"
        path.write_text(yaml.safe_dump([play]))
        finished = playbooks.run(path, "-vvv", ANSIBLE_INJECT_INVOCATION="true")
        assert finished.returncode == 0, finished.stdout
        output = finished.stdout + finished.stderr
        assert azure.settings.oidc_request_token not in output
        assert token not in output
        assert assertions(azure)[-1] == token
