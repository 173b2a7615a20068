# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Galleries that are on their way, and what of them is known beforehand; the usual cases are those of the integration target."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.gallery import plan_gallery, writable_gallery
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.removal import plan_removal
from ansible_collections.golden.azure.plugins.module_utils._gallery.request import (
    GalleryRequest,
    GalleryState,
    Identity,
)

ID = ResourceId("s", "g", GALLERY, ("golden",))
GROUP = {"name": "g", "location": "westeurope", "properties": {"provisioningState": "Succeeded"}}
ON = {"isSoftDeleteEnabled": True}


def gallery(state: str = "Succeeded", **properties: Any) -> dict[str, Any]:
    return {
        "id": str(ID),
        "name": "golden",
        "location": "westeurope",
        "properties": {"provisioningState": state, **properties},
    }


def codes(plan: Plan) -> list[str]:
    return [blocker.code for blocker in plan.blockers]


def actions(plan: Plan) -> list[str]:
    return [step.action.name for step in plan.steps]


@pytest.mark.parametrize("present", [None, gallery("Failed"), gallery("Canceled")])
def test_one_that_is_not_there_or_has_failed_is_created(present: Any) -> None:
    plan = plan_gallery(GalleryRequest(ID, description="d"), GalleryState(present, group=GROUP))
    assert (codes(plan), actions(plan)) == ([], ["create_gallery"])
    assert plan.steps[0].body == {"location": "westeurope", "properties": {"description": "d"}}


@pytest.mark.parametrize("state", ["Creating", "Updating"])
def test_one_that_another_works_on_is_waited_for_and_then_changed(state: str) -> None:
    plan = plan_gallery(GalleryRequest(ID, description="d"), GalleryState(gallery(state)))
    assert actions(plan) == ["wait_for_gallery", "update_gallery"]


def test_one_that_is_being_deleted_is_not_changed() -> None:
    plan = plan_gallery(GalleryRequest(ID, description="d"), GalleryState(gallery("Deleting")))
    assert (codes(plan), actions(plan)) == (["gallery_being_deleted"], [])
    removal = plan_removal(GalleryRequest(ID, absent=True), GalleryState(gallery("Deleting")))
    assert (actions(removal), removal.changed) == (["wait_for_removal"], False)


def test_a_group_that_is_being_deleted_takes_none() -> None:
    group = {**GROUP, "properties": {"provisioningState": "Deleting"}}
    plan = plan_gallery(GalleryRequest(ID), GalleryState(None, group=group))
    assert codes(plan) == ["resource_group_being_deleted"]


def test_its_own_name_is_not_taken_by_itself() -> None:
    plan = plan_gallery(GalleryRequest(ID), GalleryState(gallery("Failed"), group=GROUP, galleries=[gallery("Failed")]))
    assert codes(plan) == []


def test_a_quota_is_counted() -> None:
    usage = {"name": {"value": "Galleries"}, "currentValue": 100, "limit": 100}
    for name, expected in (("Gallery", ["quota_exhausted"]), ("Disks", [])):
        usages = {"s/westeurope": [{**usage, "name": {"value": name}}]}
        plan = plan_gallery(GalleryRequest(ID), GalleryState(None, group=GROUP, usages=usages))
        assert codes(plan) == expected


@pytest.mark.parametrize(("registered", "expected"), [(True, []), (None, []), (False, ["soft_delete_not_registered"])])
def test_soft_delete_needs_its_feature(registered: bool | None, expected: list[str]) -> None:
    state = GalleryState(gallery(), soft_delete_registered=registered)
    assert codes(plan_gallery(GalleryRequest(ID, soft_delete=ON), state)) == expected


def test_soft_delete_needs_all_contents_in_one_region() -> None:
    here, there = ({"name": place, "location": place} for place in ("West Europe", "northeurope"))
    state = GalleryState(gallery(), definitions=[here], versions=[here, there], soft_delete_registered=True)
    plan = plan_gallery(GalleryRequest(ID, soft_delete=ON), state)
    assert codes(plan) == ["contents_in_other_regions"]
    assert "northeurope" in plan.blockers[0].message and "West Europe" not in plan.blockers[0].message


def test_soft_delete_that_is_there_is_not_checked_again() -> None:
    state = GalleryState(gallery(softDeletePolicy=ON), soft_delete_registered=False)
    plan = plan_gallery(GalleryRequest(ID, soft_delete={**ON, "retentionPeriodInDays": 9}), state)
    assert codes(plan) == []
    assert plan.steps[0].body["properties"]["softDeletePolicy"] == {**ON, "retentionPeriodInDays": 9}


def test_what_is_written_is_what_is_there_without_what_azure_says() -> None:
    information = {"publicNamePrefix": "golden", "communityGalleryEnabled": True, "publicNames": ["golden-1"]}
    present = gallery(
        description="d",
        identifier={"uniqueName": "u"},
        sharingProfile={"permissions": "Community", "communityGalleryInfo": information, "groups": []},
        softDeletePolicy=ON,
    )
    mine = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/mine"
    present["identity"] = {
        "type": "SystemAssigned, UserAssigned",
        "principalId": "p",
        "tenantId": "t",
        "userAssignedIdentities": {mine: {"principalId": "q", "clientId": "c"}},
    }
    present["tags"] = {"team": "web"}
    assert writable_gallery(present) == {
        "location": "westeurope",
        "tags": {"team": "web"},
        "identity": {"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": {mine: {}}},
        "properties": {
            "description": "d",
            "sharingProfile": {"permissions": "Community", "communityGalleryInfo": {"publicNamePrefix": "golden"}},
            "softDeletePolicy": ON,
        },
    }


@pytest.mark.parametrize("kind", ["None", "", "SystemAssigned"])
def test_identities_are_compared_without_regard_to_case_and_order(kind: str) -> None:
    present = gallery()
    present["identity"] = {"type": kind.lower()}
    plan = plan_gallery(GalleryRequest(ID, identity=Identity(kind == "SystemAssigned", ())), GalleryState(present))
    assert actions(plan) == []
