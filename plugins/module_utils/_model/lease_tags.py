# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tags of a lease, which is a resource group, and whether the lease is still valid; pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp

Json = dict[str, Any]

#: The image that is leased; a group without it is not a lease.
LEASE = "golden.azure.lease"
RUN = "golden.azure.run"
HOLDER = "golden.azure.holder"
PROCESS = "golden.azure.process"
LEASED_AT = "golden.azure.leased_at"
#: The process of a run that has ended and kept resources for inspection.
ENDED = "ended"

#: Hours after which a lease expires, unless it is renewed.
STALE_AFTER_HOURS = 12.0


def leased_at(group: Json) -> datetime | None:
    """When a lease was acquired or renewed; None if that is unknown."""
    return parse_timestamp(tag_value(group.get("tags"), LEASED_AT))


def lease_is_over(group: Json, stale_after_hours: float, now: datetime, has_ended: Callable[[str], bool]) -> bool:
    """Whether a lease is no longer valid: its run has ended, or has not renewed it in time.

    :param has_ended: whether a process is known to have ended.
    """
    process = tag_value(group.get("tags"), PROCESS) or ""
    if process == ENDED or (process and has_ended(process)):
        return True
    since = leased_at(group)
    return since is None or now - since >= timedelta(hours=stale_after_hours)
