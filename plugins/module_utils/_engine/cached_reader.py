# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read for many captures together: shared resources are read once, and listed if that requires fewer requests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import ApiVersions
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._engine.listings import (
    Listing,
    Listings,
    listing_of,
    status_listing_of,
)

Json = dict[str, Any]

#: Below this number, resources are read one by one.
_MIN_BATCH = 4


class CachedReader:
    """Reads as :class:`ArmClient` does, each resource and each listing once; for several threads.

    :param listings: records the number of pages of the listings.
    """

    def __init__(self, arm: ArmClient, listings: Listings) -> None:
        self._arm = arm
        self._listings = listings
        self._wanted: Counter[Listing] = Counter()
        self._lock = threading.Lock()
        #: The lock and the response of a query.
        self._turns: dict[Hashable, threading.Lock] = {}
        self._answers: dict[Hashable, tuple[Any, Failure | None]] = {}

    @property
    def subscription_id(self) -> str:
        """As in :class:`ArmClient`."""
        return self._arm.subscription_id

    @property
    def account(self) -> dict[str, str | None]:
        """As in :class:`ArmClient`."""
        return self._arm.account

    @property
    def is_user(self) -> bool:
        """As in :class:`ArmClient`."""
        return self._arm.is_user

    @property
    def has_used_mfa(self) -> bool:
        """As in :class:`ArmClient`."""
        return self._arm.has_used_mfa

    @property
    def api_versions(self) -> ApiVersions:
        """As in :class:`ArmClient`."""
        return self._arm.api_versions

    def expect_reads(self, resources: Iterable[ResourceId]) -> None:
        """Announce resources that will be read, to decide whether listing them is worthwhile."""
        self._wanted.update(filter(None, map(listing_of, resources)))

    def remember(self, rows: dict[str, Json]) -> None:
        """Replace the cache by resources that were read in the meantime, by their ids in lower case."""
        self._wanted.clear()
        self._answers = {(identity, ""): (row, None) for identity, row in rows.items()}

    def get(self, resource: ResourceId, **parameters: str) -> Json | None:
        """As :meth:`ArmClient.get`."""

        def read() -> Json | None:
            listed, row = self._from_listing(resource)
            return row if listed else self._arm.get(resource, **parameters)

        return self._once((str(resource).lower(), str(parameters or "")), read)

    def list(self, path: str, api_version_key: str, what: str, **parameters: str) -> Iterator[Json]:
        """As :meth:`ArmClient.list`."""
        key = f"{path.lower()}{parameters or ''}"
        yield from self._once(key, lambda: list(self._arm.list(path, api_version_key, what, **parameters)))

    def read(self, path: str, api_version_key: str, what: str) -> Json:
        """As :meth:`ArmClient.read`."""
        return self._once((path.lower(), "read"), lambda: self._arm.read(path, api_version_key, what))

    def once(self, question: Hashable, query: Callable[[], Any]) -> Any:
        """As :meth:`ArmClient.once`."""
        return self._once(question, query)

    def query(self, path: str, api_version_key: str, question: Mapping[str, Any], what: str) -> Json:
        """As :meth:`ArmClient.query`."""
        return self._arm.query(path, api_version_key, question, what)

    def _from_listing(self, resource: ResourceId) -> tuple[bool, Json | None]:
        """Whether a listing contains the resource, and the resource."""
        rows = self._read(listing_of(resource), resource)
        if rows is None:
            return False, None
        row = rows.get(str(resource).lower())
        if row is None or resource.resource_type != VIRTUAL_MACHINE:
            return True, row
        states = self._read(status_listing_of(resource), resource)
        state = (states or {}).get(str(resource).lower())
        # Listings contain only the ids of extensions.
        if state is None or row.get("resources"):
            return False, None
        view = (state.get("properties") or {}).get("instanceView")
        return True, {**row, "properties": {**(row.get("properties") or {}), "instanceView": view}}

    def _read(self, listing: Listing | None, resource: ResourceId) -> dict[str, Json] | None:
        own = listing_of(resource)
        wanted = self._wanted[own] if own else 0
        if listing is None or wanted <= _MIN_BATCH:
            return None
        return self._once(listing, lambda: self._listings.read(listing, max_pages=wanted))

    def _once(self, question: Hashable, query: Callable[[], Any]) -> Any:
        """The response of a query: the first caller sends it, all others get the same response.

        :raises Failure: if the query failed.
        """
        if question not in self._answers:
            with self._lock:
                turn = self._turns.setdefault(question, threading.Lock())
            with turn:
                if question not in self._answers:
                    self._answers[question] = _outcome(query)
        answer, failure = self._answers[question]
        if failure:
            raise failure
        return answer


def _outcome(query: Callable[[], Any]) -> tuple[Any, Failure | None]:
    try:
        return query(), None
    except Failure as failure:
        return None, failure
