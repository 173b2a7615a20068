# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fail every request of a capture in every way, then run again without faults: the image is there, once, and matches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils import capture, transport
from ansible_collections.golden.azure.plugins.module_utils.errors import Failure
from driven import driven_azure, run_code

from embedded_azure import EmbeddedAzure

GROUP = "images"
TASK = {"resource_group": GROUP, "source_vm": "web", "image": "golden", "generalize": True}
SEED = {
    "groups": {GROUP: "westeurope"},
    "virtual_machines": [{"name": "web", "group": GROUP, "power": "stopped", "data_disks": [4]}],
}

#: How a request may go wrong; for reads some of it is the same.
FAULTS: dict[str, dict[str, Any]] = {
    "connection lost before": {"drop": "before"},
    "connection lost after": {"drop": "after"},
    "409 Conflict": {"status": 409, "code": "Conflict", "message": "The request failed due to conflict."},
    "429 with Retry-After": {"status": 429, "retry_after": 30},
    "500": {"status": 500},
    "503": {"status": 503},
    "operation Failed": {"operation": "Failed"},
    "operation Canceled": {"operation": "Canceled"},
    "operation lost": {"operation": "lost"},
}
KILLS = ("killed before", "killed after")


class Killed(BaseException):
    """The end of the process, which nothing catches."""


@dataclass
class Table:
    """What came of each fault at each request."""

    cells: Counter[tuple[str, str]] = field(default_factory=Counter)

    def text(self) -> str:
        rows = sorted({fault for fault, _outcome in self.cells})
        outcomes = ("recovered at once", "recovered by the next run")
        lines = [f"{'fault':26}" + "".join(f"{outcome:>28}" for outcome in outcomes)]
        lines += [
            f"{fault:26}" + "".join(f"{self.cells[fault, outcome]:>28}" for outcome in outcomes) for fault in rows
        ]
        return "\n".join([*lines, f"{sum(self.cells.values())} in all"])


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(durations={"*": 20.0}) as running:
        yield running


def is_arm(path: str) -> bool:
    return path.lower().startswith("/subscriptions/")


def begin(azure: EmbeddedAzure) -> None:
    azure.reset()
    azure.seed(SEED)
    azure.clear_requests()


def run(azure: EmbeddedAzure) -> dict[str, Any]:
    return run_code(azure, capture.execute, capture.OPTIONS, **TASK)


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int, when: str) -> None:
    """End the process at the nth request to Resource Manager."""
    original = transport.DeadlineTransport.send
    seen = 0

    def send(self: Any, request: Any, **options: Any) -> Any:
        nonlocal seen
        seen += is_arm("/" + request.url.split("/", 3)[3])
        if seen == number and when == "killed before":
            raise Killed
        response = original(self, request, **options)
        if seen == number:
            raise Killed
        return response

    monkeypatch.setattr(transport.DeadlineTransport, "send", send)


def verify(azure: EmbeddedAzure, begun: dict[str, Any]) -> None:
    """One image, whole, of this machine; nothing else has come or gone; the machine was marked once."""
    marked = [entry for entry in azure.requests if entry.path.endswith("/generalize") and entry.status == 200]
    assert len(marked) <= 1
    resources = azure.resources()
    images = [body for body in resources.values() if body["type"].lower() == "microsoft.compute/images"]
    assert [(body["name"], body["properties"]["provisioningState"]) for body in images] == [("golden", "Succeeded")]
    assert set(resources) - {images[0]["id"]} == set(begun)
    again = run(azure)
    assert again["changed"] is False
    assert again["image"]["data_disks"][0]["lun"] == 0


def test_every_request_in_every_way(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    begin(azure)
    run(azure)
    requests = [(exchange.method, exchange.path) for exchange in azure.requests if is_arm(exchange.path)]
    assert {"POST", "PUT", "GET"} <= {method for method, _path in requests}
    table = Table()
    for number in range(1, len(requests) + 1):
        method, path = requests[number - 1]
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
                    run(azure)
                    outcome = "recovered at once"
                except (Failure, Killed):
                    outcome = "recovered by the next run"
            azure.faults.clear()
            run(azure)
            verify(azure, begun)
            table.cells[fault, outcome] += 1
    with capsys.disabled():
        print(f"\n{len(requests)} requests of a capture\n{table.text()}")
    assert sum(table.cells.values()) >= len(requests) * 8
