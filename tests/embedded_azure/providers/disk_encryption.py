# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Disk Encryption: what its extension is told to do, and how far each disk of the machine is.

Decryption goes on in the background after the extension has answered, for the seconds that the setting `durations` has for
"decrypt". An extension that is removed meanwhile leaves the disks encrypted, as one that was never told to decrypt does
(https://learn.microsoft.com/azure/virtual-machines/windows/disk-encryption-windows).
"""

from __future__ import annotations

from datetime import timedelta

from ..cloud import Cloud
from ..errors import error
from ..model import Body
from ..store import Resource
from . import vm_storage

ENCRYPTED, DECRYPTING, CLEAR = "encrypted", "decryptionInProgress", "notEncrypted"
_TEXTS = {
    ENCRYPTED: "Encryption is enabled on disk",
    DECRYPTING: "Decryption is in progress on disk",
    CLEAR: "Disk is not encrypted",
}


def is_encryption(extension_type: str) -> bool:
    """Whether an extension of this type is that of Azure Disk Encryption."""
    return extension_type.startswith("AzureDiskEncryption")


def check(vm: Resource, settings: Body) -> None:
    """Refuse what Azure does not do: on Linux nothing is decrypted while the operating system's disk is encrypted."""
    disables = settings.get("EncryptionOperation") == "DisableEncryption"
    if disables and vm.private["os_type"] == "Linux" and _os_disk(vm) in vm.private.get("encrypted", {}):
        raise error(
            "not_allowed",
            reason="Disabling encryption is not supported on data or OS volumes if the OS volume is encrypted.",
        )


def carry_out(cloud: Cloud, vm: Resource, settings: Body) -> None:
    """Do what the extension's settings say, to the volumes they name."""
    encrypted = vm.private.setdefault("encrypted", {})
    named = [name for name in _disks(vm) if _is_named(vm, name, _volumes(settings))]
    if settings.get("EncryptionOperation") == "DisableEncryption":
        seconds = cloud.settings.seconds("decrypt", vm.type)
        for name in set(named) & set(encrypted):
            encrypted[name] = cloud.clock.now() + timedelta(seconds=seconds)
        return
    vm.private["encryption"] = _shown_settings(vm, settings)
    for entry, disk in vm_storage.disks_of(cloud, vm):
        if entry.get("name") in named:
            # It stays for good, and goes on to snapshots and copies (Learn, "Migrate from Azure Disk Encryption").
            disk.private["was_encrypted"] = True
    encrypted.update(dict.fromkeys(named))


def break_off(cloud: Cloud, vm: Resource) -> None:
    """The extension is removed: what it has not decrypted stays encrypted."""
    encrypted = vm.private.get("encrypted", {})
    for name in encrypted:
        if state(cloud, vm, name) == DECRYPTING:
            encrypted[name] = None


def state(cloud: Cloud, vm: Resource, disk: str) -> str:
    """How far a disk is."""
    encrypted = vm.private.get("encrypted", {})
    if disk not in encrypted:
        return CLEAR
    end = encrypted[disk]
    if end is None:
        return ENCRYPTED
    return CLEAR if end <= cloud.clock.now() else DECRYPTING


def shown(cloud: Cloud, vm: Resource, disk: str) -> tuple[list[Body], list[Body]]:
    """The encryption settings and the statuses of a disk in the instance view; none for one that never was encrypted."""
    if disk not in vm.private.get("encrypted", {}):
        return [], []
    found = state(cloud, vm, disk)
    settings = {**vm.private["encryption"], "enabled": found != CLEAR}
    return [settings], [{"code": f"EncryptionState/{found}", "level": "Info", "displayStatus": _TEXTS[found]}]


def message(cloud: Cloud, vm: Resource, extension: Resource) -> str:
    """What the extension says of itself."""
    operation = extension.properties.get("settings", {}).get("EncryptionOperation")
    if operation != "DisableEncryption":
        return "Encryption succeeded for all volumes"
    if any(state(cloud, vm, disk) == DECRYPTING for disk in _disks(vm)):
        return "Decryption is in progress"
    return "Disable Encryption completed successfully"


def _disks(vm: Resource) -> list[str]:
    profile = vm.private["storage"]
    return [entry["name"] for entry in (profile["osDisk"], *profile["dataDisks"]) if entry.get("name")]


def _os_disk(vm: Resource) -> str:
    return str(vm.private["storage"]["osDisk"].get("name"))


def _volumes(settings: Body) -> str:
    """Which volumes are meant; clients say so by a word, or by its number (recorded)."""
    named = settings.get("VolumeType", "all")
    return ("os", "data", "all")[named] if isinstance(named, int) else str(named).lower()


def _is_named(vm: Resource, disk: str, volumes: str) -> bool:
    return volumes == "all" or (volumes == "os") == (disk == _os_disk(vm))


def _shown_settings(vm: Resource, settings: Body) -> Body:
    found: Body = {
        "enabled": True,
        "diskEncryptionKey": {
            "sourceVault": {"id": settings.get("KeyVaultResourceId")},
            "secretUrl": f"{settings.get('KeyVaultURL', '')}/secrets/{vm.name}",
        },
    }
    if settings.get("KeyEncryptionKeyURL"):
        key_vault = {"id": settings.get("KekVaultResourceId")}
        found["keyEncryptionKey"] = {"sourceVault": key_vault, "keyUrl": settings["KeyEncryptionKeyURL"]}
    return found
