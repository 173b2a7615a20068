# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whatever a management lock forbids is a blocker, in check mode too: nothing that Azure would refuse is sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, Refused
from ansible_collections.golden.azure.plugins.module_utils._engine import lock_reader
from ansible_collections.golden.azure.plugins.module_utils._promotion import run as promotion
from driven import driven_azure, run_code
from predicted_writes import sent_writes
from write_cases import BASE, CASES, SUBSCRIPTION, begin, run

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

GROUP = f"{SUBSCRIPTION}/resourceGroups/images"
OWN_GROUPS = ("instance in a group of its own", "lease")
GALLERY = f"{BASE}/galleries/golden"
DEFINITION = f"{GALLERY}/images/web"
VERSION = f"{DEFINITION}/versions/1.0.0"
DISK = {"source": {"id": f"{BASE}/snapshots/kept"}}
IN_GALLERY: list[Json] = [
    {
        "id": DEFINITION,
        "location": "westeurope",
        "properties": {
            "osType": "Linux",
            "osState": "Generalized",
            "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
        },
    },
    *(
        {
            "id": f"{DEFINITION}/versions/{number}",
            "location": "westeurope",
            "tags": {"golden.azure.verified": "true"},
            "properties": {
                "publishingProfile": {
                    "targetRegions": [{"name": "westeurope", "regionalReplicaCount": 1}],
                    "excludeFromLatest": number == "1.0.0",
                },
                "storageProfile": {"osDiskImage": DISK},
            },
        }
        for number in ("0.9.0", "1.0.0")
    ),
]
PROMOTION = {
    "gallery_version_id": VERSION,
    "previous_version_grace_days": 30,
    "target_regions": [{"name": "northeurope"}],
}


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        yield running


@pytest.fixture
def azure(shared: EmbeddedAzure) -> EmbeddedAzure:
    shared.settings.rights, shared.settings.policies = None, []
    begin(shared)
    return shared


def lock(azure: EmbeddedAzure, scope: str, level: str = "ReadOnly") -> None:
    azure.seed({"locks": [{"scope": scope, "name": "keep", "level": level}]})
    azure.clear_requests()


def codes(failed: Failure) -> set[str]:
    plans = [failed.details["plan"]] if "plan" in failed.details else []
    plans += [each["plan"] for each in failed.details.get("results", [])]
    return {blocker["code"] for plan in plans for blocker in plan["blockers"]}


def assert_blocked(azure: EmbeddedAzure, perform: Any) -> None:
    before = azure.resources()
    for check in (True, False):
        azure.clear_requests()
        with pytest.raises(Failure) as failed:
            perform(check)
        assert codes(failed.value) == {"locked"}
        assert sent_writes(azure.requests) == []
    assert azure.resources() == before


# What is locked is no failure of a clean-up: it is kept.
@pytest.mark.parametrize("case", [case for case in CASES if case not in (*OWN_GROUPS, "clean-up")])
def test_a_lock_on_the_group_stops_whatever_is_written_there(azure: EmbeddedAzure, case: str) -> None:
    lock(azure, GROUP)
    assert_blocked(azure, lambda check: run(azure, case, check))


def test_a_lock_on_a_lease_that_is_there_stops_its_being_taken_over(azure: EmbeddedAzure) -> None:
    run(azure, "lease")
    lock(azure, f"{SUBSCRIPTION}/resourceGroups/lease")
    code, specification, options = CASES["lease"]
    other = {**options, "run": "2", "stale_after_hours": 0}
    assert_blocked(azure, lambda check: run_code(azure, code, specification, check, **other))


def promote(azure: EmbeddedAzure, check: bool) -> Json:
    return dict(run_code(azure, promotion.execute, promotion.OPTIONS, check, **PROMOTION))


@pytest.mark.parametrize("scope", [GROUP, GALLERY, DEFINITION, VERSION, f"{DEFINITION}/versions/0.9.0"])
def test_a_lock_on_whatever_a_promotion_writes_stops_it(azure: EmbeddedAzure, scope: str) -> None:
    azure.seed({"resources": IN_GALLERY})
    lock(azure, scope)
    assert_blocked(azure, lambda check: promote(azure, check))


def test_azure_itself_refuses_where_nobody_looks(azure: EmbeddedAzure) -> None:
    azure.seed({"resources": IN_GALLERY})
    lock(azure, GALLERY)
    with mock.patch.object(promotion, "with_locks", lambda _arm, plan: plan), pytest.raises(Refused) as failed:
        promote(azure, False)
    assert failed.value.code == "ScopeLocked"


def test_a_lock_against_deletion_lets_an_image_be_promoted_and_tagged(azure: EmbeddedAzure) -> None:
    azure.seed({"resources": IN_GALLERY})
    lock(azure, GROUP, "CanNotDelete")
    assert promote(azure, True)["changed"] is True
    assert promote(azure, False)["changed"] is True
    assert promote(azure, False)["changed"] is False
    assert promote(azure, True)["changed"] is False
    assert run(azure, "tags")["changed"] is True


@pytest.mark.parametrize("case", ["promotion", "tags", "lease"])
def test_locks_that_cannot_be_read_are_a_warning(azure: EmbeddedAzure, case: str) -> None:
    if case == "lease":
        run(azure, case)
        run_code(azure, *CASES[case][:2], **{**CASES[case][2], "run": "2", "stale_after_hours": 0})
        azure.clear_requests()
    azure.settings.rights = [{"scope": "", "actions": ["*"], "not_actions": ["Microsoft.Authorization/locks/read"]}]
    result = run_code(
        azure, *CASES[case][:2], True, **{**CASES[case][2], **({"stale_after_hours": 0} if case == "lease" else {})}
    )
    assert [warning["code"] for warning in result["plan"]["warnings"]] == ["locks_unknown"]


def test_locks_of_a_plan_that_writes_nothing_are_not_read(azure: EmbeddedAzure) -> None:
    run(azure, "tags")
    with mock.patch.object(lock_reader, "read_locks", side_effect=AssertionError):
        assert run(azure, "tags")["changed"] is False
