# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fail every request of an instance's life in every way, then run again: it is there once and whole, or gone without a trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._instance import run as instance
from broken_requests import FAULTS, KILLS, Killed, Table, is_arm, kill_at
from driven import driven_azure, run_code

from embedded_azure import EmbeddedAzure

pytestmark = pytest.mark.sweep

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
NETWORK = f"{SUBSCRIPTION}/resourceGroups/network/providers/Microsoft.Network"
SOURCE = f"{SUBSCRIPTION}/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web"
SUBNETS = f"{NETWORK}/virtualNetworks/build/subnets"
SEED = {
    "groups": {"network": "westeurope", "shop": "westeurope"},
    "resources": [
        {
            "id": f"{NETWORK}/virtualNetworks/build",
            "location": "westeurope",
            "properties": {"subnets": [{"name": "build", "properties": {}}, {"name": "quarantine", "properties": {}}]},
        }
    ],
    "virtual_machines": [{"name": "web", "group": "shop", "data_disks": [4]}],
}
OWN_GROUP = {"name": "build", "resource_group": "build", "create_resource_group": True}
COPY = {"source_vm": SOURCE, "isolated_subnet": f"{SUBNETS}/quarantine"}
#: What is made, and the types of what then must be there once.
LIVES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "marketplace": (
        {
            **OWN_GROUP,
            "marketplace": {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2"},
            "subnet": f"{SUBNETS}/build",
            "ssh_public_key": "ssh-ed25519 AAAA",
        },
        ["disks", "networkInterfaces", "resourceGroups", "virtualMachines"],
    ),
    "copy": ({**OWN_GROUP, **COPY}, ["disks", "disks", "networkInterfaces", "resourceGroups", "virtualMachines"]),
    "copy in a group of others": (
        {"name": "build", "resource_group": "shop", **COPY},
        ["disks", "disks", "networkInterfaces", "virtualMachines"],
    ),
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(durations={"*": 20.0}) as running:
        yield running


def begin(azure: EmbeddedAzure) -> dict[str, Any]:
    azure.reset()
    azure.seed(SEED)
    azure.clear_requests()
    return azure.resources()


def run(azure: EmbeddedAzure, life: str, state: str) -> dict[str, Any]:
    wanted = LIVES[life][0]
    if state == "absent":
        wanted = {key: wanted[key] for key in ("name", "resource_group")}
    return run_code(azure, instance.execute, instance.OPTIONS, state=state, **wanted)


def verify_made(azure: EmbeddedAzure, before: dict[str, Any], life: str) -> None:
    after = azure.resources()
    made = {resource_id: body for resource_id, body in after.items() if resource_id not in before}
    assert sorted(body["type"].rsplit("/", 1)[-1] for body in made.values()) == LIVES[life][1]
    assert {body["properties"]["provisioningState"] for body in made.values()} == {"Succeeded"}
    assert {resource_id: after.get(resource_id) for resource_id in before} == before, "the source was touched"
    assert run(azure, life, "present")["changed"] is False


def verify_gone(azure: EmbeddedAzure, before: dict[str, Any], life: str) -> None:
    assert azure.resources() == before
    assert run(azure, life, "absent")["changed"] is False


def requests_of(azure: EmbeddedAzure, life: str, state: str) -> list[tuple[str, str]]:
    azure.clear_requests()
    run(azure, life, state)
    return [(exchange.method, exchange.path) for exchange in azure.requests if is_arm(exchange.path)]


@pytest.mark.parametrize(
    ("life", "state"),
    [
        ("marketplace", "present"),
        ("marketplace", "absent"),
        ("copy", "present"),
        ("copy in a group of others", "absent"),
    ],
)
def test_every_request_in_every_way(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, capsys: Any, life: str, state: str
) -> None:
    begin(azure)
    if state == "absent":
        run(azure, life, "present")
    requests = requests_of(azure, life, state)
    assert {"PUT", "GET"} <= {method for method, _path in requests} or state == "absent"
    table = Table()
    for number in range(1, len(requests) + 1):
        for fault in (*FAULTS, *KILLS):
            if requests[number - 1][0] == "GET" and ("operation" in FAULTS.get(fault, {}) or life != "marketplace"):
                continue  # It starts no operation, or is a read like those of the first life.
            before = begin(azure)
            if state == "absent":
                run(azure, life, "present")
            with monkeypatch.context() as patched:
                if fault in KILLS:
                    kill_at(patched, number, fault)
                else:
                    azure.faults.add(path="^/subscriptions/", nth=number, **FAULTS[fault])
                try:
                    run(azure, life, state)
                    outcome = "recovered at once"
                except (Failure, Killed):
                    outcome = "recovered by the next run"
            azure.faults.clear()
            run(azure, life, state)
            (verify_made if state == "present" else verify_gone)(azure, before, life)
            table.cells[fault, outcome] += 1
    with capsys.disabled():
        print(f"\n{len(requests)} requests until an instance ({life}) is {state}\n{table.text()}")
    assert table.cells["killed after", "recovered by the next run"] >= 1


@pytest.mark.parametrize("life", ["marketplace", "copy in a group of others"])
def test_a_run_that_was_killed_is_removed_without_a_trace(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, life: str
) -> None:
    begin(azure)
    requests = requests_of(azure, life, "present")
    for number in range(1, len(requests) + 1):
        for kill in KILLS:
            before = begin(azure)
            with monkeypatch.context() as patched:
                kill_at(patched, number, kill)
                with pytest.raises(Killed):
                    run(azure, life, "present")
            run(azure, life, "absent")
            verify_gone(azure, before, life)
