# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests of two kinds behind one embedded Azure: real Debian ones, and stand-ins for Windows."""

from __future__ import annotations

from typing import Any

from embedded_azure.guests.base import CompletedRun, GuestBackend, GuestError, Machine, SshAccess

#: What the names of Windows machines, and so of their disks, have in them.
WINDOWS = "win"


class MixedGuests(GuestBackend):
    """Leads each machine and each disk to the backend of its kind.

    A fresh disk's kind is told by its name, which begins with its machine's; that of a copy is its source's.
    """

    def __init__(self, linux: GuestBackend, windows: GuestBackend) -> None:
        self._linux = linux
        self._windows = windows
        self._disks: dict[str, GuestBackend] = {}
        self._machines: dict[str, GuestBackend] = {}

    def create_disk(self, disk_id: str, source_disk_id: str | None) -> None:
        """Make it where its source is, or where its name says."""
        if source_disk_id is None:
            backend = self._windows if WINDOWS in disk_id.rpartition("/")[2].lower() else self._linux
        elif source_disk_id in self._disks:
            backend = self._disks[source_disk_id]
        else:
            raise GuestError(f"There is no disk {source_disk_id} to copy.")
        backend.create_disk(disk_id, source_disk_id)
        self._disks[disk_id] = backend

    def delete_disk(self, disk_id: str) -> None:
        """Delete it where it is."""
        backend = self._disks.pop(disk_id, None)
        if backend is not None:
            backend.delete_disk(disk_id)

    def boot(self, machine: Machine) -> None:
        """Boot it where its disk is."""
        self._machines[machine.vm_id] = self._disks[machine.disk_id]
        self._machines[machine.vm_id].boot(machine)

    def power_off(self, vm_id: str) -> None:
        """Stop it, where it is known."""
        if vm_id in self._machines:
            self._machines[vm_id].power_off(vm_id)

    def restart(self, vm_id: str) -> None:
        """Reboot it."""
        self._of(vm_id).restart(vm_id)

    def is_running(self, vm_id: str) -> bool:
        """Whether it runs; one that nobody has booted does not."""
        return vm_id in self._machines and self._machines[vm_id].is_running(vm_id)

    def run(self, vm_id: str, script: str, timeout: float) -> CompletedRun:
        """Run a script in it."""
        return self._of(vm_id).run(vm_id, script, timeout)

    def serial_log(self, vm_id: str) -> str:
        """What it wrote to its console."""
        return self._of(vm_id).serial_log(vm_id)

    def ssh_access(self, vm_id: str) -> SshAccess:
        """How it is reached."""
        return self._of(vm_id).ssh_access(vm_id)

    def delete_machine(self, vm_id: str) -> None:
        """Forget it."""
        backend = self._machines.pop(vm_id, None)
        if backend is not None:
            backend.delete_machine(vm_id)

    def extension_changed(self, vm_id: str, kind: str, settings: dict[str, Any] | None) -> None:
        """Tell it."""
        self._of(vm_id).extension_changed(vm_id, kind, settings)

    def close(self) -> None:
        """End all of both kinds."""
        self._linux.close()
        self._windows.close()

    def _of(self, vm_id: str) -> GuestBackend:
        if vm_id not in self._machines:
            raise GuestError(f"The machine {vm_id} is not there.")
        return self._machines[vm_id]
