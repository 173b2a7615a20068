# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machines of marketplace images with a plan are made with that plan alone, once its terms were accepted."""

from __future__ import annotations

import pytest

from embedded_azure import EmbeddedAzure
from embedded_azure.errors import AzureError

NAMED = {"publisher": "bitnami", "offer": "lampstack", "sku": "5-6", "version": "latest"}
PLAN = {"publisher": "bitnami", "product": "lampstack", "name": "5-6"}
AGREEMENT = (
    "/subscriptions/11111111-1111-4111-8111-111111111111/providers/Microsoft.MarketplaceOrdering/offerTypes/virtualmachine"
    "/publishers/bitnami/offers/lampstack/plans/5-6/agreements/current"
)
MACHINE = {"name": "web", "group": "images", "image": NAMED, "power": "stopped"}


@pytest.fixture
def azure():
    with EmbeddedAzure() as running:
        yield running


def test_terms_are_read_accepted_and_taken_back(azure, arm_for):
    arm = arm_for(azure)

    def accepted(method, body=None):
        return arm.send(method, AGREEMENT, body, "2021-01-01").json()["properties"]["accepted"]

    assert accepted("GET") is False
    for wanted in (True, False):
        assert accepted("PUT", {"properties": {"accepted": wanted}}) is wanted
        assert accepted("GET") is wanted


@pytest.mark.parametrize(
    ("plan", "said"),
    [(PLAN, "You have not accepted the legal terms"), ({**PLAN, "name": "x"}, "not found in Azure Data Market")],
)
def test_what_cannot_be_bought_is_refused_at_once(azure, plan, said):
    with pytest.raises(AzureError) as refused:
        azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [{**MACHINE, "plan": plan}]})
    assert refused.value.code == "ResourcePurchaseValidationFailed"
    assert said in refused.value.message


def test_a_tenant_that_may_not_buy_is_refused(azure):
    settings = {"accepted_terms": ["bitnami:lampstack:5-6"], "purchases": False}
    with pytest.raises(AzureError) as refused:
        azure.seed(
            {"settings": settings, "groups": {"images": "westeurope"}, "virtual_machines": [{**MACHINE, "plan": PLAN}]}
        )
    assert refused.value.code == "MarketplacePurchaseEligibilityFailed"
    assert "AccountSetupError" in refused.value.body()["details"][0]["message"]


def test_a_plan_may_have_any_name(azure, arm_for):
    refused = arm_for(azure).send("GET", AGREEMENT.replace("5-6", "5%3A6%20x"), None, "2021-01-01")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "ResourcePurchaseValidationFailed")


def test_a_machine_without_its_plan_fails(azure):
    with pytest.raises(ValueError, match="VMMarketplaceInvalidInput"):
        azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [MACHINE]})


def test_a_managed_image_does_not_show_its_plan_and_needs_it(azure):
    azure.seed(
        {
            "settings": {"accepted_terms": ["bitnami:lampstack:5-6"]},
            "groups": {"images": "westeurope"},
            "virtual_machines": [{**MACHINE, "plan": PLAN, "generalized": True}],
        }
    )
    group = f"/subscriptions/{azure.settings.subscription}/resourceGroups/images/providers/Microsoft.Compute"
    image = f"{group}/images/golden"
    source = {"sourceVirtualMachine": {"id": f"{group}/virtualMachines/web"}}
    azure.seed({"resources": [{"id": image, "location": "westeurope", "properties": source}]})
    assert "plan" not in azure.resources()[image]
    with pytest.raises(ValueError, match="VMMarketplaceInvalidInput"):
        azure.seed({"virtual_machines": [{**MACHINE, "name": "clone", "image": image}]})
    azure.seed({"virtual_machines": [{**MACHINE, "name": "other", "image": image, "plan": PLAN}]})
