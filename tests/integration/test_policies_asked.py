# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure Policy would deny is a blocker in check mode and before anything is written; no answer annoys nobody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance
from ansible_collections.golden.azure.plugins.module_utils._lease import run as lease
from driven import driven_azure, run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
BASE = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Network"
SEED: Json = {
    "groups": {"images": "westeurope"},
    "resources": [
        {"id": f"{BASE}/galleries/golden", "location": "westeurope"},
        {
            "id": f"{NETWORK}/virtualNetworks/build",
            "location": "westeurope",
            "properties": {"subnets": [{"name": "build", "properties": {}}]},
        },
    ],
    "virtual_machines": [{"name": f"web-{each}", "group": "images", "power": "stopped"} for each in range(6)],
}
DEFINITION = {"publisher": "Example", "offer": "web", "sku": "debian"}
MACHINE = {"resource_group": "images", "source_vm": "web-0", "generalize": True}
IMAGE = (capture.execute, capture_options.OPTIONS, {**MACHINE, "image": "golden"})
VERSION = (
    capture.execute,
    capture_options.OPTIONS,
    {**MACHINE, "gallery_versions": [{"gallery": "golden", "definition": "web", "create_definition": DEFINITION}]},
)
BACKUP = (capture.execute, capture_options.OPTIONS, {**MACHINE, "image": "golden", "snapshot_disks": True})
INSTANCE = (
    instance.execute,
    instance.OPTIONS,
    {
        "name": "build",
        "resource_group": "own",
        "create_resource_group": True,
        "subnet": f"{NETWORK}/virtualNetworks/build/subnets/build",
        "marketplace": {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2"},
        "ssh_public_key": "ssh-ed25519 AAAA",
        "wait_for_agent": False,
    },
)
LEASE = (
    lease.execute,
    lease.OPTIONS,
    {"name": "lease", "image": "web", "run": "1", "holder": "me", "location": "westeurope"},
)


def of_type(kind: str, *more: Json) -> Json:
    return {"allOf": [{"field": "type", "equals": kind}, *more]}


#: What is done -> a rule that denies it.
DENIED: dict[str, tuple[Any, Json]] = {
    "tags of images": (IMAGE, of_type("Microsoft.Compute/images", {"field": "tags['owner']", "exists": "false"})),
    "regions of versions": (
        VERSION,
        of_type("Microsoft.Compute/galleries/images/versions", {"field": "location", "notIn": ["eastus"]}),
    ),
    "names of definitions": (VERSION, of_type("Microsoft.Compute/galleries/images", {"field": "name", "like": "we*"})),
    "snapshots": (BACKUP, of_type("Microsoft.Compute/snapshots")),
    "sizes of machines": (
        INSTANCE,
        of_type("Microsoft.Compute/virtualMachines", {"field": "hardwareProfile.vmSize", "notEquals": "Standard_B1s"}),
    ),
    "tags of resource groups": (
        LEASE,
        of_type("Microsoft.Resources/subscriptions/resourceGroups", {"field": "tags['cost']", "exists": "false"}),
    ),
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(SEED)
        running.clear_requests()
        yield running


def policy(rule: Json, scope: str = SUBSCRIPTION) -> Json:
    return {"name": "0a1b", "display_name": "House rule 7", "scope": scope, "rule": rule}


def run(azure: EmbeddedAzure, case: Any, check: bool = False, **options: Any) -> Json:
    code, specification, own = case
    return run_code(azure, code, specification, check, **{**own, **options})


def questions(azure: EmbeddedAzure) -> list[Any]:
    return [one for one in azure.requests if one.path.endswith("/checkPolicyRestrictions")]


@pytest.mark.parametrize("name", DENIED)
def test_a_denial_is_a_blocker_before_anything_is_written(azure: EmbeddedAzure, name: str) -> None:
    case, rule = DENIED[name]
    azure.settings.policies = [policy(rule)]
    before = azure.resources()
    for check in (True, False):
        with pytest.raises(Blocked) as blocked:
            run(azure, case, check)
        [finding] = blocked.value.details["plan"]["blockers"]
        assert finding["code"] == "policy_denies"
        assert (
            finding["policy_assignment"] == f"{SUBSCRIPTION}/providers/Microsoft.Authorization/policyAssignments/0a1b"
        )
        assert "'House rule 7'" in finding["message"]
        assert sent_writes(azure.requests) == []
    assert azure.resources() == before
    azure.settings.policies = []
    assert run(azure, case)["changed"] is True


@pytest.mark.parametrize("name", DENIED)
def test_azure_refuses_by_the_same_rule_where_nobody_asks(azure: EmbeddedAzure, name: str) -> None:
    case, rule = DENIED[name]
    azure.settings.policies = [policy(rule)]
    module = {capture.execute: capture, instance.execute: instance, lease.execute: lease}[case[0]]
    with mock.patch.object(module, "checked", lambda _arm, plan, _check: plan), pytest.raises(Failure) as failed:
        run(azure, case)
    assert failed.value.code == "RequestDisallowedByPolicy"
    assert "House rule 7" in failed.value.message


@pytest.mark.parametrize(
    "silence",
    [
        {"settings": {"policy_insights": False}},
        {"settings": {"rights": [{"scope": "", "actions": ["*"], "not_actions": ["Microsoft.PolicyInsights/*"]}]}},
        {"fault": {"method": "POST", "path": "checkPolicyRestrictions", "times": 0, "status": 500}},
        {"fault": {"method": "POST", "path": "checkPolicyRestrictions", "times": 0, "drop": "before"}},
    ],
    ids=["not registered", "no right", "out of order", "not reached"],
)
def test_no_answer_is_a_quiet_word_in_the_plan(azure: EmbeddedAzure, silence: Json) -> None:
    azure.settings.update(silence.get("settings", {}))
    if "fault" in silence:
        azure.faults.add(**silence["fault"])
    for check in (True, False):
        result = run(azure, IMAGE, check)
        assert [one["code"] for one in result["plan"]["warnings"]] == ["policy_unknown"]
        assert result["warnings"] == []
        assert result["changed"] is True


def test_only_what_denies_blocks(azure: EmbeddedAzure) -> None:
    everything = {"field": "type", "exists": "true"}
    azure.settings.policies = [
        {**policy(everything), "effect": "audit"},
        policy(everything, f"{SUBSCRIPTION}/resourceGroups/elsewhere"),
    ]
    assert run(azure, IMAGE, check=True)["plan"]["warnings"] == []


def test_of_many_that_are_alike_one_is_asked_for(azure: EmbeddedAzure) -> None:
    captures = [{**MACHINE, "source_vm": f"web-{each}", "image": f"golden-{each}"} for each in range(6)]
    run_code(azure, capture.execute, capture_options.OPTIONS, True, captures=captures)
    assert len(questions(azure)) == 1
    azure.clear_requests()
    captures[3]["tags"] = {"owner": "web"}
    run_code(azure, capture.execute, capture_options.OPTIONS, True, captures=captures)
    assert len(questions(azure)) == 2


def test_no_secret_is_part_of_a_question(azure: EmbeddedAzure) -> None:
    run(azure, INSTANCE, check=True, admin_password="Hidden-From-All-7", custom_data="also hidden")
    asked = str([one.request_body for one in questions(azure)])
    assert "virtualMachines" in asked
    assert "Hidden-From-All-7" not in asked and "customData" not in asked


def test_nothing_is_asked_where_nothing_is_made(azure: EmbeddedAzure) -> None:
    run(azure, IMAGE)
    azure.clear_requests()
    assert run(azure, IMAGE)["changed"] is False
    assert questions(azure) == []
