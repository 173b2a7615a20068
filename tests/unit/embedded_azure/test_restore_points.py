# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Restore points, and disks that are made of them; disk accesses."""

from __future__ import annotations

from typing import Any

import pytest

COLLECTION = "restorePointCollections/collection"
POINT = f"{COLLECTION}/restorePoints/point"


@pytest.fixture
def collection(arm: Any) -> None:
    source = {"source": {"id": arm.id("virtualMachines/source")}}
    made = arm.send("PUT", COLLECTION, {"location": "westeurope", "properties": source})
    assert made.status_code == 201
    assert made.json()["properties"]["provisioningState"] == "Succeeded"


def point(arm: Any, path: str = POINT, **properties: Any) -> dict[str, Any]:
    assert arm.send("PUT", path, {"properties": properties}).status_code == 201
    arm.azure.cloud.operations.hurry()
    body: dict[str, Any] = arm.send("GET", path).json()
    assert body["properties"]["provisioningState"] == "Succeeded"
    return body


@pytest.mark.usefixtures("collection")
def test_a_point_shows_the_machine_and_its_disks(arm: Any) -> None:
    body = point(arm)
    assert "type" not in body and "location" not in body
    machine = arm.send("GET", "virtualMachines/source").json()
    metadata = body["properties"]["sourceMetadata"]
    assert metadata["vmId"] == machine["properties"]["vmId"]
    os_disk = metadata["storageProfile"]["osDisk"]
    assert os_disk["managedDisk"]["id"] == machine["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
    assert os_disk["diskRestorePoint"]["id"].startswith(f"{body['id']}/diskRestorePoints/")
    # A Linux machine with its agent, asked for nothing.
    assert body["properties"]["consistencyMode"] == "FileSystemConsistent"
    assert (
        point(arm, f"{POINT}-2", consistencyMode="CrashConsistent")["properties"]["consistencyMode"]
        == "CrashConsistent"
    )
    listed = arm.send("GET", COLLECTION, **{"$expand": "restorePoints"}).json()["properties"]["restorePoints"]
    assert [one["name"] for one in listed] == ["point", "point-2"]


@pytest.mark.usefixtures("collection")
def test_a_disk_is_made_of_the_restore_point_of_one(arm: Any) -> None:
    of = point(arm)["properties"]["sourceMetadata"]["storageProfile"]["osDisk"]["diskRestorePoint"]["id"]
    creation = {"createOption": "Restore", "sourceResourceId": of}
    made = arm.send("PUT", "disks/restored", {"location": "westeurope", "properties": {"creationData": creation}})
    assert made.status_code == 202
    restored = arm.send("GET", "disks/restored").json()["properties"]
    machine = arm.send("GET", "virtualMachines/source").json()["properties"]
    source = arm.send("GET", machine["storageProfile"]["osDisk"]["managedDisk"]["id"]).json()["properties"]
    for key in ("osType", "hyperVGeneration", "diskSizeGB"):
        assert restored[key] == source[key], key


@pytest.mark.usefixtures("collection")
def test_points_do_not_change_and_go_with_their_disks(arm: Any) -> None:
    of = point(arm)["properties"]["sourceMetadata"]["storageProfile"]["osDisk"]["diskRestorePoint"]["id"]
    assert arm.error("PUT", POINT, {"properties": {}})[0] == 409
    assert arm.error("PUT", of, {"properties": {}}, "2026-03-02")[0] == 405
    assert arm.send("DELETE", POINT).status_code == 202
    assert arm.error("GET", POINT)[0] == 404
    assert arm.error("GET", of, None, "2026-03-02")[0] == 404
    assert arm.send("DELETE", COLLECTION).status_code == 202
    assert arm.send("GET", "virtualMachines/source").status_code == 200


@pytest.mark.usefixtures("collection")
def test_disks_are_left_out_and_points_are_copied_to_another_collection(arm: Any) -> None:
    empty = {"location": "westeurope", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}}
    assert arm.send("PUT", "disks/data", empty).status_code == 202
    attached = {"lun": 3, "createOption": "Attach", "managedDisk": {"id": arm.id("disks/data")}}
    changed = {"properties": {"storageProfile": {"dataDisks": [attached]}}}
    assert arm.send("PATCH", "virtualMachines/source", changed).status_code == 200
    arm.azure.cloud.operations.hurry()
    body = point(arm)
    assert [disk["lun"] for disk in body["properties"]["sourceMetadata"]["storageProfile"]["dataDisks"]] == [3]
    without = point(arm, f"{POINT}-2", excludeDisks=[{"id": arm.id("disks/data")}])
    assert without["properties"]["sourceMetadata"]["storageProfile"]["dataDisks"] == []

    other = "restorePointCollections/copies"
    source = {"source": {"id": arm.id(COLLECTION)}}
    assert arm.send("PUT", other, {"location": "northeurope", "properties": source}).status_code == 201
    assert arm.error("PUT", f"{other}/restorePoints/none", {"properties": {}})[1] == "InvalidParameter"
    copied = point(arm, f"{other}/restorePoints/copy", sourceRestorePoint={"id": body["id"]})
    disk = copied["properties"]["sourceMetadata"]["storageProfile"]["dataDisks"][0]
    original = body["properties"]["sourceMetadata"]["storageProfile"]["dataDisks"][0]
    assert disk["diskRestorePoint"]["sourceDiskRestorePoint"]["id"] == original["diskRestorePoint"]["id"]
    assert copied["properties"]["consistencyMode"] == "CrashConsistent"


def test_a_disk_access(arm: Any) -> None:
    made = arm.send("PUT", "diskAccesses/access", {"location": "westeurope"}, "2026-03-02")
    assert (made.status_code, "properties" in made.json()) == (202, False)
    arm.azure.cloud.operations.hurry()
    read = arm.send("GET", "diskAccesses/access", None, "2026-03-02").json()
    assert read["properties"]["provisioningState"] == "Succeeded"
    assert arm.send("DELETE", "diskAccesses/access", None, "2026-03-02").status_code == 202
