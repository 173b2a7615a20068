# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gallery versions by region: a replication that fails, what is kept where, and what comes back after a deletion."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure

VERSION = "galleries/g/images/d/versions/1.0.0"
DEFINITION = {
    "osType": "Linux",
    "osState": "Generalized",
    "hyperVGeneration": "V2",
    "features": [],
    "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
}


def prepare(arm: Any, **gallery: Any) -> None:
    """A gallery with a definition, and a machine to capture."""
    resources = [
        {"id": arm.id("galleries/g"), "location": "westeurope", "properties": gallery},
        {"id": arm.id("galleries/g/images/d"), "location": "westeurope", "properties": DEFINITION},
    ]
    machines = [{"name": "prepared", "group": "golden", "generalized": True}]
    arm.azure.seed({"virtual_machines": machines, "resources": resources})


def body(arm: Any, *regions: str) -> dict[str, Any]:
    """A version in some regions."""
    return {
        "location": "westeurope",
        "properties": {
            "storageProfile": {"source": {"virtualMachineId": arm.id("virtualMachines/prepared")}},
            "publishingProfile": {"targetRegions": [{"name": region} for region in regions or ("westeurope",)]},
        },
    }


def states(arm: Any) -> dict[str, str]:
    shown = arm.send("GET", VERSION, **{"$expand": "ReplicationStatus"}).json()["properties"]["replicationStatus"]
    return {item["region"]: item["state"] for item in shown["summary"]}


def update(arm: Any, *regions: str, allow: bool = False) -> dict[str, Any]:
    wanted = body(arm, *regions)
    wanted["properties"]["safetyProfile"] = {"allowDeletionOfReplicatedLocations": allow}
    return wanted


def test_a_region_fails_as_often_as_it_is_told_to(azure: EmbeddedAzure, arm: Any) -> None:
    prepare(arm)
    arm.send("PUT", VERSION, body(arm))
    azure.seed({"settings": {"replication_failures": {"eastus": 1}}})
    arm.send("PUT", VERSION, update(arm, "westeurope", "eastus"))
    assert states(arm) == {"westeurope": "Completed", "eastus": "Failed"}
    assert arm.send("GET", VERSION).json()["properties"]["provisioningState"] == "Failed"
    arm.send("PUT", VERSION, update(arm, "westeurope", "eastus"))
    assert states(arm) == {"westeurope": "Completed", "eastus": "Completed"}
    assert arm.send("GET", VERSION).json()["properties"]["provisioningState"] == "Succeeded"


def test_no_machine_is_made_where_the_replication_has_failed(azure: EmbeddedAzure, arm: Any) -> None:
    prepare(arm)
    azure.seed({"settings": {"replication_failures": {"eastus": 1}}})
    arm.send("PUT", VERSION, body(arm, "westeurope", "eastus"))
    source = {"image": arm.id(VERSION), "group": "golden"}
    azure.seed({"virtual_machines": [{"name": "here", **source}]})
    with pytest.raises(Exception, match="is not available in eastus region"):
        azure.seed({"virtual_machines": [{"name": "there", "location": "eastus", **source}]})


def test_regions_are_kept_unless_they_may_go(arm: Any) -> None:
    prepare(arm)
    arm.send("PUT", VERSION, body(arm, "westeurope", "eastus"))
    status, code, message = arm.error("PUT", VERSION, update(arm, "westeurope"))
    assert (status, code) == (400, "BadRequest")
    assert "Deletion of previously replicated locations is not allowed" in message
    assert arm.send("PUT", VERSION, update(arm, "westeurope", allow=True)).status_code == 200
    assert states(arm) == {"westeurope": "Completed"}
    # Without target regions it stays where it is.
    nowhere = update(arm)
    del nowhere["properties"]["publishingProfile"]["targetRegions"]
    assert arm.send("PUT", VERSION, nowhere).status_code == 200
    assert states(arm) == {"westeurope": "Completed"}


SOFT_DELETE = "Microsoft.Compute/SIGSoftDelete"


def deleted(arm: Any, **policy: Any) -> list[dict[str, Any]]:
    features = arm.azure.cloud.settings.features
    features.append(SOFT_DELETE)
    prepare(arm, softDeletePolicy={"isSoftDeleteEnabled": True, **policy})
    arm.send("PUT", VERSION, body(arm))
    arm.send("DELETE", VERSION)
    features.remove(SOFT_DELETE)
    return listed(arm)


def listed(arm: Any, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = arm.send(
        "GET", "galleries/g/softDeletedArtifactTypes/Images/artifacts/d/versions", **query
    ).json()["value"]
    return found


RESTORE = {"location": "westeurope", "properties": {"restore": True, "storageProfile": {}}}


def test_what_was_deleted_comes_back_in_its_home_region(azure: EmbeddedAzure, arm: Any) -> None:
    (item,) = deleted(arm, retentionPeriodInDays=1, gracePeriodInDays=2)
    assert item["properties"]["consumptionEndTime"] < item["properties"]["hardDeletionTargetTime"]
    assert arm.error("PUT", VERSION, RESTORE)[1] == "BadRequest", "the feature is not registered"
    azure.cloud.settings.features.append(SOFT_DELETE)
    assert arm.error("PUT", VERSION, {**RESTORE, "location": "eastus"})[:2] == (400, "InvalidParameter")
    assert arm.send("PUT", VERSION, RESTORE).status_code == 201
    assert states(arm) == {"westeurope": "Completed"}
    assert listed(arm) == []
    arm.send("DELETE", VERSION, bypassSoftDelete="true")
    assert listed(arm) == []
    assert arm.error("PUT", VERSION, RESTORE)[1] == "BadRequest"
