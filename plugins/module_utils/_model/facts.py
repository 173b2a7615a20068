# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Convert Resource Manager's JSON to the documented return values, one function per type.

Values that are choices of options are returned in their spelling: linux, windows; generalized, specialized; full, shallow.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._core.tags import CREATED_AT, DEPRECATED_AT, tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import plain_plan, recorded_plan

Json = dict[str, Any]


def as_option(value: Any) -> str | None:
    """A value from Azure in the spelling of the options' choices; None if Azure returns none."""
    return str(value).lower() if value else None


def image_facts(image: Json) -> Json:
    """The facts of a managed image; keys always exist, with None for missing values."""
    properties = image.get("properties") or {}
    storage = properties.get("storageProfile") or {}
    os_disk = storage.get("osDisk") or {}
    tags = image.get("tags") or {}
    deprecated_at = tag_value(tags, DEPRECATED_AT)
    return {
        **placed(image, "managed"),
        "provisioning_state": properties.get("provisioningState"),
        "hyper_v_generation": properties.get("hyperVGeneration"),
        "zone_resilient": bool(storage.get("zoneResilient")),
        "source_vm": (properties.get("sourceVirtualMachine") or {}).get("id"),
        "created_at": _system_time(image) or tag_value(tags, CREATED_AT),
        "os_type": as_option(os_disk.get("osType")),
        "os_state": as_option(os_disk.get("osState")),
        # Managed images support neither Arm64 nor virtual machines with a security type
        # (https://learn.microsoft.com/azure/virtual-machines/capture-image-resource).
        "architecture": "x64",
        "security_type": "Standard",
        "publisher": None,
        "offer": None,
        "sku": None,
        "deprecated": deprecated_at is not None,
        "deprecated_at": deprecated_at,
        "purchase_plan": recorded_plan(tags),
        "os_disk": _disk_facts(os_disk, os_disk=True),
        "data_disks": [_disk_facts(disk) for disk in storage.get("dataDisks") or []],
    }


def image_place(image: Json) -> Json:
    """Name, location and tags of a managed image: all that is available without its properties."""
    return placed(image, "managed")


def gallery_version_facts(version: Json, definition: Json | None, now: datetime) -> Json:
    """The facts of a version in an Azure Compute Gallery, with those of its definition."""
    properties = version.get("properties") or {}
    publishing = properties.get("publishingProfile") or {}
    found = parse(str(version.get("id") or ""))
    names = found.names if found and len(found.names) == 3 else (None, None, None)
    source = (properties.get("storageProfile") or {}).get("source") or {}
    source_id = source.get("virtualMachineId") or source.get("id")
    regions = publishing.get("targetRegions") or []
    safety = properties.get("safetyProfile") or {}
    return {
        **placed(version, "gallery"),
        "gallery": names[0],
        "definition": names[1],
        "version": names[2],
        "provisioning_state": properties.get("provisioningState"),
        **definition_properties((definition or {}).get("properties") or {}),
        "purchase_plan": plain_plan(((definition or {}).get("properties") or {}).get("purchasePlan"))
        or recorded_plan(version.get("tags")),
        "source_vm": source_id if "/virtualmachines/" in str(source_id).lower() else None,
        "source_image": None
        if "/virtualmachines/" in str(source_id).lower()
        else source_id or _legacy_source(publishing),
        "created_at": _system_time(version)
        or publishing.get("publishedDate")
        or tag_value(version.get("tags"), CREATED_AT),
        **_publishing_facts(publishing, now),
        "block_deletion_before_end_of_life": bool(safety.get("blockDeletionBeforeEndOfLife")),
        "regions": [
            {
                "name": region.get("name"),
                "replicas": region.get("regionalReplicaCount"),
                "storage_account_type": region.get("storageAccountType"),
                "exclude_from_latest": bool(region.get("excludeFromLatest")),
            }
            for region in regions
        ],
        "replication_mode": as_option(publishing.get("replicationMode")),
        **_gallery_disks(properties.get("storageProfile") or {}),
    }


def offered_version_facts(version: Json, definition: Json, gallery: str, source: str, now: datetime) -> Json:
    """A version in a community gallery or a shared gallery."""
    properties = version.get("properties") or {}
    names = {"gallery": gallery, "definition": definition.get("name"), "version": version.get("name")}
    return {
        "id": (version.get("identifier") or {}).get("uniqueId"),
        "name": version.get("name"),
        "source": source,
        "resource_group": None,
        "subscription_id": None,
        "location": version.get("location"),
        "tags": properties.get("artifactTags") or {},
        **names,
        "provisioning_state": None,
        **definition_properties(definition.get("properties") or {}),
        "purchase_plan": plain_plan((definition.get("properties") or {}).get("purchasePlan")),
        "source_vm": None,
        "created_at": properties.get("publishedDate"),
        **_publishing_facts(properties, now),
        **_gallery_disks(properties.get("storageProfile") or {}),
    }


def marketplace_facts(version: Json, publisher: str, offer: str, sku: str) -> Json:
    """The facts of a version of a marketplace image."""
    properties = version.get("properties") or {}
    status = properties.get("imageDeprecationStatus") or {}
    features = {item.get("name"): item.get("value") for item in properties.get("features") or []}
    os_disk = properties.get("osDiskImage") or {}
    plan = properties.get("plan")
    return {
        "id": version.get("id"),
        "name": version.get("name"),
        "source": "marketplace",
        "resource_group": None,
        "subscription_id": None,
        "location": version.get("location"),
        "tags": {},
        "urn": ":".join((publisher, offer, sku, str(version.get("name")))),
        "publisher": publisher,
        "offer": offer,
        "sku": sku,
        "version": version.get("name"),
        "provisioning_state": None,
        "hyper_v_generation": properties.get("hyperVGeneration"),
        "os_type": as_option(os_disk.get("operatingSystem")),
        "os_state": "generalized",
        "architecture": properties.get("architecture"),
        "security_type": features.get("SecurityType", "Standard"),
        "source_vm": None,
        "created_at": properties.get("goLiveDate"),
        "deprecated": str(status.get("imageState") or "Active") != "Active",
        "deprecated_at": status.get("scheduledDeprecationTime"),
        "deprecation_state": status.get("imageState"),
        "purchase_plan": plan,
        "os_disk": {"os_type": as_option(os_disk.get("operatingSystem")), "size_gb": os_disk.get("sizeInGb")},
        "data_disks": [{"lun": disk.get("lun")} for disk in properties.get("dataDiskImages") or []],
    }


def soft_deleted_facts(deleted: Json) -> Json:
    """The facts of a soft-deleted gallery version, which can still be restored."""
    properties = deleted.get("properties") or {}
    identity = properties.get("resourceArmId") or deleted.get("id")
    found = parse(str(identity or ""))
    names = found.names if found and len(found.names) == 3 else (None, None, deleted.get("name"))
    return {
        **placed({**deleted, "id": identity}, "gallery"),
        "gallery": names[0],
        "definition": names[1],
        "version": names[2],
        "provisioning_state": "SoftDeleted",
        "hyper_v_generation": None,
        "os_type": None,
        "os_state": None,
        "architecture": None,
        "security_type": None,
        "publisher": None,
        "offer": None,
        "sku": None,
        "source_vm": None,
        "created_at": None,
        "deprecated": True,
        "deprecated_at": properties.get("softDeletedTime"),
        "soft_deleted_at": properties.get("softDeletedTime"),
        "consumption_ends_at": properties.get("consumptionEndTime"),
        "hard_deletion_at": properties.get("hardDeletionTargetTime"),
        "data_disks": [],
    }


def placed(resource: Json, source: str) -> Json:
    """The id, name, place and tags of a resource in an own subscription."""
    found = parse(str(resource.get("id") or ""))
    return {
        "id": resource.get("id"),
        "name": resource.get("name"),
        "source": source,
        "resource_group": found.resource_group if found else None,
        "subscription_id": found.subscription_id if found else None,
        "location": resource.get("location"),
        "tags": resource.get("tags") or {},
    }


def _system_time(resource: Json) -> str | None:
    return (resource.get("systemData") or {}).get("createdAt")


def definition_properties(properties: Json) -> Json:
    """The properties of an image definition that all its versions have."""
    identifier = properties.get("identifier") or {}
    features = {item.get("name"): item.get("value") for item in properties.get("features") or []}
    return {
        "hyper_v_generation": properties.get("hyperVGeneration"),
        "os_type": as_option(properties.get("osType")),
        "os_state": as_option(properties.get("osState")),
        "architecture": properties.get("architecture"),
        # A definition without the feature is for virtual machines without a security type.
        "security_type": features.get("SecurityType", "Standard") if properties else None,
        "publisher": identifier.get("publisher"),
        "offer": identifier.get("offer"),
        "sku": identifier.get("sku"),
    }


def _publishing_facts(profile: Json, now: datetime) -> Json:
    excluded = bool(profile.get("excludeFromLatest"))
    end_of_life = profile.get("endOfLifeDate")
    moment = parse_timestamp(end_of_life)
    ended = moment is not None and moment <= now
    return {
        "exclude_from_latest": excluded,
        "end_of_life": end_of_life,
        "deprecated": excluded or ended,
        "deprecated_at": end_of_life if ended else None,
    }


def _legacy_source(publishing: Json) -> str | None:
    return ((publishing.get("source") or {}).get("managedImage") or {}).get("id")


def _gallery_disks(storage: Json) -> Json:
    os_disk = storage.get("osDiskImage") or {}
    return {
        "os_disk": {"size_gb": _size(os_disk), "caching": os_disk.get("hostCaching")},
        "data_disks": [
            {"lun": disk.get("lun"), "size_gb": _size(disk), "caching": disk.get("hostCaching")}
            for disk in storage.get("dataDiskImages") or []
        ],
    }


def _size(disk: Json) -> Any:
    # Galleries of own subscriptions return sizeInGB, other galleries diskSizeGB.
    return disk.get("sizeInGB", disk.get("diskSizeGB"))


def _disk_facts(disk: Json, os_disk: bool = False) -> Json:
    system = {"os_type": as_option(disk.get("osType")), "os_state": as_option(disk.get("osState"))}
    own = system if os_disk else {"lun": disk.get("lun")}
    return {
        **own,
        "size_gb": disk.get("diskSizeGB"),
        "caching": disk.get("caching"),
        "storage_account_type": disk.get("storageAccountType"),
        "managed_disk": (disk.get("managedDisk") or {}).get("id"),
        "snapshot": (disk.get("snapshot") or {}).get("id"),
        # Without its query, which may contain a signature.
        "blob_uri": str(disk["blobUri"]).split("?", maxsplit=1)[0] if disk.get("blobUri") else None,
        "disk_encryption_set": (disk.get("diskEncryptionSet") or {}).get("id"),
    }
