# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""azure-identity and msal against the token endpoints, directly and through the proxy."""

from __future__ import annotations

import pytest
import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient

from embedded_azure import EmbeddedAzure


def credential(azure: EmbeddedAzure, **changes: str) -> ClientSecretCredential:
    settings = azure.settings
    words = {"tenant_id": settings.tenant, "client_id": settings.client, "client_secret": settings.secret, **changes}
    return ClientSecretCredential(
        **words,
        authority=azure.url,
        disable_instance_discovery=True,
        connection_verify=str(azure.certificate_authority),
    )


def test_a_good_secret_gets_a_token_that_the_front_door_takes(azure: EmbeddedAzure) -> None:
    token = credential(azure).get_token(f"{azure.url}/.default")
    answer = requests.get(
        f"{azure.url}/subscriptions?api-version=2022-12-01",
        headers={"Authorization": f"Bearer {token.token}"},
        verify=str(azure.certificate_authority),
        timeout=10,
    )
    assert answer.json()["value"][0]["subscriptionId"] == azure.settings.subscription


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "wrong"}, "AADSTS7000215"),
        ({"client_id": "44444444-4444-4444-8444-444444444444"}, "AADSTS700016"),
    ],
)
def test_wrong_credentials_are_refused_in_entras_words(
    azure: EmbeddedAzure, changes: dict[str, str], code: str
) -> None:
    with pytest.raises(ClientAuthenticationError, match=code):
        credential(azure, **changes).get_token(f"{azure.url}/.default")


def test_an_unknown_tenant_is_refused(azure: EmbeddedAzure) -> None:
    tenant = "55555555-5555-4555-8555-555555555555"
    with pytest.raises(ClientAuthenticationError):
        credential(azure, tenant_id=tenant).get_token(f"{azure.url}/.default")
    refused = [exchange for exchange in azure.requests if exchange.status == 400]
    assert "AADSTS90002" in refused[0].response_body["error_description"]


def test_a_wrong_secret_is_401_invalid_client(azure: EmbeddedAzure) -> None:
    with pytest.raises(ClientAuthenticationError):
        credential(azure, client_secret="wrong").get_token(f"{azure.url}/.default")
    last = azure.requests[-1]
    assert (last.status, last.response_body["error"]) == (401, "invalid_client")


def test_the_public_clouds_names_lead_here_through_the_proxy(azure: EmbeddedAzure) -> None:
    settings = azure.settings
    way = {"proxies": {"https": azure.proxy_url}, "connection_verify": str(azure.certificate_authority)}
    signed_in = ClientSecretCredential(
        settings.tenant, settings.client, settings.secret, disable_instance_discovery=False, **way
    )
    client = ComputeManagementClient(signed_in, settings.subscription, **way)
    assert [vm.name for vm in client.virtual_machines.list_all()] == ["source"]
    assert {"login.microsoftonline.com", "management.azure.com"} == {exchange.host for exchange in azure.requests}


def test_poll_urls_carry_the_host_the_client_came_to(azure: EmbeddedAzure) -> None:
    settings = azure.settings
    way = {"proxies": {"https": azure.proxy_url}, "connection_verify": str(azure.certificate_authority)}
    signed_in = ClientSecretCredential(settings.tenant, settings.client, settings.secret, **way)
    client = ComputeManagementClient(signed_in, settings.subscription, **way)
    client.virtual_machines.begin_deallocate("golden", "source").result()
    answer = next(exchange for exchange in azure.requests if exchange.method == "POST" and "deallocate" in exchange.url)
    assert answer.response_headers["Azure-AsyncOperation"].startswith("https://management.azure.com/")


def test_the_proxy_refuses_other_hosts(azure: EmbeddedAzure) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="404"):
        requests.get("https://example.com/", proxies={"https": azure.proxy_url}, timeout=10)


def test_the_v1_endpoint_answers_strings(azure: EmbeddedAzure) -> None:
    settings = azure.settings
    form = {
        "grant_type": "client_credentials",
        "client_id": settings.client,
        "client_secret": settings.secret,
        "resource": "https://management.azure.com/",
    }
    answer = requests.post(
        f"{azure.url}/{settings.tenant}/oauth2/token", data=form, verify=str(azure.certificate_authority), timeout=10
    ).json()
    assert isinstance(answer["expires_in"], str)
    assert answer["access_token"].count(".") == 2


def test_metadata_names_our_own_endpoints(azure: EmbeddedAzure) -> None:
    url = azure.environment()["AZURE_CLOUD_ENVIRONMENT"]
    answer = requests.get(url, verify=str(azure.certificate_authority), timeout=10).json()
    assert answer["resourceManager"] == f"{azure.url}/"
    assert answer["authentication"]["loginEndpoint"] == azure.url
