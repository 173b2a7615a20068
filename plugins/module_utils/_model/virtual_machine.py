# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read properties from the JSON of a virtual machine with its instance view; pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, parse

Json = dict[str, Any]

#: Publisher and type of the Azure Disk Encryption extensions.
_DISK_ENCRYPTION_EXTENSIONS = ("azurediskencryption", "azurediskencryptionforlinux")


def properties(resource: Json | None) -> Json:
    """The properties of a resource; empty if it does not exist."""
    return (resource or {}).get("properties") or {}


def _status_codes(vm: Json) -> list[str]:
    view = properties(vm).get("instanceView") or {}
    return [str(status.get("code") or "") for status in view.get("statuses") or []]


def power_state(vm: Json) -> str:
    """``running``, ``stopped``, ``deallocated`` ... as the last part of PowerState/...; ``unknown`` if Azure returns none.

    ``stopped`` follows a shutdown from inside the guest, and a power off from outside as well; ``deallocated`` follows
    a deallocation (https://learn.microsoft.com/azure/virtual-machines/states-billing).
    """
    for code in _status_codes(vm):
        if code.lower().startswith("powerstate/"):
            return code.split("/", 1)[1].lower()
    return "unknown"


def is_generalized(vm: Json) -> bool:
    """Whether the virtual machine is marked as generalized."""
    return any(code.lower() == "osstate/generalized" for code in _status_codes(vm))


def identity(vm: Json) -> str:
    """The vmId, which distinguishes a virtual machine from one that was recreated with the same name."""
    return str(properties(vm).get("vmId") or "")


def provisioning_state(resource: Json) -> str:
    """Succeeded, Creating, Updating, Deleting, Failed, Canceled."""
    return str(properties(resource).get("provisioningState") or "")


def has_failed(resource: Json) -> bool:
    """Whether the last write to a resource has failed or was canceled."""
    return provisioning_state(resource).lower() in ("failed", "canceled")


def exists_or_in_progress(resource: Json | None) -> bool:
    """Whether a resource exists or is being created; one whose creation failed is created again."""
    return resource is not None and not has_failed(resource)


def security_type(vm: Json) -> str:
    """TrustedLaunch, ConfidentialVM, or Standard; virtual machines without one return Standard since 2025-11-01."""
    return str((properties(vm).get("securityProfile") or {}).get("securityType") or "Standard")


def encryption_at_host(vm: Json) -> bool:
    """Whether encryption at host is enabled."""
    return bool((properties(vm).get("securityProfile") or {}).get("encryptionAtHost"))


def storage(vm: Json) -> Json:
    """The storage profile."""
    return properties(vm).get("storageProfile") or {}


def os_disk(vm: Json) -> Json:
    """The OS disk in the storage profile."""
    return storage(vm).get("osDisk") or {}


def data_disks(vm: Json) -> list[Json]:
    """The data disks in the storage profile."""
    return storage(vm).get("dataDisks") or []


def os_type(vm: Json) -> str:
    """Linux or Windows."""
    return str(os_disk(vm).get("osType") or "")


def managed_disk_ids(vm: Json, luns: Collection[int | None] | None = None) -> list[ResourceId]:
    """The ids of the managed disks of the virtual machine, the OS disk first.

    :param luns: the LUNs of the data disks to return; None for all of them.
    """
    found = []
    for disk in [os_disk(vm), *(disk for disk in data_disks(vm) if luns is None or disk.get("lun") in luns)]:
        disk_id = parse(str((disk.get("managedDisk") or {}).get("id") or ""))
        if disk_id:
            found.append(disk_id)
    return found


def interface_references(vm: Json) -> list[Json]:
    """The references to the network interfaces of the virtual machine."""
    return (properties(vm).get("networkProfile") or {}).get("networkInterfaces") or []


def interface_ids(vm: Json) -> list[ResourceId]:
    """The ids of the network interfaces of the virtual machine, the primary one first."""
    ordered = sorted(
        interface_references(vm), key=lambda reference: not (reference.get("properties") or {}).get("primary")
    )
    return list(filter(None, (parse(str(reference.get("id") or "")) for reference in ordered)))


def is_ephemeral(vm: Json) -> bool:
    """Whether the OS disk is ephemeral, so that it is lost on deallocation."""
    return bool(os_disk(vm).get("diffDiskSettings"))


def uses_disk_encryption(vm: Json, disks: list[Json]) -> bool:
    """Whether Azure Disk Encryption is enabled on any volume, according to the settings of the disks or to its extension."""
    if has_encrypted_settings(vm, disks):
        return True
    for extension in vm.get("resources") or []:
        kind = str(properties(extension).get("type") or "").lower()
        if kind in _DISK_ENCRYPTION_EXTENSIONS:
            return True
    return False


def has_encrypted_settings(vm: Json, disks: list[Json]) -> bool:
    """Whether one of these disks, or the OS disk, is encrypted according to its settings."""
    for disk in disks:
        if (properties(disk).get("encryptionSettingsCollection") or {}).get("enabled"):
            return True
    return bool((os_disk(vm).get("encryptionSettings") or {}).get("enabled"))


def hyper_v_generation(vm: Json, disks: list[Json]) -> str | None:
    """V1 or V2, from the instance view, otherwise from the OS disk; None if unknown."""
    view = properties(vm).get("instanceView") or {}
    found = view.get("hyperVGeneration") or (properties(disks[0]).get("hyperVGeneration") if disks else None)
    return str(found) if found else None


def architecture(disks: list[Json]) -> str:
    """x64 or Arm64, from the OS disk; x64 if unknown, which is Azure's default."""
    capabilities = (properties(disks[0]).get("supportedCapabilities") if disks else None) or {}
    return str(capabilities.get("architecture") or "x64")


def extension_names(vm: Json) -> list[str]:
    """The names of the extensions of the virtual machine."""
    kind = "microsoft.compute/virtualmachines/extensions"
    found = [item for item in vm.get("resources") or [] if str(item.get("type") or kind).lower() == kind]
    return [str(item.get("name") or str(item.get("id") or "").rsplit("/", 1)[-1]) for item in found]


def base_image(vm: Json) -> str | None:
    """The base image of the virtual machine: publisher:offer:sku:version, or the id of an image; None if unknown."""
    reference = storage(vm).get("imageReference") or {}
    if reference.get("publisher"):
        version = reference.get("exactVersion") or reference.get("version")
        return ":".join(str(reference.get(key)) for key in ("publisher", "offer", "sku")) + f":{version}"
    for key in ("id", "sharedGalleryImageId", "communityGalleryImageId"):
        if reference.get(key):
            return str(reference[key])
    return None


def features(definition: Json) -> dict[str, str]:
    """The features of an image definition, by their names in lower case."""
    return {
        str(feature.get("name")).lower(): str(feature.get("value"))
        for feature in properties(definition).get("features") or []
    }


def kept_on_deletion(vm: Json) -> list[str]:
    """The labels of the resources that are kept when the virtual machine is deleted, by their delete options (default Detach).

    Source: https://learn.microsoft.com/azure/virtual-machines/delete
    """
    kept = []
    for disk in [os_disk(vm), *data_disks(vm)]:
        disk_id = parse(str((disk.get("managedDisk") or {}).get("id") or ""))
        if disk_id and disk.get("deleteOption") != "Delete":
            kept.append(disk_id.label)
    for interface in interface_references(vm):
        interface_id = parse(str(interface.get("id") or ""))
        if interface_id and (interface.get("properties") or {}).get("deleteOption") != "Delete":
            kept.append(interface_id.label)
    return kept
