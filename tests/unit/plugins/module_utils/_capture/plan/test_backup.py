# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Backups of several disks: what is kept, what is made of which restore point, and what is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture.existing import (
    backup_id,
    restore_points_id,
    temporary_disk_id,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run
from capture_states import planned

from scripted_azure.resources import COMPUTE, DISK_ID, IMAGE_ID, UNIQUE, VM_ID, disk, vm

Json = dict[str, Any]

DATA_ID = f"{COMPUTE}/disks/web-data"
OS_DISK = disk(uniqueId="u-os")
DATA_DISK = {**disk(uniqueId="u-data"), "id": DATA_ID, "name": "web-data"}
OWN = {"golden.azure.backup_source": VM_ID.lower()}
POINT = ["create_restore_point_collection", "create_restore_point"]
DISKS, SNAPSHOTS = ["create_disk", "create_disk"], ["create_snapshot", "create_snapshot"]
END = ["delete_disk", "delete_disk", "delete_restore_points"]


def machine(power: str = "running") -> Json:
    made = vm(power, hardwareProfile={"vmSize": "Standard_D2s_v5"})
    made["properties"]["storageProfile"]["dataDisks"] = [{"lun": 0, "managedDisk": {"id": DATA_ID}}]
    return made


COLLECTION = restore_points_id(parse(VM_ID), machine())


def part_of(source: Json) -> str:
    return f"{COLLECTION}/restorePoints/disks/diskRestorePoints/{source['name']}_1"


def collection(created: str = "2026-05-01T10:00:00Z") -> Json:
    def described(source: Json) -> Json:
        return {"managedDisk": {"id": source["id"]}, "diskRestorePoint": {"id": part_of(source)}}

    metadata = {"vmId": UNIQUE, "storageProfile": {"osDisk": described(OS_DISK), "dataDisks": [described(DATA_DISK)]}}
    point = {"provisioningState": "Succeeded", "timeCreated": created, "sourceMetadata": metadata}
    properties = {"provisioningState": "Succeeded", "restorePoints": [{"name": "disks", "properties": point}]}
    return {"id": str(COLLECTION), "tags": OWN, "properties": properties}


def temporary(source: Json, of: str = "") -> Json:
    creation = {"createOption": "Restore", "sourceResourceId": of or part_of(source)}
    properties = {"provisioningState": "Succeeded", "creationData": creation}
    return {"id": str(temporary_disk_id(machine(), source)), "tags": OWN, "properties": properties}


def kept(source: Json, of: str = "", mode: str = "not_guaranteed") -> Json:
    tags = {
        "golden.azure.backup_of": source["properties"]["uniqueId"],
        "golden.azure.disk_consistency": mode,
    }
    creation = {"sourceResourceId": of or str(temporary_disk_id(machine(), source))}
    closed = {"networkAccessPolicy": "DenyAll", "publicNetworkAccess": "Disabled"}
    properties = {"provisioningState": "Succeeded", "creationData": creation, **closed}
    return {"id": str(backup_id(machine(), source)), "name": source["name"], "tags": tags, "properties": properties}


def plan_of(*parts: Json, backups: tuple[Json, ...] = (), wanted: str = "auto", power: str = "running") -> Any:
    request = CaptureRequest(
        source=parse(VM_ID),
        image=parse(IMAGE_ID),
        generalize=True,
        guest_prepared=power != "running",
        snapshot_disks=True,
        disk_consistency=wanted,
        run=Run(moment="2026-05-01T10:30:00+00:00", run_id="nightly"),
    )
    found = next((part for part in parts if part["id"] == str(COLLECTION)), None)
    state = CaptureState(
        machine(power),
        None,
        [OS_DISK, DATA_DISK],
        backups={str(each["id"]).lower(): each for each in backups},
        backup_parts={str(each["id"]).lower(): each for each in parts},
        restore_points=found,
    )
    return planned(request, state)


def actions(plan: Any) -> list[str]:
    names = [step.action.name for step in plan.steps]
    rest = {"claim_vm", "prepare", "deallocate", "generalize", "create_image"}
    return [name for name in names if name not in rest]


def test_the_guest_is_prepared_after_everything_temporary_is_deleted() -> None:
    names = [step.action.name for step in plan_of().steps]
    assert names[: names.index("prepare")] == ["claim_vm", *POINT, *DISKS, *SNAPSHOTS, *END]


@pytest.mark.parametrize(
    ("parts", "backups", "expected"),
    [
        ((collection(),), (), [*DISKS, *SNAPSHOTS, *END]),
        ((collection("2026-05-01T09:00:00Z"),), (), ["delete_restore_points", *POINT, *DISKS, *SNAPSHOTS, *END]),
        (
            (collection("2026-05-01T09:00:00Z"), temporary(OS_DISK)),
            (),
            ["create_disk", *SNAPSHOTS, *END],
        ),
        (
            (collection(), temporary(OS_DISK), temporary(DATA_DISK)),
            (kept(OS_DISK),),
            ["create_snapshot", *END],
        ),
        ((collection(), temporary(DATA_DISK)), (kept(OS_DISK), kept(DATA_DISK)), ["delete_disk", END[-1]]),
        # The temporary disk is one of an earlier restore point.
        (
            (collection(), temporary(OS_DISK, f"{part_of(OS_DISK)}0")),
            (),
            ["delete_disk", *DISKS, *SNAPSHOTS, *END],
        ),
        # There is nothing left of which the missing one could be made.
        ((), (kept(OS_DISK),), ["create_snapshot"]),
        ((collection(), temporary(DATA_DISK)), (kept(OS_DISK),), ["create_snapshot", "delete_disk", END[-1]]),
    ],
)
def test_what_an_interrupted_run_has_left(parts, backups, expected) -> None:
    assert actions(plan_of(*parts, backups=backups)) == expected


def test_one_that_was_begun_by_a_restore_point_is_ended_by_it_though_the_machine_was_stopped() -> None:
    parts = (collection(), temporary(OS_DISK), temporary(DATA_DISK))
    plan = plan_of(*parts, backups=(kept(OS_DISK),), power="stopped")
    [step] = [step for step in plan.steps if step.action.name == "create_snapshot"]
    assert step.body["properties"]["creationData"]["sourceResourceId"] == str(temporary_disk_id(machine(), DATA_DISK))
    assert step.body["tags"]["golden.azure.disk_consistency"] == "not_guaranteed"


def test_snapshots_of_different_times_are_told_and_refused_if_that_is_not_wanted() -> None:
    one = kept(OS_DISK, DISK_ID, "stopped")
    plan = plan_of(backups=(one,))
    assert [each.code for each in plan.warnings] == ["snapshots_not_consistent"]
    [step] = [step for step in plan.steps if step.action.name == "create_snapshot"]
    assert step.body["tags"]["golden.azure.disk_consistency"] == "per_disk"
    refused = plan_of(backups=(one,), wanted="crash_consistent")
    assert [each.code for each in refused.blockers] == ["backups_of_another_time"]
    assert "web-os" in refused.blockers[0].message


def test_names_that_others_use() -> None:
    theirs = {**temporary(OS_DISK), "tags": {}}
    plan = plan_of(theirs)
    assert [each.code for each in plan.blockers] == ["backup_name_taken"]
    assert "delete_disk" not in actions(plan_of(theirs, wanted="per_disk"))


def test_what_is_temporary_is_marked_and_closed() -> None:
    steps = plan_of().steps
    marked = [step for step in steps if step.action.name in ("create_restore_point_collection", "create_disk")]
    assert {step.body["tags"]["golden.azure.backup_source"] for step in marked} == {VM_ID.lower()}
    disks = [step.body["properties"] for step in steps if step.action.name == "create_disk"]
    assert {properties["networkAccessPolicy"] for properties in disks} == {"DenyAll"}
    backups = [step.body["tags"] for step in steps if step.action.name == "create_snapshot"]
    assert [tags["golden.azure.backed_up_disk"] for tags in backups] == [DISK_ID, DATA_ID]
