# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order in which the exchanges of a recording were sent.

Some recorders write down equal requests together, each with its own answer. What an answer shows tells when it was given: not
before the request that brought that about, and not before an operation had ended that other answers find running.
"""

from __future__ import annotations

from typing import Any

from .timing import is_in_progress, operation_of
from .traffic import Recorded

_WRITES = ("PUT", "PATCH")


def chronological(scenario: list[Recorded]) -> list[Recorded]:
    """The exchanges in the order in which they were sent."""
    return _effects_after_causes(_polls_before_ends(list(scenario)))


def _polls_before_ends(scenario: list[Recorded]) -> list[Recorded]:
    """Polls that find an operation running go before what can only be answered once it has ended."""
    ordered = scenario
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
    for position in range(_place(scenario, start) + 1, len(scenario)):
        each = scenario[position]
        if _same(each, start) and _shows_end(each, start):
            return position
    return len(scenario)


def _shows_end(exchange: Recorded, start: Recorded) -> bool:
    """Azure takes no second write of a resource while the first one runs, and answers no other state than that it moves."""
    if start.method == "DELETE":
        return exchange.status in (204, 404) or exchange.method in _WRITES
    if exchange.method in _WRITES:
        return exchange.succeeded
    return exchange.method == "GET" and _properties(exchange).get("provisioningState") in ("Succeeded", "Failed")


def _effects_after_causes(scenario: list[Recorded]) -> list[Recorded]:
    """Reads go behind the request without which they could not have been answered so."""
    ordered = list(scenario)
    for read in scenario:
        if read.method != "GET" or read.is_poll:
            continue
        place = _place(ordered, read)
        if read.status == 404 and not any(each.succeeded and _same(each, read) for each in ordered[:place]):
            continue  # It has not been there yet.
        known = any(_is_cause(each, read) for each in ordered[:place])
        cause = None if known else next((each for each in ordered[place:] if _is_cause(each, read)), None)
        if cause is not None:
            del ordered[place]
            ordered.insert(_end_of(ordered, cause, read), read)
    return ordered


def _is_cause(write: Recorded, read: Recorded) -> bool:
    """Whether a request brings about what a read shows: that nothing is there, access to a disk, a disk's machine."""
    if not write.succeeded or write.method == "GET":
        return False
    if read.status == 404:
        return write.method == "DELETE" and write.status == 202 and _same(write, read)
    id = write.path.id.lower()
    if _properties(read).get("diskState") == "ActiveSAS":
        return id == f"{read.path.id}/beginGetAccess".lower()
    storage = _properties(read).get("storageProfile") or {}
    if id == f"{read.path.id}/convertToManagedDisks".lower():
        return "managedDisk" in (storage.get("osDisk") or {})
    owner = read.answer.get("managedBy") if isinstance(read.answer, dict) else None
    return isinstance(owner, str) and write.method in _WRITES and id == owner.lower()


def _end_of(scenario: list[Recorded], cause: Recorded, read: Recorded) -> int:
    """The position behind a request and the polls of its operation; a disk that waits for its machine is read before those."""
    place = _place(scenario, cause) + 1
    if _properties(read).get("diskState") == "Reserved":
        return place
    operation = operation_of(cause.headers.get("azure-asyncoperation", ""))
    polls = [each for each in scenario[place:] if each.is_poll and operation_of(each.url) == operation]
    return _place(scenario, polls[-1]) + 1 if polls else place


def _place(scenario: list[Recorded], exchange: Recorded) -> int:
    return next(position for position, each in enumerate(scenario) if each is exchange)


def _same(one: Recorded, other: Recorded) -> bool:
    return one.path.id.lower() == other.path.id.lower()


def _properties(exchange: Recorded) -> dict[str, Any]:
    properties = exchange.answer.get("properties") if isinstance(exchange.answer, dict) else None
    return properties if isinstance(properties, dict) else {}
