# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rules by which Azure takes names, tags, regions, keys and quotas: one after the other, by their codes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import ApiVersions
from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
    GalleryState,
    TargetState,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY,
    GALLERY_DEFINITION,
    IMAGE,
    RESOURCE_GROUP,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    ResourceId,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import read_regions
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import (
    NewDefinition,
    TargetRegion,
)
from ansible_collections.golden.azure.plugins.module_utils._model.provenance import Run
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions, region_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.resource_names import (
    identifier_blockers,
    name_blockers,
    version_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import read_tags
from ansible_collections.golden.azure.plugins.module_utils._model.tag_limits import tag_blockers
from capture_states import gallery_target, planned
from hypothesis import given
from hypothesis import strategies as st

from scripted_azure.resources import COMPUTE, GROUP, IMAGE_ID, VM_ID, disk, vm

DEFINITION = parse(f"{COMPUTE}/galleries/golden/images/web")
LOCATION = {"location": "westeurope"}


def codes(findings: Any) -> list[str]:
    return [finding.code for finding in findings]


def named(resource_type: str, name: str) -> ResourceId:
    return ResourceId("s", "g", resource_type, ("gallery", name) if resource_type == GALLERY_DEFINITION else (name,))


# -- names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("resource_type", "good", "bad"),
    [
        (
            IMAGE,
            ["a", "7", "web_", "a.b-c_d", "x" * 80],
            ["", "_web", "web-", "web.", "x" * 81, "wéb", "we b", "web\n"],
        ),
        (SNAPSHOT, ["a" * 80], ["a" * 81, ".a"]),
        (DISK, ["os-1"], ["-os"]),
        (GALLERY, ["golden", "gal1-with-dash"], ["golden.", "g" * 81]),
        (GALLERY_DEFINITION, ["web-1.2_x"], ["web_", "web-", ".web"]),
        (VIRTUAL_MACHINE, ["w" * 64], ["w" * 65, "web-", "_web"]),
        (RESOURCE_GROUP, ["(images)_1.-", "gruppé"], ["images.", "g" * 91, "a b"]),
    ],
)
def test_names(resource_type, good, bad):
    for name in good:
        assert codes(name_blockers([named(resource_type, name)])) == [], name
    for name in bad:
        assert codes(name_blockers([named(resource_type, name)])) == ["name_not_valid"], name


def test_a_name_is_told_once_and_shortly():
    image = named(IMAGE, "x" * 5000)
    (found,) = name_blockers([image, None, image])
    assert len(found.message) < 400


@pytest.mark.parametrize("number", ["0.0.0", "1.0.0", "2147483647.2147483647.2147483647"])
def test_versions(number):
    assert codes(version_blockers(number)) == []


@pytest.mark.parametrize(
    "number", ["1", "1.0", "1.0.0.0", "1.0.x", "-1.0.0", "1.0.2147483648", "\u0661.0.0", " 1.0.0", ""]
)
def test_what_is_no_version(number):
    assert codes(version_blockers(number)) == ["version_not_valid"]


def test_identifiers():
    assert codes(identifier_blockers("p" * 128, "o" * 64, "s.1_2-3")) == []
    assert codes(identifier_blockers("p" * 129, "o" * 65, "s.")) == ["identifier_not_valid"] * 3
    assert codes(identifier_blockers("", "o o", "s")) == ["identifier_not_valid"] * 2


# -- tags ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ({" ": "x"}, "tag_without_name"),
        ({"n" * 513: "x"}, "tag_name_too_long"),
        *(({f"a{character}b": "x"}, "tag_name_not_valid") for character in "<>%&\\?/\x01"),
        ({"team": None}, "tag_without_value"),
        ({"team": {"a": 1}}, "tag_value_not_text"),
        ({"team": ["a"]}, "tag_value_not_text"),
        ({"team": "v" * 257}, "tag_value_too_long"),
        ({"Team": "a", "team": "b"}, "tag_named_twice"),
        ({f"tag-{each}": "" for each in range(51)}, "too_many_tags"),
    ],
)
def test_tags_that_azure_does_not_take(tags, code):
    assert codes(tag_blockers(tags)) == [code]
    with pytest.raises(InvalidInput) as refused:
        read_tags(tags)
    assert refused.value.code == code


def test_tags_that_azure_takes():
    tags = {"n" * 512: "v" * 256, "a:b.c@d": "<>%&\\?/", "count": 3, "yes": True, "empty": ""}
    assert codes(tag_blockers(tags)) == []
    assert codes(tag_blockers(None)) == []


@given(st.dictionaries(st.text(max_size=600), st.none() | st.text(max_size=300) | st.lists(st.integers()), max_size=60))
def test_whatever_is_given_as_tags_ends_in_codes(tags):
    for finding in tag_blockers(tags):
        assert finding.code.startswith(("tag_", "too_many"))
        assert len(finding.message) < 300


# -- regions ------------------------------------------------------------------------------------------------------


class Listed:
    """A connection that lists regions."""

    api_versions = ApiVersions()

    def list(self, path: str, kind: str, what: str) -> list[dict[str, Any]]:
        """As Azure answers."""
        return [
            {"name": "westeurope", "metadata": {"regionType": "Physical"}, "availabilityZoneMappings": [{}]},
            {"name": "westus", "metadata": {"regionType": "Physical"}},
            {"name": "europe", "metadata": {"regionType": "Logical"}},
        ]


class ListedByAnOldVersion(Listed):
    """A connection that has chosen a version that shows no zones."""

    api_versions = mock.Mock(of=lambda key: "2021-01-01")


def test_zones_that_an_old_version_does_not_show_are_not_missing():
    regions = read_regions(ListedByAnOldVersion(), "subscription")  # type: ignore[arg-type]
    wanted = [("westeurope", "Standard_ZRS"), ("europe", None)]
    assert regions.has_zones("westeurope") is None
    assert codes(region_blockers("it", wanted, regions)) == ["region_unknown"]


def test_regions_are_the_physical_ones():
    regions = read_regions(Listed(), "subscription")  # type: ignore[arg-type]
    wanted = [("West Europe", "Standard_ZRS"), ("westus", "Standard_LRS"), ("westus", "Standard_ZRS"), ("Europe", None)]
    assert codes(region_blockers("it", wanted, regions)) == ["no_zones_in_region", "region_unknown"]


# -- a capture ----------------------------------------------------------------------------------------------------


def request(target: dict[str, Any] | None = None, **more: Any) -> CaptureRequest:
    target_options = {"definition": DEFINITION, "version": "1.0.0", **(target or {})}
    return CaptureRequest(
        source=parse(VM_ID),
        generalize=True,
        gallery_targets=(gallery_target(**target_options),),
        run=Run("2026-05-01T00:00:00+00:00"),
        **more,
    )


def definition(**more: Any) -> dict[str, Any]:
    properties = {"osType": "Linux", "osState": "Generalized", "hyperVGeneration": "V2", **more}
    return {"id": str(DEFINITION), "name": "web", **LOCATION, "properties": properties}


def state(there: GalleryState | None = None, targets: TargetState | None = None, **more: Any) -> CaptureState:
    there = there or GalleryState(LOCATION, definition())
    return CaptureState(vm(**more), None, [disk()], galleries=[there], targets=targets or TargetState())


def found(wanted: CaptureRequest, known: CaptureState) -> list[str]:
    return codes(planned(wanted, known).blockers)


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ({"version": "1.0"}, "version_not_valid"),
        ({"replicas": 101}, "too_many_replicas"),
        ({"regions": (TargetRegion("westeurope", 0),)}, "replicas_not_valid"),
        ({"regions": (TargetRegion("westeurope", 1), TargetRegion("West Europe", 1))}, "region_named_twice"),
        ({"regions": (TargetRegion("westeurope", 1, "Fast"),)}, "storage_account_type_not_valid"),
        (
            {"regions": (TargetRegion("westeurope", 1, None, "/key"), TargetRegion("northeurope", 1))},
            "encryption_set_missing",
        ),
        ({"replication_mode": "shallow", "replicas": 2}, "shallow_has_one_replica"),
        ({"end_of_life_date": "soon"}, "end_of_life_not_valid"),
        ({"end_of_life_date": "2026-05-01"}, "end_of_life_passed"),
        ({"block_deletion_before_end_of_life": True}, "end_of_life_missing"),
    ],
)
def test_what_the_task_says_of_a_version(target, code):
    assert found(request(target), state()) == [code]


@pytest.mark.parametrize(
    ("target", "more"),
    [
        ({"replicas": 100}, {}),
        ({"replication_mode": "shallow"}, {}),
        ({"end_of_life_date": "2026-05-02", "block_deletion_before_end_of_life": True}, {}),
        ({"regions": (TargetRegion("westeurope", 50, "premium_lrs"), TargetRegion("northeurope", 50))}, {}),
    ],
)
def test_what_fits(target, more):
    assert found(request(target, **more), state()) == []


@pytest.mark.parametrize("option", ["zone_resilient", "create_resource_group"])
def test_options_that_need_a_managed_image(option):
    assert found(request(**{option: True}), state()) == ["option_needs_image"]


@pytest.mark.parametrize(
    ("there", "code"),
    [
        (
            GalleryState({**LOCATION, "properties": {"provisioningState": "Deleting"}}, definition()),
            "gallery_being_deleted",
        ),
        (GalleryState(LOCATION, definition(provisioningState="Deleting")), "definition_being_deleted"),
    ],
)
def test_what_is_being_deleted(there, code):
    assert found(request(), state(there)) == [code]


@pytest.mark.parametrize(
    ("group", "code"),
    [
        (None, "resource_group_not_found"),
        ({"properties": {"provisioningState": "Deleting"}}, "resource_group_being_deleted"),
    ],
)
def test_the_group_of_a_target(group, code):
    assert found(request(), state(targets=TargetState(groups={GROUP.lower(): group}))) == [code]


def test_a_group_that_is_to_be_made_may_be_absent():
    wanted = CaptureRequest(
        source=parse(VM_ID), image=parse(IMAGE_ID), generalize=True, create_resource_group=True, run=Run("2026-05-01")
    )
    known = CaptureState(
        vm(), None, [disk()], groups={GROUP.lower(): None}, targets=TargetState(groups={GROUP.lower(): None})
    )
    assert found(wanted, known) == []


def test_an_identifier_is_for_one_definition():
    new = {"new_definition": NewDefinition("Example", "web", "1")}
    others = [
        {
            "id": f"{DEFINITION}-2",
            "name": "web-2",
            "properties": {"identifier": {"publisher": "example", "offer": "WEB", "sku": "1"}},
        }
    ]
    known = TargetState(definitions={f"{COMPUTE}/galleries/golden".lower(): others})
    absent = GalleryState(LOCATION, None)
    assert found(request(new), state(absent, known)) == ["identifier_taken"]
    assert found(request(new), state(absent)) == []


@pytest.mark.parametrize(("used", "blocked"), [(9_998, []), (9_999, []), (10_000, ["quota_exhausted"])])
def test_quotas(used, blocked):
    usage = {"limit": 10_000, "currentValue": used, "name": {"value": "GalleryImageVersion"}}
    subscription = VM_ID.split("/")[2]
    assert found(request(), state(targets=TargetState(usages={f"{subscription}/westeurope": [usage]}))) == blocked


def test_what_could_not_be_read_is_a_warning_and_no_blocker():
    plan = planned(request(), state(targets=TargetState(unread=(Finding("quota_unknown", "Nobody knows."),))))
    assert (codes(plan.blockers), codes(plan.warnings)) == ([], ["quota_unknown"])


def with_feature(value: str) -> GalleryState:
    return GalleryState(LOCATION, definition(features=[{"name": "DiskControllerTypes", "value": value}]))


@pytest.mark.parametrize(
    ("controllers", "there", "code"),
    [
        ("SCSI, NVMe", GalleryState(LOCATION, definition()), ["definition_without_nvme"]),
        ("SCSI, NVMe", with_feature("SCSI, NVMe"), []),
        ("SCSI", with_feature("SCSI, NVMe"), ["source_without_nvme"]),
        ("SCSI", GalleryState(LOCATION, definition()), []),
        (None, with_feature("SCSI, NVMe"), []),
    ],
)
def test_disk_controllers(controllers, there, code):
    own = disk(supportedCapabilities={"diskControllerTypes": controllers} if controllers else {})
    plan = planned(request(), replace(state(there), disks=[own]))
    assert (codes(plan.blockers), codes(plan.warnings)) == ([], code)


def test_a_machine_that_runs_from_nvme_makes_a_definition_for_it():
    new = request({"new_definition": NewDefinition("Example", "web", "1")})
    machine = vm()
    machine["properties"]["storageProfile"]["diskControllerType"] = "NVMe"
    plan = planned(new, CaptureState(machine, None, [disk()], galleries=[GalleryState(LOCATION, None)]))
    step = next(step for step in plan.steps if step.action.name == "create_definition")
    assert {"name": "DiskControllerTypes", "value": "SCSI, NVMe"} in step.body["properties"]["features"]


def test_a_managed_image_of_a_machine_with_nvme_starts_by_scsi_alone():
    wanted = CaptureRequest(source=parse(VM_ID), image=parse(IMAGE_ID), generalize=True)
    own = disk(supportedCapabilities={"diskControllerTypes": "SCSI, NVMe"})
    assert codes(planned(wanted, CaptureState(vm(), None, [own])).warnings) == ["image_without_nvme"]


@pytest.mark.parametrize(
    ("stated", "code"),
    [({"hyper_v_generation": "V1"}, "generation_differs"), ({"os_type": "Windows"}, "os_type_differs")],
)
def test_what_the_task_says_of_a_source_that_is_otherwise(stated, code):
    assert found(request(**stated), state()) == [code]


def test_all_that_azure_knows_of_a_source_may_be_said():
    assert found(request(hyper_v_generation="V2", os_type="Linux"), state()) == []


def test_regions_of_a_version():
    wanted = request({"regions": (TargetRegion("westeurope", 1), TargetRegion("nowhere", 1))})
    subscription = VM_ID.split("/")[2]
    assert found(wanted, state()) == []
    known = TargetState(regions={subscription: Regions({"westeurope": True})})
    assert found(wanted, state(targets=known)) == ["region_unknown"]
