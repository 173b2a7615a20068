# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reading for many captures at once: what several of them want to know is read once, and listed where that is less."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import Arm
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._engine.listings import (
    Listing,
    Listings,
    listing_of,
    state_listing_of,
)

Json = dict[str, Any]

#: Fewer resources than these are read one by one.
_FEW = 4


class SharedReads:
    """Reads as :class:`Arm` does, each resource and each listing once, whoever asks first: for several threads.

    :param listings: knows afterwards how many pages the listings have.
    """

    def __init__(self, arm: Arm, listings: Listings) -> None:
        self._arm = arm
        self._listings = listings
        self._wanted: Counter[Listing] = Counter()
        self._lock = threading.Lock()
        #: Who asks a question, and what that came to.
        self._turns: dict[Hashable, threading.Lock] = {}
        self._answers: dict[Hashable, tuple[Any, Failure | None]] = {}

    @property
    def subscription_id(self) -> str:
        """As the connection's."""
        return self._arm.subscription_id

    @property
    def account(self) -> dict[str, str | None]:
        """As the connection's."""
        return self._arm.account

    def will_want(self, resources: Iterable[ResourceId]) -> None:
        """Say what will be asked for, so that it is known whether listing it is worth while."""
        self._wanted.update(filter(None, map(listing_of, resources)))

    def remember(self, rows: dict[str, Json]) -> None:
        """Take over resources that were read meanwhile, by their ids in lower case; all others are forgotten."""
        self._wanted.clear()
        self._answers = {(identity, ""): (row, None) for identity, row in rows.items()}

    def get(self, resource: ResourceId, **query: str) -> Json | None:
        """As :meth:`Arm.get`."""

        def read() -> Json | None:
            listed, row = self._from_listing(resource)
            return row if listed else self._arm.get(resource, **query)

        return self._once((str(resource).lower(), str(query or "")), read)

    def list(self, path: str, kind: str, what: str, **query: str) -> Iterator[Json]:
        """As :meth:`Arm.list`."""
        key = f"{path.lower()}{query or ''}"
        yield from self._once(key, lambda: list(self._arm.list(path, kind, what, **query)))

    def read(self, path: str, kind: str, what: str) -> Json:
        """As :meth:`Arm.read`."""
        return self._once((path.lower(), "read"), lambda: self._arm.read(path, kind, what))

    def once(self, question: Hashable, ask: Callable[[], Any]) -> Any:
        """As :meth:`Arm.once`."""
        return self._once(question, ask)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._arm, name)

    def _from_listing(self, resource: ResourceId) -> tuple[bool, Json | None]:
        """Whether listings tell, and what they say."""
        rows = self._read(listing_of(resource), resource)
        if rows is None:
            return False, None
        row = rows.get(str(resource).lower())
        if row is None or resource.resource_type != VIRTUAL_MACHINE:
            return True, row
        states = self._read(state_listing_of(resource), resource)
        state = (states or {}).get(str(resource).lower())
        # Listings name the extensions of a machine without saying what they are.
        if state is None or row.get("resources"):
            return False, None
        view = (state.get("properties") or {}).get("instanceView")
        return True, {**row, "properties": {**(row.get("properties") or {}), "instanceView": view}}

    def _read(self, listing: Listing | None, resource: ResourceId) -> dict[str, Json] | None:
        wanted = self._wanted[listing_of(resource)]
        if listing is None or wanted <= _FEW:
            return None
        return self._once(listing, lambda: self._listings.read(listing, most_pages=wanted))

    def _once(self, question: Hashable, ask: Callable[[], Any]) -> Any:
        """The answer to a question: the first to come asks, all others get the same.

        :raises Failure: as asking did.
        """
        if question not in self._answers:
            with self._lock:
                turn = self._turns.setdefault(question, threading.Lock())
            with turn:
                if question not in self._answers:
                    self._answers[question] = _outcome(ask)
        answer, failure = self._answers[question]
        if failure:
            raise failure
        return answer


def _outcome(ask: Callable[[], Any]) -> tuple[Any, Failure | None]:
    try:
        return ask(), None
    except Failure as failure:
        return None, failure
