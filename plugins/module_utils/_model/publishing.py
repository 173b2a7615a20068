# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Validate the publishing settings of a gallery version; pure.

Sources: https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery#limits (replicas),
https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-shared-images (dates, regions, encryption),
https://developer.hashicorp.com/packer/integrations/hashicorp/azure/latest/components/builder/arm (shallow replication).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import same_id
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget, TargetRegion
from ansible_collections.golden.azure.plugins.module_utils._model.regions import repetition_blockers

#: The advice for properties that cannot be changed.
FIXED_ADVICE = "which cannot be changed after creation; choose another version number"
#: The maximum number of replicas of a version in all regions together.
MAX_REPLICAS = 100
#: Storage of replicas; PremiumV2_LRS requires the api-version 2025-03-03.
_STORAGE_ACCOUNT_TYPES = ("Standard_LRS", "Standard_ZRS", "Premium_LRS", "PremiumV2_LRS")


def publishing_blockers(target: GalleryTarget) -> Iterator[Finding]:
    """Blockers for publishing settings that Azure would refuse, as far as the options show."""
    label = f"version {target.version} of {target.definition.label}"
    yield from repetition_blockers(label, (region.name for region in target.regions))
    yield from storage_type_blockers(label, ((region.name, region.storage_account_type) for region in target.regions))
    counts = [region.replicas for region in target.regions] or [target.replicas]
    yield from replica_blockers(label, counts)
    yield from _encryption_blockers(label, target)
    if target.shallow and (any(count > 1 for count in counts) or len(target.regions) > 1):
        yield Finding(
            "shallow_has_one_replica",
            f"The {label} has the replication mode shallow, which allows only one replica in the region of its source; "
            "omit 'target_regions' and 'concurrent_deployments', or 'replication_mode'.",
        )
    if parse_timestamp(target.end_of_life_date) is None:
        yield from end_of_life_blockers(label, target.end_of_life_date, None)
    if target.block_deletion_before_end_of_life and not target.end_of_life_date:
        yield Finding(
            "end_of_life_missing",
            f"The {label} has 'block_deletion_before_end_of_life' without an end of life; set 'end_of_life_date' as "
            "well.",
        )


def replica_blockers(label: str, counts: Iterable[int], least_limit: int = 0) -> Iterator[Finding]:
    """A blocker for less than one replica in a region, or for more in all regions together than Azure supports.

    :param least_limit: a limit at least this high applies, for existing replicas.
    """
    numbers = list(counts)
    if any(count < 1 for count in numbers):
        yield Finding("replicas_not_valid", f"The {label} has {min(numbers)} replicas in a region; set 1 or more.")
    if sum(numbers) > max(MAX_REPLICAS, least_limit):
        yield Finding(
            "too_many_replicas",
            f"The {label} would have {sum(numbers)} replicas in all regions together, and Azure supports at most "
            f"{MAX_REPLICAS}; reduce 'target_regions' or 'concurrent_deployments'.",
        )


def storage_type_blockers(label: str, wanted: Iterable[tuple[str, str | None]]) -> Iterator[Finding]:
    """A blocker for each region with a storage account type that galleries do not support."""
    known = {name.lower() for name in _STORAGE_ACCOUNT_TYPES}
    for region, storage in wanted:
        if storage is not None and storage.lower() not in known:
            yield Finding(
                "storage_account_type_not_valid",
                f"The {label} cannot be stored as '{storage}' in the region '{region}'; use one of "
                f"{', '.join(_STORAGE_ACCOUNT_TYPES)}.",
            )


def end_of_life_blockers(label: str, date: str | None, now: datetime | None) -> Iterator[Finding]:
    """A blocker for an end of life that is not a date, or has passed; Azure: "EndOfLifeDate must be set to a future date"."""
    if date is None:
        return
    moment = parse_timestamp(date)
    if moment is None:
        yield Finding(
            "end_of_life_not_valid",
            f"The end of life '{date}' of {label} is not a valid date; use one such as 2027-06-30.",
        )
    elif now is not None and moment <= now:
        yield Finding("end_of_life_passed", f"The end of life {date} of {label} has passed; set a later date.")


def _encryption_blockers(label: str, target: GalleryTarget) -> Iterator[Finding]:
    """Azure: "A disk encryption set is required for disk ... in target region ... since ..."."""
    bare = [region.name for region in target.regions if not region.disk_encryption_set]
    if bare and len(bare) < len(target.regions):
        yield Finding(
            "encryption_set_missing",
            f"The {label} is encrypted with a disk encryption set in some of its regions, and not in "
            f"{', '.join(bare)}; set one for each region.",
        )


def fixed_region_blockers(
    label: str, region: TargetRegion, has: dict[str, Any], profile: dict[str, Any]
) -> Iterator[Finding]:
    """A blocker for existing replicas whose storage or encryption differs from the task's.

    :param has: the region of the existing version.
    :param profile: the publishing profile of the version.
    """
    stored = str(has.get("storageAccountType") or profile.get("storageAccountType") or "Standard_LRS")
    if region.storage_account_type and region.storage_account_type.lower() != stored.lower():
        yield Finding(
            "storage_account_type_differs",
            f"The {label} is stored as {stored} in {region.name}, not as {region.storage_account_type}, "
            f"{FIXED_ADVICE}.",
        )
    yield from fixed_encryption_blockers(label, region.name, region.disk_encryption_set, has)


def fixed_encryption_blockers(label: str, name: str, wanted: str | None, has: dict[str, Any]) -> Iterator[Finding]:
    """A blocker for existing replicas whose encryption differs from the task's.

    :param has: the region of the existing version.
    """
    key = ((has.get("encryption") or {}).get("osDiskImage") or {}).get("diskEncryptionSetId")
    if wanted and not same_id(wanted, key):
        yield Finding(
            "encryption_set_differs",
            f"The {label} is encrypted with {key or 'platform-managed keys'} in {name}, not with {wanted}, {FIXED_ADVICE}.",
        )


def mixed_encryption_blockers(label: str, new: Iterable[bool], present: Iterable[dict[str, Any]]) -> Iterator[Finding]:
    """A blocker if only some regions of an existing version would be encrypted with a disk encryption set.

    :param new: for each new region, whether it has one.
    :param present: the regions of the version.
    """
    added = list(new)
    keys = [*added, *(bool((region.get("encryption") or {}).get("osDiskImage")) for region in present)]
    if added and any(keys) and not all(keys):
        yield Finding(
            "encryption_set_missing",
            f"The {label} would be encrypted with a disk encryption set in some of its regions and not in others, "
            "which Azure does not support; set one for each new region if the existing regions have one, and none "
            "otherwise.",
        )
