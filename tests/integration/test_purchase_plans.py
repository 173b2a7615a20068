# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A purchase plan goes with what was bought: from the marketplace into an image, and into each machine made of the image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._info import run as info
from ansible_collections.golden.azure.plugins.module_utils._instance import options as instance_options
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance
from driven import driven_azure, run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
VERSION = f"{COMPUTE}/galleries/golden/images/bought/versions/1.0.0"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/net/subnets/default"
NAMED = {"publisher": "bitnami", "offer": "lampstack", "sku": "5-6", "version": "latest"}
PLAN = {"publisher": "bitnami", "product": "lampstack", "name": "5-6"}
TERMS = "bitnami:lampstack:5-6"
AGREEMENT = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine"
    "/publishers/bitnami/offers/lampstack/plans/5-6/agreements/current"
)
#: The three ways from which a machine comes to be.
SOURCES: dict[str, Json] = {
    "marketplace": {"marketplace": NAMED},
    "image": {"image": "golden"},
    "version": {"gallery_version_id": VERSION},
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    """An Azure where the terms were accepted once, and a machine was bought and captured."""
    network = {
        "id": SUBNET.rsplit("/", 2)[0],
        "location": "westeurope",
        "properties": {"subnets": [{"name": "default", "properties": {"addressPrefix": "10.0.0.0/24"}}]},
    }
    machine = {"name": "web", "group": "images", "power": "stopped", "image": NAMED, "plan": PLAN}
    with driven_azure() as running:
        running.seed(
            {
                "settings": {"accepted_terms": [TERMS]},
                "groups": {"images": "westeurope"},
                "resources": [network, {"id": f"{COMPUTE}/galleries/golden", "location": "westeurope"}],
                "virtual_machines": [machine],
            }
        )
        yield running


def captured(azure: EmbeddedAzure) -> Json:
    definition = {"publisher": "Example", "offer": "bought", "sku": "1"}
    version = {"gallery": "golden", "definition": "bought", "create_definition": definition}
    options = {"resource_group": "images", "source_vm": "web", "generalize": True, "image": "golden"}
    found: Json = run_code(azure, capture.execute, capture_options.OPTIONS, gallery_versions=[version], **options)
    azure.clear_requests()
    return found


def make(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    wanted = {"name": "clone", "resource_group": "images", "subnet": SUBNET, "wait_for_agent": False, **options}
    key = {"ssh_public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA key"}
    done: Json = run_code(azure, instance.execute, instance_options.OPTIONS, check, **wanted, **key)
    return done


def test_a_capture_records_the_plan(azure: EmbeddedAzure) -> None:
    result = captured(azure)
    assert result["image"]["purchase_plan"] == PLAN
    assert result["gallery_versions"][0]["purchase_plan"] == PLAN
    assert result["provenance"]["purchase_plan"] == PLAN
    found = run_code(azure, info.execute, info.OPTIONS, resource_group="images", name="golden")
    assert found["images"][0]["purchase_plan"] == PLAN


def test_what_is_not_bought_has_none(azure: EmbeddedAzure) -> None:
    azure.seed({"virtual_machines": [{"name": "own", "group": "images", "power": "stopped"}]})
    options = {"resource_group": "images", "source_vm": "own", "generalize": True, "image": "own"}
    result = run_code(azure, capture.execute, capture_options.OPTIONS, **options)
    assert result["image"]["purchase_plan"] is None
    assert "golden.azure.purchase_plan" not in result["image"]["tags"]
    azure.clear_requests()
    make(azure, image="own")
    assert AGREEMENT not in {one.path for one in azure.requests}


@pytest.mark.parametrize("source", SOURCES)
def test_the_four_cases_of_a_machine_that_is_bought(azure: EmbeddedAzure, source: str) -> None:
    captured(azure)
    assert make(azure, check=True, **SOURCES[source])["changed"] is True
    assert sent_writes(azure.requests) == []
    made = make(azure, **SOURCES[source])
    assert azure.resources()[f"{COMPUTE}/virtualMachines/clone"]["plan"] == PLAN
    assert made["instance"]["name"] == "clone"
    # What is there needs no terms any more.
    azure.seed({"settings": {"accepted_terms": []}})
    assert make(azure, **SOURCES[source])["changed"] is False
    assert make(azure, check=True, **SOURCES[source])["changed"] is False


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("check", [False, True])
def test_terms_that_were_not_accepted_block(azure: EmbeddedAzure, source: str, check: bool) -> None:
    captured(azure)
    azure.seed({"settings": {"accepted_terms": []}})
    with pytest.raises(Failure) as raised:
        make(azure, check, **SOURCES[source])
    (blocker,) = raised.value.details["plan"]["blockers"]
    assert blocker["code"] == "terms_not_accepted"
    assert blocker["purchase_plan"] == PLAN
    assert "--publisher bitnami --offer lampstack --plan 5-6" in blocker["message"]
    assert sent_writes(azure.requests) == []


def test_terms_that_may_not_be_read_block_nothing(azure: EmbeddedAzure) -> None:
    captured(azure)
    azure.faults.add("GET", "MarketplaceOrdering", status=403, code="AuthorizationFailed", times=0)
    made = make(azure, image="golden")
    assert [warning["code"] for warning in made["plan"]["warnings"]] == ["terms_unknown"]
    assert made["instance"]["name"] == "clone"


def test_azure_has_the_last_word_on_terms_that_may_not_be_read(azure: EmbeddedAzure) -> None:
    captured(azure)
    azure.seed({"settings": {"accepted_terms": []}})
    azure.faults.add("GET", "MarketplaceOrdering", status=403, code="AuthorizationFailed", times=0)
    with pytest.raises(Failure) as raised:
        make(azure, image="golden")
    assert raised.value.code == "ResourcePurchaseValidationFailed"


def test_a_tenant_that_may_not_buy_is_told_by_azure(azure: EmbeddedAzure) -> None:
    captured(azure)
    azure.seed({"settings": {"purchases": False}})
    with pytest.raises(Failure) as raised:
        make(azure, image="golden")
    assert raised.value.code == "MarketplacePurchaseEligibilityFailed"
    assert "required AAD tenant information is missing; check whether the subscription may purchase" in str(
        raised.value
    )


def test_an_image_that_does_not_say_its_plan_takes_that_of_the_task(azure: EmbeddedAzure) -> None:
    captured(azure)
    azure.cloud.store.get(f"{COMPUTE}/images/golden").body["tags"] = {}
    with pytest.raises(Failure) as raised:
        make(azure, image="golden")
    assert raised.value.code == "VMMarketplaceInvalidInput"
    assert make(azure, name="other", image="golden", purchase_plan=PLAN)["instance"]["name"] == "other"


def test_a_version_made_of_an_image_inherits_its_plan(azure: EmbeddedAzure) -> None:
    captured(azure)
    definition = {"publisher": "Example", "offer": "again", "sku": "1"}
    version = {"gallery": "golden", "definition": "again", "create_definition": definition}
    options = {"resource_group": "images", "source_image": "golden", "gallery_versions": [version]}
    result = run_code(azure, capture.execute, capture_options.OPTIONS, **options)
    assert result["gallery_versions"][0]["purchase_plan"] == PLAN
    assert azure.resources()[f"{COMPUTE}/galleries/golden/images/again"]["properties"]["purchasePlan"] == PLAN
