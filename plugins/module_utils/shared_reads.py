# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Reading for many captures at once: what several of them want to know is read once, and listed where that is less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.listings import (
    Listing,
    Listings,
    listing_of,
    state_listing_of,
)
from ansible_collections.golden.azure.plugins.module_utils.resource_id import VIRTUAL_MACHINE, ResourceId

Json = dict[str, Any]

#: Fewer resources than these are read one by one.
_FEW = 4


class SharedReads:
    """Reads as :class:`Arm` does, each resource and each listing once. Not for several threads.

    :param listings: knows afterwards how many pages the listings have.
    """

    def __init__(self, arm: Arm, listings: Listings) -> None:
        self._arm = arm
        self._listings = listings
        self._wanted: Counter[Listing] = Counter()
        self._rows: dict[Listing, dict[str, Json] | None] = {}
        self._resources: dict[tuple[str, str], Json | None] = {}
        self._lists: dict[str, list[Json]] = {}

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
        self._rows.clear()
        self._wanted.clear()
        self._resources = {(identity, ""): row for identity, row in rows.items()}

    def get(self, resource: ResourceId, **query: str) -> Json | None:
        """As :meth:`Arm.get`."""
        key = (str(resource).lower(), str(query or ""))
        if key not in self._resources:
            listed, row = self._from_listing(resource)
            self._resources[key] = row if listed else self._arm.get(resource, **query)
        return self._resources[key]

    def list(self, path: str, kind: str, what: str, **query: str) -> Iterator[Json]:
        """As :meth:`Arm.list`."""
        key = f"{path.lower()}{query or ''}"
        if key not in self._lists:
            self._lists[key] = list(self._arm.list(path, kind, what, **query))
        yield from self._lists[key]

    def read(self, path: str, kind: str, what: str) -> Json:
        """As :meth:`Arm.read`."""
        key = (path.lower(), "read")
        if key not in self._resources:
            self._resources[key] = self._arm.read(path, kind, what)
        return self._resources[key] or {}

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
        if listing not in self._rows:
            self._rows[listing] = self._listings.read(listing, most_pages=wanted)
        return self._rows[listing]
