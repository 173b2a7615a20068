# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Watch many writes at the same time: many with listings that show their effects, few with their operations."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor as Pool
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.polling import operation_effect
from ansible_collections.golden.azure.plugins.module_utils._azure.rate_limiter import request_kind
from ansible_collections.golden.azure.plugins.module_utils._azure.responses import Accepted
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    DeadlineExceeded,
    Failure,
    NotFound,
    Refused,
)
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import expand_params, no_effect_error
from ansible_collections.golden.azure.plugins.module_utils._engine.listings import (
    Listing,
    Listings,
    listing_of,
    status_listing_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model import effects

Json = dict[str, Any]

_SHOWN_BY_STATUS_LISTING = (effects.stopped, effects.deallocated, effects.generalized, effects.deleted)

# The minimum polling interval, in seconds and as a share of the age of an operation. Operations are polled one by one; a listing
# shows all resources at the cost of its pages.
_BY_OPERATION = (0.25, 0.1)
_BY_LISTING = (0.1, 0.03)
_MIN_SHARE = 0.1
_MAX_INTERVAL = 10.0
# The interval in seconds between two reads of a listing of several pages, per page.
_INTERVAL_PER_PAGE = 1.0
# Seconds within which operations that started together may complete.
_SIMULTANEOUS = 0.02
# The number of operations that justifies a listing of unknown length.
_MIN_BATCH = 4


@dataclass
class Pending:
    """A started operation that has not completed."""

    step: Step
    effect: Callable[[Any], tuple[Effect, str]]
    #: The operation, if it is known.
    accepted: Accepted | None
    limit: Deadline
    started_at: float
    #: Executes the step synchronously, if its operation is lost.
    retry_synchronously: Callable[[Failure], Any]
    late: str = ""
    poll_at: float = 0.0
    state: str = "InProgress"
    #: The resource's id in lower case.
    identity: str = field(init=False)

    def __post_init__(self) -> None:
        self.identity = str(self.step.resource).lower()

    def too_late(self) -> DeadlineExceeded:
        """The failure if the time limit is exceeded."""
        if self.late:
            return DeadlineExceeded(self.late)
        operation = f"operation {self.accepted.operation_id}, " if self.accepted else ""
        return DeadlineExceeded(
            f"{self.step.operation_label} ({operation}state {self.state}) did not complete within the time limit of "
            f"{self.limit.seconds:g} s; no progress is lost: run the task again to continue, or increase 'timeout'."
        )


@dataclass
class PollResult:
    """The result of polling pending operations."""

    done: list[Pending] = field(default_factory=list)
    failed: list[tuple[Pending, Failure]] = field(default_factory=list)
    #: Operations that are no longer known: their steps are executed synchronously.
    lost: list[tuple[Pending, NotFound]] = field(default_factory=list)


@dataclass
class _Group:
    """The pending operations that one listing shows; without a listing, those that no listing shows."""

    listing: Listing | None
    members: list[Pending] = field(default_factory=list)
    #: The next polling time of the group.
    poll_at: float = float("inf")
    listed_at: float = float("-inf")
    #: The expected completion time, from one that has completed.
    expected_at: float = float("inf")

    def add(self, pending: Pending) -> None:
        self.members.append(pending)
        self.poll_at = min(self.poll_at, pending.poll_at)

    def keep(self, members: list[Pending]) -> None:
        self.members = members
        self.poll_at = min((pending.poll_at for pending in members), default=float("inf"))


def _listing_for(pending: Pending) -> Listing | None:
    """The listing that shows an effect; for virtual machines, the listed state contains only the power state."""
    if pending.step.resource.resource_type == VIRTUAL_MACHINE and pending.effect not in _SHOWN_BY_STATUS_LISTING:
        return None
    return status_listing_of(pending.step.resource)


class OperationWatcher:
    """The pending operations, and when to poll them."""

    def __init__(self, arm: ArmClient, deadline: Deadline, listings: Listings) -> None:
        self._arm = arm
        self._deadline = deadline
        self._listings = listings
        self._groups: dict[Listing | None, _Group] = {}
        #: Resources with completed operations, as a read would return them, by their ids in lower case.
        self.rows: dict[str, Json] = {}

    def __len__(self) -> int:
        return sum(len(group.members) for group in self._groups.values())

    def add(self, pending: Pending) -> None:
        """Watch another operation."""
        listing = _listing_for(pending)
        group = self._groups.setdefault(listing, _Group(listing))
        worth_reading = self._worth_reading(group)
        if worth_reading:
            self._poll_later(pending, self._pace(worth_reading))
        else:
            self._query_later(pending)
        group.add(pending)

    def give_up(self) -> list[Pending]:
        """Stop watching, and return the pending operations."""
        left = [pending for group in self._groups.values() for pending in group.members]
        self._groups.clear()
        return left

    def next_poll(self) -> float:
        """The next polling time, in seconds since the start of the deadline; infinite if nothing is pending."""
        return min((self._due(group) for group in self._groups.values() if group.members), default=float("inf"))

    def poll(self, pool: Pool) -> PollResult:
        """Poll all pending operations that are due.

        :param pool: for querying several operations at once.
        :raises Failure: if a listing cannot be read.
        """
        seen = PollResult()
        now = self._deadline.elapsed
        single: list[Pending] = []
        for group in self._groups.values():
            if not group.members or self._due(group) > now:
                continue
            listing = self._worth_reading(group)
            if listing:
                single += self._read_listing(group, listing, seen)
            else:
                single += [pending for pending in group.members if pending.poll_at <= now]
        for pending, outcome in zip(single, list(pool.map(self._query_operations, single))):
            self._apply_listing(pending, outcome, seen)
        self._end(seen)
        return seen

    # -- polling ------------------------------------------------------------------------------------------------

    def _worth_reading(self, group: _Group) -> Listing | None:
        """The listing of a group, if it requires no more requests than querying each operation."""
        if group.listing is None:
            return None
        return group.listing if len(group.members) >= (self._listings.pages(group.listing) or _MIN_BATCH) else None

    def _due(self, group: _Group) -> float:
        listing = self._worth_reading(group)
        if listing is None:
            return group.poll_at
        pages = self._listings.pages(listing) or 1
        if pages == 1:
            return min(max(group.poll_at, group.listed_at + _BY_LISTING[0]), group.expected_at)
        return max(group.poll_at, group.listed_at + pages * _INTERVAL_PER_PAGE)

    def _read_listing(self, group: _Group, listing: Listing, seen: PollResult) -> list[Pending]:
        """Read a listing; operations that it does not show are queried one by one."""
        rows = self._listings.read(listing, max_pages=len(group.members))
        if rows is None:
            return group.members
        group.listed_at = self._deadline.elapsed
        group.expected_at = float("inf")
        pace = self._pace(listing)
        unclear = []
        ended, under_way = [], []
        for pending in group.members:
            effect, pending.state = pending.effect(rows.get(pending.identity))
            if effect is Effect.DONE:
                seen.done.append(pending)
                ended.append(pending.started_at)
                if pending.identity in rows and listing == listing_of(pending.step.resource):
                    self.rows[pending.identity] = rows[pending.identity]
            elif effect is Effect.IN_PROGRESS:
                self._poll_later(pending, pace)
                under_way.append(pending.started_at)
            else:
                # The operation shows whether it has started at all, and why it failed.
                unclear.append(pending)
        if ended and under_way and max(under_way) > max(ended):
            group.expected_at = group.listed_at + max(under_way) - max(ended) + _SIMULTANEOUS
        return unclear

    def _query_operations(self, pending: Pending) -> Effect | Failure:
        """The progress of one operation, or of its resource if the operation is unknown."""
        try:
            if pending.accepted and pending.accepted.operation_url:
                answer, _wait = self._arm.poll(pending.accepted.operation_url, pending.step.operation_label)
                return operation_effect(answer, pending.step.operation_label, pending.accepted.operation_id)
            effect, pending.state = pending.effect(
                self._arm.get(pending.step.resource, **expand_params(pending.step.resource))
            )
        except Failure as failure:
            return failure
        if effect is Effect.FAILED:
            return Refused(
                f"{pending.step.operation_label} failed: the resource is in the state {pending.state}.", pending.state
            )
        return no_effect_error(pending.step) if effect is Effect.ABSENT else effect

    def _apply_listing(self, pending: Pending, outcome: Effect | Failure, seen: PollResult) -> None:
        if isinstance(outcome, NotFound) and pending.accepted:
            seen.lost.append((pending, outcome))
        elif isinstance(outcome, Failure):
            seen.failed.append((pending, outcome))
        elif outcome is Effect.DONE:
            seen.done.append(pending)
        else:
            self._query_later(pending)

    def _query_later(self, pending: Pending) -> None:
        retry_after = pending.accepted.retry_after if pending.accepted else None
        self._poll_later(pending, _BY_OPERATION, retry_after or 0.0)

    def _pace(self, listing: Listing) -> tuple[float, float]:
        """The polling interval for operations that a listing shows: in seconds, and as a share of their age."""
        # Frequent listings at the start would exhaust the rate limit before the end.
        left = max(_MIN_SHARE, self._arm.rate_limiter.share_left(request_kind("GET", listing.path)))
        price = (self._listings.pages(listing) or 1) / left
        return _BY_LISTING[0] * price, _BY_LISTING[1] * price

    def _poll_later(self, pending: Pending, pace: tuple[float, float], least: float = 0.0) -> None:
        """Schedule the next poll of an operation.

        :param least: the minimum in seconds, from Azure's Retry-After.
        """
        now = self._deadline.elapsed
        wait = max(pace[0], pace[1] * (now - pending.started_at), least)
        pending.poll_at = now + min(wait, _MAX_INTERVAL, pending.limit.remaining)

    def _end(self, seen: PollResult) -> None:
        """Stop watching operations that have ended, or whose time limit is exceeded."""
        ended = {id(each) for each in seen.done}
        ended |= {id(each) for each, _failure in [*seen.failed, *seen.lost]}
        for group in self._groups.values():
            for pending in group.members:
                if id(pending) not in ended and pending.limit.remaining <= 0:
                    seen.failed.append((pending, pending.too_late()))
                    ended.add(id(pending))
            group.keep([pending for pending in group.members if id(pending) not in ended])
