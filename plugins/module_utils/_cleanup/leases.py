# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The leases of the runs that create machines, and which machines they are about; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._cleanup.owners import (
    GOLDEN_IMAGE,
    Kind,
    Owner,
    group_identity,
)
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._model.lease_tags import (
    HOLDER,
    LEASE,
    RUN,
    lease_is_over,
    leased_at,
)

Json = dict[str, Any]


@dataclass(frozen=True)
class Lease:
    """A lease, and whether its run is over."""

    group: ResourceId
    image: str
    run: str
    holder: str
    #: None if unknown.
    since: datetime | None
    over: bool

    @property
    def holder_label(self) -> str:
        """Who has it: "run 'nightly' (host web)"."""
        return f"run '{self.run}' ({self.holder})"

    def covers(self, owner: Owner) -> bool:
        """Whether a machine belongs to the runs that take this lease.

        The role golden_image leases refresh-IMAGE, and creates build-IMAGE and verify-IMAGE-NUMBER; the playbooks that capture a copy
        lease capture-COPY.
        """
        name = (owner.machine_name or "").lower()
        if owner.kind is not Kind.INSTANCE or not name:
            return False
        if owner.resource_subscription != self.group.subscription_id.lower():
            return False
        image, lease = self.image.lower(), self.group.name.lower()
        if lease == f"refresh-{image}":
            return bool(re.fullmatch(rf"build-{re.escape(image)}|verify-{re.escape(image)}-[12]", name))
        return lease == f"capture-{image}" and owner.is_copy and name == image


def lease_names(owner: Owner) -> list[str]:
    """The names of the resource groups that can be leases of a machine, see Lease.covers()."""
    name = owner.machine_name or ""
    if owner.kind is not Kind.INSTANCE or not name:
        return []
    found = re.fullmatch(r"build-(?P<built>.+)|verify-(?P<verified>.+)-[12]", name, re.IGNORECASE)
    image = (found["built"] or found["verified"]) if found else None
    return [f"capture-{name}", *([f"refresh-{image}"] if image else [])]


def leases_of(
    groups: Iterable[Json], stale_after_hours: float, now: datetime, has_ended: Callable[[str], bool]
) -> list[Lease]:
    """The leases among resource groups, as ARM JSON.

    :param has_ended: whether a process is known to have ended.
    """
    return [lease_of(group, stale_after_hours, now, has_ended) for group in groups if is_lease(group)]


def is_lease(group: Json) -> bool:
    """Whether a resource group is a lease."""
    return tag_value(group.get("tags"), LEASE) is not None


def lease_of(group: Json, stale_after_hours: float, now: datetime, has_ended: Callable[[str], bool]) -> Lease:
    """A resource group as a lease."""
    image, run, holder = (tag_value(group.get("tags"), name) or "unknown" for name in (LEASE, RUN, HOLDER))
    over = lease_is_over(group, stale_after_hours, now, has_ended)
    return Lease(group_identity(group), image, run, holder, leased_at(group), over)


def is_abandoned_build(owner: Owner, leases: Iterable[Lease]) -> bool:
    """Whether the role golden_image created a machine to build an image, and no run of it has a lease any more."""
    image = owner.tag(GOLDEN_IMAGE)
    name = (owner.machine_name or "").lower()
    built = image is not None and name == f"build-{image}".lower()
    return built and not any(lease.covers(owner) for lease in leases)
