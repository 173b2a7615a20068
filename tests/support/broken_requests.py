# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a request may go wrong, and what came of it."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure import transport

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


def is_arm(path: str) -> bool:
    return path.lower().startswith("/subscriptions/")


def kill_at(monkeypatch: pytest.MonkeyPatch, number: int, when: str) -> None:
    """End the process at the nth request to Resource Manager."""
    original = transport.DeadlineTransport.send
    numbers = itertools.count(1)

    def send(self: Any, request: Any, **options: Any) -> Any:
        # Several threads may be under way: each request keeps its own number.
        own = next(numbers) if is_arm("/" + request.url.split("/", 3)[3]) else None
        if own == number and when == "killed before":
            raise Killed
        response = original(self, request, **options)
        if own == number:
            raise Killed
        return response

    monkeypatch.setattr(transport.DeadlineTransport, "send", send)
