# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Differences between an existing gallery version and the task: a blocker, a warning or a step for each; pure.

Regions, replicas, the end of life and its protection can be changed; storage, replication mode and encryption cannot:
https://learn.microsoft.com/rest/api/compute/gallery-image-versions/create-or-update documents for each property whether
it is "updatable". Regions and replicas that the task does not specify are kept, because promotions add some as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    ResourceId,
    normalized_location,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import (
    GALLERY_PROPERTIES,
    Difference,
    GalleryProperty,
)
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget, TargetRegion
from ansible_collections.golden.azure.plugins.module_utils._model.publishing import FIXED_ADVICE, fixed_region_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import merge_step
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import (
    publishing_profile,
    region_body,
    regions_by_name,
    writable_version,
)

Json = dict[str, Any]


def _differences(target: GalleryTarget, version: Json) -> Iterator[tuple[GalleryProperty, Any, Difference]]:
    """The properties of the version that differ from the task, with the option's value."""
    for each in GALLERY_PROPERTIES:
        value = target.settings.get(each.option, each.specification.get("default"))
        found = each.compare(value, version)
        if found is not None:
            yield each, value, found


def end_of_life_differs(target: GalleryTarget, version: Json) -> bool:
    """Whether the end of life of the task differs from that of the version."""
    return any(each.option == "end_of_life_date" for each, _value, _found in _differences(target, version))


def fixed_blockers(
    request: CaptureRequest, target: GalleryTarget, version_id: ResourceId, version: Json
) -> Iterator[Finding]:
    """A blocker for each difference that cannot be changed."""
    label, profile, present = version_id.label, publishing_profile(version), regions_by_name(version)
    for region in target.regions:
        has = present.get(normalized_location(region.name))
        if has is not None:
            yield from fixed_region_blockers(label, region, has, profile)
    for each, value, found in _differences(target, version):
        if found is Difference.FIXED:
            reason = each.sentence(each.written(value), each.present(version))
            yield Finding(each.code, f"The {label} {reason}, {FIXED_ADVICE}.")
    storage = machine.properties(version).get("storageProfile") or {}
    disks = [(request.os_disk, storage.get("osDiskImage") or {}, "OS disk")]
    by_lun = {disk.get("lun"): disk for disk in storage.get("dataDiskImages") or []}
    disks += [(disk, by_lun.get(disk.lun) or {}, f"data disk at LUN {disk.lun}") for disk in request.data_disks or ()]
    for asked, disk, what in disks:
        caching = disk.get("hostCaching")
        if asked is not None and asked.host_caching and caching and asked.host_caching != caching:
            yield Finding(
                "host_caching_differs",
                f"The {label} exists with the host caching {caching} of its {what}, not {asked.host_caching}, "
                f"{FIXED_ADVICE}.",
            )


def difference_warnings(target: GalleryTarget, version_id: ResourceId, version: Json) -> Iterator[Finding]:
    """A warning for each difference that is kept, since it was not caused by a capture."""
    label, present = version_id.label, regions_by_name(version)
    for each, value, found in _differences(target, version):
        if found is Difference.KEPT:
            yield Finding(each.code, f"The {label} {each.sentence(each.written(value), each.present(version))}")
    named = {normalized_location(region.name) for region in target.regions}
    more = [str(region.get("name")) for key, region in present.items() if named and key not in named]
    if more:
        yield Finding(
            "in_more_regions", f"The {label} is replicated to further regions ({', '.join(more)}), which are kept."
        )
    for region in target.regions:
        count = _replicas(present.get(normalized_location(region.name)) or {})
        if region.replicas_set and count > region.replicas:
            yield Finding(
                "more_replicas",
                f"The {label} has {count} replicas in {region.name}, more than {region.replicas}, which are kept.",
            )


def difference_steps(
    request: CaptureRequest, target: GalleryTarget, version_id: ResourceId, version: Json
) -> Iterator[Step]:
    """Steps that update the version."""
    body = writable_version(version)
    properties = body["properties"]
    profile, changes = properties["publishingProfile"], []
    regions = _with_wanted(request, target, version)
    grown = [region for region in regions if region not in (profile.get("targetRegions") or [])]
    if grown:
        profile["targetRegions"] = regions
        places = ", ".join(f"{region['name']} x{region['regionalReplicaCount']}" for region in grown)
        changes.append(f"replicate it to {places}")
    for each, value, found in _differences(target, version):
        if found is Difference.CHANGED:
            each.write(properties, value)
            changes.append(each.change(value))
    if changes:
        yield Step(
            actions.PUBLISH_VERSION,
            version_id,
            f"{' and '.join(changes)}: the {version_id.label}",
            method="PUT",
            path=str(version_id),
            body=body,
        )
    tags = merge_step(version_id, version.get("tags"), request.tags or {})
    if tags:
        yield tags


def _with_wanted(request: CaptureRequest, target: GalleryTarget, version: Json) -> list[Json]:
    """The version's regions and the requested ones; no region or replica is removed."""
    wanted = {normalized_location(region.name): region for region in target.regions}
    if not wanted and request.concurrent_deployments:
        place = str(version.get("location") or "")
        wanted = {normalized_location(place): TargetRegion(place, target.replicas)}
    regions = []
    for region in publishing_profile(version).get("targetRegions") or []:
        asked = wanted.pop(normalized_location(str(region.get("name"))), None)
        grows = asked is not None and asked.replicas > _replicas(region)
        regions.append({**region, "regionalReplicaCount": asked.replicas} if asked and grows else region)
    disks = (machine.properties(version).get("storageProfile") or {}).get("dataDiskImages") or []
    luns = [int(disk["lun"]) for disk in disks if disk.get("lun") is not None]
    return [*regions, *(region_body(region, luns) for region in wanted.values())]


def _replicas(region: Json) -> int:
    return int(region.get("regionalReplicaCount") or 1)
