# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""With whom a gallery is shared: only what differs is sent, and what Azure refuses is not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.gallery import plan_gallery
from ansible_collections.golden.azure.plugins.module_utils._gallery.request import GalleryRequest, GalleryState
from ansible_collections.golden.azure.plugins.module_utils._model.effects import shared

ID = ResourceId("s", "g", GALLERY, ("golden",))
ONE, TWO, THREE = (f"{number}1111111-1111-4111-8111-111111111111" for number in "123")


def gallery(kind: str | None, *subscriptions: str, enabled: bool = False) -> dict[str, Any]:
    profile: dict[str, Any] = {"permissions": kind}
    if subscriptions:
        profile["groups"] = [{"type": "Subscriptions", "ids": list(subscriptions)}]
    if kind == "Community":
        profile["communityGalleryInfo"] = {"publicNamePrefix": "golden", "communityGalleryEnabled": enabled}
    properties = {"provisioningState": "Succeeded", **({"sharingProfile": profile} if kind else {})}
    return {"id": str(ID), "location": "westeurope", "properties": properties}


@pytest.mark.parametrize(
    ("present", "wanted", "exact", "sent"),
    [
        ((ONE,), (ONE.upper(),), False, []),
        ((ONE,), (ONE, TWO), False, [("Add", [TWO])]),
        ((ONE, TWO), (ONE,), False, []),
        ((ONE, TWO), (ONE,), True, [("Remove", [TWO])]),
        ((ONE, TWO), (TWO, THREE), True, [("Remove", [ONE]), ("Add", [THREE])]),
        ((ONE,), (), True, [("Remove", [ONE])]),
        ((), (ONE,), False, [("Add", [ONE])]),
    ],
)
def test_only_what_differs_is_sent(
    present: tuple[str, ...], wanted: tuple[str, ...], exact: bool, sent: list[Any]
) -> None:
    request = GalleryRequest(ID, permissions="Groups", groups={"Subscriptions": wanted}, exact_sharing=exact)
    plan = plan_gallery(request, GalleryState(gallery("Groups", *present)))
    assert plan.blockers == []
    bodies = [step.body or {} for step in plan.steps]
    assert [(body["operationType"], body["groups"][0]["ids"]) for body in bodies] == sent
    assert {step.path for step in plan.steps} <= {f"{ID}/share"}


@pytest.mark.parametrize(
    ("present", "wanted", "code"),
    [
        (None, "Groups", "sharing_not_changeable"),
        ("Private", "Community", "sharing_not_changeable"),
        ("Groups", "Community", "sharing_not_changeable"),
        ("Community", "Groups", "sharing_not_changeable"),
        (None, "Private", None),
        ("Groups", "Groups", None),
        ("Groups", None, None),
    ],
)
def test_the_way_of_sharing_is_fixed(present: str | None, wanted: str | None, code: str | None) -> None:
    plan = plan_gallery(GalleryRequest(ID, permissions=wanted), GalleryState(gallery(present)))
    assert [blocker.code for blocker in plan.blockers] == ([code] if code else [])
    assert plan.steps == []


def test_existing_groups_are_counted() -> None:
    present = [f"{number:08}-1111-4111-8111-111111111111" for number in range(30)]
    request = GalleryRequest(ID, permissions="Groups", groups={"Subscriptions": (ONE,)})
    plan = plan_gallery(request, GalleryState(gallery("Groups", *present)))
    assert [blocker.code for blocker in plan.blockers] == ["too_many_sharing_groups"]


@pytest.mark.parametrize("enabled", [False, True])
def test_a_public_gallery_is_made_private_by_a_reset_alone(enabled: bool) -> None:
    state = GalleryState(gallery("Community", enabled=enabled))
    plan = plan_gallery(GalleryRequest(ID, permissions="Private"), state)
    assert [step.body for step in plan.steps] == [{"operationType": "Reset"}]
    assert [warning.code for warning in plan.warnings] == ["sharing_ends"]
    assert "irreversible" in plan.steps[0].description


ADD = {"operationType": "Add", "groups": [{"type": "Subscriptions", "ids": [ONE.upper()]}]}


@pytest.mark.parametrize(
    ("operation", "present", "effect"),
    [
        ({"operationType": "Reset"}, gallery("Private"), Effect.DONE),
        ({"operationType": "Reset"}, gallery(None), Effect.DONE),
        ({"operationType": "Reset"}, gallery("Groups"), Effect.ABSENT),
        ({"operationType": "EnableCommunity"}, gallery("Community", enabled=True), Effect.DONE),
        ({"operationType": "EnableCommunity"}, gallery("Community"), Effect.ABSENT),
        (ADD, gallery("Groups", ONE, TWO), Effect.DONE),
        (ADD, gallery("Groups", TWO), Effect.ABSENT),
        ({**ADD, "operationType": "Remove"}, gallery("Groups", TWO), Effect.DONE),
        ({**ADD, "operationType": "Remove"}, gallery("Groups", ONE), Effect.ABSENT),
        (ADD, None, Effect.FAILED),
    ],
)
def test_whether_a_request_whose_answer_was_lost_has_worked(
    operation: dict[str, Any], present: Any, effect: Effect
) -> None:
    assert shared(operation, present)[0] is effect
