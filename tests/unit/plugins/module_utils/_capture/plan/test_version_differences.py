# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image or version that is there while options differ from it: each difference is a step, a warning or a blocker."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
    DiskSettings,
    GalleryState,
)
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model import effects
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import (
    NewDefinition,
    TargetRegion,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run
from capture_states import gallery_target, planned

from scripted_azure.resources import COMPUTE, IMAGE_ID, SOURCE_TAG, UNIQUE, VM_ID, disk, image, vm

DEFINITION_ID = f"{COMPUTE}/galleries/golden/images/web"
KEY, OTHER_KEY = f"{COMPUTE}/diskEncryptionSets/key", f"{COMPUTE}/diskEncryptionSets/other"
GALLERY = {"location": "westeurope"}
DEFINITION = {
    "id": DEFINITION_ID,
    "location": "westeurope",
    "properties": {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "Example", "offer": "web", "sku": "1"},
    },
}
HERE = TargetRegion("westeurope", 1)


def codes(findings: Any) -> list[str]:
    return [finding.code for finding in findings]


def version(
    regions: list[dict[str, Any]] | None = None, safety: dict[str, Any] | None = None, **profile: Any
) -> dict[str, Any]:
    present = [{"name": "West Europe", "regionalReplicaCount": 2, "storageAccountType": "Standard_LRS"}]
    return {
        "id": f"{DEFINITION_ID}/versions/1.0.0",
        "name": "1.0.0",
        "location": "westeurope",
        "tags": {SOURCE_TAG: UNIQUE, "team": "web"},
        "properties": {
            "provisioningState": "Succeeded",
            "publishingProfile": {"targetRegions": present if regions is None else regions, **profile},
            "safetyProfile": safety or {},
            "storageProfile": {
                "source": {"virtualMachineId": VM_ID},
                "osDiskImage": {"sizeInGB": 30, "hostCaching": "ReadWrite"},
                "dataDiskImages": [{"lun": 3, "hostCaching": "None", "sizeInGB": 4}],
            },
        },
    }


def plan(has: dict[str, Any], target: dict[str, Any] | None = None, **more: Any) -> Any:
    wanted = gallery_target(definition=parse(DEFINITION_ID), version="1.0.0", **(target or {}))
    request = CaptureRequest(
        source=parse(VM_ID), generalize=True, gallery_targets=(wanted,), run=Run("2026-05-01T00:00:00+00:00"), **more
    )
    known = CaptureState(
        vm("deallocated", generalized=True), None, [disk()], galleries=[GalleryState(GALLERY, DEFINITION, [has])]
    )
    return planned(request, known)


def test_nothing_that_is_not_asked_for_differs():
    found = plan(version(endOfLifeDate="2026-01-01", replicaCount=5))
    assert (codes(found.blockers), codes(found.warnings), found.steps) == ([], [], [])


@pytest.mark.parametrize(
    ("has", "target", "more", "code"),
    [
        (version(), {"regions": (TargetRegion("westeurope", 1, "Premium_LRS"),)}, {}, "storage_account_type_differs"),
        (version(), {"regions": (TargetRegion("westeurope", 1, None, KEY),)}, {}, "encryption_set_differs"),
        (version(), {"replication_mode": "shallow"}, {}, "replication_mode_differs"),
        (version(replicationMode="Shallow"), {}, {}, "replication_mode_differs"),
        (version(), {}, {"os_disk": DiskSettings(host_caching="ReadOnly")}, "host_caching_differs"),
        (version(), {}, {"data_disks": (DiskSettings(lun=3, host_caching="ReadOnly"),)}, "host_caching_differs"),
        (version(), {}, {"data_disks": ()}, "data_disks_differ"),
        (version(), {"end_of_life_date": "2026-04-30"}, {}, "end_of_life_passed"),
    ],
)
def test_what_is_fixed_is_a_blocker(has, target, more, code):
    assert codes(plan(has, target, **more).blockers) == [code]


@pytest.mark.parametrize(
    ("has", "target", "code"),
    [
        (version(excludeFromLatest=True), {}, "exclude_from_latest_differs"),
        (version(), {"exclude_from_latest": True}, "exclude_from_latest_differs"),
        (version(safety={"blockDeletionBeforeEndOfLife": True}), {}, "deletion_block_differs"),
        (version(), {"regions": (TargetRegion("westeurope", 1, replicas_set=True),)}, "more_replicas"),
        (
            version([{"name": "West Europe"}, {"name": "North Europe"}]),
            {"regions": (HERE,)},
            "in_more_regions",
        ),
        (version(), {"new_definition": NewDefinition("Example", "web", "2")}, "definition_differs"),
        (version(), {"new_definition": NewDefinition("Example", "web", "1", "Our web")}, "definition_differs"),
    ],
)
def test_what_others_may_have_brought_about_is_a_warning(has, target, code):
    found = plan(has, target)
    assert (codes(found.blockers), codes(found.warnings), found.steps) == ([], [code], [])


@pytest.mark.parametrize(
    ("target", "more", "key", "value"),
    [
        ({"end_of_life_date": "2027-01-01"}, {}, "endOfLifeDate", "2027-01-01T00:00:00Z"),
        (
            {"regions": (TargetRegion("westeurope", 3),)},
            {},
            "targetRegions",
            [{"name": "West Europe", "regionalReplicaCount": 3, "storageAccountType": "Standard_LRS"}],
        ),
        (
            {"replicas": 4},
            {"concurrent_deployments": 80},
            "targetRegions",
            [{"name": "West Europe", "regionalReplicaCount": 4, "storageAccountType": "Standard_LRS"}],
        ),
        (
            {"regions": (HERE, TargetRegion("northeurope", 2, "Premium_LRS"))},
            {},
            "targetRegions",
            [
                {"name": "West Europe", "regionalReplicaCount": 2, "storageAccountType": "Standard_LRS"},
                {"name": "northeurope", "regionalReplicaCount": 2, "storageAccountType": "Premium_LRS"},
            ],
        ),
    ],
)
def test_what_azure_can_change_is_a_step(target, more, key, value):
    found = plan(version(), target, **more)
    assert codes(found.blockers) == []
    (step,) = found.steps
    assert step.action.name == "publish_version"
    assert step.body["properties"]["publishingProfile"][key] == value
    assert step.body["tags"] == {SOURCE_TAG: UNIQUE, "team": "web"}
    assert plan({**version(), **step.body}, target, **more).steps == []


def test_protection_from_deletion_is_a_step_whose_effect_shows():
    target = {"end_of_life_date": "2027-01-01", "block_deletion_before_end_of_life": True}
    has = version(endOfLifeDate="2027-01-01T00:00:00+00:00")
    (step,) = plan(has, target).steps
    assert step.body["properties"]["safetyProfile"] == {"blockDeletionBeforeEndOfLife": True}
    assert effects.published(step.body["properties"], has)[0] is Effect.ABSENT
    after = {**has, "properties": {**has["properties"], **step.body["properties"]}}
    assert effects.published(step.body["properties"], after)[0] is Effect.DONE


@pytest.mark.parametrize(
    ("wanted", "has", "steps"), [(True, False, 1), (False, True, 1), (True, True, 0), (None, True, 0)]
)
def test_removal_from_single_regions_is_allowed_or_forbidden_as_the_task_says(wanted, has, steps):
    target = {"allow_deletion_of_replicated_locations": wanted}
    found = plan(version(safety={"allowDeletionOfReplicatedLocations": has}), target)
    assert (codes(found.blockers), codes(found.warnings), len(found.steps)) == ([], [], steps)
    for step in found.steps:
        assert step.body["properties"]["safetyProfile"] == {"allowDeletionOfReplicatedLocations": wanted}


def test_tags_of_a_version_are_merged():
    (step,) = plan(version(), tags={"team": "db", "new": "1"}, given_tags={"team": "db", "new": "1"}).steps
    assert (step.action.name, step.body) == ("merge_tags", {"tags": {"team": "db", "new": "1"}})
    assert plan(version(), tags={"TEAM": "web"}).steps == []


def of_image(has: dict[str, Any], **more: Any) -> Any:
    request = CaptureRequest(source=parse(VM_ID), image=parse(IMAGE_ID), generalize=True, **more)
    return planned(request, CaptureState(vm("deallocated", generalized=True), has, [disk()]))


OS_DISK = {
    "osType": "Linux",
    "caching": "ReadWrite",
    "storageAccountType": "Premium_LRS",
    "diskEncryptionSet": {"id": KEY},
}
DATA_DISK = {"lun": 3, "caching": "None", "storageAccountType": "Premium_LRS"}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"os_disk": DiskSettings(host_caching="ReadOnly")}, "host_caching_differs"),
        ({"os_disk": DiskSettings(storage_account_type="Standard_LRS")}, "storage_account_type_differs"),
        ({"os_disk": DiskSettings(disk_encryption_set=OTHER_KEY)}, "encryption_set_differs"),
        ({"data_disks": (DiskSettings(lun=3, host_caching="ReadOnly"),)}, "host_caching_differs"),
        ({"data_disks": (DiskSettings(lun=3, storage_account_type="Standard_LRS"),)}, "storage_account_type_differs"),
        ({"data_disks": (DiskSettings(lun=3, disk_encryption_set=KEY),)}, "encryption_set_differs"),
        ({"hyper_v_generation": "V1"}, "generation_differs"),
        ({"os_type": "Windows"}, "os_type_differs"),
        ({"location": "northeurope"}, "location_differs"),
        ({"zone_resilient": True}, "zone_resilience_differs"),
    ],
)
def test_nothing_of_a_managed_image_can_change(more, code):
    has = image(osDisk=OS_DISK, dataDisks=[DATA_DISK])
    assert codes(of_image(has, **more).blockers) == [code]


def test_what_a_managed_image_has_may_be_said():
    has = image(osDisk=OS_DISK, dataDisks=[DATA_DISK])
    settings = DiskSettings(
        host_caching="ReadWrite", storage_account_type="Premium_LRS", disk_encryption_set=KEY.upper()
    )
    found = of_image(
        has,
        os_disk=settings,
        data_disks=(DiskSettings(lun=3, host_caching="None"),),
        location="West Europe",
        os_type="Linux",
    )
    assert (codes(found.blockers), found.steps) == ([], [])
