# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the embedded Azure that all rules share."""

from __future__ import annotations

import itertools
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .catalogue import Catalogue
from .clock import Clock, timestamp
from .guests import GuestBackend
from .operations import Operations, WorkQueue
from .settings import Settings
from .storage_accounts import StorageAccounts
from .store import Resource, ResourceStore

if TYPE_CHECKING:
    from .blob_storage import BlobStorage
    from .storage_service import StorageService

# Sends a request through the engine: method, id, body, api-version.
Send = Callable[[str, str, Any, str], Any]


def _not_connected(method: str, id: str, body: Any, api_version: str) -> Any:
    raise RuntimeError("The cloud has no engine yet.")


@dataclass
class Cloud:
    """Resources, operations, marketplace, clock and guests; no HTTP."""

    settings: Settings
    clock: Clock
    guests: GuestBackend
    work: WorkQueue
    operations: Operations
    store: ResourceStore
    catalogue: Catalogue
    accounts: StorageAccounts
    send: Send = _not_connected
    # Where the content of disks lies that are uploaded; without it their addresses lead nowhere.
    storage: BlobStorage | None = None
    # The data plane of storage accounts, as guests reach it.
    data_plane: StorageService | None = None
    # What was last written of the terms of purchase plans, by publisher:product:name.
    agreements: dict[str, dict[str, Any]] = field(default_factory=dict)
    # When resources were deleted, by id in lower case.
    deleted: dict[str, datetime] = field(default_factory=dict)
    # Running numbers by what they count, such as addresses.
    numbers: defaultdict[str, Iterator[int]] = field(default_factory=lambda: defaultdict(itertools.count))

    @classmethod
    def build(cls, settings: Settings, clock: Clock, guests: GuestBackend) -> Cloud:
        """An empty cloud."""
        work = WorkQueue(guests)
        return cls(
            settings, clock, guests, work, Operations(clock, work), ResourceStore(), Catalogue(), StorageAccounts(clock)
        )

    def timestamp(self) -> str:
        """The time as Compute writes it."""
        return timestamp(self.clock.now())

    def new_id(self) -> str:
        """A fresh GUID."""
        return str(uuid.uuid4())

    def add(self, id: str, type: str, body: dict[str, Any], **private: Any) -> Resource:
        """Add a resource that comes with another one, finished."""
        private.setdefault("created", self.timestamp())
        return self.store.add(Resource(id, type, id.rsplit("/", 1)[-1], body, private))

    def group(self, subscription: str, name: str) -> Resource | None:
        """A resource group by name."""
        return self.store.get(f"/subscriptions/{subscription}/resourceGroups/{name}")
