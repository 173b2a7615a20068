# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide how the disks of a virtual machine are captured, and how consistent they are with each other; pure.

A snapshot of one disk is consistent in itself. Several disks are of the same time if the virtual machine does not write to them, or if
they are captured by a crash-consistent restore point. Application-consistent restore points are not used: they install an extension in
the guest, which must be removed before a capture, and require scripts on Linux.
Source: https://learn.microsoft.com/azure/virtual-machines/virtual-machines-create-restore-points and .../concepts-restore-points
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.disks import UNSUPPORTED_DISKS
from ansible_collections.golden.azure.plugins.module_utils._model.vm_sizes import traits_of

Json = dict[str, Any]

#: The values of the option: a restore point if possible, always, or never.
AUTO, CRASH_CONSISTENT, PER_DISK = "auto", "crash_consistent", "per_disk"
CHOICES = (AUTO, CRASH_CONSISTENT, PER_DISK)
#: Further values of the result: a restore point of which Azure does not guarantee that its disks are of the same time, and a virtual
#: machine that was stopped.
NOT_GUARANTEED, STOPPED = "not_guaranteed", "stopped"

_STOPPED = ("stopped", "deallocated")
_READ_WRITE = "readwrite"


@dataclass(frozen=True)
class ConsistencyDecision:
    """How the disks of a virtual machine are captured.

    :param mode: how consistent they are with each other: crash_consistent, not_guaranteed, stopped or per_disk.
    :param restore_point: whether they are captured by a restore point.
    :param obstacles: the reasons why a restore point is not possible, if several disks are to be of the same time.
    :param doubts: the reasons why Azure does not guarantee the consistency of a restore point.
    """

    mode: str
    restore_point: bool = False
    obstacles: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def decide(wanted: str, vm: Json, disks: Sequence[Json], unavailable: str | None = None) -> ConsistencyDecision:
    """How the disks of a virtual machine are captured.

    :param wanted: the value of the option.
    :param disks: its managed disks.
    :param unavailable: why restore points cannot be used here, whatever the virtual machine; None if they can.
    """
    if machine.power_state(vm) in _STOPPED:
        return ConsistencyDecision(STOPPED)
    if not machine.data_disks(vm):
        return ConsistencyDecision(CRASH_CONSISTENT)
    if wanted == PER_DISK:
        return ConsistencyDecision(PER_DISK)
    obstacles = (*([unavailable] if unavailable else []), *_obstacles(vm, disks))
    if obstacles:
        return ConsistencyDecision(PER_DISK, obstacles=obstacles)
    doubts = tuple(_doubts(vm))
    return ConsistencyDecision(NOT_GUARANTEED if doubts else CRASH_CONSISTENT, restore_point=True, doubts=doubts)


def _obstacles(vm: Json, disks: Sequence[Json]) -> Iterator[str]:
    """Why Azure does not create a crash-consistent restore point of a virtual machine."""
    size = _size(vm)
    if not traits_of(size).premium_storage:
        yield f"the size {size} does not support premium storage"
    if machine.security_type(vm) == "ConfidentialVM":
        yield "it is a confidential virtual machine"
    if machine.is_ephemeral(vm):
        yield "its OS disk is ephemeral"
    attached = [machine.os_disk(vm), *machine.data_disks(vm)]
    if len(machine.managed_disk_ids(vm)) != len(attached):
        yield "it has unmanaged disks"
    for disk in attached:
        if disk.get("writeAcceleratorEnabled"):
            yield f"the disk '{disk.get('name')}' uses the write accelerator"
    for disk in disks:
        kind = str((disk.get("sku") or {}).get("name") or "")
        if kind.lower() in UNSUPPORTED_DISKS:
            yield f"the disk '{disk.get('name')}' is {kind}"
        if int(machine.properties(disk).get("maxShares") or 1) > 1:
            yield f"the disk '{disk.get('name')}' is shared"


def _doubts(vm: Json) -> Iterator[str]:
    """Why Azure does not guarantee that the disks of a crash-consistent restore point are of the same time."""
    attached = [machine.os_disk(vm), *machine.data_disks(vm)]
    cached = [f"'{disk.get('name')}'" for disk in attached if str(disk.get("caching")).lower() == _READ_WRITE]
    if cached:
        yield f"the host caches writes to {' and '.join(cached)} (ReadWrite)"
    size = _size(vm)
    if len(machine.data_disks(vm)) > 1 and not traits_of(size).simultaneous_snapshots:
        yield f"the size {size} does not support simultaneous snapshots of several data disks"


def _size(vm: Json) -> str:
    return str((machine.properties(vm).get("hardwareProfile") or {}).get("vmSize") or "")


def consistency_blockers(label: str, wanted: str, decision: ConsistencyDecision) -> Iterator[Finding]:
    """A blocker if the task requires what Azure cannot do.

    :param label: of the virtual machine.
    """
    if wanted == CRASH_CONSISTENT and decision.obstacles:
        yield Finding(
            "crash_consistency_not_supported",
            f"The disks of {label} cannot be captured at the same time: {'; '.join(decision.obstacles)}; stop it first, or set "
            "'disk_consistency: per_disk' to capture its disks one after the other.",
        )


def consistency_warnings(label: str, wanted: str, vm: Json, decision: ConsistencyDecision) -> Iterator[Finding]:
    """Warnings about disks that are not, or may not be, of the same time."""
    if decision.doubts:
        yield Finding(
            "consistency_not_guaranteed",
            f"Azure captures the disks of {label} at the same time, but does not guarantee that they are consistent with each other: "
            f"{'; '.join(decision.doubts)}; stop it first if they must be.",
        )
    if decision.mode == PER_DISK:
        count = 1 + len(machine.data_disks(vm))
        reason = f", since {'; '.join(decision.obstacles)}" if decision.obstacles else ""
        yield Finding(
            "snapshots_not_consistent",
            f"The {count} disks of {label} are snapshotted one after the other{reason}, so that they differ in time; stop it, or the "
            "programs that write to several of them, first.",
            quiet=wanted == PER_DISK,
        )
