# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A version that is changed after the fact: properties, regions, replicas, storage; and how it is waited for in each region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    Blocked,
    DeadlineExceeded,
    Failure,
    InvalidInput,
)
from ansible_collections.golden.azure.plugins.module_utils._promotion import run as promote
from ansible_collections.golden.azure.plugins.module_utils._publishing import run as publish
from driven import driven_azure, run_code
from predicted_writes import sent_writes
from version_cases import SEED, VERSION, region_names, version_seed

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

NAMED = {"gallery": "golden", "definition": "web", "gallery_version": "1.0.0", "resource_group": "images"}
HERE, NORTH, EAST = {"name": "westeurope"}, {"name": "northeurope"}, {"name": "eastus"}
ALLOWED = {"allow_deletion_of_replicated_locations": True}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(SEED)
        yield running


def run(azure: EmbeddedAzure, check: bool = False, lines: list[str] | None = None, **options: Any) -> Json:
    azure.clear_requests()
    told: list[str] = [] if lines is None else lines
    return run_code(azure, publish.execute, publish.OPTIONS, check, told.append, **{**NAMED, **options})


def actions(result: Json) -> list[str]:
    return [step["action"] for step in result["plan"]["steps"]]


def codes(findings: list[Json]) -> list[str]:
    return [finding["code"] for finding in findings]


def blocked(azure: EmbeddedAzure, check: bool = False, **options: Any) -> list[str]:
    with pytest.raises(Blocked) as refused:
        run(azure, check, **options)
    assert sent_writes(azure.requests) == []
    return codes(refused.value.details["plan"]["blockers"])


def four_cases(azure: EmbeddedAzure, *expected: str, **options: Any) -> Json:
    """Check mode, the run, the run again, check mode again; the result of the run."""
    before = azure.resources()[VERSION]
    result = run(azure, check=True, **options)
    assert (result["changed"], actions(result), sent_writes(azure.requests)) == (True, list(expected), [])
    assert azure.resources()[VERSION] == before
    done = run(azure, **options)
    assert (done["changed"], actions(done), len(sent_writes(azure.requests))) == (True, list(expected), len(expected))
    for check in (False, True):
        again = run(azure, check, **options)
        assert (again["changed"], actions(again), sent_writes(azure.requests)) == (False, [], [])
    return done


# -- properties ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "section", "name", "value"),
    [
        ({"end_of_life_date": "2099-06-30"}, "publishingProfile", "endOfLifeDate", "2099-06-30T00:00:00Z"),
        ({"exclude_from_latest": True}, "publishingProfile", "excludeFromLatest", True),
        ({"exclude_from_latest": False}, "publishingProfile", "excludeFromLatest", False),
        (
            {"block_deletion_before_end_of_life": True, "end_of_life_date": "2099-06-30"},
            "safetyProfile",
            "blockDeletionBeforeEndOfLife",
            True,
        ),
        (ALLOWED, "safetyProfile", "allowDeletionOfReplicatedLocations", True),
    ],
)
def test_a_property_is_changed_in_four_cases(azure, options, section, name, value):
    if value is False:
        run(azure, **dict.fromkeys(options, True))
    done = four_cases(azure, "publish_version", **options)
    assert azure.resources()[VERSION]["properties"][section][name] == value
    assert done["version"]["version"] == "1.0.0"


def test_what_was_set_can_be_taken_back(azure):
    run(azure, end_of_life_date="2099-06-30", block_deletion_before_end_of_life=True, **ALLOWED)
    four_cases(
        azure, "publish_version", block_deletion_before_end_of_life=False, allow_deletion_of_replicated_locations=False
    )
    properties = azure.resources()[VERSION]["properties"]
    assert properties["safetyProfile"]["blockDeletionBeforeEndOfLife"] is False
    assert properties["safetyProfile"]["allowDeletionOfReplicatedLocations"] is False
    assert properties["publishingProfile"]["endOfLifeDate"] == "2099-06-30T00:00:00Z"


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"end_of_life_date": "2020-01-01"}, "end_of_life_passed"),
        ({"end_of_life_date": "soon"}, "end_of_life_not_valid"),
        ({"block_deletion_before_end_of_life": True}, "end_of_life_missing"),
        ({"gallery_version": "7.0.0", "exclude_from_latest": True}, "image_not_found"),
        ({"target_regions": [HERE, HERE]}, "region_named_twice"),
        ({"target_regions": [{"name": "atlantis"}]}, "region_unknown"),
        ({"target_regions": [{**HERE, "regional_replica_count": 101}]}, "too_many_replicas"),
        ({"target_regions": [{**EAST, "storage_account_type": "Ultra"}]}, "storage_account_type_not_valid"),
        ({"target_regions": [{**HERE, "disk_encryption_set": "key"}]}, "encryption_set_differs"),
        ({"target_regions": [{**EAST, "disk_encryption_set": "key"}]}, "encryption_set_not_found"),
        ({"target_regions": [HERE], "purge_regions": True}, "region_removal_not_allowed"),
        ({"target_regions": [NORTH], "purge_regions": True, **ALLOWED}, "home_region_required"),
        ({"target_regions": [{**HERE, "storage_account_type": "Premium_LRS"}], **ALLOWED}, "home_region_required"),
        ({"target_regions": [{**NORTH, "storage_account_type": "Premium_LRS"}]}, "region_removal_not_allowed"),
    ],
)
def test_what_azure_would_refuse_is_refused_before(azure, check, options, code):
    assert code in blocked(azure, check, **options)


@pytest.mark.parametrize(
    "options",
    [
        {"purge_regions": True},
        {"state": "restored", "exclude_from_latest": True},
    ],
)
def test_options_that_contradict_each_other_are_refused(azure, options):
    with pytest.raises(InvalidInput):
        run(azure, **options)
    assert sent_writes(azure.requests) == []


# -- regions ------------------------------------------------------------------------------------------------------


def test_more_regions_and_more_and_fewer_replicas(azure):
    done = four_cases(azure, "publish_version", target_regions=[{**NORTH, "regional_replica_count": 3}, EAST])
    assert region_names(azure) == [("West Europe", 1), ("North Europe", 3), ("East US", 1)]
    assert [(each["region"], each["state"]) for each in done["replication"]] == [
        ("West Europe", "Completed"),
        ("North Europe", "Completed"),
        ("East US", "Completed"),
    ]
    four_cases(azure, "publish_version", target_regions=[{**NORTH, "regional_replica_count": 1}])
    assert region_names(azure) == [("West Europe", 1), ("North Europe", 1), ("East US", 1)]


def test_a_region_is_excluded_from_latest(azure):
    four_cases(azure, "publish_version", target_regions=[{**NORTH, "exclude_from_latest": True}])
    regions = azure.resources()[VERSION]["properties"]["publishingProfile"]["targetRegions"]
    assert [bool(region.get("excludeFromLatest")) for region in regions] == [False, True]


def test_fewer_regions(azure):
    done = four_cases(azure, "publish_version", target_regions=[HERE], purge_regions=True, **ALLOWED)
    assert region_names(azure) == [("West Europe", 1)]
    assert codes(done["plan"]["warnings"]) == ["region_removed"]


def test_the_storage_of_a_region_is_changed_by_removing_it(azure):
    wanted = [{**NORTH, "storage_account_type": "Premium_LRS"}]
    done = four_cases(azure, "publish_version", "publish_version", target_regions=wanted, **ALLOWED)
    assert codes(done["plan"]["warnings"]) == ["region_replaced"]
    regions = azure.resources()[VERSION]["properties"]["publishingProfile"]["targetRegions"]
    assert {region["name"]: region["storageAccountType"] for region in regions} == {
        "West Europe": "Standard_LRS",
        "North Europe": "Premium_LRS",
    }


# -- ready everywhere ---------------------------------------------------------------------------------------------


def failing(azure: EmbeddedAzure, **times: int) -> None:
    azure.seed({"settings": {"replication_failures": times}})


def test_a_region_that_fails_at_first_is_replicated_again(azure):
    failing(azure, eastus=1)
    lines: list[str] = []
    done = run(azure, lines=lines, target_regions=[EAST])
    assert done["changed"]
    assert len(sent_writes(azure.requests)) == 2
    assert {each["state"] for each in done["replication"]} == {"Completed"}
    (told,) = [line for line in lines if "is repeated" in line]
    assert "East US" in told
    assert "West Europe" not in told


def test_a_region_that_fails_twice_is_removed_and_added_where_that_is_allowed(azure):
    failing(azure, eastus=2)
    done = run(azure, target_regions=[EAST], **ALLOWED)
    bodies = [each.request_body for each in azure.requests if each.method == "PUT"]
    named = [[region["name"] for region in body["properties"]["publishingProfile"]["targetRegions"]] for body in bodies]
    assert [("eastus" in names, len(names)) for names in named] == [(True, 3), (True, 3), (False, 2), (True, 3)]
    assert {each["state"] for each in done["replication"]} == {"Completed"}
    again = run(azure, target_regions=[EAST], **ALLOWED)
    assert (again["changed"], sent_writes(azure.requests)) == (False, [])


@pytest.mark.parametrize(("options", "times", "writes"), [({}, 2, 2), (ALLOWED, 9, 4)])
def test_a_region_that_keeps_failing_is_named_with_what_to_do(azure, options, times, writes):
    failing(azure, eastus=times)
    with pytest.raises(Failure) as failed:
        run(azure, target_regions=[EAST], **options)
    failure = failed.value
    assert failure.code == "replication_failed"
    assert [each["region"] for each in failure.details["failed_regions"]] == ["East US"]
    assert len(sent_writes(azure.requests)) == writes
    assert "vm_image_version" in failure.message
    # The next run repeats what failed, and says so; nothing else is asked of it.
    failing(azure)
    check = run(azure, check=True)
    assert (actions(check), sent_writes(azure.requests)) == (["publish_version"], [])
    assert "East US" in check["plan"]["steps"][0]["description"]
    assert {each["state"] for each in run(azure)["replication"]} == {"Completed"}
    for check_mode in (False, True):
        assert run(azure, check_mode)["changed"] is False


def test_a_refusal_is_not_taken_for_a_failed_region(azure):
    failing(azure, eastus=2)
    with pytest.raises(Failure):
        run(azure, target_regions=[EAST])
    azure.faults.add("PUT", "versions/1.0.0", status=400, code="InvalidParameter", message="No.")
    with pytest.raises(Failure) as refused:
        run(azure)
    assert refused.value.code == "InvalidParameter"
    assert len(sent_writes(azure.requests)) == 1


def test_a_replication_in_progress_is_waited_for():
    with driven_azure(durations={"PUT Microsoft.Compute/galleries/images/versions": 600.0}) as azure:
        azure.seed(SEED)
        begin(azure, "eastus")
        check = run(azure, check=True)
        assert (check["changed"], actions(check)[-1]) == (False, "wait_for_replication")
        assert [each["state"] for each in check["replication"]] == ["Completed", "Completed", "Replicating"]
        lines: list[str] = []
        with pytest.raises(DeadlineExceeded) as late:
            run(azure, timeout=60, lines=lines)
        assert late.value.code == "time_limit_exceeded"
        done = run(azure, lines=lines)
        assert (done["changed"], sent_writes(azure.requests)) == (False, [])
        assert {each["state"] for each in done["replication"]} == {"Completed"}
        assert actions(run(azure)) == []


def test_progress_is_told_for_each_region():
    with driven_azure(durations={"PUT Microsoft.Compute/galleries/images/versions": 600.0}) as azure:
        azure.seed(SEED)
        lines: list[str] = []
        run(azure, target_regions=[EAST], lines=lines)
        shares = [line for line in lines if "replicating" in line]
        assert len(shares) >= 2
        assert "westeurope 100 %" in shares[0]


def begin(azure: EmbeddedAzure, region: str) -> None:
    """Have somebody else add a region, whose replication is under way."""
    azure.cloud.settings.replication_failures.clear()
    body = version_seed(["westeurope", "northeurope", region])
    azure.cloud.send("PUT", VERSION, {key: body[key] for key in ("location", "properties")}, "2026-03-03")


# -- promotion ----------------------------------------------------------------------------------------------------


def promoted(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    azure.clear_requests()
    named = {**NAMED, "allow_unverified": True, **options}
    return run_code(azure, promote.execute, promote.OPTIONS, check, **named)


def test_a_promotion_is_complete_in_each_region(azure):
    failing(azure, eastus=1)
    assert promoted(azure, check=True, target_regions=[EAST])["changed"]
    done = promoted(azure, target_regions=[EAST])
    assert [step["action"] for step in done["plan"]["steps"]] == ["publish_version", "merge_tags"]
    assert len([each for each in azure.requests if each.method == "PUT"]) == 2
    for check in (False, True):
        assert promoted(azure, check, target_regions=[EAST])["changed"] is False


def test_a_promotion_whose_region_failed_is_continued_by_the_next(azure):
    failing(azure, eastus=2)
    with pytest.raises(Failure) as failed:
        promoted(azure, target_regions=[EAST])
    assert failed.value.code == "replication_failed"
    assert "golden.azure.promoted_at" not in azure.resources()[VERSION].get("tags", {})
    assert promoted(azure, check=True, target_regions=[EAST])["changed"]
    done = promoted(azure, target_regions=[EAST])
    assert "East US" in done["plan"]["steps"][0]["description"]
    assert "golden.azure.promoted_at" in azure.resources()[VERSION]["tags"]
    for check in (False, True):
        assert promoted(azure, check, target_regions=[EAST])["changed"] is False


def test_a_promotion_waits_for_a_replication_in_progress():
    with driven_azure(durations={"PUT Microsoft.Compute/galleries/images/versions": 600.0}) as azure:
        azure.seed(SEED)
        begin(azure, "eastus")
        done = promoted(azure)
        assert [step["action"] for step in done["plan"]["steps"]][-2:] == ["wait_for_replication", "merge_tags"]
