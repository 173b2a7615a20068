# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure refuses of the targets of a capture, for test_blockers."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
#: Seed, options, our code, Azure's code.
Case = tuple[Json, Json, str, str]

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
BASE = f"{SUBSCRIPTION}/resourceGroups/images/providers/Microsoft.Compute"
NEW = {"publisher": "Example", "offer": "web", "sku": "new"}
IN_GALLERY = {"gallery": "golden", "definition": "web", "create_definition": NEW}
MACHINE = {"source_vm": "web", "generalize": True}
IMAGE = {**MACHINE, "image": "golden"}
WEB = {"name": "web", "group": "images", "power": "stopped"}
STOPPED = {"virtual_machines": [WEB]}
HERE = {"name": "westeurope"}
OF_DISK = {"source_disk": "system", "os_state": "generalized", "os_type": "linux", "image": "golden"}
SYSTEM = {
    "id": f"{BASE}/disks/system",
    "location": "westeurope",
    "sku": {"name": "Premium_LRS"},
    "properties": {"osType": "Linux", "creationData": {"createOption": "Empty"}, "diskSizeGB": 8},
}
OTHER = {
    "id": f"{BASE}/galleries/golden/images/other",
    "location": "westeurope",
    "properties": {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "example", "offer": "WEB", "sku": "new"},
    },
}


def key(name: str, location: str = "westeurope") -> Json:
    """A disk encryption set for the seed."""
    return {"id": f"{BASE}/diskEncryptionSets/{name}", "location": location, "properties": {}}


def published(**more: Any) -> Json:
    """Options of a capture into a version, which says more of it."""
    return {**MACHINE, "gallery_versions": [{**IN_GALLERY, **more}]}


def encrypted(*names: str | None) -> Json:
    """A version in two regions, encrypted by these sets."""
    regions = [HERE, {"name": "northeurope"}]
    return published(
        target_regions=[
            {**region, **({"disk_encryption_set": name} if name else {})}
            for region, name in zip(regions, names, strict=False)
        ]
    )


FOREIGN = f"{BASE}/diskEncryptionSets/key".replace("11111111-1111", "99999999-9999")

TARGET_CASES: dict[str, Case] = {
    "image's name": (STOPPED, {**IMAGE, "image": "golden-"}, "name_not_valid", "InvalidParameter"),
    "image's long name": (STOPPED, {**IMAGE, "image": "g" * 81}, "name_not_valid", "InvalidParameter"),
    "gallery's name": (STOPPED, published(gallery="golden-"), "name_not_valid", "ParentResourceNotFound"),
    "definition's name": (STOPPED, published(definition="_web"), "name_not_valid", "InvalidParameter"),
    "version of two numbers": (STOPPED, published(version="1.0"), "version_not_valid", "InvalidParameter"),
    "version beyond 32 bits": (STOPPED, published(version="1.0.2147483648"), "version_not_valid", "InvalidParameter"),
    "publisher": (
        STOPPED,
        published(create_definition={**NEW, "publisher": "Example Ltd"}),
        "identifier_not_valid",
        "InvalidParameter",
    ),
    "long SKU": (
        STOPPED,
        published(create_definition={**NEW, "sku": "s" * 65}),
        "identifier_not_valid",
        "InvalidParameter",
    ),
    "identifier of another definition": (
        {**STOPPED, "resources": [OTHER]},
        published(),
        "identifier_taken",
        "OperationNotAllowed",
    ),
    "tag's name": (STOPPED, {**IMAGE, "tags": {"a/b": "c"}}, "tag_name_not_valid", "InvalidTagNameCharacters"),
    "tag's long name": (STOPPED, {**IMAGE, "tags": {"n" * 513: "c"}}, "tag_name_too_long", "InvalidTagName"),
    "tag's long value": (STOPPED, {**IMAGE, "tags": {"n": "v" * 257}}, "tag_value_too_long", "InvalidTagValueLength"),
    "tag twice": (STOPPED, {**IMAGE, "tags": {"Team": "a", "team": "b"}}, "tag_named_twice", "InvalidRequestContent"),
    "tags beyond the limit": (
        STOPPED,
        {**IMAGE, "tags": {f"tag-{each}": "v" for each in range(51)}},
        "too_many_tags",
        "TooManyTags",
    ),
    "tags beyond the limit with ours": (
        STOPPED,
        {**IMAGE, "tags": {f"tag-{each}": "v" for each in range(46)}},
        "too_many_tags",
        "TooManyTags",
    ),
    "region twice": (
        STOPPED,
        published(target_regions=[HERE, {"name": "West Europe"}]),
        "region_named_twice",
        "InvalidParameter",
    ),
    "region that is none": (
        STOPPED,
        published(target_regions=[HERE, {"name": "westeurop"}]),
        "region_unknown",
        "InvalidParameter",
    ),
    "zones where there are none": (
        STOPPED,
        published(target_regions=[HERE, {"name": "westus", "storage_account_type": "Standard_ZRS"}]),
        "no_zones_in_region",
        "InvalidParameter",
    ),
    "no replica": (
        STOPPED,
        published(target_regions=[{**HERE, "regional_replica_count": 0}]),
        "replicas_not_valid",
        "InvalidParameter",
    ),
    "many replicas": (
        STOPPED,
        published(
            target_regions=[
                {**HERE, "regional_replica_count": 60},
                {"name": "northeurope", "regional_replica_count": 41},
            ]
        ),
        "too_many_replicas",
        "InvalidParameter",
    ),
    "replicas for many machines": (
        STOPPED,
        {**published(), "concurrent_deployments": 2001},
        "too_many_replicas",
        "InvalidParameter",
    ),
    "storage that is none": (
        STOPPED,
        published(target_regions=[{**HERE, "storage_account_type": "UltraSSD_LRS"}]),
        "storage_account_type_not_valid",
        "InvalidParameter",
    ),
    "shallow in two regions": (
        STOPPED,
        published(target_regions=[HERE, {"name": "northeurope"}], replication_mode="shallow"),
        "shallow_has_one_replica",
        "InvalidParameter",
    ),
    "key in one region only": (
        {**STOPPED, "resources": [key("key")]},
        encrypted("key", None),
        "encryption_set_missing",
        "InvalidParameter",
    ),
    "key that is absent": (STOPPED, encrypted("key"), "encryption_set_not_found", "InvalidParameter"),
    "key of another region": (
        {**STOPPED, "resources": [key("key")]},
        encrypted("key", "key"),
        "encryption_set_elsewhere",
        "InvalidParameter",
    ),
    "key of another subscription": (STOPPED, encrypted(FOREIGN), "encryption_set_elsewhere", "InvalidParameter"),
    "image's key that is absent": (
        {"resources": [SYSTEM]},
        {**OF_DISK, "os_disk": {"disk_encryption_set": "absent"}},
        "encryption_set_not_found",
        "ResourceNotFound",
    ),
    "image's key of another region": (
        {"resources": [SYSTEM, key("far", "northeurope")]},
        {**OF_DISK, "os_disk": {"disk_encryption_set": "far"}},
        "encryption_set_elsewhere",
        "InvalidParameter",
    ),
    "end of life that is no date": (STOPPED, published(end_of_life_date="soon"), "end_of_life_not_valid", "BadRequest"),
    "end of life that has come": (
        STOPPED,
        published(end_of_life_date="2025-12-31"),
        "end_of_life_passed",
        "InvalidParameter",
    ),
    "group that is being deleted": (
        {**STOPPED, "groups": {"leaving": "westeurope"}, "deleting": "leaving"},
        {**MACHINE, "image": f"{BASE}/images/golden".replace("/images/providers", "/leaving/providers")},
        "resource_group_being_deleted",
        "ResourceGroupBeingDeleted",
    ),
    "group that is absent": (
        STOPPED,
        {**MACHINE, "image": f"{BASE}/images/golden".replace("/images/providers", "/absent/providers")},
        "resource_group_not_found",
        "ResourceGroupNotFound",
    ),
    "quota of versions": (
        {**STOPPED, "settings": {"quotas": {"GalleryImageVersion": 0}}},
        published(),
        "quota_exhausted",
        "OperationNotAllowed",
    ),
    "quota of definitions": (
        {**STOPPED, "settings": {"quotas": {"GalleryImage": 0}}},
        published(),
        "quota_exhausted",
        "OperationNotAllowed",
    ),
    "quota of snapshots": (
        {**STOPPED, "settings": {"quotas": {"StandardSnapshotCount": 0}}},
        {**IMAGE, "snapshot_disks": True},
        "quota_exhausted",
        "OperationNotAllowed",
    ),
    "lock on a failed version": (
        {
            **STOPPED,
            "failed_version": True,
            "locks": [{"scope": f"{BASE}/galleries/golden", "name": "keep", "level": "CanNotDelete"}],
        },
        published(version="1.0.0"),
        "locked",
        "ScopeLocked",
    ),
}

#: Blockers that no refusal of Azure's stands behind, or where nothing is left that could be sent.
TARGET_OURS = {
    "tag_without_name": "an empty name is sent by nobody's client; test_target_rules",
    "tag_without_value": "Azure would take the text None, or leave the tag out",
    "tag_value_not_text": "Azure would take the text of a dictionary",
    "upload_disk_closed": "nothing is uploaded to a disk that Azure has closed; test_upload_closed",
    "upload_disk_wants_sign_in": "the address would answer, with 401; test_upload_closed",
    "no_target": "without a target nothing is sent",
    "option_needs_image": "nothing of the option is sent",
    "end_of_life_missing": "nobody says whether Azure refuses to protect a version until a date that it does not have",
    "gallery_being_deleted": "Azure answers Conflict by chance of time; test_target_rules",
    "definition_being_deleted": "Azure answers Conflict by chance of time; test_target_rules",
    "generation_differs": "the source's own is sent",
    "storage_account_type_differs": "the image or version is there, so that nothing is sent; test_target_differences",
    "encryption_set_differs": "the image or version is there, so that nothing is sent; test_target_differences",
    "version_os_state_differs": "the version is there, so that nothing is sent; test_capture_targets",
    "replication_mode_differs": "the version is there, so that nothing is sent; test_target_differences",
    "host_caching_differs": "the image or version is there, so that nothing is sent; test_target_differences",
}
