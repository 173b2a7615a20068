# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A virtual machine as the source of an image: the properties that its targets depend on; pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.blob import Blob
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source, SourceDisk, SourceReference

Json = dict[str, Any]


def source_of_machine(reference: SourceReference, vm: Json, disks: list[Json], interfaces: list[Json]) -> Source:
    """A virtual machine with all its disks, to be generalized.

    :param disks: its managed disks, the OS disk first.
    :param interfaces: its network interfaces, if they were read.
    """
    captured = (
        disk_of_machine(machine.os_disk(vm), None),
        *(disk_of_machine(disk, disk.get("lun")) for disk in sorted(machine.data_disks(vm), key=_lun)),
    )
    return Source(
        reference=reference,
        identity=machine.identity(vm),
        location=str(vm.get("location") or ""),
        os_type=machine.os_type(vm),
        specialized=False,
        generation=machine.hyper_v_generation(vm, disks),
        architecture=machine.architecture(disks),
        security_type=machine.security_type(vm),
        disk_controllers=controllers(disks[0] if disks else {}) or _controller_in_use(vm),
        accelerated_networking=any(
            bool(machine.properties(interface).get("enableAcceleratedNetworking")) for interface in interfaces
        ),
        hibernation=bool((machine.properties(vm).get("additionalCapabilities") or {}).get("hibernationEnabled")),
        purchase_plan=vm.get("plan"),
        base=machine.base_image(vm),
        whole=True,
        disks=captured,
        luns=tuple(disk.lun for disk in captured if disk.lun is not None),
    )


def disk_of_machine(disk: Json, lun: int | None) -> SourceDisk:
    """A disk of a virtual machine, from the virtual machine's entry for it."""
    managed = parse(str((disk.get("managedDisk") or {}).get("id") or ""))
    source: SourceReference = managed or Blob(str((disk.get("vhd") or {}).get("uri") or ""))
    return SourceDisk(source, lun, host_caching=disk.get("caching"))


def controllers(disk: Json) -> str | None:
    """The disk controllers that a disk supports, as Azure lists them; None if it does not say so."""
    return (machine.properties(disk).get("supportedCapabilities") or {}).get("diskControllerTypes")


def _controller_in_use(vm: Json) -> str | None:
    """The controllers that a guest with NVMe supports, if its disk does not state them; Azure's own images support both."""
    return "SCSI, NVMe" if str(machine.storage(vm).get("diskControllerType")).lower() == "nvme" else None


def _lun(disk: Json) -> int:
    return int(disk.get("lun") or 0)
