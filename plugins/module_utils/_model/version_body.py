# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request body of a gallery version; pure."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget, TargetRegion

Json = dict[str, Any]


def writable_version(version: Json) -> Json:
    """The complete body of a version without read-only properties; a partial one might drop regions."""
    properties = copy.deepcopy(version.get("properties") or {})
    for read_only in ("provisioningState", "replicationStatus", "validationsProfile", "imageMetadataProfiles"):
        properties.pop(read_only, None)
    for read_only in ("reportedForPolicyViolation", "policyViolations"):
        properties.get("safetyProfile", {}).pop(read_only, None)
    storage = properties.get("storageProfile", {})
    for disk in (storage.get("osDiskImage"), *storage.get("dataDiskImages", [])):
        (disk or {}).pop("sizeInGB", None)
    properties.setdefault("publishingProfile", {}).pop("publishedDate", None)
    return {"location": version.get("location"), "tags": version.get("tags") or {}, "properties": properties}


def region_body(region: TargetRegion, luns: Iterable[int]) -> Json:
    """The request body of a target region.

    :param luns: the LUNs of the data disks of the version, which have the same encryption as the OS disk.
    """
    body: Json = {"name": region.name, "regionalReplicaCount": region.replicas}
    if region.storage_account_type:
        body["storageAccountType"] = region.storage_account_type
    if region.disk_encryption_set:
        key = {"diskEncryptionSetId": region.disk_encryption_set}
        body["encryption"] = {"osDiskImage": key, "dataDiskImages": [{"lun": lun, **key} for lun in luns]}
    return body


def regions_by_name(version: Json) -> dict[str, Json]:
    """The regions of a version by their normalized names."""
    return {
        normalized_location(str(region.get("name"))): region
        for region in publishing_profile(version).get("targetRegions") or []
    }


def missing_regions(target: GalleryTarget, version: Json | None) -> list[TargetRegion]:
    """The requested regions to which the version is not replicated."""
    present = regions_by_name(version or {})
    return [region for region in target.regions if normalized_location(region.name) not in present]


def publishing_profile(version: Json) -> Json:
    """The publishing profile of a version."""
    return machine.properties(version).get("publishingProfile") or {}
