# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources as Resource Manager answers them, with what a test wants to differ."""

from __future__ import annotations

from typing import Any

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
GROUP = f"{SUBSCRIPTION}/resourceGroups/images"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
VM_ID = f"{COMPUTE}/virtualMachines/web"
IMAGE_ID = f"{COMPUTE}/images/golden"
DISK_ID = f"{COMPUTE}/disks/web-os"
UNIQUE = "7c0f3a52-7f0c-4b1c-9a3d-0f6a0e3c1d11"
SOURCE_TAG = "golden.azure.source_vm_id"


def vm(power: str = "stopped", generalized: bool = False, **properties: Any) -> dict[str, Any]:
    """A Linux machine with one managed disk."""
    statuses = [{"code": "ProvisioningState/succeeded"}, {"code": f"PowerState/{power}"}]
    if generalized:
        statuses.insert(1, {"code": "OSState/generalized"})
    return {
        "id": VM_ID,
        "name": "web",
        "type": "Microsoft.Compute/virtualMachines",
        "location": "westeurope",
        "properties": {
            "vmId": UNIQUE,
            "provisioningState": "Succeeded",
            "storageProfile": {
                "osDisk": {"osType": "Linux", "managedDisk": {"id": DISK_ID}, "deleteOption": "Delete"},
                "dataDisks": [],
            },
            "instanceView": {"hyperVGeneration": "V2", "statuses": statuses},
            **properties,
        },
    }


def disk(**properties: Any) -> dict[str, Any]:
    """The machine's disk."""
    sku = properties.pop("sku", "Premium_LRS")
    return {
        "id": DISK_ID,
        "name": "web-os",
        "location": "westeurope",
        "sku": {"name": sku},
        "properties": {"hyperVGeneration": "V2", "diskState": "Reserved", **properties},
    }


def image(
    source_vm_id: str | None = UNIQUE, state: str = "Succeeded", tags: dict[str, str] | None = None, **storage: Any
) -> dict[str, Any]:
    """The machine's image."""
    recorded = {SOURCE_TAG: source_vm_id} if source_vm_id else {}
    return {
        "id": IMAGE_ID,
        "name": "golden",
        "type": "Microsoft.Compute/images",
        "location": "westeurope",
        "tags": {**(tags or {}), **recorded},
        "properties": {
            "provisioningState": state,
            "hyperVGeneration": "V2",
            "sourceVirtualMachine": {"id": VM_ID},
            "storageProfile": {
                "osDisk": {
                    "osType": "Linux",
                    "osState": "Generalized",
                    "diskSizeGB": 30,
                    "managedDisk": {"id": DISK_ID},
                },
                "dataDisks": [],
                **storage,
            },
        },
    }


def stand_unused(wire: Any, subscription: str = SUBSCRIPTION, **listed: list[dict[str, Any]]) -> None:
    """What a removal asks for besides the image: who uses it, and what was made for it; nothing unless listed."""
    for collection in ("virtualMachines", "virtualMachineScaleSets", "galleries", "snapshots", "disks"):
        path = f"{subscription}/providers/Microsoft.Compute/{collection}"
        wire.stand("GET", path, body={"value": listed.get(collection, [])})
    wire.stand(
        "GET",
        f"{subscription}/providers/Microsoft.VirtualMachineImages/imageTemplates",
        body={"value": listed.get("imageTemplates", [])},
    )
    wire.stand("GET", f"{GROUP}/providers/Microsoft.Authorization/locks", body={"value": listed.get("locks", [])})
    elsewhere = listed.get("elsewhere", [])
    wire.stand(
        "POST",
        "/providers/Microsoft.ResourceGraph/resources",
        body={"totalRecords": len(elsewhere), "count": len(elsewhere), "data": elsewhere, "resultTruncated": "false"},
    )


def lock(level: str, scope: str = GROUP) -> dict[str, Any]:
    """A management lock."""
    return {
        "id": f"{scope}/providers/Microsoft.Authorization/locks/keep",
        "name": "keep",
        "properties": {"level": level},
    }
