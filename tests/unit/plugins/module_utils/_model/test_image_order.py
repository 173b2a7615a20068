# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Newest and latest mean the same wherever images are found, used, kept and promoted."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._instance.source import latest_version
from ansible_collections.golden.azure.plugins.module_utils._model.facts import gallery_version_facts
from ansible_collections.golden.azure.plugins.module_utils._model.families import (
    latest_images,
    latest_of_definitions,
    newest,
)
from ansible_collections.golden.azure.plugins.module_utils._model.image_order import latest_anywhere, version_of
from ansible_collections.golden.azure.plugins.module_utils._model.usage import Usage, latest_versions
from ansible_collections.golden.azure.plugins.module_utils._promotion.plan import PromotionState, predecessor_of
from ansible_collections.golden.azure.plugins.module_utils._promotion.request import PromotionRequest
from ansible_collections.golden.azure.plugins.module_utils._removal.plan import candidate_of
from ansible_collections.golden.azure.plugins.module_utils._removal.request import OPTIONS, removal_request
from ansible_collections.golden.azure.plugins.module_utils._removal.retention import newest_of_families
from hypothesis import given
from hypothesis import strategies as st

Json = dict[str, Any]

NOW = datetime(2026, 11, 1, tzinfo=timezone.utc)
DEFINITION = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/golden/images/web"
REGIONS = ("westeurope", "northeurope")


def version(number: tuple[int, int], days: int, state: str, excluded: bool, regions: dict[str, bool]) -> Json:
    name = f"{number[0]}.{number[1]}.0"
    return {
        "id": f"{DEFINITION}/versions/{name}",
        "name": name,
        "location": "westeurope",
        "tags": {"golden.azure.run_id": "1"},
        "systemData": {"createdAt": (NOW - timedelta(days=days)).isoformat()},
        "properties": {
            "provisioningState": state,
            "publishingProfile": {
                "excludeFromLatest": excluded,
                "targetRegions": [{"name": region, "excludeFromLatest": out} for region, out in regions.items()],
            },
        },
    }


versions = st.lists(
    st.builds(
        version,
        st.tuples(st.integers(0, 12), st.integers(0, 12)),
        st.integers(1, 400),
        st.sampled_from(["Succeeded", "Succeeded", "Updating", "Creating", "Failed", "Deleting"]),
        st.booleans(),
        st.dictionaries(st.sampled_from(REGIONS), st.booleans(), min_size=1),
    ),
    unique_by=lambda one: one["name"],
    max_size=8,
)


def model(found: list[Json], region: str | None) -> str | None:
    """What Azure takes, said once more in other words."""
    fitting = []
    for one in found:
        profile = one["properties"]["publishingProfile"]
        places = {place["name"]: not place["excludeFromLatest"] for place in profile["targetRegions"]}
        offered = any(places.values()) if region is None else places.get(region, False)
        if (
            one["properties"]["provisioningState"] in ("Succeeded", "Updating")
            and offered
            and not profile["excludeFromLatest"]
        ):
            fitting.append((tuple(map(int, one["name"].split("."))), one["name"]))
    return max(fitting)[1] if fitting else None


def facts_of(found: list[Json]) -> list[Json]:
    return [gallery_version_facts(one, None, NOW) for one in found]


@given(versions)
def test_latest_is_what_azure_takes_in_finding_using_and_keeping(found: list[Json]) -> None:
    for region in (*REGIONS, None):
        expected = model(found, region)
        used = latest_version(found, region)
        assert (used["name"] if used else None) == expected
        assert [image["name"] for image in latest_images(facts_of(found), region)] == ([expected] if expected else [])
        if expected:
            identity = f"{DEFINITION}/versions/{expected}".lower()
            assert identity in latest_of_definitions(facts_of(found))
            assert identity in latest_versions(found)
            assert identity in latest_anywhere(map(version_of, found))


@given(versions)
def test_newest_is_the_same_order_in_finding_and_in_keeping(found: list[Json]) -> None:
    numbered = sorted((tuple(map(int, one["name"].split("."))) for one in found), reverse=True)
    listed = [tuple(map(int, image["name"].split("."))) for image in newest(facts_of(found), len(found) or 1, None)]
    assert listed == numbered
    options = {name: option.get("default") for name, option in OPTIONS.items()}
    rules = {
        "family": None,
        "family_tag": None,
        "tags": None,
        "name_pattern": None,
        "keep_newest": 1,
        "older_than_days": None,
    }
    options.update(source="gallery", rules={**rules, "include_untagged": False}, resource_group="g", gallery="golden")
    request = removal_request(options, "s")
    candidates = [candidate_of(image, Usage(), request) for image in facts_of(found)]
    ranks = newest_of_families(candidates, 3)
    good = [one for one in candidates if one.eligible]
    if good:
        kept = sorted(ranks, key=lambda identity: ranks[identity])
        order = [image["id"] for image in newest(facts_of(found), len(found), None)]
        assert kept == [identity for identity in order if identity in {one.identity for one in good}][:3]


@given(versions)
def test_the_predecessor_of_the_highest_is_the_latest_without_it(found: list[Json]) -> None:
    image = parse(f"{DEFINITION}/versions/99.0.0")
    assert image is not None
    before = predecessor_of(PromotionRequest(image), PromotionState(None, found))
    assert (before["name"] if before else None) == model(found, None)


def test_a_hotfix_of_an_old_number_is_not_the_newest() -> None:
    places = {"westeurope": False}
    found = [version((2, 0), 30, "Succeeded", False, places), version((1, 9), 1, "Succeeded", False, places)]
    assert [image["name"] for image in newest(facts_of(found), 1, None)] == ["2.0.0"]
    assert latest_version(found, "West Europe") == found[0]


def test_what_is_soft_deleted_is_never_the_latest() -> None:
    deleted = {"id": f"{DEFINITION}/versions/9.0.0", "source": "gallery", "provisioning_state": "SoftDeleted"}
    assert latest_images([deleted]) == []
