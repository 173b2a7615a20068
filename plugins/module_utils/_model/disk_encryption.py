# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the extensions and the state of Azure Disk Encryption from the JSON of a virtual machine with its instance view; pure.

Sources: https://learn.microsoft.com/azure/virtual-machines/windows/disk-encryption-windows and .../linux/disk-encryption-linux;
the states are those that ``az vm encryption show`` prints.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, child, parse
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

EXTENSION = "Microsoft.Compute/virtualMachines/extensions"
PUBLISHER = "Microsoft.Azure.Security"
DISABLE = "DisableEncryption"

#: Operating system -> type of the extension, which is also its usual name; its version; the volumes to decrypt.
#: On Linux only data volumes can be decrypted, and only if the OS volume is not encrypted.
_BY_SYSTEM = {
    "windows": ("AzureDiskEncryption", "2.2", "All"),
    "linux": ("AzureDiskEncryptionForLinux", "1.1", "Data"),
}
#: Major versions of the previous release, which requires an application in Microsoft Entra.
_PREVIOUS_RELEASE = {"azurediskencryption": "1", "azurediskencryptionforlinux": "0"}
_TYPES = tuple(_PREVIOUS_RELEASE)
_STATE = "encryptionstate/"
#: States of a disk without encrypted data.
_CLEAR = ("", "notencrypted", "notmounted")


def extensions(vm: Json) -> list[Json]:
    """The extensions of the virtual machine."""
    return [
        resource
        for resource in vm.get("resources") or []
        if (found := parse(str(resource.get("id") or ""))) and found.resource_type.lower() == EXTENSION.lower()
    ]


def name_of(extension: Json) -> str:
    """The name of the extension itself."""
    return str(extension.get("id") or "").rstrip("/").rsplit("/", 1)[-1]


def encrypts(extension: Json) -> bool:
    """Whether it is the extension of Azure Disk Encryption."""
    return str(machine.properties(extension).get("type") or "").lower() in _TYPES


def encryption_extension(vm: Json) -> Json | None:
    """The Azure Disk Encryption extension of the virtual machine."""
    return next((extension for extension in extensions(vm) if encrypts(extension)), None)


def disk_states(vm: Json) -> dict[str, str]:
    """Each disk that is not decrypted, with its state: encrypted, encryptionInProgress, decryptionInProgress, unknown ..."""
    found = {}
    for disk in (machine.properties(vm).get("instanceView") or {}).get("disks") or []:
        codes = [str(status.get("code") or "") for status in disk.get("statuses") or []]
        states = [code[len(_STATE) :] for code in codes if code.lower().startswith(_STATE)]
        # Azure appends states: the last one is current.
        if states and states[-1].lower() not in _CLEAR:
            found[str(disk.get("name"))] = states[-1]
    return found


def decrypted_disks(vm: Json) -> set[str]:
    """The names of the disks that the instance view reports as not encrypted."""
    found = set()
    for disk in (machine.properties(vm).get("instanceView") or {}).get("disks") or []:
        codes = [str(status.get("code") or "").lower() for status in disk.get("statuses") or []]
        states = [code[len(_STATE) :] for code in codes if code.startswith(_STATE)]
        # A disk that never was encrypted has no state.
        if not states or states[-1] in _CLEAR:
            found.add(str(disk.get("name")))
    return found


def was_used(vm: Json, disks: list[Json]) -> bool:
    """Whether Azure Disk Encryption is or was enabled on any volume: disks keep its settings after decryption.

    Source: https://learn.microsoft.com/azure/virtual-machines/disk-encryption-migrate
    """
    shown = (machine.properties(vm).get("instanceView") or {}).get("disks") or []
    return (
        machine.uses_disk_encryption(vm, disks)
        or any(disk.get("encryptionSettings") for disk in shown)
        or any(machine.properties(disk).get("encryptionSettingsCollection") for disk in disks)
        or bool(machine.os_disk(vm).get("encryptionSettings"))
    )


def is_being_disabled(vm: Json) -> bool:
    """Whether decryption was requested already, and has not failed."""
    properties = machine.properties(encryption_extension(vm))
    operation = (properties.get("settings") or {}).get("EncryptionOperation")
    return operation == DISABLE and properties.get("provisioningState") not in ("Failed", "Canceled")


def is_previous_release(vm: Json) -> bool:
    """Whether it is encrypted by the release that requires an application in Microsoft Entra."""
    if (machine.os_disk(vm).get("encryptionSettings") or {}).get("enabled"):
        return True
    properties = machine.properties(encryption_extension(vm))
    version = str(properties.get("typeHandlerVersion") or "")
    return version.split(".", maxsplit=1)[0] == _PREVIOUS_RELEASE.get(str(properties.get("type") or "").lower())


def disabling(source: ResourceId, vm: Json, sequence: str) -> tuple[ResourceId, Json]:
    """The extension and the body to write to decrypt all volumes.

    :param sequence: unique, or the extension treats it as already done.
    """
    kind, version, volumes = _BY_SYSTEM[machine.os_type(vm).lower()]
    present = encryption_extension(vm)
    body = {
        "location": vm.get("location"),
        "properties": {
            "publisher": PUBLISHER,
            "type": kind,
            "typeHandlerVersion": machine.properties(present).get("typeHandlerVersion") or version,
            "autoUpgradeMinorVersion": True,
            "settings": {"EncryptionOperation": DISABLE, "SequenceVersion": sequence, "VolumeType": volumes},
        },
    }
    return child(source, EXTENSION, name_of(present) if present else kind), body
