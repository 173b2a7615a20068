# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fail every request of a capture in every way, then run again without faults: the image is there, once, and matches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from broken_requests import FAULTS, KILLS, Killed, Table, is_arm, kill_at
from driven import driven_azure, run_code

from embedded_azure import EmbeddedAzure

pytestmark = pytest.mark.sweep

GROUP = "images"
SOURCE = {"resource_group": GROUP, "source_vm": "web", "generalize": True}
VERSION = {
    "gallery": "golden",
    "definition": "web",
    "create_definition": {"publisher": "Example", "offer": "web", "sku": "debian-13"},
}
WITH_SNAPSHOTS = "gallery version, with snapshots"
#: What is captured into, and the types of what then must be there once.
TARGETS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "managed image": ({"image": "golden"}, ["images"]),
    "gallery version": ({"gallery_versions": [VERSION]}, ["galleries/images", "galleries/images/versions"]),
    # Several disks of a machine that runs, which a restore point contains.
    WITH_SNAPSHOTS: (
        {
            "source_vm": "busy",
            "os_state": "specialized",
            "generalize": False,
            "snapshot_disks": True,
            "gallery_versions": [VERSION],
        },
        ["galleries/images", "galleries/images/versions", "snapshots", "snapshots"],
    ),
}
GALLERY = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute/galleries/golden"
SEED = {
    "groups": {GROUP: "westeurope"},
    "resources": [{"id": GALLERY, "location": "westeurope"}],
    "virtual_machines": [
        {"name": "web", "group": GROUP, "power": "stopped", "data_disks": [4]},
        {"name": "busy", "group": GROUP, "data_disks": [4]},
    ],
}


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(durations={"*": 20.0}) as running:
        yield running


def begin(azure: EmbeddedAzure) -> None:
    azure.reset()
    azure.seed(SEED)
    azure.clear_requests()


def run(azure: EmbeddedAzure, target: str) -> dict[str, Any]:
    return run_code(azure, capture.execute, capture_options.OPTIONS, **{**SOURCE, **TARGETS[target][0]})


def verify(azure: EmbeddedAzure, begun: dict[str, Any], target: str) -> None:
    """What was to be made is there, once and whole; nothing else has come or gone; the machine was marked once."""
    marked = [entry for entry in azure.requests if entry.path.endswith("/generalize") and entry.status == 200]
    assert len(marked) <= 1
    resources = azure.resources()
    made = {resource_id: body for resource_id, body in resources.items() if resource_id not in begun}
    kinds = [body["type"].lower().removeprefix("microsoft.compute/") for body in made.values()]
    assert sorted(kinds) == sorted(TARGETS[target][1])
    assert {body["properties"]["provisioningState"] for body in made.values()} == {"Succeeded"}
    assert set(begun) <= set(resources)
    assert run(azure, target)["changed"] is False


@pytest.mark.parametrize("target", TARGETS)
def test_every_request_in_every_way(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, record_property: Any, target: str
) -> None:
    begin(azure)
    run(azure, target)
    requests = [(exchange.method, exchange.path) for exchange in azure.requests if is_arm(exchange.path)]
    assert {"PUT", "GET"} <= {method for method, _path in requests}
    table, tried = Table(), 0
    for number in range(1, len(requests) + 1):
        method, path = requests[number - 1]
        if method == "GET" and target == WITH_SNAPSHOTS:
            continue  # Reads fail as those of the others do.
        tried += 1
        for fault in (*FAULTS, *KILLS):
            if "operation" in FAULTS.get(fault, {}) and (method == "GET" or path.endswith("/generalize")):
                continue  # It starts no operation.
            begin(azure)
            begun = azure.resources()
            with monkeypatch.context() as patched:
                if fault in KILLS:
                    kill_at(patched, number, fault)
                else:
                    azure.faults.add(path="^/subscriptions/", nth=number, **FAULTS[fault])
                try:
                    run(azure, target)
                    outcome = "recovered at once"
                except (Failure, Killed):
                    outcome = "recovered by the next run"
            azure.faults.clear()
            run(azure, target)
            verify(azure, begun, target)
            table.cells[fault, outcome] += 1
    record_property("table", f"{len(requests)} requests of a capture into a {target}\n{table.text()}")
    assert sum(table.cells.values()) >= tried * 8 > 0


def test_a_deletion_of_the_source_that_is_killed_anywhere_is_ended_by_the_next_run(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def capture_and_delete() -> dict[str, Any]:
        options = {**SOURCE, "image": "golden", "delete_source_vm": True}
        return run_code(azure, capture.execute, capture_options.OPTIONS, **options)

    begin(azure)
    begun = set(azure.resources())
    capture_and_delete()
    ended = set(azure.resources())
    left = sorted(body["type"] for body in azure.resources().values())
    # The image has come; the machine, its interface and its two disks have gone; the gallery stays.
    assert (len(ended - begun), len(begun - ended)) == (1, 4)
    count = len([exchange for exchange in azure.requests if is_arm(exchange.path)])
    for number in range(1, count + 1):
        for when in KILLS:
            begin(azure)
            with monkeypatch.context() as patched, pytest.raises(Killed):
                kill_at(patched, number, when)
                capture_and_delete()
            capture_and_delete()
            assert sorted(body["type"] for body in azure.resources().values()) == left, (number, when)
            assert capture_and_delete()["changed"] is False
