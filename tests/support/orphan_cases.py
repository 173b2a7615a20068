# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A subscription in which runs were interrupted: what this collection, Packer and others have left, and what runs still use."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._cleanup import run as cleanup
from driven import run_code

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
OLD, YOUNG = "2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
_BLOB = "https://store.blob.core.windows.net/vhds/golden.vhd"
_SUBNET = f"{SUBSCRIPTION}/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/net/subnets/vms"


def resource_id(group: str, kind: str, name: str) -> str:
    """The id of a resource of the subscription; the kind is as in "snapshots"."""
    provider = "Network" if kind in ("networkInterfaces", "publicIPAddresses", "virtualNetworks") else "Compute"
    return f"{SUBSCRIPTION}/resourceGroups/{group}/providers/Microsoft.{provider}/{kind}/{name}"


def group_id(name: str) -> str:
    """The id of a resource group."""
    return f"{SUBSCRIPTION}/resourceGroups/{name}"


def machine_id(name: str, group: str | None = None) -> str:
    """The id of a virtual machine; by default, in a group of the same name."""
    return resource_id(group or name, "virtualMachines", name)


def mark(machine: str) -> dict[str, str]:
    """The tag of what was created for a virtual machine."""
    return {"golden.azure.instance": machine.lower()}


GONE, STAYS = resource_id("images", "images", "gone"), resource_id("images", "images", "golden")
LOST = machine_id("copy", "work")
FOR_GONE, FOR_STAYS = {"golden.azure.image": GONE.lower()}, {"golden.azure.image": STAYS.lower()}
BUILT = {"golden.azure.golden_image": "web"}


def snapshot(group: str, name: str, tags: Json | None = None, created: str = OLD) -> Json:
    """A snapshot, of a blob, so that nothing else is required."""
    creation = {"createOption": "Import", "sourceUri": _BLOB, "storageAccountId": "/store"}
    return {
        "id": resource_id(group, "snapshots", name),
        "location": "westeurope",
        "created": created,
        "tags": tags or {},
        "properties": {"creationData": creation},
    }


def disk(group: str, name: str, tags: Json | None = None, created: str = OLD, upload: bool = False) -> Json:
    """An unattached disk."""
    creation = {"createOption": "Upload", "uploadSizeBytes": 20972032} if upload else {"createOption": "Empty"}
    return {
        "id": resource_id(group, "disks", name),
        "location": "westeurope",
        "created": created,
        "tags": tags or {},
        "sku": {"name": "Standard_LRS"},
        "properties": {"creationData": creation, **({} if upload else {"diskSizeGB": 4})},
    }


def interface(group: str, name: str, tags: Json | None = None, created: str = OLD, address: str = "") -> Json:
    """A network interface without a virtual machine."""
    properties: Json = {"subnet": {"id": _SUBNET}}
    if address:
        properties["publicIPAddress"] = {"id": resource_id(group, "publicIPAddresses", address)}
    return {
        "id": resource_id(group, "networkInterfaces", name),
        "location": "westeurope",
        "created": created,
        "tags": tags or {},
        "properties": {"ipConfigurations": [{"name": "primary", "properties": properties}]},
    }


def address(group: str, name: str, tags: Json | None = None, created: str = OLD, used_by: str = "") -> Json:
    """A public IP address."""
    used = {"ipConfiguration": {"id": f"{resource_id(group, 'networkInterfaces', used_by)}/ipConfigurations/primary"}}
    return {
        "id": resource_id(group, "publicIPAddresses", name),
        "location": "westeurope",
        "created": created,
        "tags": tags or {},
        "properties": {"publicIPAllocationMethod": "Static", **(used if used_by else {})},
    }


def image(group: str, name: str, tags: Json | None = None) -> Json:
    """A managed image."""
    return {
        "id": resource_id(group, "images", name),
        "location": "westeurope",
        "created": OLD,
        "tags": tags or {},
        "properties": {
            "hyperVGeneration": "V2",
            "storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized", "blobUri": _BLOB}},
        },
    }


def lease(image_name: str, at: str, process: str = "") -> Json:
    """The body of a resource group that is a lease."""
    own = {"lease": image_name, "run": f"run-of-{image_name}", "holder": "host builder", "process": process}
    tags = {f"golden.azure.{name}": value for name, value in {**own, "leased_at": at}.items()}
    return {"location": "westeurope", "tags": tags}


def owned(machine: str, **more: str) -> Json:
    """The body of a resource group that was created for a virtual machine."""
    return {"location": "westeurope", "tags": {**mark(machine), **more}}


def run(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    azure.clear_requests()
    done: Json = run_code(azure, cleanup.execute, cleanup.OPTIONS, check, **options)
    return done


def names(rows: list[Any]) -> list[str]:
    ids = (row if isinstance(row, str) else row["id"] for row in rows)
    return sorted("/".join(id.split("/")[-2:]) for id in ids)


def reasons(result: Json, key: str = "kept") -> dict[str, str]:
    return {"/".join(row["id"].split("/")[-2:]): row["reason_code"] for row in result[key]}


def seed(azure: EmbeddedAzure, *resources: Json, machines: tuple[Json, ...] = (), **groups: Any) -> None:
    given = {name.replace("_", "-"): body for name, body in groups.items()}
    azure.seed(
        {
            "groups": {"images": "westeurope", "work": "westeurope", **given},
            "resources": [image("images", "golden"), *resources],
            "virtual_machines": list(machines),
        }
    )


def machine(azure: EmbeddedAzure, name: str, group: str | None = None, **tags: str) -> str:
    """A virtual machine with its disks and its interface, all of which have the tags of an instance."""
    id = machine_id(name, group)
    before = set(azure.resources())
    azure.seed({"virtual_machines": [{"name": name, "group": group or name}]})
    for created in set(azure.resources()) - before:
        if "/providers/" in created:
            azure.change(created, {"tags": {**mark(id), **tags}})
    return id
