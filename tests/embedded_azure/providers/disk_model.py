# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Managed disks as things with a size, a speed and a source; shared by disks, snapshots and virtual machines."""

from __future__ import annotations

from typing import Any

from ..cloud import Cloud
from ..store import Resource

DISK = "Microsoft.Compute/disks"
GIBIBYTE = 1024**3
PLATFORM_KEY = {"type": "EncryptionAtRestWithPlatformKey"}

# Premium SSD: size in GiB up to which, tier, IOPS, MB/s (Microsoft Learn, disks-types).
_PREMIUM = (
    (4, "P1", 120, 25),
    (8, "P2", 120, 25),
    (16, "P3", 120, 25),
    (32, "P4", 120, 25),
    (64, "P6", 240, 50),
    (128, "P10", 500, 100),
    (256, "P15", 1100, 125),
    (512, "P20", 2300, 150),
    (1024, "P30", 5000, 200),
    (2048, "P40", 7500, 250),
    (4096, "P50", 7500, 250),
    (8192, "P60", 16000, 500),
    (16384, "P70", 18000, 750),
    (32767, "P80", 20000, 900),
)


def speed(sku: str, size: int) -> dict[str, Any]:
    """The performance properties of a disk of that SKU and size in GiB."""
    if sku.startswith("Premium_"):
        for limit, tier, operations, throughput in _PREMIUM:
            if size <= limit:
                return {"diskIOPSReadWrite": operations, "diskMBpsReadWrite": throughput, "tier": tier}
    if sku == "UltraSSD_LRS":
        shared = {"readOnly": False, "diskIOPSReadOnly": 100, "diskMBpsReadOnly": 13, "maxShares": 1}
        return {"diskIOPSReadWrite": 100, "diskMBpsReadWrite": 1, **shared}
    if size > 8192:
        return {"diskIOPSReadWrite": 2000, "diskMBpsReadWrite": 500}
    small = {"tier": "S4"} if sku == "Standard_LRS" and size <= 32 else {}
    return {"diskIOPSReadWrite": 500, "diskMBpsReadWrite": 60, **small}


def tier(sku: str) -> str:
    """The `tier` of a disk SKU."""
    return sku.split("_", 1)[0].removesuffix("SSD") or "Standard"


#: What a disk says of the image it was made from.
_OF_ITS_IMAGE = ("osType", "hyperVGeneration", "supportedCapabilities", "supportsHibernation", "purchasePlan")


def new_disk(
    cloud: Cloud, id: str, location: str, sku: str, size: int, creation: dict[str, Any], **more: Any
) -> Resource:
    """Add a disk that comes with a virtual machine."""
    properties = {
        **{key: more[key] for key in _OF_ITS_IMAGE if more.get(key)},
        "creationData": creation,
        "diskSizeGB": size,
        **speed(sku, size),
        "encryption": more.get("encryption") or PLATFORM_KEY,
        "networkAccessPolicy": "AllowAll",
        "publicNetworkAccess": "Enabled",
        "timeCreated": cloud.timestamp(),
        "provisioningState": "Succeeded",
        "diskState": "Unattached",
        "diskSizeBytes": size * GIBIBYTE,
        "uniqueId": cloud.new_id(),
    }
    body: dict[str, Any] = {"location": location, "sku": {"name": sku, "tier": tier(sku)}, "properties": properties}
    if more.get("zones"):
        body["zones"] = list(more["zones"])
    if more.get("tags") is not None:
        body["tags"] = dict(more["tags"])
    return cloud.add(id, DISK, body)


def attach(cloud: Cloud, disk: Resource, vm_id: str, state: str = "Attached") -> None:
    """Write down who owns a disk."""
    if disk.body.get("managedBy") != vm_id or disk.properties["diskState"] != state:
        disk.properties["LastOwnershipUpdateTime"] = cloud.timestamp()
    disk.body["managedBy"] = vm_id
    disk.properties["diskState"] = state


def detach(cloud: Cloud, disk: Resource) -> None:
    """Set a disk free."""
    disk.properties["LastOwnershipUpdateTime"] = cloud.timestamp()
    disk.body.pop("managedBy", None)
    disk.properties["diskState"] = "Unattached"
