# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Galleries and image definitions whose requests fail, or whose answers are lost: said in a sentence, or gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._definition import run as definition
from ansible_collections.golden.azure.plugins.module_utils._gallery import run as gallery
from driven import driven_azure, run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

BASE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
TENANT = "22222222-2222-4222-8222-222222222222"
SHARED: Json = {"gallery": "shared", "sharing": "groups", "tenants": [TENANT]}
PUBLIC: Json = {
    "gallery": "open",
    "sharing": "community",
    "public_name_prefix": "golden",
    "publisher_uri": "https://www.example.com",
    "publisher_contact": "images@example.com",
    "public": True,
}
WEB: Json = {"gallery": "golden", "definition": "web", "os_type": "linux", "security_type": "Standard"}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(
            {
                "groups": {"images": "westeurope"},
                "resources": [{"id": f"{BASE}/galleries/golden", "location": "westeurope"}],
            }
        )
        running.clear_requests()
        yield running


def run_gallery(azure: EmbeddedAzure, **options: Any) -> Json:
    return dict(run_code(azure, gallery.execute, gallery.OPTIONS, resource_group="images", **options))


def run_definition(azure: EmbeddedAzure, **options: Any) -> Json:
    return dict(run_code(azure, definition.execute, definition.OPTIONS, resource_group="images", **options))


def count(azure: EmbeddedAzure, method: str, end: str) -> int:
    return sum(one.method == method and one.path.endswith(end) for one in azure.requests)


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"operation": "lost"}])
@pytest.mark.parametrize(
    ("method", "end", "options"),
    [
        ("PUT", "/galleries/shared", SHARED),
        ("POST", "/galleries/shared/share", SHARED),
        ("POST", "/galleries/open/share", PUBLIC),
    ],
)
def test_what_has_worked_is_not_sent_again(
    azure: EmbeddedAzure, method: str, end: str, options: Json, fault: Json
) -> None:
    azure.faults.add(method, f"{end}[?]", **fault)
    result = run_gallery(azure, **options)
    assert result["changed"] and result["gallery"]["provisioning_state"] == "Succeeded"
    assert (result["gallery"]["public"], result["gallery"]["tenants"]) == (
        bool(options.get("public")),
        options.get("tenants", []),
    )
    assert count(azure, method, end) == 1
    assert not run_gallery(azure, **options)["changed"]


def test_a_change_of_which_nothing_is_known_is_looked_for(azure: EmbeddedAzure) -> None:
    azure.faults.add("PUT", "/galleries/golden[?]", drop="after")
    assert run_gallery(azure, gallery="golden", description="new")["gallery"]["description"] == "new"
    assert count(azure, "PUT", "/galleries/golden") == 1
    run_definition(azure, **WEB)
    azure.faults.add("PUT", "/images/web[?]", drop="after")
    changed = run_definition(azure, **WEB, end_of_life_date="2037-06-30", recommended={"vcpus": {"min": 2}})
    assert changed["definition"]["recommended"]["vcpus"] == {"min": 2, "max": None}
    assert count(azure, "PUT", "/images/web") == 2


def test_a_request_that_was_not_heard_is_sent_again(azure: EmbeddedAzure) -> None:
    azure.faults.add("POST", "/share[?]", drop="before")
    assert run_gallery(azure, **SHARED)["gallery"]["tenants"] == [TENANT]


def test_sharing_that_azure_refuses_leaves_the_gallery_for_the_next_run(azure: EmbeddedAzure) -> None:
    azure.faults.add("POST", "/share[?]", status=403, code="SharingNotAllowed", message="Not for this subscription.")
    with pytest.raises(Failure) as failure:
        run_gallery(azure, **SHARED)
    assert failure.value.code == "SharingNotAllowed" and failure.value.request_id
    assert "Not for this subscription" in failure.value.message
    assert failure.value.details["left"] == [f"{BASE}/galleries/shared"]
    assert [step["action"] for step in failure.value.details["steps"]] == ["create_gallery"]
    result = run_gallery(azure, **SHARED)
    assert [step["action"] for step in result["steps"]] == ["share_gallery"]


def test_a_creation_that_failed_is_repeated(azure: EmbeddedAzure) -> None:
    for run, options in ((run_gallery, {"gallery": "fresh"}), (run_definition, WEB)):
        azure.faults.add("PUT", f"/{options.get('definition') or options['gallery']}[?]", operation="Failed")
        with pytest.raises(Failure):
            run(azure, **options)
        result = run(azure, **options)
        assert result["changed"] and result[next(iter(options.keys() & {"definition"}), "gallery")]["name"]
        assert not run(azure, **options)["changed"]


def test_a_parent_is_deleted_once_its_last_child_is_forgotten(azure: EmbeddedAzure) -> None:
    azure.seed({"settings": {"nested_delay": 15}})
    run_definition(azure, **WEB)
    run_definition(azure, gallery="golden", definition="web", state="absent")
    assert run_gallery(azure, gallery="golden", state="absent")["gallery"] is None
    assert count(azure, "DELETE", "/galleries/golden") > 1


def test_a_subscription_without_the_feature_has_no_soft_delete(azure: EmbeddedAzure) -> None:
    with pytest.raises(Blocked) as blocked:
        run_gallery(azure, gallery="golden", soft_delete=True)
    [blocker] = blocked.value.details["plan"]["blockers"]
    assert blocker["code"] == "soft_delete_not_registered"
    assert "az feature register --namespace Microsoft.Compute --name SIGSoftDelete" in blocker["message"]
    assert sent_writes(azure.requests) == []
    azure.seed({"settings": {"features": ["Microsoft.Compute/SIGSoftDelete"]}})
    assert run_gallery(azure, gallery="golden", soft_delete=True)["gallery"]["soft_delete"] is True
