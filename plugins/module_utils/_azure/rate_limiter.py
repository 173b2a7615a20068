# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Client-side rate limiting: token buckets, updated from response headers, to avoid 429 responses.

Resource Manager counts reads, writes and deletes
(https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling). Compute counts by
its own policies, for each subscription and region, and returns the remaining requests of each in every response
(https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits). Which policies a kind of request counts
against is learned from the first response; until then, other requests of its kind wait, except a few if the policy
is known beforehand. Without these headers, requests are not limited.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Throttled

#: Tokens per minute and at most, where Microsoft documents them.
_DOCUMENTED_POLICIES = {
    "reads": (1500.0, 250.0),
    "writes": (600.0, 200.0),
    "deletes": (600.0, 200.0),
    "PutVMSubscriptionMaximum": (500.0, 1500.0),
    "UpdateVMSubscriptionMaximum": (500.0, 1500.0),
    "DeleteVMSubscriptionMaximum": (500.0, 1500.0),
    "LowCostGetSubscriptionMaximum": (8000.0, 24000.0),
    "HighCostGetSubscriptionMaximum": (300.0, 900.0),
    "GetOperationSubscriptionMaximum": (5000.0, 15000.0),
}
#: The policies of kinds with slow responses, from recorded traffic.
_KNOWN_POLICIES = {
    "POST microsoft.compute/virtualmachines/deallocate*": "DeleteVMSubscriptionMaximum",
    "POST microsoft.compute/virtualmachines/generalize*": "UpdateVMSubscriptionMaximum",
}
# The share of a policy that is usually not used by others.
_SHARE_KNOWN_POLICIES = 0.05
# All documented policies of Compute have buckets for three minutes; so have those of the older kind, according to their names.
_MINUTES_HELD = 3.0
_LONG_WINDOW = 30.0
#: Limits of a single resource whose names do not end like those of others (recorded).
_OF_ONE_RESOURCE = ("CreateCrashConsistentRestorePoint", "CreateApplicationConsistentRestorePoint")
_RESOURCE_HEADER = "x-ms-ratelimit-remaining-resource"
_VERB_HEADER = "x-ms-ratelimit-remaining-subscription-"
_VERBS = ("reads", "writes", "deletes")
_REMAINING = re.compile(r"Microsoft\.Compute/(?P<policy>\w+);(?P<left>\d+)")
# Tolerance in tokens between reported and counted values, due to rounding and timing.
_TOLERANCE = 2.0
_POLL_INTERVAL = 0.05
# Tokens kept in reserve in every bucket, since clocks differ slightly.
_RESERVE = 1.0
# The shortest sleep in seconds that clocks can measure.
_MIN_SLEEP = 0.001


def request_kind(method: str, path: str) -> str:
    """The kind of a request: its subscription, its method and its path without names.

    :param path: of the URL, with or without the query.
    """
    parts = path.partition("?")[0].strip("/").lower().split("/")
    subscription = parts[1] if len(parts) > 1 and parts[0] == "subscriptions" else ""
    if "providers" not in parts:
        return f"{subscription} {method} {'/'.join(parts[2::2])}"
    segments = parts[parts.index("providers") + 1 :]
    # Types and names alternate; a path that ends with a type is a listing or an action.
    return f"{subscription} {method} {'/'.join([segments[0], *segments[1::2]])}{'' if len(segments) % 2 else '*'}"


@dataclass
class _Bucket:
    per_second: float
    most: float
    left: float
    at: float
    #: Whether its limits are documented, not inferred from responses.
    known: bool = True
    #: The time until which Azure accepts no requests.
    closed_until: float = 0.0

    def fill(self, now: float) -> None:
        self.left = min(self.most, self.left + (now - self.at) * self.per_second)
        self.at = now

    def wait(self, now: float) -> float:
        """Seconds until a token is available."""
        self.fill(now)
        needed = 1 + min(_RESERVE, self.most / 2)
        missing = 0.0 if self.left >= needed else (needed - self.left) / self.per_second
        return max(missing, self.closed_until - now)


@dataclass
class _Kind:
    buckets: set[str] = field(default_factory=set)
    #: Whether its buckets are known from a response.
    learned: bool = False
    under_way: int = 0
    #: Whether the last request was sent while no other was in progress.
    alone: bool = True


class RateLimiter:
    """The buckets of one connection; shared by threads.

    :param deadline: whose clock the buckets fill by.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._turn = threading.Lock()
        self._buckets: dict[str, _Bucket] = {}
        self._kinds: dict[str, _Kind] = {}
        self._ahead = threading.local()
        #: Whether reads are limited too, for tasks with many reads.
        self.limits_reads = False

    # -- tokens -------------------------------------------------------------------------------------------------

    def wait(self, kind: str) -> float | None:
        """Seconds until a request of a kind may be sent; None until the first response for the kind."""
        with self._lock:
            found = self._kind(kind)
            if not found.learned and found.under_way >= self._max_unconfirmed(kind):
                return None
            now = self._deadline.clock.now()
            return max((self._buckets[name].wait(now) for name in found.buckets), default=0.0)

    def share_left(self, kind: str) -> float:
        """The remaining share of the limit of a kind; 1 if it is unknown."""
        with self._lock:
            buckets = [self._buckets[name] for name in self._kind(kind).buckets]
            for bucket in buckets:
                bucket.fill(self._deadline.clock.now())
            return min((bucket.left / bucket.most for bucket in buckets), default=1.0)

    def take(self, kind: str) -> bool:
        """Take a token for one request of a kind, if available."""
        with self._lock:
            if self.wait(kind) != 0:
                return False
            found = self._kind(kind)
            found.alone = not found.under_way
            found.under_way += 1
            for name in found.buckets:
                self._buckets[name].left -= 1
            return True

    @contextlib.contextmanager
    def reserved(self, kind: str) -> Iterator[None]:
        """Send the next request of this thread immediately, as its token was taken before."""
        self._ahead.kind = kind
        try:
            yield
        finally:
            if self._ahead.kind is not None:
                # Nothing was sent.
                self.give_back(kind)
                self._ahead.kind = None

    def admit(self, kind: str) -> None:
        """Wait until a request of a kind may be sent, one thread after the other, and take a token for it.

        :raises Throttled: immediately, if the wait would exceed the time limit of the task.
        """
        if getattr(self._ahead, "kind", None) == kind:
            self._ahead.kind = None
            return
        while not self._take_in_turn(kind):
            self._wait_for_first_response(kind)

    def _take_in_turn(self, kind: str) -> bool:
        """Wait for a token and take it; return whether the limits of the kind are still unknown."""
        with self._turn:
            while not self.take(kind):
                seconds = self.wait(kind)
                if seconds is None:
                    return False
                if seconds > self._deadline.remaining:
                    raise Throttled(
                        f"the rate limit of Azure allows the next such request in {seconds:.0f} s, but only "
                        f"{self._deadline.remaining:.0f} s of the task's time limit remain; run it again later, or "
                        "increase 'timeout'."
                    )
                self._deadline.clock.sleep(max(seconds, _MIN_SLEEP))
        return True

    def _wait_for_first_response(self, kind: str) -> None:
        """Wait for the first requests of a kind by other threads, which have their own time limits."""
        with self._changed:
            while self.wait(kind) is None:
                self._changed.wait(_POLL_INTERVAL)

    def give_back(self, kind: str) -> None:
        """Record that a request of a kind has ended, successfully or not."""
        with self._changed:
            found = self._kind(kind)
            found.under_way = max(0, found.under_way - 1)
            self._changed.notify_all()

    def applies_to(self, kind: str) -> bool:
        """Whether requests of a kind are limited: writes always, reads if limits_reads is set."""
        subscription, method, _rest = kind.split(" ", 2)
        return bool(subscription) and (self.limits_reads or method not in ("GET", "HEAD"))

    # -- responses ----------------------------------------------------------------------------------------------

    def record_response(self, kind: str, headers: Mapping[str, str], retry_after: float | None = None) -> None:
        """Update the buckets from a response.

        :param retry_after: seconds until Azure accepts further requests of this kind, from a 429 response.
        """
        now = self._deadline.clock.now()
        with self._changed:
            found = self._kind(kind)
            for policy, left in _policies(headers):
                name = f"{kind.partition(' ')[0]} {policy}"
                self._see(name, policy, left, now, found.under_way, found.alone)
                found.buckets.add(name)
            # A limit of one resource does not delay the requests about others.
            for name in found.buckets if retry_after and not _is_of_one_resource(headers) else ():
                self._buckets[name].closed_until = now + (retry_after or 0)
            found.learned = True
            self._changed.notify_all()

    def _see(self, name: str, policy: str, left: float, now: float, under_way: int, alone: bool) -> None:
        bucket = self._buckets.get(name)
        if bucket is None:
            # Requests in progress may or may not be counted already.
            self._buckets[name] = _new_bucket(policy, left, max(0, under_way - 1), now)
            return
        bucket.fill(now)
        bucket.most = max(bucket.most, left)
        if not bucket.known:
            bucket.per_second = max(bucket.per_second, _rate(policy, left + 1))
            sure = max(0.0, left - under_way)
            # Responses may arrive out of order: an old one may report more than remains.
            bucket.left = sure if alone else min(bucket.left, sure)
        elif left + _TOLERANCE < bucket.left:
            # Other kinds use it, too; requests in progress may or may not be counted already.
            bucket.left = max(0.0, left - under_way)
        else:
            bucket.left = min(bucket.left, left)

    def _kind(self, kind: str) -> _Kind:
        found = self._kinds.setdefault(kind, _Kind())
        if not found.learned:
            for relative in self._relatives(kind):
                found.buckets |= {name for name in relative.buckets if name.rpartition(" ")[2] in _VERBS}
        return found

    def _relatives(self, kind: str) -> list[_Kind]:
        """Kinds with known limits that share the limits of Resource Manager with this one."""
        method = _method_of(kind)
        return [other for name, other in self._kinds.items() if other.learned and _method_of(name) == method]

    def _max_unconfirmed(self, kind: str) -> int:
        """How many requests of a kind may be in progress before the first response."""
        policy = _KNOWN_POLICIES.get(kind.partition(" ")[2])
        return int(_DOCUMENTED_POLICIES[policy][1] * _SHARE_KNOWN_POLICIES) if policy and self._relatives(kind) else 1


def _method_of(kind: str) -> str:
    """The subscription and the method of a kind."""
    return kind.rpartition(" ")[0]


def _new_bucket(policy: str, left: float, others: int, now: float) -> _Bucket:
    """A new bucket from its first report.

    :param others: other requests in progress.
    """
    sure = max(0.0, left - others)
    if policy in _DOCUMENTED_POLICIES:
        per_minute, most = _DOCUMENTED_POLICIES[policy]
        return _Bucket(per_minute / 60, max(most, left), sure, now)
    return _Bucket(_rate(policy, left + 1), left + 1, sure, now, known=False)


def _rate(policy: str, most: float) -> float:
    """The tokens per second of an undocumented policy."""
    return most / ((_LONG_WINDOW if policy.endswith("30Min") else _MINUTES_HELD) * 60)


def _policies(headers: Mapping[str, str]) -> Iterator[tuple[str, float]]:
    for match in _REMAINING.finditer(headers.get(_RESOURCE_HEADER) or ""):
        # Limits of a single resource are not those of the subscription, and are never reached here.
        if not _is_resource_policy(match["policy"]):
            yield match["policy"], float(match["left"])
    for verb in _VERBS:
        left = headers.get(_VERB_HEADER + verb)
        if left and left.isdigit():
            yield verb, float(left)


def _is_resource_policy(policy: str) -> bool:
    """Whether a policy limits the requests about a single resource."""
    return policy.endswith("Resource") or policy in _OF_ONE_RESOURCE


def _is_of_one_resource(headers: Mapping[str, str]) -> bool:
    """Whether the limit that a response reports as exhausted is that of a single resource."""
    exhausted = [
        match["policy"] for match in _REMAINING.finditer(headers.get(_RESOURCE_HEADER) or "") if match["left"] == "0"
    ]
    return bool(exhausted) and all(map(_is_resource_policy, exhausted))
