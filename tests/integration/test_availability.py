# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether there is room for an instance: sizes that a subscription cannot have, cores, machines, disks and snapshots.

Each is refused by the plan with its figures before anything is written, and by embedded Azure where the plan cannot know it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._instance import options as instance_options
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance
from driven import driven_azure, run_code
from module_runs import run_main
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
NETWORK = COMPUTE.replace("Microsoft.Compute", "Microsoft.Network/virtualNetworks/net")
CLONE = f"{COMPUTE}/virtualMachines/clone"
TASK: Json = {
    "name": "clone",
    "resource_group": "images",
    "marketplace": {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2"},
    "subnet": f"{NETWORK}/subnets/default",
    "ssh_public_key": "ssh-ed25519 AAAA",
}
COPY: Json = {
    "name": "clone",
    "resource_group": "images",
    "source_vm": "web",
    "isolated_subnet": f"{NETWORK}/subnets/quarantine",
}
UNREADABLE = "Microsoft.Compute/skus|/usages"


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    subnets = [{"name": name, "properties": {"addressPrefix": "10.0.0.0/24"}} for name in ("default", "quarantine")]
    with driven_azure() as running:
        running.seed(
            {
                "groups": {"images": "westeurope"},
                "resources": [{"id": NETWORK, "location": "westeurope", "properties": {"subnets": subnets}}],
                # It has two cores of the family, and counts although it is deallocated.
                "virtual_machines": [{"name": "web", "group": "images", "power": "deallocated"}],
            }
        )
        yield running


def make(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    azure.clear_requests()
    task = {**(COPY if options.get("source_vm") else TASK), **options}
    result: Json = run_code(azure, instance.execute, instance_options.OPTIONS, check=check, **task)
    return result


def blocked(azure: EmbeddedAzure, **options: Any) -> list[Json]:
    """The blockers, which are the same in check mode and as a module; nothing is written."""
    found = []
    for check in (False, True):
        with pytest.raises(Blocked) as raised:
            make(azure, check, **options)
        found.append(raised.value.details["plan"]["blockers"])
        assert sent_writes(azure.requests) == []
    as_module = run_main("vm_image_instance", {**(COPY if options.get("source_vm") else TASK), **options}, check=True)
    assert [*found, as_module["plan"]["blockers"]] == [found[0]] * 3
    blockers: list[Json] = found[0]
    return blockers


@pytest.mark.parametrize("options", [{}, {"source_vm": "web"}])
@pytest.mark.parametrize(
    ("quota", "limit", "used", "needed"),
    [("standardDSv5Family", 3, 2, 2), ("cores", 3, 2, 2), ("virtualMachines", 1, 1, 1)],
)
def test_a_quota_that_is_used_up(
    azure: EmbeddedAzure, quota: str, limit: int, used: int, needed: int, options: Json
) -> None:
    azure.settings.quotas = {quota: limit}
    (blocker,) = blocked(azure, **options)
    assert blocker["code"] == "quota_exhausted"
    figures = blocker["quota"]
    assert figures.pop("name").lower() == quota.lower()
    assert figures == {"used": used, "limit": limit, "needed": needed}
    azure.settings.quotas = {quota: used + needed}
    assert make(azure, check=True, **options)["changed"] is True


@pytest.mark.parametrize("quota", ["StandardSnapshotCount", "StandardDiskCount"])
def test_disks_and_snapshots_of_a_copy(azure: EmbeddedAzure, quota: str) -> None:
    azure.settings.quotas = {quota: 1 if quota == "StandardDiskCount" else 0}
    (blocker,) = blocked(azure, source_vm="web")
    assert (blocker["code"], blocker["quota"]["needed"]) == ("quota_exhausted", 1)
    # An instance from an image has disks that Azure makes with it: they are in no step.
    assert make(azure, check=True)["changed"] is True


def test_spot_machines_have_a_quota_of_their_own(azure: EmbeddedAzure) -> None:
    azure.settings.quotas = {"standardDSv5Family": 2, "cores": 2, "lowPriorityCores": 1}
    (blocker,) = blocked(azure, priority="spot")
    assert blocker["quota"] == {"name": "lowPriorityCores", "used": 0, "limit": 1, "needed": 2}
    azure.settings.quotas = {"standardDSv5Family": 2, "cores": 2}
    assert make(azure, priority="spot")["changed"] is True


def test_four_cases_with_room(azure: EmbeddedAzure) -> None:
    azure.settings.quotas = {"standardDSv5Family": 4, "cores": 4, "virtualMachines": 2}
    assert make(azure, check=True)["changed"] is True and sent_writes(azure.requests) == []
    assert make(azure)["changed"] is True
    # What is there already needs no room, and none is asked for.
    assert make(azure)["changed"] is False
    assert make(azure, check=True)["changed"] is False
    assert not [one.path for one in azure.requests if one.path.endswith(("/skus", "/usages"))]


def test_a_size_that_the_subscription_cannot_have(azure: EmbeddedAzure) -> None:
    azure.settings.restricted_sizes = {"westeurope": {"Standard_D2s_v5": []}}
    (blocker,) = blocked(azure, vm_size=["Standard_D2s_v5"])
    assert blocker["code"] == "size_not_available"
    assert (blocker["size"], blocker["location"]) == ("Standard_D2s_v5", "westeurope")
    assert blocker["reason"] == "NotAvailableForSubscription"
    assert [one["code"] for one in blocked(azure, source_vm="web")] == ["size_not_available"]
    (unknown,) = blocked(azure, vm_size=["Standard_D2s_v99"])
    assert (unknown["code"], unknown["reason"]) == ("size_not_available", "it is not offered there")


def test_the_first_size_that_can_be_had_is_taken(azure: EmbeddedAzure) -> None:
    azure.settings.restricted_sizes = {"westeurope": {"Standard_D2s_v5": []}}
    make(azure, vm_size=["Standard_D2s_v5", "Standard_D4s_v5"])
    assert azure.resources()[CLONE]["properties"]["hardwareProfile"]["vmSize"] == "Standard_D4s_v5"


def test_a_restriction_of_zones_does_not_concern_a_machine_without_one(azure: EmbeddedAzure) -> None:
    azure.settings.restricted_sizes = {"westeurope": {"Standard_D2s_v5": ["1", "3"]}}
    assert make(azure)["changed"] is True


def test_without_the_right_to_read_them_azure_has_the_last_word(azure: EmbeddedAzure) -> None:
    azure.faults.add("GET", UNREADABLE, status=403, code="AuthorizationFailed", times=0)
    azure.settings.quotas = {"standardDSv5Family": 3}
    with pytest.raises(Failure) as raised:
        make(azure)
    assert raised.value.code == "OperationNotAllowed"
    assert "approved standardDSv5Family Cores quota" in raised.value.message
    azure.settings.quotas = {}
    azure.settings.restricted_sizes = {"westeurope": {"Standard_D2s_v5": []}}
    with pytest.raises(Failure) as raised:
        make(azure)
    assert raised.value.code == "SkuNotAvailable"
    azure.settings.restricted_sizes = {}
    made = make(azure)
    assert made["changed"] is True
    assert [warning["code"] for warning in made["plan"]["warnings"]] == ["sizes_unknown", "quota_unknown"]
