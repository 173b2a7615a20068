# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What images and gallery versions cannot be made of, whichever way the disks are named.

The rules are those of https://learn.microsoft.com/azure/virtual-machines/capture-image-resource and
https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries; nobody recorded the words, which are ours.
"""

from __future__ import annotations

from ..cloud import Cloud
from ..errors import error
from ..model import Body
from ..store import Resource
from . import disk_encryption, vm_storage

_UNSUPPORTED = ("UltraSSD_LRS", "PremiumV2_LRS")
_UPLOADING = ("ReadyToUpload", "ActiveUpload")


def check_machine(cloud: Cloud, vm: Resource) -> None:
    """Refuse a machine one of whose disks cannot be captured."""
    for _entry, disk in vm_storage.disks_of(cloud, vm):
        _check_content(disk)
    if any(disk_encryption.state(cloud, vm, name) != disk_encryption.CLEAR for name in vm.private.get("encrypted", {})):
        raise error(
            "not_allowed", reason=f"The virtual machine '{vm.name}' has disks encrypted by Azure Disk Encryption."
        )


def check_disk(disk: Resource | None) -> None:
    """Refuse a disk or snapshot that cannot be captured by itself."""
    if disk is None:
        return
    _check_content(disk)
    state = disk.properties.get("diskState")
    if state == "Attached":
        raise error("not_allowed", reason=f"The disk '{disk.name}' is attached to a running virtual machine.")
    if state in _UPLOADING:
        raise error("not_allowed", reason=f"The disk '{disk.name}' is being uploaded: its state is {state}.")


def check_definition(definition: Resource, vm: Resource) -> None:
    """Refuse a machine that is not what an image definition is for."""
    stated = definition.properties
    architecture = vm.private.get("architecture") or "x64"
    for name, wanted, present in (
        ("osType", stated.get("osType"), vm.private["os_type"]),
        ("architecture", stated.get("architecture", "x64"), architecture),
    ):
        if wanted != present:
            raise error(
                "invalid_parameter",
                reason=f"The {name} '{present}' of the virtual machine '{vm.name}' does not match '{wanted}' of the image "
                f"definition '{definition.name}'.",
            )
    if "vhd" in vm.private["storage"]["osDisk"]:
        raise error(
            "invalid_parameter",
            reason=f"The virtual machine '{vm.name}' has unmanaged disks, which galleries do not take.",
        )


def _check_content(disk: Resource) -> None:
    sku = _sku(disk.body)
    if sku in _UNSUPPORTED:
        raise error("not_allowed", reason=f"The disk '{disk.name}' is of the type {sku}, which cannot be captured.")
    if (disk.properties.get("encryptionSettingsCollection") or {}).get("enabled"):
        raise error("not_allowed", reason=f"The disk '{disk.name}' is encrypted by Azure Disk Encryption.")


def _sku(body: Body) -> str:
    return str((body.get("sku") or {}).get("name") or "")
