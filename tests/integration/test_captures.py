# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Many captures in one task, on a clock that only their own waits move: within limits, and when things go wrong."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from driven import arm_requests, driven_azure, run_code
from predicted_writes import is_write

from embedded_azure import EmbeddedAzure

DURATIONS = {"deallocate": 60.0, "PUT Microsoft.Compute/images": 90.0}
MANY = 300


def seed(number: int, **more: Any) -> dict[str, Any]:
    machines = [{"name": f"web-{each:03d}", "group": "images", "power": "stopped"} for each in range(number)]
    return {"groups": {"images": "westeurope"}, "virtual_machines": machines, **more}


def items(number: int, **more: Any) -> list[dict[str, Any]]:
    return [
        {
            "resource_group": "images",
            "source_vm": f"web-{each:03d}",
            "image": f"golden-{each:03d}",
            "generalize": True,
            **more,
        }
        for each in range(number)
    ]


def run(azure: EmbeddedAzure, captures: list[dict[str, Any]], check: bool = False, **options: Any) -> Any:
    given = {"timeout": 36_000, **options}
    return run_code(azure, capture.execute, capture_options.OPTIONS, check, captures=captures, **given)


def failed(azure: EmbeddedAzure, captures: list[dict[str, Any]], **options: Any) -> dict[str, Any]:
    with pytest.raises(Failure) as raised:
        run(azure, captures, **options)
    return raised.value.as_result()


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(durations=DURATIONS) as running:
        yield running


@pytest.mark.sweep
def test_within_the_write_budget_with_few_reads_and_without_a_429() -> None:
    unlimited = ["CreateImages", "GetImages", "HighCostGetImages"]
    with driven_azure(durations=DURATIONS, throttling=True, uncounted=unlimited) as azure:
        azure.seed(seed(MANY))
        azure.clear_requests()
        began = azure.clock.now()
        result = run(azure, items(MANY))
        seconds = (azure.clock.now() - began).total_seconds()
        asked = [each for each in azure.requests if each.path.lower().startswith("/subscriptions/")]
    # 200 writes at once and ten a second, but for images only once machines are deallocated.
    writes = 60 + (2 * MANY - 200) / 10 + 90
    assert seconds <= 1.1 * writes
    assert [each for each in asked if each.status == 429] == []
    assert sum(each.method == "GET" for each in asked) < MANY / 2
    assert {each["image"]["provisioning_state"] for each in result["results"]} == {"Succeeded"}


@pytest.mark.sweep
def test_within_the_buckets_for_images_too() -> None:
    with driven_azure(durations=DURATIONS, throttling=True) as azure:
        azure.seed(seed(100))
        azure.clear_requests()
        began = azure.clock.now()
        run(azure, items(100))
        seconds = (azure.clock.now() - began).total_seconds()
        assert [each for each in azure.requests if each.status == 429] == []
    assert seconds <= 1.1 * (60 + (100 - 60) / (20 / 60) + 90)


def test_check_mode_writes_nothing_and_reads_each_listing_once(azure: EmbeddedAzure) -> None:
    azure.seed(seed(50))
    azure.clear_requests()
    result = run(azure, items(50), check=True)
    asked = arm_requests(azure)
    assert [each for each in asked if is_write(each)] == []
    # Machines, their states, images, disks, locks, the image of the marketplace, and the group that images go into; rights,
    # and what policies say.
    assert len(asked) <= 7 + 2
    assert [len(each["plan"]["steps"]) for each in result["results"]] == [3] * 50


def test_the_reason_of_a_failed_operation_is_told_though_listings_are_watched(azure: EmbeddedAzure) -> None:
    azure.seed(seed(20))
    azure.faults.add("PUT", "images/golden-007", operation="Failed", code="DiskProblem", message="The disk is broken.")
    azure.faults.add("POST", "web-003/deallocate", operation="Failed", code="HostProblem", message="The host is gone.")
    result = failed(azure, items(20))
    wrong = {each["name"]: each for each in result["results"] if each["failed"]}
    assert set(wrong) == {"web-003", "web-007"}
    assert wrong["web-007"]["error"]["code"] == "DiskProblem"
    assert [step["action"] for step in wrong["web-007"]["steps"]] == ["deallocate", "generalize"]
    assert wrong["web-003"]["error"]["code"] == "HostProblem"
    assert result["msg"].startswith("2 of 20 captures failed: web-003: Deallocate")
    made = [each["image"]["name"] for each in result["results"] if not each["failed"]]
    assert len(made) == 18


@pytest.mark.parametrize("number", [2, 12])
def test_operations_that_azure_has_forgotten_are_seen_by_their_effects(azure: EmbeddedAzure, number: int) -> None:
    azure.seed(seed(number))
    azure.faults.add("POST", "/deallocate", times=0, operation="lost")
    azure.faults.add("PUT", "images/golden", times=0, operation="lost")
    result = run(azure, items(number))
    assert [each["failed"] for each in result["results"]] == [False] * number


@pytest.mark.parametrize("drop", ["before", "after"])
@pytest.mark.parametrize("path", ["web-001/deallocate", "web-001/generalize", "images/golden-001"])
def test_an_answer_that_is_lost_loses_nothing(azure: EmbeddedAzure, path: str, drop: str) -> None:
    azure.seed(seed(6))
    azure.faults.add("POST" if "web" in path else "PUT", path, drop=drop)
    result = run(azure, items(6))
    assert [each["failed"] for each in result["results"]] == [False] * 6


def test_a_429_that_comes_all_the_same_is_waited_for(azure: EmbeddedAzure) -> None:
    azure.seed(seed(12))
    azure.faults.add("POST", "/generalize", nth=3, times=2, status=429, retry_after=20)
    result = run(azure, items(12))
    assert [each["failed"] for each in result["results"]] == [False] * 12


def test_the_time_limit_ends_all_and_the_next_run_goes_on(azure: EmbeddedAzure) -> None:
    azure.seed(seed(10))
    result = failed(azure, items(10), timeout=100)
    assert all("time limit of 100 s" in each["msg"] for each in result["results"])
    assert "The image 'golden-000'" not in result["msg"]
    assert "Create the image 'golden-000' in resource group 'images'" in result["results"][0]["msg"]
    again = run(azure, items(10))
    assert [each["steps"][0]["action"] for each in again["results"]] == ["wait_for_image"] * 10


def test_guests_that_are_shutting_down_are_waited_for(azure: EmbeddedAzure) -> None:
    azure.seed(seed(5))
    running = {"name": "late", "group": "images"}
    azure.seed({"virtual_machines": [running]})
    late = {
        "resource_group": "images",
        "source_vm": "late",
        "image": "late",
        "generalize": True,
        "shutdown_timeout": 30,
    }
    result = failed(azure, [*items(5), late])
    assert "is still running 30 s after its guest should have shut down" in result["results"][5]["msg"]
    assert [each["failed"] for each in result["results"]] == [False] * 5 + [True]


def test_a_listing_that_cannot_be_read_fails_what_is_watched_by_it(azure: EmbeddedAzure) -> None:
    azure.seed(seed(10))
    azure.faults.add("GET", "Microsoft.Compute/images[?]", nth=2, times=0, status=403, code="AuthorizationFailed")
    result = failed(azure, items(10))
    assert all("Listing the images of resource group 'images' failed" in each["msg"] for each in result["results"])


def test_two_versions_of_a_new_definition_do_not_race(azure: EmbeddedAzure) -> None:
    gallery = "/subscriptions/{}/resourceGroups/images/providers/Microsoft.Compute/galleries/golden"
    azure.seed(
        seed(
            2,
            resources=[{"id": gallery.format(azure.settings.subscription), "location": "westeurope", "properties": {}}],
        )
    )
    captures = [
        {
            "resource_group": "images",
            "source_vm": f"web-{each:03d}",
            "generalize": True,
            "gallery_versions": [
                {
                    "gallery": "golden",
                    "definition": "web",
                    "version": f"1.0.{each}",
                    "create_definition": {"publisher": "us", "offer": "golden", "sku": "web"},
                }
            ],
        }
        for each in range(2)
    ]
    result = run(azure, captures)
    assert [each["gallery_versions"][0]["version"] for each in result["results"]] == ["1.0.0", "1.0.1"]
    captures[1]["gallery_versions"][0]["version"] = "1.0.0"
    with pytest.raises(Failure, match=r"both specify the version 1\.0\.0 of image definition"):
        run(azure, captures)


def test_backups_and_belongings_of_many(azure: EmbeddedAzure) -> None:
    azure.seed(seed(8))
    result = run(azure, items(8, snapshot_disks=True, delete_source_vm=True))
    assert [len(each["backups"]) for each in result["results"]] == [1] * 8
    left = {resource["type"].rsplit("/", 1)[-1] for resource in azure.resources().values()}
    assert "virtualMachines" not in left
    assert {"images", "snapshots"} <= left


def test_before_the_guests_are_prepared_only_the_backups_are_made(azure: EmbeddedAzure) -> None:
    machines = [{"name": f"web-{each:03d}", "group": "images"} for each in range(6)]
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": machines})
    result = run(azure, items(6, snapshot_disks=True, guest_prepared=False))
    assert [[step["action"] for step in each["steps"]] for each in result["results"]] == [
        ["claim_vm", "create_snapshot"]
    ] * 6


def with_public_addresses(azure: EmbeddedAzure, number: int) -> None:
    """Give each machine's interface a public address of its own."""
    interfaces = [one for one in azure.resources().values() if one["type"].endswith("/networkInterfaces")]
    assert len(interfaces) == number
    resources = []
    for interface in interfaces:
        address = f"{interface['id'].rsplit('/providers/', 1)[0]}/providers/Microsoft.Network/publicIPAddresses/{interface['name']}"
        place = {"location": interface["location"]}
        [configuration] = interface["properties"]["ipConfigurations"]
        changed = {**configuration, "properties": {**configuration["properties"], "publicIPAddress": {"id": address}}}
        resources.append({"id": address, **place, "sku": {"name": "Standard"}, "properties": {}})
        resources.append({"id": interface["id"], **place, "properties": {"ipConfigurations": [changed]}})
    azure.seed({"resources": resources})


def test_what_belongs_to_many_machines_is_listed(azure: EmbeddedAzure) -> None:
    azure.seed(seed(20))
    with_public_addresses(azure, 20)
    azure.clear_requests()
    result = run(azure, items(20, delete_source_vm=True), check=True)
    asked = Counter(each.op for each in arm_requests(azure))
    assert asked["GET microsoft.network:networkinterfaces"] == asked["GET microsoft.network:publicipaddresses"] == 1
    # As without belongings, and these two.
    assert sum(asked.values()) <= 7 + 2 + 2
    assert all("publicIPAddresses" in str(each["plan"]["steps"]) for each in result["results"])


def test_what_no_listing_tells_is_read_side_by_side(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = {"name": "monitor", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent"}
    machines = [
        {"name": f"web-{each:03d}", "group": "images", "power": "stopped", "extensions": [agent]} for each in range(8)
    ]
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": machines})
    azure.clear_requests()
    # One after the other, none would get past it.
    together = threading.Barrier(8)
    read = ArmClient.get

    def meet_and_read(arm: ArmClient, resource: Any, **query: str) -> Any:
        if query:
            together.wait(60)
        return read(arm, resource, **query)

    monkeypatch.setattr(ArmClient, "get", meet_and_read)
    result = run(azure, items(8), check=True)
    asked = Counter(each.op for each in arm_requests(azure))
    assert asked["GET Compute:virtualMachines/{n}"] == 8
    assert [each["failed"] for each in result["results"]] == [False] * 8


def test_a_listing_that_may_not_be_read_is_asked_for_once(azure: EmbeddedAzure) -> None:
    azure.seed(seed(20))
    azure.faults.add("GET", "providers/microsoft.compute/images", times=0, status=403, code="AuthorizationFailed")
    azure.clear_requests()
    told = failed(azure, items(20))
    assert [each["error"]["code"] for each in told["results"]] == ["AuthorizationFailed"] * 20
    assert len([each for each in azure.requests if each.status == 403]) == 1
