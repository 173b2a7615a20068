# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hold what plans say that they write against what embedded Azure was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from embedded_azure.request_log import Exchange

CALLBACKS = Path(__file__).parent / "callbacks"
#: POSTs that change nothing.
_QUESTIONS = (
    "/oauth2/",
    "/providers/microsoft.resourcegraph/",
    "/retrievebootdiagnosticsdata",
    "/checkpolicyrestrictions",
)

Write = tuple[str, str]


def recording(record: Path) -> dict[str, str]:
    """The environment in which ansible-playbook records plans."""
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "plan_recorder",
        "PLAN_RECORD": str(record),
    }


def is_write(exchange: Exchange) -> bool:
    """Whether a request may change anything."""
    return exchange.method != "GET" and not any(question in exchange.path.lower() for question in _QUESTIONS)


def sent_writes(exchanges: Iterable[Exchange]) -> list[Write]:
    """The writes among the requests, in their order."""
    return [(exchange.method, exchange.path.lower()) for exchange in exchanges if is_write(exchange)]


def assert_as_predicted(record: Path, exchanges: Iterable[Exchange]) -> int:
    """Every write was in a plan, and all that plans say were sent, task by task.

    :returns: how many writes there were.
    """
    left = sent_writes(exchanges)
    count = len(left)
    lines = [json.loads(line) for line in record.read_text().splitlines()] if record.exists() else []
    for line in lines:
        predicted, refused = _predicted(line)
        sent, left = left[: len(predicted)], left[len(predicted) :]
        # Several plans, and the removals of one, are carried out side by side.
        assert sorted(sent) == sorted(predicted), f"{line['task']}: sent {sent}, planned {predicted}"
        if refused and left[:1] == [refused]:
            left = left[1:]
    assert left == [], f"writes that are in no plan: {left}"
    return count


def _predicted(line: dict[str, Any]) -> tuple[list[Write], Write | None]:
    """What a task must have sent, and what Azure may have refused of it.

    That is all of its plans, nothing in check mode, and before a failure what was done, with the step that failed.
    """
    if line["check_mode"]:
        return [], None
    sent: list[Write] = []
    refused = None
    for plan in line["plans"]:
        writes = [
            (step["write"]["method"], step["write"]["path"].lower()) if step.get("write") else None
            for step in plan["steps"]
        ]
        done = plan["done"] if line["failed"] else len(writes)
        sent += filter(None, writes[:done])
        refused = next(iter(writes[done : done + 1]), None)
    return sent, refused
