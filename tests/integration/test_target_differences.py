# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A capture whose version is there already, while the task wants it otherwise; and one that leaves a disk out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked
from driven import arm_requests, driven_azure, run_code
from predicted_writes import is_write, sent_writes
from target_cases import BASE, HERE, MACHINE, STOPPED, published

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

VERSION = f"{BASE}/galleries/golden/images/web/versions/1.0.0"
GALLERY = {"id": f"{BASE}/galleries/golden", "location": "westeurope"}
MORE = {
    "target_regions": [{**HERE, "regional_replica_count": 3}, {"name": "northeurope"}],
    "end_of_life_date": "2099-06-30",
    "block_deletion_before_end_of_life": True,
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed({**STOPPED, "groups": {"images": "westeurope"}, "resources": [GALLERY]})
        yield running


def run(azure: EmbeddedAzure, check: bool = False, tags: Json | None = None, **version: Any) -> Any:
    options = {**published(**version), "tags": tags or {"team": "web"}}
    azure.clear_requests()
    return run_code(azure, capture.execute, capture_options.OPTIONS, check, resource_group="images", **options)


def actions(result: Json) -> list[str]:
    return [step["action"] for step in result["plan"]["steps"]]


def test_what_can_be_changed_is_changed_in_four_cases(azure: EmbeddedAzure) -> None:
    run(azure)
    wanted = {**MORE, "tags": {"team": "db"}}
    expected = ["publish_version", "merge_tags"]

    result = run(azure, check=True, **wanted)
    assert (result["changed"], actions(result), sent_writes(azure.requests)) == (True, expected, [])
    result = run(azure, **wanted)
    assert (result["changed"], actions(result)) == (True, expected)
    (there,) = [body for key, body in azure.resources().items() if key.lower() == VERSION.lower()]
    profile = there["properties"]["publishingProfile"]
    assert [(region["name"], region["regionalReplicaCount"]) for region in profile["targetRegions"]] == [
        ("West Europe", 3),
        ("North Europe", 1),
    ]
    assert profile["endOfLifeDate"] == "2099-06-30T00:00:00Z"
    assert there["properties"]["safetyProfile"]["blockDeletionBeforeEndOfLife"] is True
    assert there["tags"]["team"] == "db"
    assert there["tags"]["golden.azure.source"]

    for check in (False, True):
        result = run(azure, check=check, **wanted)
        assert (result["changed"], actions(result), sent_writes(azure.requests)) == (False, [], [])


def test_what_is_fixed_is_refused_and_what_others_did_is_said(azure: EmbeddedAzure) -> None:
    run(azure)
    for check in (True, False):
        with pytest.raises(Blocked) as refused:
            run(azure, check=check, target_regions=[{**HERE, "storage_account_type": "Premium_LRS"}])
        plan = refused.value.details["plan"]
        assert [each["code"] for each in plan["blockers"]] == ["storage_account_type_differs"]
        assert sent_writes(azure.requests) == []
    result = run(azure, exclude_from_latest=True)
    assert [each["code"] for each in result["plan"]["warnings"]] == ["exclude_from_latest_differs"]
    assert sent_writes(azure.requests) == []


def test_what_is_there_as_it_is_wanted_is_not_looked_into_further(azure: EmbeddedAzure) -> None:
    run(azure, target_regions=[HERE])
    run(azure, target_regions=[HERE])
    asked = Counter(each.op for each in arm_requests(azure))
    assert not [name for name in asked if "usages" in name or name.endswith(("locations", "resourceGroups/{n}"))]
    assert max(asked.values()) == 1


def test_what_is_to_be_made_is_read_about_once(azure: EmbeddedAzure) -> None:
    run(azure, check=True, target_regions=[HERE, {"name": "northeurope"}])
    requests = arm_requests(azure)
    assert [each for each in requests if is_write(each)] == []
    # Rights are read once, and what policies say is asked once for each kind that is made.
    questions = [each for each in requests if each.path.lower().endswith(("/permissions", "/checkpolicyrestrictions"))]
    assert len(questions) <= 3
    asked = [each.path.lower() for each in requests if each not in questions]
    assert len(set(asked)) == len(asked)
    # The machine, its disk, its interface for the features of the definition, the locks, its base; the gallery, its
    # definitions, its group; regions and quotas.
    assert len(asked) <= 11


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/locations/westeurope/usages", "quota_unknown"),
        (r"/subscriptions/[^/]+/locations\?", "regions_unknown"),
        (r"/galleries/golden/images\?", "definitions_unknown"),
        (r"/resourcegroups/images\?", "resource_group_unknown"),
        ("/diskencryptionsets/key", "encryption_set_unknown"),
    ],
)
def test_what_may_not_be_read_is_said_and_stops_nothing(azure: EmbeddedAzure, path: str, code: str) -> None:
    azure.seed({"resources": [{"id": f"{BASE}/diskEncryptionSets/key", "location": "westeurope", "properties": {}}]})
    azure.faults.add("GET", path, times=0, status=403, code="AuthorizationFailed", message="Not allowed.")
    result = run(azure, target_regions=[{**HERE, "disk_encryption_set": "key"}])
    assert code in [each["code"] for each in result["plan"]["warnings"]]
    assert "create_version" in actions(result)


def test_a_disk_that_cannot_be_captured_is_left_out() -> None:
    ultra = {
        "id": f"{BASE}/disks/fast",
        "location": "westeurope",
        "sku": {"name": "UltraSSD_LRS"},
        "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8},
    }
    attached = {"lun": 0, "createOption": "Attach", "managedDisk": {"id": ultra["id"]}}
    with driven_azure() as azure:
        azure.seed({**STOPPED, "groups": {"images": "westeurope"}, "resources": [GALLERY, ultra]})
        machine = f"{BASE}/virtualMachines/web"
        azure.change(machine, {"properties": {"storageProfile": {"dataDisks": [attached]}}})
        options = {**MACHINE, "resource_group": "images", "image": "golden"}
        with pytest.raises(Blocked) as refused:
            run_code(azure, capture.execute, capture_options.OPTIONS, **options)
        blockers = refused.value.details["plan"]["blockers"]
        assert [each["code"] for each in blockers] == ["disk_type_not_supported"]
        azure.clear_requests()
        result = run_code(azure, capture.execute, capture_options.OPTIONS, **options, data_disks=[])
        assert result["image"]["data_disks"] == []
        assert not [each for each in arm_requests(azure) if each.path.endswith("/disks/fast")], "it is not even read"
