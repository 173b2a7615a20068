# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What of a machine Azure is going to end, for those who build images from it; pure.

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

    :param label: what people call the machine.
    :param disks: its managed disks.
    """
    if was_used(vm, disks):
        yield disk_encryption_ends(label)
    system = (machine.os_disk(vm).get("managedDisk") or {}).get("id")
    found = next((disk for disk in disks if same_id(disk.get("id"), str(system))), {})
    if str((found.get("sku") or {}).get("name")).lower() == "standard_lrs":
        yield Finding(
            "os_disk_on_hdd",
            f"The operating system's disk of {label} is a Standard HDD, which Azure ends for such disks on 2028-09-08; change its type "
            "to StandardSSD_LRS or Premium_LRS, which machines made of it then have, too.",
        )


def disk_encryption_ends(label: str) -> Finding:
    """The warning about Azure Disk Encryption, on a machine that has it or had it."""
    return Finding(
        "disk_encryption_ends",
        f"The {label} has or had Azure Disk Encryption, which ends on 2028-09-15, and its disks, snapshots and copies cannot be "
        "encrypted at their host instead; build the image from a machine that never had it.",
    )
