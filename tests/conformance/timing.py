# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a recording says about time: when operations ended, and when the agent of a guest was first heard of."""

from __future__ import annotations

import re
from typing import Any

from embedded_azure import EmbeddedAzure

from .traffic import Recorded

DURATION = 60.0
_OPERATION = re.compile(r"/(?:operations|DiskOperations|capsOperations|operationresults)/([^?/]+)", re.IGNORECASE)
_MOVING = frozenset({"Creating", "Updating", "Deleting", "Migrating"})
_WRITES = ("PUT", "PATCH")
_LONG = 365 * 86400.0


def operation_of(url: str) -> str | None:
    """The operation that a poll URL is about, in lower case."""
    match = _OPERATION.search(url)
    return match[1].lower() if match else None


def is_in_progress(exchange: Recorded) -> bool:
    """Whether a poll finds its operation running."""
    if exchange.status == 202:
        return True
    return isinstance(exchange.answer, dict) and exchange.answer.get("status") == "InProgress"


def running_until(scenario: list[Recorded]) -> dict[str, int]:
    """The position of the last poll that finds an operation running, by the operation."""
    found = {}
    for position, exchange in enumerate(scenario):
        operation = operation_of(exchange.url)
        if exchange.is_poll and operation and is_in_progress(exchange):
            found[operation] = position
    return found


def chronological(scenario: list[Recorded]) -> list[Recorded]:
    """The exchanges in the order in which they were sent.

    Some recorders write down equal requests together. What can only be answered once an operation has ended was sent after the
    polls that find it running.
    """
    ordered = list(scenario)
    for start in scenario:
        operation = operation_of(start.headers.get("azure-asyncoperation", ""))
        if start.is_poll or start.method not in (*_WRITES, "DELETE") or operation is None:
            continue
        position = _first_after(ordered, start)
        polls = [each for each in ordered[position:] if each.is_poll and operation_of(each.url) == operation]
        if any(is_in_progress(poll) for poll in polls):
            later = [each for each in ordered[position:] if all(each is not poll for poll in polls)]
            ordered = [*ordered[:position], *polls, *later]
    return ordered


def _first_after(scenario: list[Recorded], start: Recorded) -> int:
    """The position of the first exchange that shows the operation of another one ended; the end if none does."""
    begin = next(position for position, each in enumerate(scenario) if each is start) + 1
    for position in range(begin, len(scenario)):
        each = scenario[position]
        if each.path.id.lower() == start.path.id.lower() and _shows_end(each, start):
            return position
    return len(scenario)


def _shows_end(exchange: Recorded, start: Recorded) -> bool:
    """Azure takes no second write of a resource while the first one runs, and answers no other state than that it moves."""
    if start.method == "DELETE":
        return exchange.status in (204, 404) or exchange.method in _WRITES
    if exchange.method in _WRITES:
        return exchange.succeeded
    properties = exchange.answer.get("properties") if isinstance(exchange.answer, dict) else None
    return (
        exchange.method == "GET"
        and isinstance(properties, dict)
        and properties.get("provisioningState") in ("Succeeded", "Failed")
    )


def hold(azure: EmbeddedAzure, urls: dict[str, str], *, running: bool) -> None:
    """Keep an operation, known by its poll URLs, running, or let it end when its time has come."""
    for url in urls.values():
        operation = azure.cloud.operations.get(operation_of(url) or "")
        if operation is not None:
            operation.held = running


def shows_movement(exchange: Recorded) -> bool:
    """Whether a read shows a resource whose operation still runs: then the clock must not have moved."""
    if exchange.method != "GET" or not isinstance(exchange.answer, dict):
        return False
    properties = exchange.answer.get("properties")
    return isinstance(properties, dict) and properties.get("provisioningState") in _MOVING


def agent_delay(exchange: Recorded) -> float:
    """For how long agents are not heard of: an instance view tells whether one has been."""
    return _LONG if "ProvisioningState/Unavailable" in _agent_codes(exchange.answer) else 0.0


def _agent_codes(answer: Any) -> list[str]:
    if not isinstance(answer, dict):
        return []
    view = (answer.get("properties") or {}).get("instanceView") or answer
    agent = view.get("vmAgent") or {}
    return [status.get("code", "") for status in agent.get("statuses") or []]
