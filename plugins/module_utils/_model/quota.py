# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Check whether quotas allow the resources to create; pure.

Azure returns current use and limits in the usages of Compute, including galleries (recorded for api-version
2024-07-01): https://learn.microsoft.com/rest/api/compute/usage/list. Managed images are not included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._model.actions import (
    CREATE_DEFINITION,
    CREATE_DISK,
    CREATE_GALLERY,
    CREATE_SNAPSHOT,
    CREATE_VERSION,
)

Json = dict[str, Any]

#: Action of a step -> the name of its resource in Azure's usages, and in messages.
_COUNTED = {
    CREATE_GALLERY: ("gallery", "galleries"),
    CREATE_DEFINITION: ("galleryimage", "image definitions"),
    CREATE_VERSION: ("galleryimageversion", "image versions"),
    CREATE_SNAPSHOT: ("standardsnapshotcount", "snapshots"),
    CREATE_DISK: ("standarddiskcount", "disks"),
}


def usage_key(subscription_id: str, region: str) -> str:
    """The key of the usages of a subscription in a region."""
    return f"{subscription_id}/{normalized_location(region)}".lower()


def quota_blockers(steps: Iterable[Step], usages: Mapping[str, Iterable[Json]]) -> Iterator[Finding]:
    """A blocker for each kind of resource whose quota is exceeded.

    :param usages: by subscription and region (:func:`usage_key`).
    """
    wanted = Counter(
        (step.resource.subscription_id, str((step.body or {}).get("location") or ""), *_COUNTED[step.action])
        for step in steps
        if step.action in _COUNTED
    )
    for (subscription, region, name, what), count in wanted.items():
        for usage in usages.get(usage_key(subscription, region), ()):
            limit, current = usage.get("limit"), usage.get("currentValue")
            if str((usage.get("name") or {}).get("value")).lower() != name or limit is None or current is None:
                continue
            if int(current) + count > int(limit):
                yield Finding(
                    "quota_exhausted",
                    f"The subscription has {current} {what} in {region} and the limit is {limit}, so that {count} more "
                    "cannot be created; delete some, or request a quota increase.",
                )
