# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The regions of a subscription, and whether targets can be created there; pure.

Source: https://learn.microsoft.com/rest/api/resources/subscriptions/list-locations
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location

#: Storage that is distributed over the availability zones of a region.
_ZONE_REDUNDANT = "zrs"


@dataclass(frozen=True)
class Regions:
    """The physical regions that are available to a subscription, and whether they have availability zones.

    :param zones: None instead of a value if that is unknown.
    """

    zones: dict[str, bool | None]

    def __contains__(self, name: str) -> bool:
        return normalized_location(name) in self.zones

    def has_zones(self, name: str) -> bool | None:
        """Whether a region has availability zones; None if that is unknown."""
        return self.zones.get(normalized_location(name), False)


def repetition_blockers(label: str, names: Iterable[str]) -> Iterator[Finding]:
    """A blocker for each duplicate region; Azure: "Duplicate regions are not allowed"."""
    seen: set[str] = set()
    reported: set[str] = set()
    for name in names:
        normalized = normalized_location(name)
        if normalized in seen - reported:
            reported.add(normalized)
            yield Finding("region_named_twice", f"The regions of {label} contain '{name}' twice; remove one of them.")
        seen.add(normalized)


def region_blockers(label: str, wanted: Iterable[tuple[str, str | None]], regions: Regions) -> Iterator[Finding]:
    """A blocker for each region that is not available to the subscription, or has no zones for its storage.

    :param wanted: names of regions, each with the storage account type there.
    """
    for name, storage in wanted:
        if name not in regions:
            yield Finding(
                "region_unknown",
                f"The region '{name}' of {label} does not exist or is not available to the subscription; check the "
                "name ('az account list-locations').",
            )
        elif (storage or "").lower().endswith(_ZONE_REDUNDANT) and regions.has_zones(name) is False:
            yield Finding(
                "no_zones_in_region",
                f"The region '{name}' has no availability zones, so that {label} cannot be stored as {storage} there; "
                "choose another storage account type or region.",
            )
