# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Api-versions by provider, type and region, and the answers to those that are not known."""

from __future__ import annotations

from typing import Any

import pytest

VM = "virtualMachines/source"
DISK = {"location": "westeurope", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}}


def test_a_version_that_a_type_does_not_know(arm: Any) -> None:
    status, code, message = arm.error("GET", VM, version="2018-06-30")
    assert (status, code) == (400, "NoRegisteredProviderFound")
    assert message.startswith(
        "No registered resource provider found for location 'westeurope' and API version '2018-06-30' for type "
        "'virtualMachines'. The supported api-versions are '2015-05-01-preview, 2015-06-15, "
    )
    assert ". The supported locations are 'centralus, eastasia, " in message


def test_a_type_that_is_not_there_names_the_versions_of_its_provider(arm: Any) -> None:
    status, code, message = arm.error("GET", "nothings/x", version="2024-07-01")
    assert (status, code) == (404, "InvalidResourceType")
    assert "'nothings' could not be found in the namespace 'Microsoft.Compute' for api version '2024-07-01'" in message
    assert "2026-03-03" in message


def test_a_seed_says_what_a_region_knows(arm: Any) -> None:
    known = {"*": ["2024-07-01", "2026-04-01"], "East US": ["2024-07-01"]}
    arm.azure.seed({"settings": {"api_versions": {"Microsoft.Compute/virtualMachines": known}}})
    assert arm.send("GET", VM, version="2026-04-01").status_code == 200
    assert arm.error("GET", VM, version="2022-03-01")[1] == "NoRegisteredProviderFound"
    body = {**arm.machine({"publisher": "Debian", "offer": "debian-12", "sku": "12-gen2", "version": "latest"})}
    status, code, message = arm.error("PUT", "virtualMachines/x", {**body, "location": "eastus"}, version="2026-04-01")
    assert (status, code) == (400, "NoRegisteredProviderFound")
    assert "for location 'eastus'" in message
    assert "The supported api-versions are '2024-07-01'" in message
    assert arm.send("PUT", "virtualMachines/x", {**body, "location": "eastus"}, version="2024-07-01").status_code == 201


def test_a_provider_that_a_region_does_not_have(arm: Any) -> None:
    arm.azure.seed({"settings": {"api_versions": {"Microsoft.Compute": {"eastus": []}}}})
    assert arm.send("PUT", "disks/here", DISK).status_code == 202
    status, code, message = arm.error("PUT", "disks/there", {**DISK, "location": "eastus"})
    assert (status, code) == (400, "NoRegisteredProviderFound")
    assert " eastus," not in message


@pytest.mark.parametrize(("version", "status"), [("2021-04-01", 200), ("2024-03-01", 400)])
def test_resource_manager_itself(arm: Any, version: str, status: int) -> None:
    arm.azure.seed({"settings": {"api_versions": {"Microsoft.Resources": ["2019-05-01", "2021-04-01"]}}})
    path = f"/subscriptions/{arm.azure.settings.subscription}/resourceGroups/golden"
    answer = arm.send("GET", path, version=version)
    assert answer.status_code == status
    if status == 400:
        found = answer.json()["error"]
        assert found["code"] == "InvalidApiVersionParameter"
        assert found["message"].endswith("The supported versions are '2021-04-01,2019-05-01'.")


def test_routes_of_other_providers(arm: Any) -> None:
    arm.azure.seed({"settings": {"api_versions": {"Microsoft.ResourceGraph": ["2021-03-01"]}}})
    query = {"query": "resources"}
    assert (
        arm.send("POST", "/providers/Microsoft.ResourceGraph/resources", query, version="2021-03-01").status_code == 200
    )
    found = arm.error("POST", "/providers/Microsoft.ResourceGraph/resources", query, version="2022-10-01")
    assert found[:2] == (400, "NoRegisteredProviderFound")


def test_what_is_known_is_listed(arm: Any) -> None:
    arm.azure.seed({"settings": {"api_versions": {"Microsoft.Compute/images": ["2022-03-01", "2024-07-01"]}}})
    path = f"/subscriptions/{arm.azure.settings.subscription}/providers/Microsoft.Compute"
    types = arm.send("GET", path, version="2021-04-01").json()["resourceTypes"]
    (images,) = [kind for kind in types if kind["resourceType"] == "images"]
    assert images["apiVersions"] == ["2024-07-01", "2022-03-01"]
