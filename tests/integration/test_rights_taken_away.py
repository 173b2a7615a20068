# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take each right away in turn that a task needs: it is refused in check mode, and before anything is written.

What it needs is what embedded Azure was asked for by its writes, and what it asks for besides on what they refer to.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._model.rights import IMPLICITLY_CREATED
from ansible_collections.golden.azure.plugins.module_utils._removal import run as removal
from driven import driven_azure, run_code
from predicted_writes import is_write, sent_writes
from write_cases import BASE, CASES, SEED, SUBSCRIPTION, begin, run

from embedded_azure import EmbeddedAzure
from embedded_azure.resource_id import parse
from embedded_azure.rights import linked_rights, right_of

Json = dict[str, Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        yield running


@pytest.fixture
def azure(shared: EmbeddedAzure) -> EmbeddedAzure:
    shared.settings.rights, shared.settings.policies = None, []
    begin(shared)
    return shared


def needed(azure: EmbeddedAzure) -> set[str]:
    """The actions that the writes which were sent took."""
    actions = set()
    for exchange in azure.requests:
        if is_write(exchange):
            actions.add(str(right_of(exchange.method, exchange.path)))
            if exchange.method in ("PUT", "PATCH"):
                kind = "/".join(parse(exchange.path).types)
                actions |= {action for action, _id in linked_rights(kind, exchange.request_body)}
    return actions


def without(action: str) -> list[Json]:
    return [{"scope": "", "actions": ["*"], "not_actions": [action]}]


def findings(failure: Failure) -> list[Json]:
    plans = [failure.details["plan"]] if "plan" in failure.details else []
    plans += [each["plan"] for each in failure.details.get("results", []) if "plan" in each]
    return [blocker for plan in plans for blocker in plan["blockers"]]


@pytest.mark.parametrize("case", CASES)
def test_each_right_is_missed_before_anything_is_written(azure: EmbeddedAzure, record_property: Any, case: str) -> None:
    try:
        run(azure, case)
    except Failure:
        # No guest answers the script: it was sent, and deleted.
        assert case == "script"
    actions = needed(azure)
    assert actions
    record_property("table", f"rights of the case '{case}'\n" + "\n".join(sorted(actions)))
    for action in sorted(actions):
        begin(azure)
        before = azure.resources()
        azure.settings.rights = without(action)
        for check in (True, False):
            with pytest.raises(Failure) as failed:
                run(azure, case, check)
            assert sent_writes(azure.requests) == []
            blockers = findings(failed.value)
            if not blockers and action.endswith("/read"):
                # What cannot be read is no plan.
                assert failed.value.code == "AuthorizationFailed"
                continue
            assert [blocker["code"] for blocker in blockers] == ["rights_missing"], action
            assert blockers[0]["actions"] == [action]
        assert azure.resources() == before
        azure.settings.rights = None


@pytest.mark.parametrize("case", ["managed image", "with everything", "copy", "instance"])
def test_no_right_is_asked_for_that_azure_does_not(azure: EmbeddedAzure, case: str) -> None:
    run(azure, case)
    along = [action for actions in IMPLICITLY_CREATED.values() for action in actions]
    azure.settings.rights = [{"scope": "", "actions": ["*/read", *needed(azure), *along]}]
    begin(azure)
    azure.settings.rights = [{"scope": "", "actions": ["*/read", *azure.settings.rights[0]["actions"]]}]
    assert run(azure, case)["changed"] is True


def test_azure_itself_refuses_in_the_middle_where_nobody_compares(azure: EmbeddedAzure) -> None:
    for action, code in (
        ("Microsoft.Compute/images/write", "AuthorizationFailed"),
        ("Microsoft.Compute/virtualMachines/write", "LinkedAuthorizationFailed"),
    ):
        case = "managed image" if code == "AuthorizationFailed" else "with everything"
        begin(azure)
        azure.settings.rights = without(action)
        with mock.patch.object(capture, "checked", lambda _arm, plan, _check: plan), pytest.raises(Failure) as failed:
            options = {**CASES[case][2], "delete_source_vm": False}
            run_code(azure, capture.execute, capture_options.OPTIONS, **options)
        assert failed.value.code == code
        generalized = [one for one in azure.requests if one.path.endswith("/generalize") and one.status == 200]
        assert len(generalized) == 1, "the machine is lost, and there is no image"
        azure.settings.rights = None


# -- where rights are given ---------------------------------------------------------------------------------------


def planned(azure: EmbeddedAzure, *assignments: Json) -> tuple[list[str], list[str]]:
    """The codes of blockers and warnings of a capture by an identity with these role assignments."""
    azure.settings.rights = [{"scope": "", "actions": ["*/read"]}, *assignments]
    try:
        plan = run(azure, "managed image", check=True)["plan"]
    except Blocked as blocked:
        plan = blocked.details["plan"]
    return [one["code"] for one in plan["blockers"]], [one["code"] for one in plan["warnings"]]


def test_sets_are_added_and_each_is_without_its_own_not_actions(azure: EmbeddedAzure) -> None:
    compute = {"scope": SUBSCRIPTION, "actions": ["Microsoft.Compute/*"], "not_actions": ["*/images/write"]}
    assert planned(azure, compute) == (["rights_missing"], [])
    images = {"scope": f"{SUBSCRIPTION}/resourceGroups/images", "actions": ["microsoft.compute/IMAGES/*"]}
    assert planned(azure, compute, images) == ([], [])


def test_rights_on_a_resource_itself_count(azure: EmbeddedAzure) -> None:
    images = {"scope": f"{SUBSCRIPTION}/resourceGroups/images", "actions": ["Microsoft.Compute/images/write"]}
    assert planned(azure, images) == (["rights_missing"], [])
    machine = {"scope": f"{BASE}/virtualMachines/web", "actions": ["Microsoft.Compute/virtualMachines/*/action"]}
    assert planned(azure, images, machine) == ([], [])


def test_rights_on_another_group_do_not(azure: EmbeddedAzure) -> None:
    assert planned(azure, {"scope": f"{SUBSCRIPTION}/resourceGroups/network", "actions": ["*"]})[0] == [
        "rights_missing"
    ]


def test_rights_that_cannot_be_read_are_unknown_and_do_not_block(azure: EmbeddedAzure) -> None:
    azure.settings.rights = without("Microsoft.Authorization/permissions/read")
    for _again in range(2):
        found = run(azure, "managed image", check=True)
        assert [one["code"] for one in found["plan"]["warnings"]] == ["rights_unknown"]
        assert sent_writes(azure.requests) == []
    assert run(azure, "managed image")["changed"] is True
    assert run(azure, "managed image")["changed"] is False


def test_one_read_tells_of_a_group_and_none_is_sent_without_writes(azure: EmbeddedAzure) -> None:
    def reads() -> int:
        return sum(one.path.endswith("/permissions") for one in azure.requests)

    run(azure, "managed image")
    assert reads() == 1
    azure.clear_requests()
    run(azure, "managed image")
    assert reads() == 0


def test_of_many_groups_the_subscription_is_asked_first(azure: EmbeddedAzure) -> None:
    names = [f"team-{each}" for each in range(6)]
    identities = [f"{SUBSCRIPTION}/resourceGroups/{name}/providers/Microsoft.Compute/images/old" for name in names]
    (image,) = [
        resource
        for resource in SEED["resources"]
        if resource["id"].endswith("/images/old") and "galleries" not in resource["id"]
    ]
    resources = [{**image, "id": identity} for identity in identities]
    azure.seed({"groups": dict.fromkeys(names, "westeurope"), "resources": resources})

    def reads(*assignments: Json) -> list[str]:
        azure.settings.rights = [{"scope": "", "actions": ["*/read"]}, *assignments]
        azure.clear_requests()
        try:
            run_code(azure, removal.execute, removal.OPTIONS, True, names=identities)
        except Blocked as blocked:
            assert [one["code"] for one in findings(blocked)] == ["rights_missing"]
        return [
            one.path.rpartition("/providers/")[0].rsplit("/", 1)[-1]
            for one in azure.requests
            if "/permissions" in one.path
        ]

    everywhere = {"scope": SUBSCRIPTION, "actions": ["Microsoft.Compute/images/delete"]}
    assert reads(everywhere) == [SUBSCRIPTION.rsplit("/", 1)[-1]]
    in_groups = [{**everywhere, "scope": identity.split("/providers/")[0]} for identity in identities]
    assert sorted(reads(*in_groups)) == sorted([SUBSCRIPTION.rsplit("/", 1)[-1], *names])
    # One group without it is one blocker.
    assert "old" in reads(*in_groups[1:])
