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


def deletion_delay(exchange: Recorded) -> float:
    """For how long providers answer for what was deleted: an error that comes from one does not name the front door."""
    return 0.0 if exchange.headers.get("x-ms-failure-cause") == "gateway" else _LONG


def _agent_codes(answer: Any) -> list[str]:
    if not isinstance(answer, dict):
        return []
    view = (answer.get("properties") or {}).get("instanceView") or answer
    agent = view.get("vmAgent") or {}
    return [status.get("code", "") for status in agent.get("statuses") or []]
