# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Resource Manager's JSON as the documented return values, one function per type."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.resource_id import parse

Json = dict[str, Any]


def image_facts(image: Json) -> Json:
    """A managed image; keys are always there, with None where Azure says nothing."""
    properties = image.get("properties") or {}
    storage = properties.get("storageProfile") or {}
    found = parse(str(image.get("id") or ""))
    return {
        "id": image.get("id"),
        "name": image.get("name"),
        "resource_group": found.resource_group if found else None,
        "subscription_id": found.subscription_id if found else None,
        "location": image.get("location"),
        "tags": image.get("tags") or {},
        "provisioning_state": properties.get("provisioningState"),
        "hyper_v_generation": properties.get("hyperVGeneration"),
        "zone_resilient": bool(storage.get("zoneResilient")),
        "source_vm": (properties.get("sourceVirtualMachine") or {}).get("id"),
        "created_at": (image.get("systemData") or {}).get("createdAt"),
        "os_disk": _disk_facts(storage.get("osDisk") or {}, os_disk=True),
        "data_disks": [_disk_facts(disk) for disk in storage.get("dataDisks") or []],
    }


def _disk_facts(disk: Json, os_disk: bool = False) -> Json:
    own = {"os_type": disk.get("osType"), "os_state": disk.get("osState")} if os_disk else {"lun": disk.get("lun")}
    return {
        **own,
        "size_gb": disk.get("diskSizeGB"),
        "caching": disk.get("caching"),
        "storage_account_type": disk.get("storageAccountType"),
        "managed_disk": (disk.get("managedDisk") or {}).get("id"),
        "snapshot": (disk.get("snapshot") or {}).get("id"),
        # Without its query: that may be a signature.
        "blob_uri": str(disk["blobUri"]).split("?", maxsplit=1)[0] if disk.get("blobUri") else None,
        "disk_encryption_set": (disk.get("diskEncryptionSet") or {}).get("id"),
    }
