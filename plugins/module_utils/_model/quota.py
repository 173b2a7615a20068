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
    BEGIN_MACHINE,
    CREATE_DEFINITION,
    CREATE_DISK,
    CREATE_GALLERY,
    CREATE_MACHINE,
    CREATE_SNAPSHOT,
    CREATE_VERSION,
)
from ansible_collections.golden.azure.plugins.module_utils._model.size_offers import SizeOffer

Json = dict[str, Any]

#: Action of a step -> the name of its resource in Azure's usages, and in messages.
_COUNTED = {
    CREATE_GALLERY: ("gallery", "galleries"),
    CREATE_DEFINITION: ("galleryimage", "image definitions"),
    CREATE_VERSION: ("galleryimageversion", "image versions"),
    CREATE_SNAPSHOT: ("standardsnapshotcount", "snapshots"),
    CREATE_DISK: ("standarddiskcount", "disks"),
    CREATE_MACHINE: ("virtualmachines", "virtual machines"),
    BEGIN_MACHINE: ("virtualmachines", "virtual machines"),
}
#: The quotas of cores in a region, of regular and of spot virtual machines; the latter do not count in their families:
#: https://learn.microsoft.com/azure/quotas/spot-quota
_REGIONAL_CORES, _SPOT_CORES = "cores", "lowPriorityCores"


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
        found = _usage(name, usages.get(usage_key(subscription, region), ()))
        if found and found[0] + count > found[1]:
            current, limit = found
            yield Finding(
                "quota_exhausted",
                f"The subscription has {current} {what} in {region} and the limit is {limit}, so that {count} more "
                "cannot be created; delete some, or request a quota increase.",
                _figures(name, current, limit, count),
            )


def core_blockers(offer: SizeOffer, region: str, spot: bool, usages: Iterable[Json]) -> Iterator[Finding]:
    """A blocker for each quota of cores that does not allow another virtual machine of a size.

    :param spot: whether it is a spot virtual machine.
    :param usages: of the subscription in the region.
    """
    rows = list(usages)
    for name in (_SPOT_CORES,) if spot else (offer.family, _REGIONAL_CORES):
        found = _usage(str(name), rows)
        if found and offer.cores and found[0] + offer.cores > found[1]:
            used, limit = found
            yield Finding(
                "quota_exhausted",
                f"The subscription uses {used} of {limit} cores of the quota {name} in {region}, and the size {offer.name} needs "
                f"{offer.cores}; delete virtual machines, choose another 'vm_size', or request a quota increase.",
                _figures(str(name), used, limit, offer.cores),
            )


def _usage(name: str, rows: Iterable[Json]) -> tuple[int, int] | None:
    """What is used of a quota, and its limit; None if Azure does not report it."""
    for row in rows:
        limit, current = row.get("limit"), row.get("currentValue")
        if str((row.get("name") or {}).get("value")).lower() == name.lower() and None not in (limit, current):
            return int(str(current)), int(str(limit))
    return None


def _figures(name: str, used: int, limit: int, needed: int) -> Json:
    return {"quota": {"name": name, "used": used, "limit": limit, "needed": needed}}
