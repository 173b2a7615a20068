# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A copy of several disks: of which restore point it is made, and what happens to what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    RESTORE_POINT_COLLECTION,
    SNAPSHOT,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.plan import plan_instance
from instance_plans import MACHINE, codes, request, state

from scripted_azure.resources import COMPUTE, DISK_ID, UNIQUE, vm

Json = dict[str, Any]

DATA_ID = f"{COMPUTE}/disks/web-data"
WANTED = request("source_vm", wait_for_agent=False)
COLLECTION = WANTED.part_id(RESTORE_POINT_COLLECTION, "restore-points")
OS, DATA = WANTED.part_id(DISK, "os"), WANTED.part_id(DISK, "data-0")
MADE = ["create_restore_point_collection", "create_restore_point"]
DISKS, END = ["create_disk", "create_disk"], ["create_machine", "delete_restore_points"]


def copied(power: str = "running", **properties: Any) -> Json:
    machine = vm(power, hardwareProfile={"vmSize": "Standard_D2s_v5"}, **properties)
    machine["properties"]["storageProfile"]["dataDisks"] = [{"lun": 0, "managedDisk": {"id": DATA_ID}}]
    return machine


def part_of(disk_id: str) -> str:
    return f"{COLLECTION}/restorePoints/disks/diskRestorePoints/{disk_id.rpartition('/')[2]}_1"


def collection(point_state: str = "Succeeded") -> Json:
    def described(disk_id: str) -> Json:
        return {"managedDisk": {"id": disk_id}, "diskRestorePoint": {"id": part_of(disk_id)}}

    storage = {"osDisk": described(DISK_ID), "dataDisks": [described(DATA_ID)]}
    metadata = {"vmId": UNIQUE, "storageProfile": storage}
    point = {"provisioningState": point_state, "timeCreated": "2026-05-01T10:00:00Z", "sourceMetadata": metadata}
    properties = {"provisioningState": "Succeeded", "restorePoints": [{"name": "disks", "properties": point}]}
    return {"id": str(COLLECTION), "tags": WANTED.all_tags, "properties": properties}


def disk_of(resource: Any, source: str, option: str = "Restore", **tags: str) -> Json:
    return {
        "id": str(resource),
        "tags": {**WANTED.all_tags, "golden.azure.copied_vm_id": UNIQUE, **tags},
        "properties": {
            "provisioningState": "Succeeded",
            "creationData": {"createOption": option, "sourceResourceId": source},
            "networkAccessPolicy": "DenyAll",
            "publicNetworkAccess": "Disabled",
        },
    }


def planned(found: Json | None = None, *parts: Json, recent: bool = False, **more: Any) -> Any:
    there = {str(part["id"]).lower(): part for part in (*parts, *([found] if found else []))}
    options = {"copied": copied(), "restore_points": found, "restore_point_is_recent": recent, "parts": there, **more}
    return plan_instance(WANTED, state(**options))


def actions(plan: Any) -> list[str]:
    assert codes(plan) == []
    return [step.action.name for step in plan.steps]


def resumed(plan: Any) -> list[str]:
    return [warning.message for warning in plan.warnings if warning.code == "snapshots_of_before"]


def test_a_copy_is_made_of_one_restore_point_and_says_so() -> None:
    plan = planned()
    assert actions(plan) == [*MADE, *DISKS, *END]
    tags = {step.body["tags"]["golden.azure.disk_consistency"] for step in plan.steps if (step.body or {}).get("tags")}
    assert tags == {"crash_consistent"}
    body = plan.steps[0].body
    assert (body["location"], body["properties"]["source"]["id"]) == ("westeurope", str(WANTED.source.resource))


@pytest.mark.parametrize(
    ("found", "parts", "recent", "expected"),
    [
        # Nothing was made of it: it is used as long as it is recent.
        (collection(), (), True, [*DISKS, *END]),
        (collection(), (), False, ["delete_restore_points", *MADE, *DISKS, *END]),
        (collection("Creating"), (), True, ["wait_for_restore_point", *DISKS, *END]),
        (collection("Failed"), (), True, ["delete_restore_points", *MADE, *DISKS, *END]),
        # Something was: the rest is made of the same.
        (collection(), (disk_of(OS, part_of(DISK_ID)),), False, ["create_disk", *END]),
        (collection(), (disk_of(OS, part_of(DISK_ID)), disk_of(DATA, part_of(DATA_ID))), False, END),
        # Of another restore point of the same name, or without one: all are made again.
        (
            collection(),
            (disk_of(OS, f"{part_of(DISK_ID)}0"),),
            False,
            ["delete_restore_points", *MADE, "delete_disk", *DISKS, *END],
        ),
        (None, (disk_of(OS, part_of(DISK_ID)),), False, [*MADE, "delete_disk", *DISKS, *END]),
    ],
)
def test_what_an_interrupted_run_has_left(found, parts, recent, expected) -> None:
    plan = planned(found, *parts, recent=recent)
    assert actions(plan) == expected
    assert bool(resumed(plan)) is ("create_restore_point" not in expected)


def test_snapshots_that_were_taken_one_by_one_are_not_used_where_all_disks_can_be_of_the_same_time() -> None:
    snapshots = [
        disk_of(WANTED.part_id(SNAPSHOT, f"snapshot-{name}"), of, "Copy")
        for name, of in (("os", DISK_ID), ("data-0", DATA_ID))
    ]
    assert actions(planned(None, *snapshots)) == [*MADE, *DISKS, "create_machine", *["delete_snapshot"] * 2, END[-1]]


def test_disks_of_a_restore_point_are_not_mixed_with_snapshots() -> None:
    plan = planned(collection(), disk_of(OS, part_of(DISK_ID)), copied=copied("deallocated"))
    snapshots = ["create_snapshot"] * 2
    ends = ["create_machine", *["delete_snapshot"] * 2, "delete_restore_points"]
    assert actions(plan) == [*snapshots, "delete_disk", *DISKS, *ends]
    assert plan.steps[0].body["tags"]["golden.azure.disk_consistency"] == "stopped"


def test_a_copy_says_what_the_snapshots_that_it_resumes_from_were() -> None:
    was = {"golden.azure.disk_consistency": "per_disk"}
    snapshots = [
        disk_of(WANTED.part_id(SNAPSHOT, f"snapshot-{name}"), of, "Copy", **was)
        for name, of in (("os", DISK_ID), ("data-0", DATA_ID))
    ]
    plan = planned(None, *snapshots, copied=copied("deallocated"))
    [machine] = [step for step in plan.steps if step.action.name == "create_machine"]
    assert machine.body["tags"]["golden.azure.disk_consistency"] == "per_disk"


def test_a_copy_in_another_subscription() -> None:
    elsewhere = replace(WANTED, machine=replace(MACHINE, subscription_id="another"))
    plan = plan_instance(elsewhere, state(copied=copied()))
    assert "create_restore_point" not in actions(plan)
    [warning] = [each for each in plan.warnings if each.code == "snapshots_not_consistent"]
    assert "its copy is in another subscription" in warning.message


def test_a_key_of_the_task_is_that_of_the_disks() -> None:
    key = WANTED.part_id("Microsoft.Compute/diskEncryptionSets", "ours")
    plan = plan_instance(replace(WANTED, encryption_set=key), state(copied=copied()))
    made = [step for step in plan.steps if step.action.name == "create_disk"]
    assert [step.body["properties"]["encryption"]["diskEncryptionSetId"] for step in made] == [str(key)] * 2
