# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure answers by state and api-version: values, not only shapes (recorded traffic)."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure

DEBIAN = {"publisher": "Debian", "offer": "debian-12", "sku": "12-gen2", "version": "latest"}
VM = "virtualMachines/source"
KEY = "https://vault.vault.azure.net/keys/golden"


def os_disk(arm: Any, vm: str = VM) -> str:
    found: str = arm.send("GET", vm).json()["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    return found


def generalized(arm: Any) -> None:
    arm.azure.act(arm.id(VM), "deallocate")
    arm.azure.act(arm.id(VM), "generalize")


def image_of_machine(arm: Any, version: str) -> str:
    body = {
        "location": "westeurope",
        "properties": {"sourceVirtualMachine": {"id": arm.id(VM)}, "hyperVGeneration": "V2"},
    }
    made = arm.send("PUT", "images/of-machine", body, version=version).json()
    storage: str = made["properties"]["storageProfile"]["osDisk"]["storageAccountType"]
    return storage


def test_the_storage_of_an_image_of_a_disk_is_standard_unless_stated(arm: Any) -> None:
    arm.azure.act(arm.id(VM), "deallocate")
    assert arm.send("GET", os_disk(arm)).json()["sku"]["name"] == "Premium_LRS"
    disk = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": os_disk(arm)}}
    for stated, stored in ({}, "Standard_LRS"), ({"storageAccountType": "Premium_LRS"}, "Premium_LRS"):
        body = {"location": "westeurope", "properties": {"storageProfile": {"osDisk": {**disk, **stated}}}}
        made = arm.send("PUT", f"images/{stored.lower()}", body)
        assert made.json()["properties"]["storageProfile"]["osDisk"]["storageAccountType"] == stored


@pytest.mark.parametrize(("version", "stored"), [("2019-03-01", "Standard_LRS"), ("2020-06-01", "Premium_LRS")])
def test_an_image_of_a_machine_inherits_the_storage(arm: Any, version: str, stored: str) -> None:
    generalized(arm)
    assert image_of_machine(arm, version) == stored


def definition_of(os_state: str) -> dict[str, Any]:
    """The properties of an image definition."""
    identifier = {"publisher": "p", "offer": "o", "sku": "s"}
    required = {"osType": "Linux", "osState": os_state, "hyperVGeneration": "V2", "identifier": identifier}
    return {**required, "features": []}


def test_a_machine_of_a_specialized_version_says_so_first(arm: Any) -> None:
    definition = definition_of("Specialized")
    arm.azure.act(arm.id(VM), "deallocate")
    arm.send("PUT", "galleries/g", {"location": "westeurope"})
    arm.send("PUT", "galleries/g/images/d", {"location": "westeurope", "properties": definition})
    version = {"storageProfile": {"source": {"virtualMachineId": arm.id(VM)}}, "publishingProfile": {}}
    arm.send("PUT", "galleries/g/images/d/versions/1.0.0", {"location": "westeurope", "properties": version})
    body = arm.machine({"id": arm.id("galleries/g/images/d/versions/1.0.0")})
    del body["properties"]["osProfile"]
    assert arm.send("PUT", "virtualMachines/clone", body).status_code == 201
    statuses = arm.send("GET", "virtualMachines/clone/instanceView").json()["statuses"]
    assert statuses[0]["code"] == "OSState/specialized"


def test_disks_from_a_managed_image_are_copies_of_hidden_snapshots(arm: Any) -> None:
    generalized(arm)
    image_of_machine(arm, "2024-07-01")
    arm.send("PUT", "virtualMachines/clone", arm.machine({"id": arm.id("images/of-machine")}))
    creation = arm.send("GET", os_disk(arm, "virtualMachines/clone")).json()["properties"]["creationData"]
    assert creation["createOption"] == "Copy"
    assert creation["sourceUniqueId"]
    assert creation["sourceResourceId"].startswith(arm.id("snapshots/of-machine_0_"))
    assert arm.send("GET", creation["sourceResourceId"]).status_code == 404


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("virtualMachines/x", "The entity was not found in this Azure location."),
        ("disks/x", "Disk x is not found."),
        ("snapshots/x", "Snapshot x is not found."),
    ],
)
def test_right_after_a_deletion_the_provider_answers(slow_arm: Any, path: str, message: str) -> None:
    empty = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}
    made = slow_arm.machine(DEBIAN) if "Machines" in path else {"location": "westeurope", "properties": empty}
    slow_arm.send("PUT", path, made)
    slow_arm.azure.clock.advance(61)
    slow_arm.send("DELETE", path)
    slow_arm.azure.clock.advance(60)
    slow_arm.azure.settings.deletion_delay = 10
    soon = slow_arm.send("GET", path)
    assert (soon.status_code, soon.json()["error"]["code"], soon.json()["error"]["message"]) == (
        404,
        "NotFound",
        message,
    )
    assert "x-ms-failure-cause" not in soon.headers
    slow_arm.azure.clock.advance(10)
    later = slow_arm.send("GET", path)
    assert (later.status_code, later.json()["error"]["code"]) == (404, "ResourceNotFound")
    assert later.headers["x-ms-failure-cause"] == "gateway"


@pytest.mark.parametrize(("version", "state"), [("2019-12-01", "Succeeded"), ("2024-03-03", "Updating")])
def test_a_write_of_a_gallery_that_is_there(slow_arm: Any, version: str, state: str) -> None:
    for expected in ("Creating", state):
        made = slow_arm.send("PUT", "galleries/g", {"location": "westeurope"}, version=version)
        assert made.json()["properties"]["provisioningState"] == expected
        slow_arm.azure.clock.advance(61)


def test_extended_locations_of_a_version(arm: Any) -> None:
    definition = definition_of("Generalized")
    generalized(arm)
    arm.send("PUT", "galleries/g", {"location": "westeurope"})
    arm.send("PUT", "galleries/g/images/d", {"location": "westeurope", "properties": definition})
    edge = {"name": "westeurope", "extendedLocation": {"name": "edge1", "type": "EdgeZone"}}
    publishing = {"targetRegions": [{"name": "westeurope"}], "targetExtendedLocations": [edge]}
    properties = {"storageProfile": {"source": {"virtualMachineId": arm.id(VM)}}, "publishingProfile": publishing}
    body = {"location": "westeurope", "properties": properties}
    made = arm.send("PUT", "galleries/g/images/d/versions/1.0.0", body)
    (shown,) = made.json()["properties"]["publishingProfile"]["targetExtendedLocations"]
    assert shown == {
        "name": "West Europe",
        "extendedLocation": {"name": "edge1", "type": "EdgeZone"},
        "extendedLocationReplicaCount": 1,
        "storageAccountType": "StandardSSD_LRS",
    }


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_data_disk_that_is_left_out_shows_until_the_operation_ends(slow_arm: Any, method: str) -> None:
    disks = [{"lun": lun, "createOption": "Empty", "diskSizeGB": 4} for lun in (0, 1)]
    body = slow_arm.machine(DEBIAN)
    body["properties"]["storageProfile"]["dataDisks"] = disks
    slow_arm.send("PUT", "virtualMachines/x", body)
    slow_arm.azure.clock.advance(61)
    shown = slow_arm.send("GET", "virtualMachines/x").json()["properties"]["storageProfile"]["dataDisks"]
    change = body if method == "PUT" else {"properties": {"storageProfile": {}}}
    change["properties"]["storageProfile"]["dataDisks"] = shown[1:]
    answer = slow_arm.send(method, "virtualMachines/x", change).json()["properties"]["storageProfile"]["dataDisks"]
    assert [(disk["lun"], disk["toBeDetached"]) for disk in answer] == [(0, True), (1, False)]
    slow_arm.azure.clock.advance(61)
    left = slow_arm.send("GET", "virtualMachines/x").json()["properties"]["storageProfile"]["dataDisks"]
    assert [(disk["lun"], disk["toBeDetached"]) for disk in left] == [(1, False)]
    assert "managedBy" not in slow_arm.send("GET", shown[0]["managedDisk"]["id"]).json()


@pytest.mark.parametrize(
    ("version", "present", "absent"),
    [("2020-06-30", {"isArmResource"}, {"id"}), ("2022-07-02", {"id", "type", "name"}, {"isArmResource"})],
)
def test_the_first_answer_to_a_write_of_a_disk(arm: Any, version: str, present: set[str], absent: set[str]) -> None:
    body = {"location": "westeurope", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}}
    answer = arm.send("PUT", "disks/x", body, version=version)
    shown = {*answer.json(), *answer.json()["properties"]}
    assert answer.status_code == 202
    assert present <= shown
    assert not absent & shown


def test_an_ultra_disk_and_an_imported_one_tell_more(arm: Any) -> None:
    ultra = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}
    body = {"location": "westeurope", "sku": {"name": "UltraSSD_LRS"}, "properties": ultra}
    assert arm.send("PUT", "disks/u", body, version="2023-04-02").json()["properties"]["readOnly"] is False
    blob = {"createOption": "Import", "sourceUri": "https://a.blob.core.windows.net/v/o.vhd"}
    body = {"location": "westeurope", "properties": {"creationData": blob}}
    assert arm.send("PUT", "disks/i", body, version="2020-09-30").json()["properties"]["diskSizeBytes"]


def test_a_disk_waits_for_its_machine_and_tells_when_it_changed_hands(slow_arm: Any) -> None:
    slow_arm.send("PUT", "disks/d", {"location": "westeurope", "properties": {
        "creationData": {"createOption": "Empty"}, "diskSizeGB": 4}})  # fmt: skip
    slow_arm.azure.clock.advance(61)
    body = slow_arm.machine(DEBIAN)
    attached = {"lun": 0, "createOption": "Attach", "managedDisk": {"id": slow_arm.id("disks/d")}}
    body["properties"]["storageProfile"]["dataDisks"] = [attached]
    assert "LastOwnershipUpdateTime" not in slow_arm.send("GET", "disks/d").json()["properties"]
    slow_arm.send("PUT", "virtualMachines/x", body)
    waiting = slow_arm.send("GET", "disks/d").json()["properties"]
    slow_arm.azure.clock.advance(61)
    running = slow_arm.send("GET", "disks/d").json()["properties"]
    assert (waiting["diskState"], running["diskState"]) == ("Reserved", "Attached")
    assert waiting["LastOwnershipUpdateTime"] < running["LastOwnershipUpdateTime"]
    assert "LastOwnershipUpdateTime" not in slow_arm.send("GET", "disks/d", version="2023-04-02").json()["properties"]


@pytest.mark.parametrize(("version", "shown"), [("2019-03-01", False), ("2019-07-01", True)])
def test_the_exact_version_of_an_image(arm: Any, version: str, shown: bool) -> None:
    reference = arm.send("GET", VM, version=version).json()["properties"]["storageProfile"]["imageReference"]
    assert ("exactVersion" in reference) is shown


@pytest.mark.parametrize(("stated", "policy"), [({}, "Deallocate"), ({"evictionPolicy": "Delete"}, "Delete")])
def test_the_eviction_policy_of_a_spot_machine(arm: Any, stated: dict[str, str], policy: str) -> None:
    arm.send("PUT", "virtualMachines/x", arm.machine(DEBIAN, priority="Spot", **stated))
    assert arm.send("GET", "virtualMachines/x").json()["properties"]["evictionPolicy"] == policy


def test_an_agent_is_not_heard_of_at_once(slow_arm: Any) -> None:
    slow_arm.azure.settings.agent_delay = 30
    slow_arm.send("PUT", "virtualMachines/x", slow_arm.machine(DEBIAN))
    slow_arm.azure.clock.advance(60)
    view = slow_arm.send("GET", "virtualMachines/x/instanceView").json()
    assert view["vmAgent"]["statuses"][0]["code"] == "ProvisioningState/Unavailable"
    assert "osName" not in view
    slow_arm.azure.clock.advance(30)
    view = slow_arm.send("GET", "virtualMachines/x/instanceView").json()
    assert view["vmAgent"]["statuses"][0]["displayStatus"] == "Ready"


def test_a_machine_without_an_interface(arm: Any) -> None:
    body = arm.machine(DEBIAN, networkProfile={"networkInterfaces": []})
    found = arm.error("PUT", "virtualMachines/x", body)
    assert found[:2] == (400, "VirtualMachineMustHaveAtLeastOneNetworkInterface")


@pytest.mark.parametrize(
    ("location", "status", "code"),
    [
        ("nowhere", 400, "LocationNotAvailableForResourceGroup"),
        ("west/europe", 400, "InvalidResourceLocation"),
        ("eastus", 409, "InvalidResourceGroupLocation"),
    ],
)
def test_regions_that_a_group_cannot_have(arm: Any, location: str, status: int, code: str) -> None:
    path = f"/subscriptions/{arm.azure.settings.subscription}/resourceGroups/golden"
    assert arm.error("PUT", path, {"location": location}, version="2022-09-01")[:2] == (status, code)


def test_a_name_that_is_taken_in_another_region(arm: Any) -> None:
    body = {**arm.machine(DEBIAN), "location": "eastus"}
    assert arm.error("PUT", VM, body)[:2] == (409, "InvalidResourceLocation")


def test_a_snapshot_of_a_source_in_another_region(arm: Any) -> None:
    source = os_disk(arm)
    creation = {"createOption": "Copy", "sourceResourceId": source}
    body = {"location": "eastus", "properties": {"creationData": creation}}
    name = source.rsplit("/", 1)[-1]
    assert arm.error("PUT", "snapshots/s", body) == (404, "NotFound", f"Resource {name} is not found.")


@pytest.mark.parametrize(
    ("key", "follows", "status"), [(KEY, False, 400), (KEY, True, 202), (f"{KEY}/0123456789abcdef", False, 202)]
)
def test_a_key_without_a_version(arm: Any, key: str, follows: bool, status: int) -> None:
    properties = {"activeKey": {"keyUrl": key}, "rotationToLatestKeyVersionEnabled": follows}
    body = {"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": properties}
    answer = arm.send("PUT", "diskEncryptionSets/e", body, version="2024-03-02")
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["error"]["code"] == "InvalidParameter"


def test_a_lock_that_is_not_there_is_no_error_of_the_front_door(arm: Any) -> None:
    path = f"{arm.id(VM)}/providers/Microsoft.Authorization/locks/absent"
    answer = arm.send("GET", path, version="2020-05-01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "LockNotFound")
    assert "x-ms-failure-cause" not in answer.headers


def test_too_many_data_disks(arm: Any) -> None:
    disks = [{"lun": lun, "createOption": "Empty", "diskSizeGB": 4} for lun in range(5)]
    body = arm.machine(DEBIAN, hardwareProfile={"vmSize": "Standard_D2s_v5"})
    body["properties"]["storageProfile"]["dataDisks"] = disks
    status, code, message = arm.error("PUT", "virtualMachines/x", body)
    assert (status, code) == (409, "OperationNotAllowed")
    assert message.endswith("is 4.")
    body["properties"]["storageProfile"]["dataDisks"] = disks[:4]
    assert arm.send("PUT", "virtualMachines/x", body).status_code == 201


def test_identities_of_a_machine(slow_arm: Any) -> None:
    mine, other = (f"{slow_arm.id('x')}/userAssignedIdentities/{name}" for name in ("mine", "other"))
    identity = {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {mine: {}}}
    made = slow_arm.send("PUT", "virtualMachines/x", {**slow_arm.machine(DEBIAN), "identity": identity}).json()[
        "identity"
    ]
    assert made["principalId"]
    assert made["userAssignedIdentities"] == {mine: {}}
    slow_arm.azure.clock.advance(61)
    shown = slow_arm.send("GET", "virtualMachines/x").json()["identity"]
    assert set(shown["userAssignedIdentities"][mine]) == {"principalId", "clientId"}
    change = {"identity": {"type": "UserAssigned", "userAssignedIdentities": {mine: None, other: {}}}}
    slow_arm.send("PATCH", "virtualMachines/x", change)
    slow_arm.azure.clock.advance(61)
    changed = slow_arm.send("GET", "virtualMachines/x").json()["identity"]
    assert (changed["type"], list(changed["userAssignedIdentities"])) == ("UserAssigned", [other])
    assert "principalId" not in changed
    slow_arm.send("PATCH", "virtualMachines/x", {"identity": {"type": "None"}})
    slow_arm.azure.clock.advance(61)
    assert "identity" not in slow_arm.send("GET", "virtualMachines/x").json()


def test_the_identity_of_an_encryption_set_stays(arm: Any) -> None:
    properties = {"activeKey": {"keyUrl": f"{KEY}/0123456789abcdef"}}
    body = {"location": "westeurope", "identity": {"type": "SystemAssigned"}, "properties": properties}
    arm.send("PUT", "diskEncryptionSets/e", body, version="2024-03-02")
    before = arm.send("GET", "diskEncryptionSets/e", version="2024-03-02").json()["identity"]
    arm.send("PATCH", "diskEncryptionSets/e", {"tags": {"a": "b"}}, version="2024-03-02")
    after = arm.send("GET", "diskEncryptionSets/e", version="2024-03-02").json()
    assert (after["identity"], after["tags"]) == (before, {"a": "b"})


@pytest.mark.parametrize(
    ("generation", "kind", "count", "counted_in_bytes"), [("V1", "Unmanaged", None, True), ("V2", "Managed", 10, False)]
)
def test_versions_of_the_marketplace(
    azure: EmbeddedAzure, arm: Any, generation: str, kind: str, count: int | None, counted_in_bytes: bool
) -> None:
    names = {"publisher": "p", "offer": "o", "sku": "s", "version": "1.0.0"}
    azure.seed(
        {"marketplace": [{**names, "hyper_v_generation": generation, "go_live_date": "2026-01-01T00:00:00+00:00"}]}
    )
    place = (
        f"/subscriptions/{azure.settings.subscription}/providers/Microsoft.Compute/locations/westeurope/publishers/p"
    )
    path = f"{place}/artifacttypes/vmimage/offers/o/skus/s/versions"
    found = arm.send("GET", f"{path}/1.0.0").json()["properties"]
    assert (found["replicaType"], found.get("replicaCount")) == (kind, count)
    assert ("sizeInBytes" in found["osDiskImage"]) is counted_in_bytes
    (listed,) = arm.send("GET", path, **{"$expand": "properties/imageDeprecationStatus"}).json()
    assert listed["properties"]["goLiveDate"] == "2026-01-01T00:00:00+00:00"


def test_settings_of_an_extension_without_null_members(arm: Any) -> None:
    settings = {"script": None, "nested": {"kept": 1, "dropped": None}}
    properties = {"publisher": "p", "type": "t", "typeHandlerVersion": "1.0", "settings": settings}
    arm.send("PUT", f"{VM}/extensions/e", {"location": "westeurope", "properties": properties})
    assert arm.send("GET", f"{VM}/extensions/e").json()["properties"]["settings"] == {"nested": {"kept": 1}}


def test_zones_of_a_region_without_any(arm: Any) -> None:
    path = f"/subscriptions/{arm.azure.settings.subscription}/resourceGroups/west"
    arm.send("PUT", path, {"location": "westus"}, version="2022-09-01")
    body = {**arm.machine(DEBIAN), "location": "westus", "zones": ["1"]}
    assert arm.error("PUT", f"{path}/providers/Microsoft.Compute/virtualMachines/x", body, version="2024-07-01") == (
        400,
        "ResourceTypeNotSupportAvailabilityZones",
        "The resource type 'virtualMachines' does not support availability zones at location 'westus' and api-version '2024-07-01'.",
    )


def test_a_disk_does_not_shrink(arm: Any) -> None:
    body = {"location": "westeurope", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}}
    arm.send("PUT", "disks/d", body)
    status, code, message = arm.error("PATCH", "disks/d", {"properties": {"diskSizeGB": 4}})
    assert (status, code) == (400, "BadRequest")
    assert f"id {arm.id('disks/d')} cannot be resized down" in message


@pytest.mark.parametrize(("size", "status"), [(29, 409), (30, 201)])
def test_a_system_disk_holds_its_image(arm: Any, size: int, status: int) -> None:
    body = arm.machine(DEBIAN)
    body["properties"]["storageProfile"]["osDisk"] = {"createOption": "FromImage", "diskSizeGB": size}
    assert arm.send("PUT", "virtualMachines/x", body).status_code == status


def test_updates_of_a_machine_are_limited(arm: Any) -> None:
    """Twelve at once, four a minute (https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits)."""
    arm.azure.settings.throttling = ["UpdateVM"]
    body = {"location": "westeurope", "properties": {"source": {"script": "true"}}}
    statuses = [arm.send("PUT", f"{VM}/runCommands/one", body).status_code for _number in range(13)]
    assert statuses[0] == 201
    assert set(statuses[1:12]) == {200}
    assert statuses[12] == 429
    assert arm.send("GET", VM).status_code == 200


@pytest.mark.parametrize(("policy", "states"), [("Deallocate", ["PowerState/deallocated"]), ("Delete", None)])
def test_an_evicted_machine(slow_arm: Any, policy: str, states: list[str] | None) -> None:
    slow_arm.send("PUT", "virtualMachines/x", slow_arm.machine(DEBIAN, priority="Spot", evictionPolicy=policy))
    slow_arm.azure.clock.advance(61)
    assert slow_arm.send("POST", "virtualMachines/x/simulateEviction").status_code == 204
    slow_arm.azure.clock.advance(61)
    view = slow_arm.send("GET", "virtualMachines/x/instanceView")
    assert view.status_code == (404 if states is None else 200)
    if states is not None:
        codes = [status["code"] for status in view.json()["statuses"]]
        assert [code for code in codes if code.startswith("PowerState")] == states
