# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Warnings about features of a virtual machine that Azure will retire; pure.

Sources: https://learn.microsoft.com/azure/virtual-machines/disk-encryption-migrate and .../disks-hdd-os-retirement
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import same_id
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disk_encryption import was_used

Json = dict[str, Any]


def retirement_warnings(label: str, vm: Json, disks: list[Json]) -> Iterator[Finding]:
    """A warning for each.

    :param label: the label of the virtual machine.
    :param disks: its managed disks.
    """
    if was_used(vm, disks):
        yield disk_encryption_ends(label)
    system = (machine.os_disk(vm).get("managedDisk") or {}).get("id")
    found = next((disk for disk in disks if same_id(disk.get("id"), str(system))), {})
    if str((found.get("sku") or {}).get("name")).lower() == "standard_lrs":
        yield Finding(
            "os_disk_on_hdd",
            f"The OS disk of {label} is a Standard HDD, which Azure retires for OS disks on 2028-09-08; change its type to "
            "StandardSSD_LRS or Premium_LRS, which virtual machines created from it then have as well.",
        )


def disk_encryption_ends(label: str) -> Finding:
    """The warning about a virtual machine that is or was encrypted with Azure Disk Encryption."""
    return Finding(
        "disk_encryption_ends",
        f"The {label} is or was encrypted with Azure Disk Encryption, which Azure retires on 2028-09-15, and its disks, snapshots and "
        "copies do not support encryption at host; build the image from a virtual machine that was never encrypted so.",
    )
