# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was planned for an image, right before it is carried out: nothing is added to it, and what is used by now stays."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK, IMAGE, SNAPSHOT, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.usage import Usage
from ansible_collections.golden.azure.plugins.module_utils._removal.plan import PlannedRemoval, steps_of, without_locked
from ansible_collections.golden.azure.plugins.module_utils._removal.retention import (
    Candidate,
    Code,
    Decision,
    Reason,
    RetentionAction,
)

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
GOLDEN = ResourceId(SUBSCRIPTION, "images", IMAGE, ("golden",))
LEFTOVERS = [
    ResourceId(SUBSCRIPTION, "images", SNAPSHOT, ("golden-os",)),
    ResourceId(SUBSCRIPTION, "images", DISK, ("golden-data",)),
]


def planned(action: RetentionAction) -> PlannedRemoval:
    candidate = Candidate(identity=str(GOLDEN), family=("",), created=NOW)
    decision = Decision(candidate, action, Reason(Code.NAMED, "named"))
    return PlannedRemoval(decision, list(steps_of(decision, None, LEFTOVERS, NOW)))


def used(resource: ResourceId) -> Usage:
    """A gallery version is made of it."""
    gallery = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute/galleries/golden"
    usage = Usage()
    usage.add(
        {
            "id": f"{gallery}/images/web/versions/1.0.0",
            "type": "Microsoft.Compute/galleries/images/versions",
            "properties": {"storageProfile": {"osDiskImage": {"source": {"id": str(resource)}}}},
        }
    )
    return usage


def test_nothing_has_changed() -> None:
    removal = planned(RetentionAction.REMOVE)
    assert [step.resource for step in removal.steps] == [GOLDEN, *LEFTOVERS]
    assert removal.now({"id": str(GOLDEN)}, Usage(), NOW) == removal.steps


@pytest.mark.parametrize("leftover", LEFTOVERS, ids=lambda leftover: leftover.name)
def test_what_somebody_uses_by_now_stays(leftover: ResourceId) -> None:
    steps = planned(RetentionAction.REMOVE).now(None, used(leftover), NOW)
    assert [step.resource for step in steps] == [each for each in (GOLDEN, *LEFTOVERS) if each != leftover]


def test_tags_set_meanwhile_stay_on_a_deprecated_image() -> None:
    removal = planned(RetentionAction.DEPRECATE)
    [step] = removal.now({"id": str(GOLDEN), "tags": {"owner": "web"}}, None, NOW)
    assert step.body is not None
    assert step.body["tags"]["owner"] == "web"
    assert (step.resource, step.method, step.path) == (GOLDEN, removal.steps[0].method, removal.steps[0].path)


def test_a_lock_keeps_it_without_a_step() -> None:
    lock = {"id": f"{GOLDEN}/providers/Microsoft.Authorization/locks/keep", "name": "keep"}
    lock["properties"] = {"level": "CanNotDelete"}  # type: ignore[assignment]
    [kept] = without_locked([planned(RetentionAction.REMOVE)], [lock])
    assert (kept.decision.action, kept.decision.reason.code, kept.steps) == (RetentionAction.KEEP, Code.LOCKED, [])
