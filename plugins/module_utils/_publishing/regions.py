# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The regions of a gallery version as a task requests them, compared with those that it has; pure.

Source: https://learn.microsoft.com/rest/api/compute/gallery-image-versions/create-or-update#targetregion: replicas are updatable,
the storage account type is not, so that such a region is removed and added again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.encryption_sets import (
    EncryptionUse,
    encryption_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import TargetRegion
from ansible_collections.golden.azure.plugins.module_utils._model.publishing import (
    fixed_encryption_blockers,
    mixed_encryption_blockers,
    replica_blockers,
    storage_type_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.regions import (
    Regions,
    region_blockers,
    repetition_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import (
    publishing_profile,
    region_body,
    regions_by_name,
)
from ansible_collections.golden.azure.plugins.module_utils._publishing.request import RegionChange, VersionRequest

Json = dict[str, Any]


@dataclass(frozen=True)
class RegionPlan:
    """The target regions to write, and what happens to each."""

    #: All target regions afterwards.
    target: list[Json]
    #: New regions, and those whose replicas increase.
    replicated: list[Json]
    #: Regions whose replicas decrease.
    reduced: list[Json]
    #: Regions that change otherwise, with a description.
    changed: list[str]
    #: Regions from which the version is removed, as the version names them.
    removed: list[str]
    #: Regions that are removed and added again, because their storage account type changes.
    replaced: list[Json]

    @property
    def taken_away(self) -> list[str]:
        """The regions that the version is removed from, if only for a while."""
        return [*self.removed, *(str(region["name"]) for region in self.replaced)]


def plan_regions(request: VersionRequest, version: Json) -> RegionPlan:
    """Compare the requested regions with those of a version."""
    wanted = {normalized_location(region.name): region for region in request.regions}
    found = RegionPlan([], [], [], [], [], [])
    for key, region in regions_by_name(version).items():
        asked = wanted.pop(key, None)
        if asked is None and request.purge_regions:
            found.removed.append(str(region.get("name")))
            continue
        after = _changed(region, asked, version) if asked else region
        found.target.append(after)
        if asked and after != region:
            _describe(found, region, after, version)
    luns = [disk.get("lun") for disk in _data_disks(version)]
    for asked in wanted.values():
        body = _new_region(asked, luns)
        found.target.append(body)
        found.replicated.append(body)
    return found


def _changed(region: Json, asked: RegionChange, version: Json) -> Json:
    after = dict(region)
    if asked.replicas is not None and asked.replicas != _replicas(region):
        after["regionalReplicaCount"] = asked.replicas
    if asked.storage_account_type and asked.storage_account_type.lower() != _storage(region, version).lower():
        after["storageAccountType"] = asked.storage_account_type
    if asked.exclude_from_latest is not None and asked.exclude_from_latest != bool(region.get("excludeFromLatest")):
        after["excludeFromLatest"] = asked.exclude_from_latest
    return after


def _describe(found: RegionPlan, region: Json, after: Json, version: Json) -> None:
    """Record what the change of an existing region means."""
    if _storage(after, version).lower() != _storage(region, version).lower():
        found.replaced.append(after)
    elif _replicas(after) > _replicas(region):
        found.replicated.append(after)
    elif _replicas(after) < _replicas(region):
        found.reduced.append(after)
    if bool(after.get("excludeFromLatest")) != bool(region.get("excludeFromLatest")):
        verb = "exclude it from latest" if after["excludeFromLatest"] else "offer it as latest"
        found.changed.append(f"{verb} in {region.get('name')}")


def _new_region(asked: RegionChange, luns: list[Any]) -> Json:
    body = region_body(_as_target(asked), luns)
    if asked.exclude_from_latest is not None:
        body["excludeFromLatest"] = asked.exclude_from_latest
    return body


def _as_target(asked: RegionChange) -> TargetRegion:
    return TargetRegion(asked.name, asked.replicas or 1, asked.storage_account_type, asked.disk_encryption_set)


def _replicas(region: Json) -> int:
    return int(region.get("regionalReplicaCount") or 1)


def _storage(region: Json, version: Json) -> str:
    stored = region.get("storageAccountType") or publishing_profile(version).get("storageAccountType")
    return str(stored or "Standard_LRS")


def _data_disks(version: Json) -> list[Json]:
    return list((machine.properties(version).get("storageProfile") or {}).get("dataDiskImages") or [])


def added_regions(request: VersionRequest, version: Json) -> list[RegionChange]:
    """The requested regions to which the version is not replicated yet."""
    present = regions_by_name(version)
    return [region for region in request.regions if normalized_location(region.name) not in present]


def encryption_uses(request: VersionRequest, version: Json) -> list[EncryptionUse]:
    """The planned uses of disk encryption sets."""
    label, subscription = f"the {request.version.label}", request.version.subscription_id
    return [
        EncryptionUse(region.disk_encryption_set, label, region.name, subscription)
        for region in added_regions(request, version)
        if region.disk_encryption_set
    ]


def change_blockers(
    request: VersionRequest,
    version: Json,
    planned: RegionPlan,
    known: Regions | None,
    encryption_sets: dict[str, Json | None],
) -> Iterator[Finding]:
    """Blockers for changes of regions that Azure would refuse.

    :param known: the regions of the subscription; None if they are not known.
    :param encryption_sets: by their ids in lower case.
    """
    label, present = request.version.label, regions_by_name(version)
    yield from repetition_blockers(label, (region.name for region in request.regions))
    stored = [(region.name, region.storage_account_type) for region in request.regions]
    yield from storage_type_blockers(label, stored)
    for region in request.regions:
        has = present.get(normalized_location(region.name))
        if has is not None:
            yield from fixed_encryption_blockers(label, region.name, region.disk_encryption_set, has)
    if known is not None:
        yield from region_blockers(label, [each for each in stored if _is_written(each[0], planned)], known)
    yield from encryption_blockers(encryption_uses(request, version), encryption_sets)
    added = [bool(region.disk_encryption_set) for region in added_regions(request, version)]
    yield from mixed_encryption_blockers(label, added, present.values())
    before = sum(_replicas(region) for region in present.values())
    yield from replica_blockers(label, [_replicas(region) for region in planned.target], least_limit=before)
    yield from _home_blockers(label, version, planned)
    shallow = publishing_profile(version).get("replicationMode") == "Shallow"
    if shallow and (len(planned.target) > 1 or any(_replicas(region) > 1 for region in planned.target)):
        yield Finding(
            "shallow_has_one_replica",
            f"The {label} has the replication mode shallow, which allows only one replica in the region of its source; "
            "capture it with the replication mode full for more.",
        )


def _is_written(name: str, planned: RegionPlan) -> bool:
    """Whether a region is added, for the first time or again."""
    written = [*planned.replicated, *planned.replaced]
    return normalized_location(name) in {normalized_location(str(region["name"])) for region in written}


def _home_blockers(label: str, version: Json, planned: RegionPlan) -> Iterator[Finding]:
    """A blocker if the version would be removed from its own region: from there it is replicated and restored."""
    home = normalized_location(str(version.get("location") or ""))
    for name in planned.taken_away:
        if normalized_location(name) == home:
            yield Finding(
                "home_region_required",
                f"The {label} was created in {name}, from where it is replicated, so that it is not removed from that region; "
                "add the region to 'target_regions' with its storage account type, or capture another version.",
            )
