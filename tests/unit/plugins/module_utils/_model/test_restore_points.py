# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which restore points a run can use, and how the disk of one gets its source."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    RESTORE_POINT_COLLECTION,
    ResourceId,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._model.restore_points import (
    creation_data,
    is_fresh,
    is_restored_from,
    is_usable,
    point_steps,
    wait_steps,
)

from scripted_azure.resources import COMPUTE, DISK_ID, SUBSCRIPTION, UNIQUE, VM_ID, disk, vm

COLLECTION = ResourceId(SUBSCRIPTION.rpartition("/")[2], "images", RESTORE_POINT_COLLECTION, ("web-backup",))
OS_POINT = f"{COLLECTION}/restorePoints/disks/diskRestorePoints/web-os_11111111"


def collection(**changed: Any) -> dict[str, Any]:
    os_disk = {"managedDisk": {"id": DISK_ID.upper()}, "diskRestorePoint": {"id": OS_POINT}}
    properties = {
        "provisioningState": "Succeeded",
        "consistencyMode": "CrashConsistent",
        "timeCreated": "2026-05-01T10:00:00.1234567+00:00",
        "sourceMetadata": {"vmId": UNIQUE, "storageProfile": {"osDisk": os_disk, "dataDisks": []}},
        **changed,
    }
    return {"properties": {"restorePoints": [{"name": "disks", "properties": properties}]}}


@pytest.mark.parametrize(
    ("found", "usable"),
    [
        (None, False),
        ({"properties": {}}, False),
        (collection(), True),
        (collection(provisioningState="Creating"), True),
        (collection(provisioningState="Failed"), False),
        (collection(provisioningState="Deleting"), False),
        (collection(consistencyMode="FileSystemConsistent"), False),
        (
            collection(
                sourceMetadata={"vmId": "another", "storageProfile": {"osDisk": {"managedDisk": {"id": DISK_ID}}}}
            ),
            False,
        ),
        # The machine was given another disk since.
        (collection(sourceMetadata={"vmId": UNIQUE, "storageProfile": {"osDisk": {}, "dataDisks": []}}), False),
    ],
)
def test_which_can_be_used(found, usable):
    assert is_usable(found, vm("running")) is usable


@pytest.mark.parametrize(("minute", "fresh"), [(59, True), (61, False)])
def test_one_of_which_nothing_was_made_is_used_for_an_hour(minute, fresh):
    now = datetime(2026, 5, 1, 10 + minute // 60, minute % 60, 1, tzinfo=timezone.utc)
    assert is_fresh(collection(), now) is fresh
    assert is_fresh(collection(timeCreated=None), now) is False


def test_a_disk_of_another_restore_point_is_not_of_this_one():
    def made(source: str, state: str = "Succeeded") -> dict[str, Any]:
        return {"properties": {"provisioningState": state, "creationData": {"sourceResourceId": source}}}

    assert is_restored_from(made(OS_POINT.lower()), collection())
    assert not is_restored_from(made(OS_POINT.replace("_1", "_2")), collection())
    assert not is_restored_from(made(OS_POINT, "Creating"), collection())
    assert not is_restored_from(made(OS_POINT), None)
    assert not is_restored_from(None, collection())


def test_the_source_of_a_disk_is_completed_before_the_request():
    data, late = creation_data(COLLECTION, parse(DISK_ID))
    assert data == {"createOption": "Restore", "sourceResourceId": OS_POINT.rpartition("_")[0]}
    assert str(late.resource) == f"{COLLECTION}/restorePoints/disks"
    planned = {"location": "westeurope", "properties": {"creationData": data, "networkAccessPolicy": "DenyAll"}}
    [point] = collection()["properties"]["restorePoints"]
    sent = late.complete(planned, point)
    assert sent["properties"]["creationData"] == {"createOption": "Restore", "sourceResourceId": OS_POINT}
    assert sent["properties"]["networkAccessPolicy"] == "DenyAll"
    assert planned["properties"]["creationData"] == data, "the plan is not changed"


@pytest.mark.parametrize("found", [None, {"properties": {}}])
def test_a_restore_point_without_the_disk_is_a_failure(found):
    _data, late = creation_data(COLLECTION, parse(DISK_ID))
    with pytest.raises(Failure, match="does not contain the disk 'web-os'"):
        late.complete({}, found)


def test_keys_of_disks_are_asked_for_in_their_order():
    machine = vm("running")
    data_id = f"{COMPUTE}/disks/data"
    machine["properties"]["storageProfile"]["dataDisks"] = [{"lun": 0, "managedDisk": {"id": data_id}}]
    key = {"type": "EncryptionAtRestWithCustomerKey", "diskEncryptionSetId": "/des"}
    disks = [disk(), {"id": data_id, "properties": {"encryption": key}}]
    *_before, step = point_steps(COLLECTION, None, parse(VM_ID), machine, disks, {"a": "b"})
    storage = step.body["properties"]["sourceMetadata"]["storageProfile"]
    assert storage["osDisk"] == {"managedDisk": {"id": DISK_ID}}
    wanted = {"type": key["type"], "diskEncryptionSet": {"id": "/des"}}
    assert storage["dataDisks"] == [{"managedDisk": {"id": data_id}, "diskRestorePoint": {"encryption": wanted}}]
    assert step.body["properties"]["consistencyMode"] == "CrashConsistent"
    plain = list(point_steps(COLLECTION, {}, parse(VM_ID), machine, [disk()], {}))
    assert [each.action.name for each in plain] == [
        "delete_restore_points",
        "create_restore_point_collection",
        "create_restore_point",
    ]
    assert "sourceMetadata" not in plain[-1].body["properties"]


def test_one_that_is_being_created_is_waited_for():
    assert [step.action.name for step in wait_steps(COLLECTION, collection(provisioningState="Creating"))] == [
        "wait_for_restore_point"
    ]
    assert list(wait_steps(COLLECTION, collection())) == []
