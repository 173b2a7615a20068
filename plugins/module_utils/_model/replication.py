# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The replication of a gallery version to its regions, from its replication status; pure.

The status is returned with $expand=ReplicationStatus only:
https://learn.microsoft.com/rest/api/compute/gallery-image-versions/get#regionalreplicationstatus
The provisioning state is that of the last write, and does not show single regions.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import publishing_profile

Json = dict[str, Any]

#: The parameter of a read that returns the status.
EXPAND = "ReplicationStatus"


@dataclass(frozen=True)
class RegionStatus:
    """The replication to one region."""

    #: As the version names it.
    region: str
    #: Unknown, Replicating, Completed or Failed.
    state: str
    #: In percent.
    progress: int = 0
    #: Azure's reason, if it failed.
    details: str = ""

    @property
    def is_completed(self) -> bool:
        """Whether virtual machines in the region can be created from the version."""
        return self.state == "Completed"

    @property
    def has_failed(self) -> bool:
        """Whether Azure has given up."""
        return self.state == "Failed"

    def as_dict(self) -> Json:
        """For a task's result."""
        return {
            "region": self.region,
            "state": self.state,
            "progress": self.progress,
            "details": self.details or None,
        }


def replication_of(version: Json | None) -> list[RegionStatus]:
    """The replication to each region of a version that was read with its status; empty if the status was not returned."""
    status = machine.properties(version).get("replicationStatus")
    if not status:
        return []
    found = {normalized_location(str(row.get("region"))): row for row in status.get("summary") or []}
    names = [str(region.get("name")) for region in publishing_profile(version or {}).get("targetRegions") or []]
    return [_status(name, found.get(normalized_location(name)) or {}) for name in names]


def _status(name: str, row: Json) -> RegionStatus:
    return RegionStatus(
        region=name,
        state=str(row.get("state") or "Unknown"),
        progress=int(row.get("progress") or 0),
        details=str(row.get("details") or ""),
    )


def failed_regions(version: Json | None) -> list[RegionStatus]:
    """The regions to which Azure could not replicate a version."""
    return [status for status in replication_of(version) if status.has_failed]


def pending_regions(version: Json | None) -> list[RegionStatus]:
    """The regions to which a version is still being replicated."""
    return [status for status in replication_of(version) if not status.has_failed and not status.is_completed]


def is_usable(version: Json) -> bool:
    """Whether a version is complete, or has only failed to be replicated to regions other than its own.

    Azure sets the state of such a version to Failed: https://github.com/Azure/azure-cli/issues/15539
    """
    if machine.provisioning_state(version) != "Failed":
        return machine.provisioning_state(version) == "Succeeded"
    home = normalized_location(str(version.get("location") or ""))
    return any(status.is_completed and normalized_location(status.region) == home for status in replication_of(version))


def named(regions: Iterable[RegionStatus]) -> str:
    """The regions, for messages, with the reasons of those that failed."""
    return ", ".join(
        f"{each.region} ({each.details.rstrip('.')})" if each.has_failed and each.details else each.region
        for each in regions
    )


def shown(regions: Iterable[RegionStatus]) -> str:
    """The progress in each region, for progress lines."""
    return ", ".join(
        f"{each.region} {'failed' if each.has_failed else f'{100 if each.is_completed else each.progress} %'}"
        for each in regions
    )


def without_regions(body: Json, regions: Iterable[str]) -> Json:
    """The body of a version without some of its regions."""
    dropped = {normalized_location(region) for region in regions}
    reduced = copy.deepcopy(body)
    profile = reduced["properties"]["publishingProfile"]
    profile["targetRegions"] = [
        region
        for region in profile.get("targetRegions") or []
        if normalized_location(str(region.get("name"))) not in dropped
    ]
    return reduced


def allows_removal(body: Json) -> bool:
    """Whether regions may be removed from a version.

    Otherwise, Azure refuses with "Deletion of previously replicated locations is not allowed":
    https://github.com/hashicorp/terraform-provider-azurerm/pull/21999
    """
    safety = (body.get("properties") or {}).get("safetyProfile") or {}
    return bool(safety.get("allowDeletionOfReplicatedLocations"))
