# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A version from an image version of another tenant: read with a token of that tenant, and written with it beside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from deaths import Killed, dying
from driven import driven_azure, run_code
from module_runs import run_main
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

OTHER_TENANT = "44444444-4444-4444-8444-444444444444"
OTHER_SUBSCRIPTION = "55555555-5555-4555-8555-555555555555"
THERE = f"/subscriptions/{OTHER_SUBSCRIPTION}/resourceGroups/shared/providers/Microsoft.Compute"
DEFINITION = f"{THERE}/galleries/theirs/images/base"
HEADER = "x-ms-authorization-auxiliary"
OPTIONS = {
    "resource_group": "images",
    "source_image": f"{DEFINITION}/versions/1.0.0",
    "gallery_versions": [
        {
            "gallery": "golden",
            "definition": "web",
            "version": "1.0.0",
            "create_gallery": True,
            "create_definition": {"publisher": "Example", "offer": "web", "sku": "debian"},
        }
    ],
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    """A subscription with a machine, and a version that was made of it in a subscription of another tenant."""
    with driven_azure() as running:
        running.settings.other_subscriptions = [OTHER_SUBSCRIPTION]
        running.seed(
            {
                "groups": {"images": "westeurope"},
                "virtual_machines": [{"name": "web", "group": "images", "power": "stopped", "generalized": True}],
            }
        )
        identifier = {"publisher": "Example", "offer": "base", "sku": "debian"}
        kind: Json = {"osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2", "identifier": identifier}
        kind["features"] = [{"name": "SecurityType", "value": "Standard"}]
        (machine,) = [id for id in running.resources() if id.endswith("/virtualMachines/web")]
        running.cloud.send("PUT", THERE.split("/providers", maxsplit=1)[0], {"location": "westeurope"}, "2022-09-01")
        running.seed(
            {
                "resources": [
                    {"id": f"{THERE}/galleries/theirs", "location": "westeurope"},
                    {"id": DEFINITION, "location": "westeurope", "properties": kind},
                    {
                        "id": OPTIONS["source_image"],
                        "location": "westeurope",
                        "properties": {
                            "publishingProfile": {"targetRegions": [{"name": "westeurope"}]},
                            "storageProfile": {"source": {"virtualMachineId": machine}},
                        },
                    },
                ]
            }
        )
        running.settings.other_tenants = {OTHER_TENANT: [OTHER_SUBSCRIPTION]}
        running.clear_requests()
        yield running


def captured(check: bool = False, **options: Any) -> Json:
    return run_main("vm_image_capture", {**OPTIONS, **options}, check)


def test_a_version_of_another_tenant(azure: EmbeddedAzure) -> None:
    allowed = {"auxiliary_tenants": [OTHER_TENANT]}
    planned = captured(check=True, **allowed)
    assert planned["rc"] == 0, planned["msg"]
    assert sent_writes(azure.requests) == []
    done = captured(**allowed)
    assert (done["rc"], done["changed"]) == (0, True), done.get("msg")
    writes = [one for one in azure.requests if one.method == "PUT"]
    assert {HEADER in {name.lower() for name in one.request_headers} for one in writes} == {True}
    # One token for each tenant and task, however many requests.
    assert "eyJ" not in str(done)
    for check in (False, True):
        again = captured(check, **allowed)
        assert (again["rc"], again["changed"]) == (0, False), again.get("msg")


@pytest.mark.sweep
def test_a_copy_that_dies_after_any_request(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next run completes the version, and the one after it has nothing to do."""
    before, points = set(azure.resources()), 0
    options = {**OPTIONS, "auxiliary_tenants": [OTHER_TENANT]}
    while True:
        points += 1
        with monkeypatch.context() as patched:
            dying(patched, points)
            try:
                run_code(azure, capture.execute, capture_options.OPTIONS, **options)
                break
            except Killed:
                pass
        done = run_code(azure, capture.execute, capture_options.OPTIONS, **options)
        (version,) = done["gallery_versions"]
        assert version["provisioning_state"] == "Succeeded"
        assert {id.rsplit("/", 2)[1] for id in azure.resources().keys() - before} == {"galleries", "images", "versions"}
        assert run_code(azure, capture.execute, capture_options.OPTIONS, **options)["changed"] is False
        for id in sorted(azure.resources().keys() - before, reverse=True):
            azure.cloud.store.remove(id)
    # Reads, three writes, and a look at how each of them gets on.
    assert points > 10


def test_a_variable_names_them_too(azure: EmbeddedAzure) -> None:
    with mock.patch.dict(os.environ, {"AZURE_AUXILIARY_TENANTS": f"{OTHER_TENANT.upper()}, {OTHER_TENANT}"}):
        assert captured(check=True)["rc"] == 0


def test_a_tenant_that_is_not_named(azure: EmbeddedAzure) -> None:
    refused = captured()
    assert refused["error"]["code"] == "InvalidAuthenticationTokenTenant"
    assert "'auxiliary_tenants'" in refused["msg"]
    assert sent_writes(azure.requests) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"auxiliary_tenants": ["example.org"]}, "which is not the id of a tenant"),
        ({"auxiliary_tenants": [OTHER_TENANT.replace("4444-8", f"444{n}-8") for n in range(4)]}, "3 at most"),
        ({"auxiliary_tenants": [OTHER_TENANT], "auth_source": "msi"}, "cannot be used with a managed identity"),
    ],
)
def test_what_cannot_be_a_tenant(azure: EmbeddedAzure, options: Json, words: str) -> None:
    refused = captured(**options)
    assert refused["error"]["code"] == "option_not_valid"
    assert words in refused["msg"]
    assert azure.requests == []
