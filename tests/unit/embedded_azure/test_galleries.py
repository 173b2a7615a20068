# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Galleries: publishing, replication, end of life, sharing."""

from __future__ import annotations

from typing import Any

from azure.mgmt.compute import ComputeManagementClient

from embedded_azure import EmbeddedAzure

VERSION = "galleries/g/images/d/versions/1.0.0"
DEFINITION = {
    "location": "westeurope",
    "properties": {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "features": [],
        "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
    },
}


def prepare(arm: Any, sharing: dict[str, Any] | None = None, **definition: Any) -> None:
    gallery = {"properties": {"sharingProfile": sharing}} if sharing else {}
    arm.azure.seed({
        "virtual_machines": [{"name": "prepared", "group": "golden", "generalized": True}],
        "resources": [
            {"id": arm.id("galleries/g"), "location": "westeurope", **gallery},
            {"id": arm.id("galleries/g/images/d"), **DEFINITION,
             "properties": {**DEFINITION["properties"], **definition}},
        ],
    })  # fmt: skip


def body(arm: Any, *regions: str, **publishing: Any) -> dict[str, Any]:
    targets = [{"name": region} for region in regions or ("westeurope",)]
    return {
        "location": "westeurope",
        "properties": {
            "storageProfile": {"source": {"virtualMachineId": arm.id("virtualMachines/prepared")}},
            "publishingProfile": {"targetRegions": targets, **publishing},
        },
    }


def test_publishing_by_the_sdk(azure: EmbeddedAzure, arm: Any, compute: ComputeManagementClient) -> None:
    prepare(arm)
    version = compute.gallery_image_versions.begin_create_or_update(
        "golden", "g", "d", "1.0.0", body(arm, "westeurope", "North Europe")
    ).result()
    assert version.provisioning_state == "Succeeded"
    regions = [region.name for region in version.publishing_profile.target_regions]
    assert regions == ["West Europe", "North Europe"]
    azure.seed({"virtual_machines": [{"name": "clone", "group": "golden", "image": arm.id("galleries/g/images/d")}]})
    clone = compute.virtual_machines.get("golden", "clone")
    assert clone.storage_profile.image_reference.exact_version == "1.0.0"


def test_replication_takes_its_time(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    prepare(slow_arm)
    slow_arm.send("PUT", VERSION, body(slow_arm, "westeurope", "eastus"))
    slow_azure.clock.advance(30)
    shown = slow_arm.send("GET", VERSION, **{"$expand": "ReplicationStatus"}).json()["properties"]["replicationStatus"]
    assert shown["aggregatedState"] == "InProgress"
    assert [(item["region"], item["progress"]) for item in shown["summary"]] == [("westeurope", 50), ("eastus", 50)]
    slow_azure.clock.advance(30)
    shown = slow_arm.send("GET", VERSION, **{"$expand": "ReplicationStatus"}).json()["properties"]["replicationStatus"]
    assert shown["aggregatedState"] == "Completed"


def test_a_failed_version_stays_until_it_is_deleted(arm: Any) -> None:
    prepare(arm)
    arm.azure.faults.add("PUT", "versions/1.0.0", operation="Failed", message="Replication failed in this region.")
    arm.send("PUT", VERSION, body(arm))
    shown = arm.send("GET", VERSION, **{"$expand": "ReplicationStatus"}).json()["properties"]
    assert shown["provisioningState"] == "Failed"
    assert shown["replicationStatus"]["summary"][0]["state"] == "Failed"
    assert arm.send("PUT", VERSION, body(arm)).status_code == 409
    arm.send("DELETE", VERSION)
    assert arm.send("PUT", VERSION, body(arm)).status_code == 201


def test_rules_of_a_version(arm: Any) -> None:
    prepare(arm)
    assert arm.error("PUT", VERSION.replace("1.0.0", "one"), body(arm))[:2] == (400, "InvalidParameter")
    assert arm.error("PUT", VERSION, body(arm, "eastus"))[:2] == (400, "InvalidParameter")
    running = body(arm)
    running["properties"]["storageProfile"]["source"]["virtualMachineId"] = arm.id("virtualMachines/source")
    assert arm.error("PUT", VERSION, running)[:2] == (409, "OperationNotAllowed")


def test_trusted_launch_definitions_take_no_machine(arm: Any) -> None:
    prepare(arm, features=[{"name": "SecurityType", "value": "TrustedLaunchSupported"}])
    status, code, message = arm.error("PUT", VERSION, body(arm))
    assert (status, code) == (400, "InvalidParameter")
    assert message.startswith("The security type 'TrustedLaunchSupported' is not supported for the source id")


def test_new_definitions_default_to_trusted_launch(arm: Any) -> None:
    arm.azure.seed({"resources": [{"id": arm.id("galleries/g"), "location": "westeurope"}]})
    wanted = {"osType": "Linux", "osState": "Generalized", "identifier": {"publisher": "p", "offer": "o", "sku": "s"}}
    path = "galleries/g/images/new"
    arm.send("PUT", path, {"location": "westeurope", "properties": wanted}, version="2025-03-03")
    shown = arm.send("GET", path).json()["properties"]
    assert shown["hyperVGeneration"] == "V2"
    assert shown["features"] == [{"name": "SecurityType", "value": "TrustedLaunchSupported"}]
    wanted["identifier"] = {"publisher": "p", "offer": "o", "sku": "other"}
    path = "galleries/g/images/old"
    arm.send("PUT", path, {"location": "westeurope", "properties": wanted}, version="2024-03-03")
    assert arm.send("GET", path).json()["properties"]["hyperVGeneration"] == "V1"


def test_a_definition_with_versions_stays(arm: Any) -> None:
    prepare(arm)
    arm.send("PUT", VERSION, body(arm))
    status, code, message = arm.error("DELETE", "galleries/g/images/d")
    assert (status, code) == (409, "CannotDeleteResource")
    assert message.startswith("Cannot delete resource while nested resources exist. Some existing nested resource IDs")
    arm.send("DELETE", VERSION)
    assert arm.send("GET", VERSION).status_code == 404
    assert arm.send("DELETE", "galleries/g/images/d").status_code == 202


def test_excluded_versions_are_not_the_latest(arm: Any) -> None:
    prepare(arm)
    arm.send("PUT", VERSION, body(arm))
    arm.send("PUT", VERSION.replace("1.0.0", "2.0.0"), body(arm, excludeFromLatest=True))
    arm.send("GET", VERSION)
    machine = {"name": "clone", "group": "golden", "image": arm.id("galleries/g/images/d")}
    arm.azure.seed({"virtual_machines": [machine]})
    shown = arm.send("GET", "virtualMachines/clone").json()["properties"]["storageProfile"]["imageReference"]
    assert shown["exactVersion"] == "1.0.0"


def test_end_of_life_can_block_deletion(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    prepare(slow_arm)
    wanted = body(slow_arm, endOfLifeDate="2026-01-02T00:00:00Z")
    wanted["properties"]["safetyProfile"] = {"blockDeletionBeforeEndOfLife": True}
    slow_arm.send("PUT", VERSION, wanted)
    slow_azure.clock.advance(60)
    assert slow_arm.error("DELETE", VERSION)[:2] == (409, "OperationNotAllowed")
    slow_azure.clock.advance(86_400)
    assert slow_arm.send("DELETE", VERSION).status_code == 202


def test_sharing_with_the_community(arm: Any) -> None:
    information = {"publicNamePrefix": "golden", "eula": "e", "publisherUri": "u", "publisherContact": "c"}
    prepare(arm, {"permissions": "Community", "communityGalleryInfo": information})
    arm.send("PUT", VERSION, body(arm))
    assert arm.send("POST", "galleries/g/share", {"operationType": "EnableCommunity"}).status_code == 202
    shown = arm.send("GET", "galleries/g").json()["properties"]["sharingProfile"]["communityGalleryInfo"]
    name = shown["publicNames"][0]
    place = f"/subscriptions/{arm.azure.settings.subscription}/providers/Microsoft.Compute/locations/westeurope"
    version = arm.send("GET", f"{place}/communityGalleries/{name}/images/d/versions/1.0.0").json()
    assert version["identifier"]["uniqueId"] == f"/CommunityGalleries/{name}/Images/d/Versions/1.0.0"


def test_sharing_with_subscriptions_and_tenants_is_listed_apart(arm: Any) -> None:
    prepare(arm, {"permissions": "Groups"})
    arm.send("PUT", VERSION, body(arm))
    settings = arm.azure.settings
    place = f"/subscriptions/{settings.subscription}/providers/Microsoft.Compute/locations/westeurope/sharedGalleries"
    name = arm.send("GET", "galleries/g").json()["properties"]["identifier"]["uniqueName"]
    images = f"{place}/{name}/images"

    def share(operation: str, kind: str, id: str) -> None:
        groups = [{"type": kind, "ids": [id]}]
        arm.azure.seed({"actions": [{
            "id": arm.id("galleries/g"), "action": "share", "body": {"operationType": operation, "groups": groups},
        }]})  # fmt: skip

    def listed(**reach: str) -> tuple[int, int]:
        answers = [arm.send("GET", path, **reach) for path in (images, f"{images}/d/versions")]
        assert {answer.status_code for answer in answers} <= {200, 404}
        galleries = arm.send("GET", place, **reach).json()["value"]
        return len(galleries), sum(len(answer.json().get("value", [])) for answer in answers)

    assert (listed(), listed(sharedTo="tenant")) == ((0, 0), (0, 0))
    share("Add", "Subscriptions", settings.subscription)
    assert (listed(), listed(sharedTo="tenant")) == ((1, 2), (0, 0))
    share("Remove", "Subscriptions", settings.subscription)
    share("Add", "AADTenants", settings.tenant)
    assert (listed(), listed(sharedTo="tenant")) == ((0, 0), (1, 2))
    assert arm.send("GET", f"{images}/d/versions/1.0.0").status_code == 200


def test_a_parent_stays_locked_for_a_while_after_its_last_child(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    prepare(slow_arm)
    slow_azure.seed({"settings": {"nested_delay": 15}})
    slow_arm.send("DELETE", "galleries/g/images/d")
    slow_azure.clock.advance(60)
    assert slow_arm.error("DELETE", "galleries/g") == (
        409,
        "CannotDeleteResource",
        "Can not delete resource before nested resources are deleted.",
    )
    slow_azure.clock.advance(15)
    assert slow_arm.send("DELETE", "galleries/g").status_code == 202
