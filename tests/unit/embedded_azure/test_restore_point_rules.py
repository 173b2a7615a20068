# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is refused of restore points, and of disks that are made of them."""

from __future__ import annotations

from typing import Any

import pytest

COLLECTION = "restorePointCollections/collection"
POINTS = f"{COLLECTION}/restorePoints"
CRASH = {"properties": {"consistencyMode": "CrashConsistent"}}


def body(location: str = "westeurope", machine: str = "", arm: Any = None) -> dict[str, Any]:
    return {"location": location, "properties": {"source": {"id": machine or arm.id("virtualMachines/source")}}}


@pytest.fixture
def collection(arm: Any) -> None:
    assert arm.send("PUT", COLLECTION, body(arm=arm)).status_code == 201


def disk(arm: Any, name: str, **more: Any) -> str:
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4, **more.pop("properties", {})}
    assert (
        arm.send("PUT", f"disks/{name}", {"location": "westeurope", "properties": properties, **more}).status_code
        == 202
    )
    arm.azure.cloud.operations.hurry()
    return str(arm.id(f"disks/{name}"))


def attach(arm: Any, disk_id: str, **more: Any) -> None:
    attached = {"lun": 3, "createOption": "Attach", "managedDisk": {"id": disk_id}, **more}
    changed = {"properties": {"storageProfile": {"dataDisks": [attached]}}}
    answer = arm.send("PATCH", "virtualMachines/source", changed)
    assert answer.status_code == 200, answer.text
    arm.azure.cloud.operations.hurry()


def test_a_collection_is_in_the_region_of_its_machine(arm: Any) -> None:
    assert arm.error("PUT", COLLECTION, body("northeurope", arm=arm))[:2] == (400, "InvalidParameter")


@pytest.mark.usefixtures("collection")
def test_no_other_mode_can_be_asked_for(arm: Any) -> None:
    asked = {"properties": {"consistencyMode": "ApplicationConsistent"}}
    assert arm.error("PUT", f"{POINTS}/one", asked)[:2] == (400, "InvalidParameter")


@pytest.mark.usefixtures("collection")
def test_shared_disks_are_refused_unless_they_are_left_out(arm: Any) -> None:
    shared = disk(arm, "shared", sku={"name": "Premium_LRS"}, properties={"maxShares": 2, "diskSizeGB": 256})
    attach(arm, shared)
    for asked in (CRASH, {"properties": {}}):
        assert arm.error("PUT", f"{POINTS}/one", asked)[1] == "VMRestorePointClientError"
    without = {"properties": {**CRASH["properties"], "excludeDisks": [{"id": shared}]}}
    assert arm.send("PUT", f"{POINTS}/one", without).status_code == 201


@pytest.mark.usefixtures("collection")
def test_disks_with_write_accelerator_are_refused_for_crash_consistency_only(arm: Any) -> None:
    attach(arm, disk(arm, "fast", sku={"name": "Premium_LRS"}), writeAcceleratorEnabled=True)
    assert arm.error("PUT", f"{POINTS}/one", CRASH)[:2] == (409, "OperationNotAllowed")
    assert arm.send("PUT", f"{POINTS}/one", {"properties": {}}).status_code == 201


@pytest.mark.usefixtures("collection")
def test_three_an_hour_of_each_mode(arm: Any) -> None:
    for number in range(3):
        assert arm.send("PUT", f"{POINTS}/p{number}", CRASH).status_code == 201
        arm.azure.cloud.operations.hurry()
        # Those that were deleted count, too.
        assert arm.send("DELETE", f"{POINTS}/p{number}").status_code == 202
        arm.azure.cloud.operations.hurry()
    refused = arm.send("PUT", f"{POINTS}/more", CRASH)
    assert refused.status_code == 429
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    assert (
        refused.headers["x-ms-ratelimit-remaining-resource"] == "Microsoft.Compute/CreateCrashConsistentRestorePoint;0"
    )
    assert arm.send("PUT", f"{POINTS}/other", {"properties": {}}).status_code == 201


def test_no_two_at_once_whatever_their_collections(slow_arm: Any) -> None:
    other = "restorePointCollections/other"
    for name in (COLLECTION, other):
        assert slow_arm.send("PUT", name, body(arm=slow_arm)).status_code == 201
    assert slow_arm.send("PUT", f"{POINTS}/one", CRASH).status_code == 201
    assert slow_arm.error("PUT", f"{other}/restorePoints/two", CRASH)[:2] == (409, "OperationNotAllowed")
    slow_arm.azure.cloud.operations.hurry()
    assert slow_arm.send("PUT", f"{other}/restorePoints/two", CRASH).status_code == 201


@pytest.mark.usefixtures("collection")
def test_disks_are_restored_in_their_region_and_nothing_else_is_made_of_them(arm: Any) -> None:
    assert arm.send("PUT", f"{POINTS}/one", CRASH).status_code == 201
    arm.azure.cloud.operations.hurry()
    metadata = arm.send("GET", f"{POINTS}/one").json()["properties"]["sourceMetadata"]
    of = metadata["storageProfile"]["osDisk"]["diskRestorePoint"]["id"]

    def made(option: str, location: str = "westeurope", source: str = of) -> dict[str, Any]:
        return {
            "location": location,
            "properties": {"creationData": {"createOption": option, "sourceResourceId": source}},
        }

    assert arm.error("PUT", "disks/elsewhere", made("Restore", "northeurope"))[0] == 404
    assert arm.error("PUT", "disks/placeholder", made("Restore", source=of.rpartition("_")[0]))[0] == 404
    assert arm.error("PUT", "disks/copied", made("Copy"))[:2] == (400, "InvalidParameter")
    assert arm.error("PUT", "snapshots/restored", made("Restore"))[:2] == (400, "InvalidParameter")
    assert arm.error("PUT", "snapshots/copied", made("Copy"))[:2] == (400, "InvalidParameter")
    assert arm.send("PUT", "disks/restored", made("Restore")).status_code == 202
    # With its collection, the source goes; the disk stays.
    arm.azure.cloud.operations.hurry()
    assert arm.send("DELETE", COLLECTION).status_code == 202
    arm.azure.cloud.operations.hurry()
    assert arm.error("GET", of, None, "2026-03-02")[0] == 404
    assert arm.send("GET", "disks/restored").status_code == 200
