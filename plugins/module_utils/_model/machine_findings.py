# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What prevents any capture of a virtual machine: its disks and its state; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._model import disk_encryption as encryption
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disks import UNSUPPORTED_DISKS
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source

Json = dict[str, Any]


def machine_blockers(label: str, vm: Json, disks: list[Json], source: Source) -> Iterator[Finding]:
    """Blockers of a virtual machine, regardless of the targets.

    :param label: the label of the virtual machine.
    :param disks: its managed disks that are captured.
    """
    if machine.is_ephemeral(vm):
        yield Finding(
            "ephemeral_os_disk",
            f"The {label} has an ephemeral OS disk, which is lost on deallocation; create it with a managed OS disk.",
        )
    for disk in disks:
        kind = str((disk.get("sku") or {}).get("name") or "")
        if kind.lower() in UNSUPPORTED_DISKS:
            yield Finding(
                "disk_type_not_supported",
                f"The disk '{disk.get('name')}' of {label} is {kind}, which cannot be captured; detach it or change "
                "its type.",
            )
    if _is_encrypted(vm, disks, source):
        yield Finding(
            "disk_encryption",
            f"The {label} is encrypted by Azure Disk Encryption; disable it for all volumes through Azure, wait until "
            "they are decrypted, and remove its extension only then, since Azure reinstalls it otherwise.",
        )
    if machine.provisioning_state(vm) in ("Creating", "Deleting"):
        yield Finding(
            "source_in_transition",
            f"The {label} is in the state {machine.provisioning_state(vm)}; wait until the operation has completed.",
        )


def _is_encrypted(vm: Json, disks: list[Json], source: Source) -> bool:
    """Whether Azure Disk Encryption is enabled on a captured volume; if unknown, its extension indicates it."""
    left_out = len(machine.data_disks(vm)) > sum(source.includes(disk) for disk in machine.data_disks(vm))
    if not left_out:
        return machine.uses_disk_encryption(vm, disks)
    if machine.has_encrypted_settings(vm, disks):
        return True
    names = [disk.get("name") for disk in (machine.os_disk(vm), *machine.data_disks(vm)) if source.includes(disk)]
    clear = encryption.decrypted_disks(vm)
    return encryption.encryption_extension(vm) is not None and not all(name in clear for name in names)
