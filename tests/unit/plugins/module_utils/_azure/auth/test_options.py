# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which credentials are taken, from where, and what is said when they do not do."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.clouds import find_cloud
from ansible_collections.golden.azure.plugins.module_utils._azure.auth.options import (
    CREDENTIALS_INCOMPLETE,
    choose_credential_options,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput, SignInFailed

SERVICE_PRINCIPAL = {"AZURE_CLIENT_ID": "env-client", "AZURE_SECRET": "env-secret", "AZURE_TENANT": "env-tenant"}

JOB = {"ACTIONS_ID_TOKEN_REQUEST_URL": "https://ci.example/token", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"}


@pytest.fixture
def credentials_file(tmp_path):
    """A credentials file with a default section and a profile, whose secret holds a per cent sign."""
    folder = tmp_path / ".azure"
    folder.mkdir()
    (folder / "credentials").write_text(
        "[default]\nsubscription_id=file-subscription\nclient_id=file-client\nsecret=50%off\ntenant=file-tenant\n"
        "[work]\nclient_id=work-client\nsecret=work\ntenant=work-tenant\ncloud_environment=AzureUSGovernment\n"
    )


@pytest.mark.parametrize(
    ("options", "variables", "method", "client"),
    [
        ({}, SERVICE_PRINCIPAL, "client_secret", "env-client"),
        ({"client_id": "mine", "secret": "s", "tenant": "t"}, SERVICE_PRINCIPAL, "client_secret", "mine"),
        # The SDK's own names.
        ({}, {"AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s", "AZURE_TENANT_ID": "t"}, "client_secret", "c"),
        (
            {},
            {"AZURE_CLIENT_ID": "c", "AZURE_TENANT_ID": "t", "AZURE_FEDERATED_TOKEN_FILE": "/token"},
            "workload_identity",
            "c",
        ),
        (
            {},
            {"AZURE_CLIENT_ID": "c", "AZURE_TENANT": "t", "AZURE_X509_CERTIFICATE_PATH": "/c.pem"},
            "certificate",
            "c",
        ),
        ({}, {"AZURE_AD_USER": "user@x", "AZURE_PASSWORD": "p"}, "password", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"),
        ({}, {"AZURE_CLIENT_ID": "c", "AZURE_TENANT": "t", "AZURE_FEDERATED_TOKEN": "a.b.c"}, "workload_identity", "c"),
        ({}, {"AZURE_CLIENT_ID": "c", "AZURE_TENANT": "t", **JOB}, "workload_identity", "c"),
        # What a CI system gives to each job shows no intention.
        ({}, JOB, "cli", None),
        ({}, {**SERVICE_PRINCIPAL, **JOB}, "client_secret", "env-client"),
        ({"auth_source": "msi"}, {}, "managed_identity", None),
        ({}, {"ANSIBLE_AZURE_AUTH_SOURCE": "cli"}, "cli", None),
        ({}, {"AZURE_AUTH_SOURCE": "msi", "AZURE_CLIENT_ID": ""}, "managed_identity", None),
        ({}, {}, "cli", None),
        ({"auth_source": "env", "client_id": "ignored"}, SERVICE_PRINCIPAL, "client_secret", "env-client"),
    ],
)
def test_the_method_and_its_client(options, variables, method, client):
    found = choose_credential_options(options, variables)
    assert (found.method, found.client_id) == (method, client)


@pytest.mark.parametrize(
    ("options", "variables", "client", "secret"),
    [
        ({}, {}, "file-client", "50%off"),
        ({"profile": "work"}, SERVICE_PRINCIPAL, "work-client", "work"),
        ({}, {**SERVICE_PRINCIPAL, "AZURE_PROFILE": "work"}, "work-client", "work"),
        ({"auth_source": "credential_file"}, SERVICE_PRINCIPAL, "file-client", "50%off"),
        ({}, SERVICE_PRINCIPAL, "env-client", "env-secret"),
    ],
)
def test_the_credentials_file(credentials_file, options, variables, client, secret):
    found = choose_credential_options(options, variables)
    assert (found.client_id, found.secret) == (client, secret)


def test_cloud_and_subscription_of_the_task_hold_wherever_the_credentials_come_from(credentials_file):
    found = choose_credential_options(
        {"profile": "work", "subscription_id": "mine", "cloud_environment": "AzureChinaCloud"}, {}
    )
    assert (found.subscription_id, found.cloud_environment) == ("mine", "AzureChinaCloud")
    assert choose_credential_options({"profile": "work"}, {}).cloud_environment == "AzureUSGovernment"


@pytest.mark.parametrize(
    ("options", "variables", "sentence"),
    [
        ({"client_id": "c"}, {}, "they require 'secret' (AZURE_SECRET)"),
        ({"client_id": "c", "secret": "s"}, {}, "'tenant' (AZURE_TENANT) is missing"),
        ({"ad_user": "u"}, {}, "'password' (AZURE_PASSWORD) is missing"),
        ({"auth_source": "env"}, {}, "The credentials from the environment are incomplete"),
        ({}, {"AZURE_SECRET": "s", "AZURE_TENANT": "t"}, "'client_id' (AZURE_CLIENT_ID) is missing"),
        ({"secret": "s"}, {"AZURE_TENANT": "t"}, "'client_id' (AZURE_CLIENT_ID) is missing"),
        ({"x509_certificate_path": "c"}, {}, "'client_id' (AZURE_CLIENT_ID) and 'tenant' (AZURE_TENANT) are missing"),
        ({}, {"AZURE_FEDERATED_TOKEN_FILE": "f", "AZURE_TENANT": "t"}, "'client_id' (AZURE_CLIENT_ID) is missing"),
        (
            {"client_id": "c", "tenant": "t", "oidc_request_url": "https://ci.example"},
            {},
            "'oidc_request_token' (ACTIONS_ID_TOKEN_REQUEST_TOKEN) is missing",
        ),
        ({"auth_source": "workload_identity"}, {}, "'federated_token_file' (AZURE_FEDERATED_TOKEN_FILE) are missing"),
    ],
)
def test_incomplete_credentials(options, variables, sentence):
    with pytest.raises(SignInFailed, match=r"^[^\n]+$") as failed:
        choose_credential_options(options, variables)
    assert sentence in str(failed.value)
    assert failed.value.code == CREDENTIALS_INCOMPLETE


@pytest.mark.parametrize(
    ("options", "source"),
    [
        ({"federated_token": "a.b.c", "federated_token_file": "f", "oidc_request_url": "u"}, "federated_token"),
        ({"federated_token_file": "f", "oidc_request_url": "u"}, "federated_token_file"),
        ({"oidc_request_url": "u", "oidc_request_token": "t"}, "oidc_request_url"),
    ],
)
def test_one_source_of_a_federated_token_is_used(options, source):
    found = choose_credential_options({"client_id": "c", "tenant": "t", **options}, {})
    sources = ("federated_token", "federated_token_file", "oidc_request_url")
    assert [name for name in sources if getattr(found, name)] == [source]


def test_a_profile_that_is_missing(credentials_file, tmp_path):
    with pytest.raises(SignInFailed) as failed:
        choose_credential_options({"profile": "absent"}, {})
    assert failed.value.code == "profile_missing"
    assert f"'{tmp_path}/.azure/credentials'" in str(failed.value)


def test_a_file_that_is_no_ini_file_does_not_repeat_its_content(tmp_path):
    (tmp_path / ".azure").mkdir()
    (tmp_path / ".azure" / "credentials").write_text("secret=hunter2\n")
    with pytest.raises(SignInFailed) as failed:
        choose_credential_options({}, {})
    assert "hunter2" not in str(failed.value)


def test_a_sign_in_never_shows_its_secret():
    assert "env-secret" not in repr(choose_credential_options({}, SERVICE_PRINCIPAL))


@pytest.mark.parametrize("name", ["AzureCloud", "azureusgovernment", "AzureChinaCloud"])
def test_clouds_by_name_need_no_request(name):
    assert find_cloud(name, read_metadata=None).resource_manager.startswith("https://management.")


@pytest.mark.parametrize("as_list", [False, True])
def test_a_cloud_by_url(as_list):
    answer = {
        "name": "stack",
        "resourceManager": "https://arm.stack/",
        "authentication": {"loginEndpoint": "https://login.stack/", "audiences": ["https://audience.stack/"]},
    }
    asked = []

    def read(url):
        asked.append(url)
        return [answer] if as_list else answer

    cloud = find_cloud("https://arm.stack/metadata/endpoints?api-version=2019-05-01", read)
    assert asked == ["https://arm.stack/metadata/endpoints?api-version=2022-09-01"]
    assert (cloud.scope, cloud.authority, cloud.known) == (
        "https://audience.stack/.default",
        "https://login.stack",
        False,
    )


@pytest.mark.parametrize("answer", [None, [], {}, {"authentication": {}}, {"authentication": {"loginEndpoint": "x"}}])
def test_an_endpoint_that_is_no_cloud(answer):
    with pytest.raises(InvalidInput, match="does not describe a cloud"):
        find_cloud("https://elsewhere", lambda url: answer)


def test_an_unknown_cloud():
    with pytest.raises(Failure, match="AzureCloud, AzureUSGovernment, AzureChinaCloud or the https:// URL"):
        find_cloud("AzureMoon", read_metadata=None)


def test_no_credentials_at_all_say_what_to_set(run, environment):
    for name in ("AZURE_SUBSCRIPTION_ID", "AZURE_CLIENT_ID", "AZURE_SECRET", "AZURE_TENANT"):
        environment.delenv(name)
    environment.setenv("PATH", "")
    result = run("vm_image_info")
    assert result["msg"].startswith("No credentials were found: set AZURE_CLIENT_ID, AZURE_TENANT, AZURE_SECRET")


def test_no_subscription(run, environment):
    environment.delenv("AZURE_SUBSCRIPTION_ID")
    result = run("vm_image_info")
    assert result["msg"].startswith("No subscription is specified: set 'subscription_id' or AZURE_SUBSCRIPTION_ID")
