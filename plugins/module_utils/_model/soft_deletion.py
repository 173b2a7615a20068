# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Soft deletion of gallery versions: the policy of a gallery, and what can be restored; pure.

After the retention period a version can no longer be used, after the grace period it can no longer be restored. Both periods
were added in the api-version 2026-03-03; older ones know on and off only:
https://github.com/Azure/azure-rest-api-specs/pull/44214, https://github.com/Azure/azure-rest-api-specs/pull/44434.
Deletions that bypass the policy: https://github.com/Azure/azure-rest-api-specs/pull/46100.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

#: The feature of Microsoft.Compute that a subscription registers:
#: https://learn.microsoft.com/azure/virtual-machines/soft-delete-gallery#prerequisites
FEATURE = "SIGSoftDelete"

#: The parameter of a deletion that bypasses the policy, and its value.
BYPASS = {"bypassSoftDelete": "true"}


@dataclass(frozen=True)
class SoftDeletePolicy:
    """The policy of a gallery."""

    enabled: bool = False
    #: Days in which a deleted version can be used; None if Azure does not return it.
    retention_days: int | None = None
    #: Days after these in which it can only be restored; None if Azure does not return it.
    grace_days: int | None = None

    @property
    def period(self) -> str:
        """How long a deleted version can be restored, for messages."""
        if self.retention_days is None:
            return "as long as its gallery retains it"
        if not self.grace_days:
            return f"for {self.retention_days} days"
        return f"for {self.retention_days + self.grace_days} days, of which it can be used in the first {self.retention_days}"


def policy_of(gallery: Json | None) -> SoftDeletePolicy:
    """The policy of a gallery; disabled if it has none."""
    policy = machine.properties(gallery).get("softDeletePolicy") or {}
    return SoftDeletePolicy(
        enabled=bool(policy.get("isSoftDeleteEnabled")),
        retention_days=policy.get("retentionPeriodInDays"),
        grace_days=policy.get("gracePeriodInDays"),
    )


@dataclass(frozen=True)
class SoftDeleted:
    """A soft-deleted version, with timestamps as Azure returns them; None for those that an older API does not return."""

    name: str
    #: The region in which it is restored.
    location: str
    soft_deleted_at: str | None = None
    #: Until then, it can be used if its number is specified.
    consumption_ends_at: str | None = None
    #: Until then, it can be restored.
    hard_deletion_at: str | None = None

    @property
    def until(self) -> str:
        """When it will be deleted, for messages."""
        return f" and can be restored until {self.hard_deletion_at}" if self.hard_deletion_at else ""

    def as_dict(self) -> Json:
        """For a task's result."""
        return {
            "location": self.location,
            "soft_deleted_at": self.soft_deleted_at,
            "consumption_ends_at": self.consumption_ends_at,
            "hard_deletion_at": self.hard_deletion_at,
        }


def soft_deleted(row: Json) -> SoftDeleted:
    """One row of the listing of soft-deleted versions."""
    properties = machine.properties(row)
    return SoftDeleted(
        name=str(row.get("name") or str(properties.get("resourceArmId") or row.get("id")).rsplit("/", 1)[-1]),
        location=str(row.get("location") or ""),
        soft_deleted_at=properties.get("softDeletedTime"),
        consumption_ends_at=properties.get("consumptionEndTime"),
        hard_deletion_at=properties.get("hardDeletionTargetTime"),
    )


def find_deleted(rows: Iterable[Json], version: ResourceId) -> SoftDeleted | None:
    """The soft-deleted version of this number; the latest if it was deleted several times."""
    found = [each for each in map(soft_deleted, rows) if each.name.lower() == version.name.lower()]
    return max(found, key=lambda each: each.soft_deleted_at or "", default=None)


def listing_path(definition: ResourceId) -> str:
    """The path of the listing of the soft-deleted versions of a definition.

    Source: https://learn.microsoft.com/rest/api/compute/soft-deleted-resource/list-by-artifact-name
    """
    gallery = str(definition).rsplit("/images/", 1)[0]
    return f"{gallery}/softDeletedArtifactTypes/Images/artifacts/{definition.name}/versions"
