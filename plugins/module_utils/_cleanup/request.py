# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of vm_image_cleanup, and the request that they describe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._cleanup.packer import DEFAULT_PREFIX, prefix_is_valid
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import distinct
from ansible_collections.golden.azure.plugins.module_utils._core.tags import PROTECTED
from ansible_collections.golden.azure.plugins.module_utils._model.lease_tags import STALE_AFTER_HOURS

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {
    "resource_group": {"type": "str"},
    "subscriptions": {"type": "list", "elements": "str"},
    "remove": {"type": "bool", "default": False},
    "older_than_hours": {"type": "int", "default": 24},
    "stale_after_hours": {"type": "float", "default": STALE_AFTER_HOURS},
    "backups_older_than_days": {"type": "int"},
    "packer": {"type": "bool", "default": False},
    "packer_prefix": {"type": "str"},
    "protected_tag": {"type": "str", "default": PROTECTED},
    "max_removals": {"type": "int", "default": 50},
    "max_concurrency": {"type": "int", "default": 32},
}
_MAX_CONCURRENCY = 64


@dataclass(frozen=True)
class CleanupRequest:
    """What to search, and what to remove of it."""

    subscriptions: tuple[str, ...]
    resource_group: str | None = None
    remove: bool = False
    older_than: timedelta = timedelta(hours=24)
    #: Hours after which the lease of a run that does not renew it counts as over.
    stale_after_hours: float = STALE_AFTER_HOURS
    #: None if backups are kept.
    backups_older_than: timedelta | None = None
    #: The prefix of Packer's names; None if its resources are ignored.
    packer_prefix: str | None = None
    protected_tag: str = PROTECTED
    max_removals: int = 50
    threads: int = 32


def cleanup_request(options: Json, subscription_id: str) -> CleanupRequest:
    """Read the options.

    :param subscription_id: the default subscription.
    :raises InvalidInput: for invalid or contradictory options.
    """
    prefix = options["packer_prefix"]
    if prefix is not None and not options["packer"]:
        raise InvalidInput("Option 'packer_prefix' requires 'packer: true'; set it, or omit 'packer_prefix'.")
    if prefix is not None and not prefix_is_valid(prefix):
        raise InvalidInput(
            f"Option 'packer_prefix' is '{prefix}', which cannot be a 'custom_resource_build_prefix' of Packer: set 1 to 10 "
            "letters, digits and '-', the first of which is a letter or a digit."
        )
    if options["max_concurrency"] > _MAX_CONCURRENCY:
        raise InvalidInput(f"Option 'max_concurrency' is {options['max_concurrency']}: set at most {_MAX_CONCURRENCY}.")
    days = options["backups_older_than_days"]
    return CleanupRequest(
        subscriptions=distinct(options["subscriptions"] or (subscription_id,)),
        resource_group=options["resource_group"],
        remove=options["remove"],
        older_than=timedelta(hours=options["older_than_hours"]),
        stale_after_hours=options["stale_after_hours"],
        backups_older_than=None if days is None else timedelta(days=days),
        packer_prefix=(prefix or DEFAULT_PREFIX) if options["packer"] else None,
        protected_tag=options["protected_tag"],
        max_removals=options["max_removals"],
        threads=options["max_concurrency"],
    )
