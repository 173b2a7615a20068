# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ARM checks before any provider hears of a request."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure
from embedded_azure.client import signed_in

VM = "virtualMachines/source"


def test_no_token_is_401(arm: Any) -> None:
    del arm.session.headers["Authorization"]
    answer = arm.send("GET", VM)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "AuthenticationFailed"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization_uri=")


def test_a_foreign_token_is_401(arm: Any) -> None:
    arm.session.headers["Authorization"] = "Bearer eyJhbGciOiJub25lIn0.e30."
    assert arm.error("GET", VM)[:2] == (401, "InvalidAuthenticationToken")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/providers/Microsoft.Nothing/things", 404, "InvalidResourceNamespace"),
        ("/subscriptions/99999999-9999-4999-8999-999999999999/resourceGroups", 404, "SubscriptionNotFound"),
        ("/subscriptions/nonsense/resourceGroups", 400, "InvalidSubscriptionId"),
        ("/resourceGroups/golden", 404, "MissingSubscription"),
    ],
)
def test_bad_addresses(arm: Any, path: str, status: int, code: str) -> None:
    assert arm.error("GET", path)[:2] == (status, code)


@pytest.mark.parametrize("host", ["azcliprod.blob.core.windows.net", "KEYS.vault.azure.net:443"])
def test_no_storage_account_or_vault_holds_anything(arm: Any, host: str) -> None:
    """az looks for its aliases of images in a storage account, without any token."""
    del arm.session.headers["Authorization"]
    arm.session.headers["Host"] = host
    assert arm.error("GET", "/cli/vm/aliases.json", version="")[:2] == (404, "ResourceNotFound")


def test_api_version_is_required_and_checked(arm: Any) -> None:
    assert arm.error("GET", VM, version="")[:2] == (400, "MissingApiVersionParameter")
    assert arm.error("GET", VM, version="1999-01-01")[:2] == (400, "NoRegisteredProviderFound")
    assert arm.error("GET", VM, version="newest")[:2] == (400, "InvalidApiVersionParameter")
    assert arm.send("GET", VM, version="2026-03-01").status_code == 200  # @azure/arm-compute 24


def test_an_unknown_type_group_and_resource(arm: Any) -> None:
    assert arm.error("GET", "nothings/x")[:2] == (404, "InvalidResourceType")
    status, code, message = arm.error("GET", arm.id(VM).replace("golden", "absent"))
    assert (status, code, message) == (404, "ResourceGroupNotFound", "Resource group 'absent' could not be found.")
    assert arm.error("GET", "images/absent") == (
        404,
        "ResourceNotFound",
        "The Resource 'Microsoft.Compute/images/absent' under resource group 'golden' was not found. For more details "
        "please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def test_errors_of_the_front_door_say_so(arm: Any) -> None:
    gateway = arm.send("GET", "images/absent")
    compute = arm.send("POST", f"{VM}/generalize")
    assert gateway.headers["x-ms-failure-cause"] == "gateway"
    assert "x-ms-failure-cause" not in compute.headers
    for answer in (gateway, compute):
        assert answer.headers["x-ms-request-id"]
        assert answer.headers["x-ms-correlation-request-id"]


def test_paths_ignore_case(arm: Any) -> None:
    path = arm.id(VM).replace("resourceGroups", "RESOURCEGROUPS").replace("virtualMachines", "VIRTUALMACHINES")
    answer = arm.send("GET", path.replace("golden", "Golden"))
    assert answer.json()["id"] == arm.id(VM)


def test_a_whole_id_as_a_name_is_not_found(arm: Any) -> None:
    inner = arm.id("disks/d").replace("/", "%2F")
    assert arm.error("GET", f"snapshots/{inner}")[2].startswith(
        "The Resource 'Microsoft.Compute/snapshots/subscriptions' under resource group 'golden' was not found."
    )


def test_a_body_that_is_no_json_is_refused(arm: Any) -> None:
    answer = arm.session.put(
        f"{arm.azure.url}{arm.id('images/i')}", params={"api-version": "2026-04-01"}, data="{", timeout=10
    )
    assert answer.json()["error"]["code"] == "InvalidRequestContent"


def test_regions_have_zones(arm: Any) -> None:
    regions = arm.send("GET", f"/subscriptions/{arm.azure.settings.subscription}/locations").json()["value"]
    zones = {region["name"]: region.get("availabilityZoneMappings") for region in regions}
    assert [zone["logicalZone"] for zone in zones["westeurope"]] == ["1", "2", "3"]
    assert zones["westus"] is None


def test_several_subscriptions_can_be_seen() -> None:
    other = "44444444-4444-4444-8444-444444444444"
    group = f"/subscriptions/{other}/resourceGroups/elsewhere"
    snapshot = {"id": f"{group}/providers/Microsoft.Compute/snapshots/s", "location": "westeurope"}
    snapshot["properties"] = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}
    with EmbeddedAzure(other_subscriptions=[other]) as azure:
        azure.seed({"groups": {"golden": "westeurope", group: "westeurope"}, "resources": [snapshot]})
        session, version = signed_in(azure), {"api-version": "2022-12-01"}

        def get(path: str) -> Any:
            return session.get(azure.url + path, params=version, timeout=10).json()

        shown = [item["subscriptionId"] for item in get("/subscriptions")["value"]]
        assert shown == [azure.settings.subscription, other]
        assert [get(f"/subscriptions/{id}")["id"] for id in shown] == [f"/subscriptions/{id}" for id in shown]
        groups = [item["name"] for id in shown for item in get(f"/subscriptions/{id}/resourceGroups")["value"]]
        assert groups == ["golden", "elsewhere"]
        question = {"query": "resources | project id, subscriptionId", "subscriptions": [other]}
        answer = session.post(
            f"{azure.url}/providers/Microsoft.ResourceGraph/resources",
            params={"api-version": "2022-10-01"}, json=question, timeout=10,
        ).json()  # fmt: skip
        assert answer["data"] == [{"id": snapshot["id"], "subscriptionId": other}]


def test_lists_come_in_pages_and_shout_the_group(arm: Any) -> None:
    arm.azure.seed(
        {"settings": {"page_size": 2}, "virtual_machines": [{"name": f"vm{n}", "group": "golden"} for n in range(4)]}
    )
    names, url = [], f"/subscriptions/{arm.azure.settings.subscription}/providers/Microsoft.Compute/virtualMachines"
    while url:
        page = arm.send("GET", url).json()
        assert len(page["value"]) <= 2
        assert all("/resourceGroups/GOLDEN/" in item["id"] for item in page["value"])
        names += [item["name"] for item in page["value"]]
        url = page.get("nextLink")
    assert names == ["source", "vm0", "vm1", "vm2", "vm3"]
    first = arm.send("GET", "virtualMachines").json()
    assert "/resourceGroups/golden/" in first["value"][0]["id"]
