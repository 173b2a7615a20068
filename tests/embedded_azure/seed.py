# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources that are there from the start, described shortly or as whole ARM bodies.

    settings:          {page_size: 2, throttling: true}
    marketplace:       [{publisher, offer, sku, version, os_type, hyper_v_generation, ...}]   (fields of PlatformImage)
    groups:            {golden: westeurope, other: {location: eastus, tags: {a: b}}}   (by full id in other subscriptions)
    virtual_machines:  [{name, group, location, image, size, os_type, admin_username, ssh_public_keys, custom_data,
                         data_disks: [sizes in GiB], zones, tags, security_type, disk_controller: SCSI|NVMe,
                         architecture: x64|Arm64 (of image and size, where those are not named), power: running|stopped|deallocated,
                         generalized: true, extensions: [{name, publisher, type, version, settings}]}]
    resources:         [{id: /subscriptions/.../disks/d, location: ..., properties: {...},
                         created: 2026-01-31T12:00:00Z}]   (when it was made; now by default)
    actions:           [{id: /subscriptions/.../galleries/g, action: share, body: {operationType: EnableCommunity}}]
    locks:             [{scope: <id>, name, level}]
    storage_accounts:  [{name, group, kind: StorageV2|BlockBlobStorage|..., sku, public_network_access: false,
                         containers: {vhds: {public_access: blob|container, immutability_policy: true, legal_hold: true}}}]
                       (their data plane, see storage_service.py; Resource Manager does not know them)

Every resource takes the same road as a client's PUT, so the rules of its type hold for a seed, too.
"""

from __future__ import annotations

from typing import Any

from .cloud import Cloud
from .engine import Engine
from .locks import TYPE as LOCK
from .model import Body, picked
from .resource_id import parse

DEFAULT_IMAGE = {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2", "version": "latest"}
ARM64_IMAGE = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server-arm64", "version": "latest"}
WINDOWS_IMAGE = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}
DEFAULT_LOCATION = "westeurope"
_GROUPS_VERSION = "2024-07-01"
_KNOWN = frozenset(
    {"settings", "marketplace", "groups", "virtual_machines", "resources", "actions", "locks", "storage_accounts"}
)
_POWER_ACTIONS = {"deallocated": "deallocate", "stopped": "powerOff"}
_MACHINE = frozenset(
    {
        "name", "group", "location", "image", "size", "os_type", "admin_username", "ssh_public_keys", "custom_data",
        "data_disks", "zones", "tags", "security_type", "power", "generalized", "identity", "plan", "extensions",
        "disk_controller", "architecture", "accelerated_networking", "hibernation",
    }
)  # fmt: skip


class Seeder:
    """Puts a seed's resources into a cloud."""

    def __init__(self, cloud: Cloud, engine: Engine) -> None:
        self._cloud = cloud
        self._engine = engine

    def plant(self, seed: Body) -> None:
        """Add everything a seed describes and wait until it is there.

        Raises ValueError for a word it does not know, AzureError when a rule refuses a resource.
        """
        unknown = set(seed) - _KNOWN
        if unknown:
            raise ValueError(f"The seed has unknown keys: {', '.join(sorted(unknown))}.")
        self._cloud.settings.update(seed.get("settings") or {})
        for item in seed.get("marketplace") or []:
            self._cloud.catalogue.add_document(item)
        for name, location in (seed.get("groups") or {}).items():
            body = location if isinstance(location, dict) else {"location": location}
            self.send("PUT", self.group_id(name), body, _GROUPS_VERSION)
        for item in seed.get("storage_accounts") or []:
            group = self.group_id(item["group"])
            self._cloud.accounts.add(f"{group}/providers/Microsoft.Storage/storageAccounts/{item['name']}", item)
        for item in seed.get("resources") or []:
            unsent = ("id", "name", "type", "created")
            self.put(item["id"], {key: value for key, value in item.items() if key not in unsent})
            if item.get("created"):
                self._date(item["id"], str(item["created"]))
        for item in seed.get("virtual_machines") or []:
            self._machine(item)
        for item in seed.get("actions") or []:
            self.act(item["id"], item["action"], item.get("body"))
        for item in seed.get("locks") or []:
            id = f"{item['scope']}/providers/{LOCK}/{item['name']}"
            properties = {"level": item.get("level", "CanNotDelete"), **picked(item, "notes")}
            self._cloud.add(id, LOCK, {"properties": properties})

    def group_id(self, name: str) -> str:
        """The id of a group, which may be given by its id."""
        return (
            name
            if name.startswith("/")
            else f"/subscriptions/{self._cloud.settings.subscription}/resourceGroups/{name}"
        )

    def put(self, id: str, body: Body) -> None:
        """PUT a resource with the newest api-version of its type, and wait for its operation."""
        kind = self._engine.router.find(parse(id).type)
        if kind is None:
            raise ValueError(f"The seed names a resource of an unknown type: {id}.")
        self.send("PUT", id, body, kind.api_versions[-1] if kind.api_versions else _GROUPS_VERSION)
        resource = self._cloud.store.get(id)
        if resource is not None and resource.properties.get("provisioningState") == "Failed":
            failure = self._cloud.operations.failure_of(id)
            reason = f"{failure.message} ({failure.code})" if failure else "its operation failed."
            raise ValueError(f"The seed's resource {id} could not be made: {reason}")

    def _date(self, id: str, moment: str) -> None:
        """Let a resource have been made at another time."""
        resource = self._cloud.store.get(id)
        if resource is None:
            raise ValueError(f"The seed dates a resource that is not there: {id}.")
        resource.private["created"] = moment
        if "publishingProfile" in resource.properties:
            resource.properties["publishingProfile"]["publishedDate"] = moment

    def send(self, method: str, id: str, body: Body | None, api_version: str) -> None:
        """Send a request past the front door and let its operation end now."""
        self._engine.send(method, id, body, api_version)
        self._cloud.operations.hurry()

    def act(self, id: str, action: str, body: Body | None = None) -> None:
        """POST an action to a resource with the newest api-version of its type, and wait for its operation."""
        kind = self._engine.router.find(parse(id).type)
        if kind is None:
            raise ValueError(f"There is no resource type for {id}.")
        self.send("POST", f"{id}/{action}", body, kind.api_versions[-1])

    def change(self, id: str, body: Body) -> None:
        """PATCH a resource or group with the newest api-version of its type, and wait for its operation."""
        kind = self._engine.router.find(parse(id).type)
        self.send("PATCH", id, body, kind.api_versions[-1] if kind and kind.api_versions else _GROUPS_VERSION)

    def _machine(self, item: Body) -> None:
        unknown = set(item) - _MACHINE
        if unknown:
            raise ValueError(f"The seed's virtual machine has unknown keys: {', '.join(sorted(unknown))}.")
        group = self.group_id(item["group"])
        resource_group = self._cloud.store.get(group)
        location = item.get("location") or (resource_group.location if resource_group else DEFAULT_LOCATION)
        if resource_group is None:
            self.send("PUT", group, {"location": location}, _GROUPS_VERSION)
        id = f"{group}/providers/Microsoft.Compute/virtualMachines/{item['name']}"
        self.put(id, machine_body(item, location))
        for extension in item.get("extensions") or []:
            self.put(f"{id}/extensions/{extension['name']}", extension_body(extension, location))
        power = item.get("power", "deallocated" if item.get("generalized") else "running")
        if power in _POWER_ACTIONS:
            self.act(id, _POWER_ACTIONS[power])
        if item.get("generalized"):
            self.act(id, "generalize")


def extension_body(item: Body, location: str) -> Body:
    """The body of the PUT that makes an extension of a seed's virtual machine."""
    version = {"typeHandlerVersion": item.get("version", "1.0")}
    return {"location": location, "properties": {**picked(item, "publisher", "type", "settings"), **version}}


def _size(item: Body) -> str:
    """A size that has what a seed's virtual machine is to have."""
    if item.get("architecture") == "Arm64":
        return "Standard_D2ps_v6"
    return "Standard_D2s_v6" if item.get("disk_controller") == "NVMe" else "Standard_D2s_v5"


def machine_body(item: Body, location: str) -> Body:
    """The body of the PUT that makes a seed's virtual machine, with an interface of its own."""
    arm = item.get("architecture") == "Arm64"
    default = WINDOWS_IMAGE if item.get("os_type") == "Windows" else ARM64_IMAGE if arm else DEFAULT_IMAGE
    image = item.get("image") or default
    username = item.get("admin_username", "azureuser")
    profile: dict[str, Any] = {"computerName": item["name"], "adminUsername": username}
    keys = item.get("ssh_public_keys") or []
    if item.get("os_type") == "Windows":
        profile["windowsConfiguration"] = {"provisionVMAgent": True}
    else:
        path = f"/home/{username}/.ssh/authorized_keys"
        profile["linuxConfiguration"] = {
            "disablePasswordAuthentication": True,
            "ssh": {"publicKeys": [{"path": path, "keyData": key} for key in keys]},
        }
    if item.get("custom_data"):
        profile["customData"] = item["custom_data"]
    interface = {
        "name": f"{item['name']}-nic",
        "properties": {
            "primary": True,
            "deleteOption": "Delete",
            "enableAcceleratedNetworking": bool(item.get("accelerated_networking")),
            "ipConfigurations": [{"name": "ipconfig1", "properties": {}}],
        },
    }
    disks = [
        {"lun": lun, "createOption": "Empty", "diskSizeGB": size}
        for lun, size in enumerate(item.get("data_disks") or [])
    ]
    properties: Body = {
        "hardwareProfile": {"vmSize": item.get("size") or _size(item)},
        "storageProfile": {
            "imageReference": {"id": image} if isinstance(image, str) else image,
            "osDisk": {"createOption": "FromImage", "deleteOption": "Delete"},
            "dataDisks": disks,
        },
        "osProfile": profile,
        "networkProfile": {"networkApiVersion": "2020-11-01", "networkInterfaceConfigurations": [interface]},
    }
    if item.get("disk_controller"):
        properties["storageProfile"]["diskControllerType"] = item["disk_controller"]
    if item.get("hibernation"):
        properties["additionalCapabilities"] = {"hibernationEnabled": True}
    if item.get("security_type"):
        properties["securityProfile"] = {"securityType": item["security_type"]}
    body: Body = {"location": location, "properties": properties}
    body.update({key: item[key] for key in ("tags", "zones", "identity", "plan") if item.get(key)})
    return body
