# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a promotion does, refuses and leaves alone."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect
from ansible_collections.golden.azure.plugins.module_utils._core.replicas import planned_replicas
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model import effects
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import TargetRegion
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._promotion.plan import (
    PromotionState,
    plan_promotion,
    predecessor_of,
)
from ansible_collections.golden.azure.plugins.module_utils._promotion.request import PromotionRequest

from scripted_azure.resources import COMPUTE, image

NOW = datetime(2026, 5, 1, tzinfo=timezone.utc)
VERSIONS = f"{COMPUTE}/galleries/golden/images/web/versions"
VERIFIED = {"golden.azure.verified": "true", "golden.azure.promoted_at": "2026-04-01T00:00:00Z"}


def version(
    number: str, excluded: bool = False, state: str = "Succeeded", tags: dict[str, str] | None = None, **profile: Any
) -> dict[str, Any]:
    regions = [{"name": "West Europe", "regionalReplicaCount": 3, "storageAccountType": "Standard_ZRS"}]
    return {
        "id": f"{VERSIONS}/{number}",
        "name": number,
        "location": "westeurope",
        "tags": VERIFIED if tags is None else tags,
        "properties": {
            "provisioningState": state,
            "publishingProfile": {
                "excludeFromLatest": excluded,
                "publishedDate": "2026-03-01",
                "targetRegions": regions,
                **profile,
            },
            "storageProfile": {"osDiskImage": {"sizeInGB": 30}, "dataDiskImages": [{"lun": 3, "sizeInGB": 4}]},
        },
    }


def request(number: str = "1.0.1", **options: Any) -> PromotionRequest:
    identity = parse(f"{VERSIONS}/{number}")
    assert identity
    return PromotionRequest(image=identity, **options)


def plan(own: dict[str, Any], *others: dict[str, Any], **options: Any) -> Any:
    return plan_promotion(request(own["name"], **options), PromotionState(own, [*others, own]), NOW)


def codes(findings: Any) -> list[str]:
    return [finding.code for finding in findings]


def test_one_that_is_promoted_needs_nothing():
    assert plan(version("1.0.1"), version("1.0.0"), regions=(TargetRegion("westeurope"),)).steps == []


def test_it_is_offered_where_it_was_not():
    (step,) = plan(version("1.0.1", excluded=True)).steps
    assert step.action.name == "publish_version"
    profile = step.body["properties"]["publishingProfile"]
    assert profile["excludeFromLatest"] is False
    assert "publishedDate" not in profile
    assert "provisioningState" not in step.body["properties"]
    assert step.body["tags"] == VERIFIED


def test_it_is_offered_in_the_regions_that_it_was_excluded_in():
    regions = [{"name": "West Europe"}, {"name": "North Europe", "excludeFromLatest": True}]
    (step,) = plan(version("1.0.1", targetRegions=regions)).steps
    sent = step.body["properties"]["publishingProfile"]["targetRegions"]
    assert [region.get("excludeFromLatest", False) for region in sent] == [False, False]
    assert "offer it as latest" in step.description
    shown = version("1.0.1", targetRegions=regions)
    assert effects.published(step.body["properties"], shown)[0] is Effect.ABSENT
    assert effects.published(step.body["properties"], version("1.0.1", targetRegions=sent))[0] is Effect.DONE
    assert plan(version("1.0.1", targetRegions=sent)).steps == []


def test_what_is_read_only_is_not_sent_back():
    own = version("1.0.1", excluded=True)
    own["properties"].update(validationsProfile={"executedValidations": []}, imageMetadataProfiles=[])
    (step,) = plan(own).steps
    assert not {"validationsProfile", "imageMetadataProfiles"} & set(step.body["properties"])


@pytest.mark.parametrize(("replicas", "code"), [(97, []), (98, ["too_many_replicas"])])
def test_a_version_has_a_hundred_replicas_at_most(replicas, code):
    assert codes(plan(version("1.0.1"), regions=(TargetRegion("northeurope", replicas),)).blockers) == code


@pytest.mark.parametrize(("deployments", "replicas"), [(None, 3), (40, 3), (90, 5)])
def test_no_region_loses_a_replica(deployments, replicas):
    wanted = planned_replicas(deployments, 20)
    assert plan(version("1.0.1"), replicas=wanted, regions=(TargetRegion("West Europe", 1),)).steps == []
    grown = plan(version("1.0.1"), replicas=wanted).steps
    counts = [
        region["regionalReplicaCount"]
        for step in grown
        for region in step.body["properties"]["publishingProfile"]["targetRegions"]
    ]
    assert counts == ([] if replicas == 3 else [replicas])


def encrypted(key: str) -> dict[str, Any]:
    """A version whose replicas are encrypted."""
    region = {
        "name": "West Europe",
        "regionalReplicaCount": 3,
        "storageAccountType": "Standard_ZRS",
        "encryption": {"osDiskImage": {"diskEncryptionSetId": key}},
    }
    return version("1.0.1", targetRegions=[region])


@pytest.mark.parametrize(
    ("own", "wanted", "code"),
    [
        (version("1.0.1"), [TargetRegion("northeurope", disk_encryption_set="/des")], "encryption_set_missing"),
        (encrypted("/key"), [TargetRegion("northeurope")], "encryption_set_missing"),
        (encrypted("/key"), [TargetRegion("westeurope", disk_encryption_set="/des")], "encryption_set_differs"),
        (version("1.0.1"), [TargetRegion("westeurope", 3, "Premium_LRS")], "storage_account_type_differs"),
        (version("1.0.1"), [TargetRegion("northeurope", 1, "Fast_LRS")], "storage_account_type_not_valid"),
        (version("1.0.1"), [TargetRegion("northeurope"), TargetRegion("North Europe")], "region_named_twice"),
        (version("1.0.1"), [TargetRegion("nowhere")], "region_unknown"),
        (version("1.0.1"), [TargetRegion("westus", 1, "Standard_ZRS")], "no_zones_in_region"),
    ],
)
def test_what_azure_would_refuse_of_regions_is_refused_before(own, wanted, code):
    regions = Regions({"westeurope": True, "northeurope": True, "westus": False})
    state = PromotionState(own, [own], regions)
    assert codes(plan_promotion(request(regions=tuple(wanted)), state, NOW).blockers) == [code]


def test_a_key_of_a_new_region_must_be_there_and_in_it():
    key = f"{COMPUTE}/diskEncryptionSets/key"
    wanted = request(regions=(TargetRegion("northeurope", disk_encryption_set=key),))
    own = encrypted("/key")
    for found, expected in (
        ({}, []),
        ({key.lower(): None}, ["encryption_set_not_found"]),
        ({key.lower(): {"location": "westeurope"}}, ["encryption_set_elsewhere"]),
        ({key.lower(): {"location": "North Europe"}}, []),
    ):
        state = PromotionState(own, [own], encryption_sets=found)
        assert codes(plan_promotion(wanted, state, NOW).blockers) == expected


def test_tags_are_counted_with_those_that_stay():
    own = version("1.0.1", tags={**VERIFIED, **{f"tag-{each}": "" for each in range(47)}})
    assert codes(plan(own, tags={"one": "1"}).blockers) == []
    assert codes(plan(own, tags={"one": "1", "two": "2"}).blockers) == ["too_many_tags"]


def test_a_new_region_may_have_storage_and_a_key_of_its_own():
    wanted = TargetRegion("northeurope", 2, "Standard_LRS", "/des")
    (step,) = plan(encrypted("/key"), regions=(wanted,)).steps
    old, new = step.body["properties"]["publishingProfile"]["targetRegions"]
    assert old["storageAccountType"] == "Standard_ZRS"
    assert new == {
        "name": "northeurope",
        "regionalReplicaCount": 2,
        "storageAccountType": "Standard_LRS",
        "encryption": {
            "osDiskImage": {"diskEncryptionSetId": "/des"},
            "dataDiskImages": [{"lun": 3, "diskEncryptionSetId": "/des"}],
        },
    }


@pytest.mark.parametrize(
    ("tags", "said"),
    [({}, "has not been verified"), ({"golden.azure.verified": "false"}, "failed its verification")],
)
def test_an_unverified_one_is_refused_unless_told(tags, said):
    refused = plan(version("1.0.1", tags=tags))
    assert codes(refused.blockers) == ["unverified"]
    assert said in refused.blockers[0].message
    assert refused.steps == []
    forced = plan(version("1.0.1", tags=tags), allow_unverified=True)
    assert (forced.blockers, codes(forced.warnings)) == ([], ["unverified"])


@pytest.mark.parametrize("state", ["Failed", "Canceled", "Deleting"])
def test_one_that_is_not_whole_is_refused(state):
    assert codes(plan(version("1.0.1", state=state)).blockers) == ["image_not_whole"]


@pytest.mark.parametrize("state", ["Creating", "Updating"])
def test_one_that_is_being_written_is_waited_for(state):
    assert [step.action.name for step in plan(version("1.0.1", state=state)).steps] == ["wait_for_version"]


def test_the_version_before_gets_an_end_of_life_once():
    (step,) = plan(version("1.0.10"), version("1.0.9"), version("1.0.1"), previous_version_grace_days=30).steps
    assert step.path.endswith("/1.0.9")
    assert step.body["properties"]["publishingProfile"]["endOfLifeDate"] == "2026-05-31T00:00:00Z"
    assert step.body["properties"]["publishingProfile"]["excludeFromLatest"] is False
    ended = version("1.0.9", endOfLifeDate="2026-05-03")
    assert plan(version("1.0.10"), ended, version("1.0.1"), previous_version_grace_days=30).steps == []


def test_versions_that_nobody_was_offered_are_no_predecessors():
    before = [version("1.0.8", excluded=True), version("1.0.7", state="Failed"), version("1.0.6")]
    found = predecessor_of(request("1.0.9"), PromotionState(version("1.0.9"), before))
    assert found is before[2]
    assert predecessor_of(request("1.0.5"), PromotionState(version("1.0.5"), before)) is None


def test_a_lower_one_does_not_become_the_latest():
    older = version("1.0.0")
    planned = plan(version("1.0.1"), version("1.1.0"), older, previous_version_grace_days=30)
    assert codes(planned.warnings) == ["not_the_latest"]
    # The one before it was not the latest either: nothing reaches its end by this.
    assert planned.steps == []
    assert predecessor_of(request("1.0.1"), PromotionState(None, [older, version("1.1.0")])) is None


@pytest.mark.parametrize(("ends", "said"), [("2026-04-30T00:00:00Z", "has been"), ("2026-05-30T00:00:00Z", "reaches")])
def test_one_with_an_end_of_life_is_warned_of(ends, said):
    (warning,) = plan(version("1.0.1", endOfLifeDate=ends)).warnings
    assert warning.code == "end_of_life"
    assert said in warning.message


def test_a_managed_image_is_tagged():
    identity = parse(image()["id"])
    managed = image(tags={"golden.azure.verified": "True"})
    planned = plan_promotion(PromotionRequest(identity, tags={"a": "b"}), PromotionState(managed), NOW)
    (step,) = planned.steps
    assert step.body == {"tags": {"a": "b", "golden.azure.promoted_at": "2026-05-01T00:00:00Z"}}


def test_what_was_written_is_recognized_in_azure_s_spelling():
    wanted = version("1.0.1", endOfLifeDate="2026-05-31T00:00:00Z")["properties"]
    shown = version("1.0.1", endOfLifeDate="2026-05-31T00:00:00+00:00")
    assert effects.published(wanted, shown)[0] is Effect.DONE
    other = version("1.0.1", endOfLifeDate="2026-06-01")
    assert effects.published(wanted, other)[0] is Effect.ABSENT


def test_a_tag_is_known_in_whatever_case_its_name_is_shown():
    """Azure keeps the name as it was first written, and takes another case for the same tag."""
    assert effects.tagged({"channel": "stable"}, {"tags": {"Channel": "stable"}})[0] is Effect.DONE
    assert effects.tagged({"channel": "stable"}, {"tags": {"Channel": "beta"}})[0] is Effect.ABSENT
