# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Versions of a gallery with soft delete: what a removal says, what is restored, and what is permanent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure import api_versions
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._publishing import run as publish
from ansible_collections.golden.azure.plugins.module_utils._removal import run as removal
from driven import driven_azure, run_code
from predicted_writes import sent_writes
from version_cases import DEFINITION, VERSION, gallery_seed

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

NAMED = {"gallery": "golden", "definition": "web", "resource_group": "images"}
POLICY = {"isSoftDeleteEnabled": True, "retentionPeriodInDays": 3, "gracePeriodInDays": 4}
FEATURE = "Microsoft.Compute/SIGSoftDelete"
DAY = 86400.0


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(features=[FEATURE]) as running:
        running.seed(gallery_seed(softDeletePolicy=POLICY))
        yield running


def remove(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    azure.clear_requests()
    given = {"source": "gallery", "name": "1.0.0", "force": True, **NAMED, **options}
    return run_code(azure, removal.execute, removal.OPTIONS, check, **given)


def restore(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    azure.clear_requests()
    given = {"gallery_version": "1.0.0", "state": "restored", **NAMED, **options}
    return run_code(azure, publish.execute, publish.OPTIONS, check, **given)


def actions(result: Json) -> list[str]:
    return [step["action"] for step in result["plan"]["steps"]]


def codes(findings: list[Json]) -> list[str]:
    return [finding["code"] for finding in findings]


def test_a_removal_says_that_it_can_be_restored_and_may_cost(azure):
    for check in (True, False):
        result = remove(azure, check)
        assert (result["changed"], actions(result)) == (True, ["soft_delete_version"])
        assert "7 days, of which it can be used in the first 3" in result["plan_text"].replace("\n", " ").replace(
            "      ", ""
        )
        assert codes(result["plan"]["warnings"]) == ["soft_deleted_versions_cost"]
        assert len(sent_writes(azure.requests)) == (0 if check else 1)
    for check in (False, True):
        result = remove(azure, check)
        assert (result["changed"], actions(result), sent_writes(azure.requests)) == (False, [], [])


def test_a_removal_bypasses_soft_delete_only_if_asked(azure):
    check = remove(azure, check=True, bypass_soft_delete=True)
    assert (actions(check), check["plan"]["warnings"]) == (["delete_version_permanently"], [])
    remove(azure, bypass_soft_delete=True)
    (deletion,) = [each for each in azure.requests if each.method == "DELETE"]
    assert "bypassSoftDelete=true" in deletion.url
    with pytest.raises(Blocked) as refused:
        restore(azure)
    assert codes(refused.value.details["plan"]["blockers"]) == ["version_not_restorable"]
    assert remove(azure, bypass_soft_delete=True)["changed"] is False


def test_without_soft_delete_nothing_is_said_of_it():
    with driven_azure() as azure:
        azure.seed(gallery_seed())
        check = remove(azure, check=True, bypass_soft_delete=True)
        assert (actions(check), check["plan"]["warnings"]) == (["delete_version"], [])
        assert "permanently" in check["plan"]["steps"][0]["description"]
        remove(azure, bypass_soft_delete=True)
        (deletion,) = [each for each in azure.requests if each.method == "DELETE"]
        assert "bypassSoftDelete" not in deletion.url


def test_bypassing_is_for_versions(azure):
    with pytest.raises(InvalidInput):
        remove(azure, source="managed", gallery=None, definition=None, bypass_soft_delete=True)


def test_a_definition_with_soft_deleted_versions_is_kept(azure):
    for check in (True, False):
        result = remove(azure, check, remove_empty_definitions=True)
        assert "soft_deleted_versions_left" in codes(result["plan"]["warnings"])
        assert result["removed_definitions"] == []
    assert DEFINITION in azure.resources()
    azure.clock.advance(8 * DAY)
    rules = {"rules": {"keep_newest": 1}, "name": None, "remove_empty_definitions": True}
    assert remove(azure, **rules)["removed_definitions"] == [DEFINITION]


def test_a_version_is_restored_in_four_cases(azure):
    before = azure.resources()[VERSION]
    remove(azure)
    check = restore(azure, check=True)
    assert (check["changed"], actions(check), sent_writes(azure.requests)) == (True, ["restore_version"], [])
    assert check["version"] is None
    assert VERSION not in azure.resources()
    done = restore(azure)
    assert (done["changed"], actions(done)) == (True, ["restore_version"])
    assert done["soft_deletion"] == check["soft_deletion"]
    assert done["soft_deletion"]["consumption_ends_at"] < done["soft_deletion"]["hard_deletion_at"]
    assert done["version"]["provisioning_state"] == "Succeeded"
    assert {each["state"] for each in done["replication"]} == {"Completed"}
    assert azure.resources()[VERSION]["properties"]["publishingProfile"] == before["properties"]["publishingProfile"]
    for again in (False, True):
        result = restore(azure, again)
        assert (result["changed"], actions(result), sent_writes(azure.requests)) == (False, [], [])
        assert result["soft_deletion"] is None


def test_a_soft_deleted_version_is_not_changed_before_it_is_restored(azure):
    remove(azure)
    with pytest.raises(Blocked) as refused:
        restore(azure, state="present", exclude_from_latest=True)
    (blocker,) = refused.value.details["plan"]["blockers"]
    assert blocker["code"] == "version_soft_deleted"
    assert "restored" in blocker["message"]


@pytest.mark.parametrize("check", [False, True])
def test_after_the_grace_period_nothing_can_be_restored(azure, check):
    remove(azure)
    azure.clock.advance(4 * DAY)
    assert restore(azure, check=True)["changed"]
    azure.clock.advance(4 * DAY)
    with pytest.raises(Blocked) as refused:
        restore(azure, check)
    assert codes(refused.value.details["plan"]["blockers"]) == ["version_not_restorable"]
    assert sent_writes(azure.requests) == []


@pytest.mark.parametrize("check", [False, True])
def test_the_feature_must_be_registered(azure, check):
    remove(azure)
    azure.cloud.settings.features.clear()
    with pytest.raises(Blocked) as refused:
        restore(azure, check)
    assert codes(refused.value.details["plan"]["blockers"]) == ["soft_delete_not_registered"]
    assert sent_writes(azure.requests) == []


def test_older_api_versions_know_on_and_off_only():
    with driven_azure(features=[FEATURE]) as azure:
        azure.seed(gallery_seed(softDeletePolicy={"isSoftDeleteEnabled": True}))
        with mock.patch.dict(api_versions.API_VERSIONS, galleries="2025-03-03"):
            check = remove(azure, check=True)
            assert "as long as its gallery retains it" in check["plan"]["steps"][0]["description"]
            remove(azure)
            done = restore(azure)
        assert done["changed"]
        assert done["soft_deletion"]["soft_deleted_at"]
        assert done["soft_deletion"]["hard_deletion_at"] is None
