# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what may be orphaned, for the plan, and again immediately before it is removed; nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._cleanup.leases import (
    Lease,
    is_lease,
    lease_names,
    leases_of,
)
from ansible_collections.golden.azure.plugins.module_utils._cleanup.owners import (
    REMOVABLE,
    Kind,
    Owner,
    Part,
    owners_of,
    parts_of,
)
from ansible_collections.golden.azure.plugins.module_utils._cleanup.plan import UNREAD, State
from ansible_collections.golden.azure.plugins.module_utils._cleanup.request import CleanupRequest
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import RESOURCE_GROUP, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]


@dataclass(frozen=True)
class StateReader:
    """Reads owners and their resources.

    :param has_ended: whether the process of a run is known to have ended.
    """

    arm: ArmClient
    request: CleanupRequest
    now: datetime
    has_ended: Callable[[str], bool]

    def read(self) -> tuple[list[Owner], State]:
        """Everything in the scope of the task that this collection or Packer created, without those that do not exist any more.

        :raises Failure: if the resources or the resource groups cannot be listed.
        """
        owners: list[Owner] = []
        leases: list[Lease] = []
        for subscription in self.request.subscriptions:
            groups = self._groups(subscription)
            leases += leases_of(groups, self.request.stale_after_hours, self.now, self.has_ended)
            wanted = self.request.resource_group
            if wanted is not None:
                # A lease is removed after the machines of its run only, which are in other groups.
                named = [group for group in groups if str(group.get("name")).lower() == wanted.lower()]
                groups = [group for group in named if not is_lease(group)]
            owners += owners_of(self._listed(subscription), groups, self.request.packer_prefix)
        return self._with_details(owners, leases)

    def again(self, owner: Owner) -> tuple[Owner | None, State]:
        """The same owner now; None if nothing of it exists any more, or it is somebody else's.

        :raises Failure: if it cannot be read.
        """
        group_id = owner.group_id
        group = get_or_none(self.arm, group_id) if group_id is not None else None
        inside = self._contents(group_id) if group is not None and group_id is not None else []
        known = {part.key for part in inside}
        outside = [part for part in owner.parts if part.key not in known and not _is_inside(part, group_id)]
        found = run_in_threads(self._read, [part.resource for part in outside], READERS)
        current = [replace(part, tags=row.get("tags") or {}) for part, row in zip(outside, found) if row]
        groups = [group] if group is not None else []
        same = next(
            (
                each
                for each in owners_of([*inside, *current], groups, self.request.packer_prefix)
                if (each.kind, each.key) == (owner.kind, owner.key)
            ),
            None,
        )
        if same is None:
            return None, State()
        owners, state = self._with_details([same], self._leases_about(same))
        return (owners[0] if owners else None), state

    # -- listings ---------------------------------------------------------------------------------------------------

    def _groups(self, subscription: str) -> list[Json]:
        path = f"/subscriptions/{subscription}/resourcegroups"
        return list(self.arm.list(path, "resource_groups", "the resource groups of the subscription"))

    def _listed(self, subscription: str) -> list[Part]:
        """The resources in the scope of the task, with their creation times, which Azure lists on request:
        https://learn.microsoft.com/rest/api/resources/resources/list
        """
        name = self.request.resource_group
        if name is not None:
            return self._contents(ResourceId(subscription, name, RESOURCE_GROUP, (name,)))
        path = f"/subscriptions/{subscription}/resources"
        return parts_of(self.arm.list(path, "resources", "the resources of the subscription", expand="createdTime"))

    def _contents(self, group: ResourceId) -> list[Part]:
        rows = self.arm.list(f"{group}/resources", "resources", f"the resources of {group.label}", expand="createdTime")
        return parts_of(rows)

    # -- resources --------------------------------------------------------------------------------------------------

    def _with_details(self, owners: Sequence[Owner], leases: Sequence[Lease]) -> tuple[list[Owner], State]:
        """The owners with those of their resources that exist, and what was read about them."""
        parts = {part.key: part.resource for owner in owners for part in owner.parts if _is_removable(part)}
        identities = {str(each).lower(): each for each in (owner.identity for owner in owners) if each is not None}
        wanted = {**identities, **parts}
        found = dict(zip(wanted, run_in_threads(self._read, wanted.values(), READERS)))
        existing = [_existing(owner, found) for owner in owners]
        state = State(leases=leases, owners=found, parts={key: found[key] for key in parts})
        return [owner for owner in existing if owner.parts or owner.group is not None], state

    def _leases_about(self, owner: Owner) -> list[Lease]:
        """The leases that cover an owner, or the lease that it is."""
        if owner.kind is Kind.LEASE:
            groups = [owner.group]
        else:
            subscription = owner.resource_subscription
            names = lease_names(owner)
            groups = [get_or_none(self.arm, ResourceId(subscription, name, RESOURCE_GROUP, (name,))) for name in names]
        existing = [group for group in groups if group is not None]
        return leases_of(existing, self.request.stale_after_hours, self.now, self.has_ended)

    def _read(self, resource: ResourceId) -> Json | None:
        """A resource; None if it does not exist, and UNREAD if that cannot be determined."""
        try:
            return get_or_none(self.arm, resource)
        except SignInFailed:
            raise
        except (NotFound, Refused):
            return UNREAD


def _is_removable(part: Part) -> bool:
    return part.resource.resource_type.lower() in REMOVABLE


def _is_inside(part: Part, group: ResourceId | None) -> bool:
    return group is not None and part.resource.group_id.lower() == str(group).lower()


def _existing(owner: Owner, found: dict[str, Json | None]) -> Owner:
    """An owner with those of its resources that exist: listings are updated with a delay."""
    parts = (part for part in owner.parts if found.get(part.key, UNREAD) is not None)
    return replace(owner, parts=tuple(_with_age(part, found.get(part.key)) for part in parts))


def _with_age(part: Part, found: Json | None) -> Part:
    """A resource with its creation time: clouds that do not list it may return it with the resource itself."""
    if part.created is not None or found is None:
        return part
    times: Iterable[Any] = (
        machine.properties(found).get("timeCreated"),
        (found.get("systemData") or {}).get("createdAt"),
    )
    return replace(part, created=next(filter(None, map(parse_timestamp, times)), None))
