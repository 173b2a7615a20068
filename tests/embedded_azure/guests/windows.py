# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Windows machines of the embedded Azure, each a stand-in: what Ansible sees of them is played (see windows_guest)."""

from __future__ import annotations

import hashlib
import shutil
import threading
from pathlib import Path
from typing import Any

from windows_guest import Guest, Guests
from windows_guest.identity import provision
from windows_guest.modules import identity

from .base import CompletedRun, GuestBackend, GuestError, Machine, Provisioning, SshAccess

COMPLETE = "IMAGE_STATE_COMPLETE"
GENERALIZED = "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"


class StandInWindows(GuestBackend):
    """A disk is a folder with a guest's memory; a machine is a link to its disk, under the machine's name.

    :param scenarios: how machines behave and what their facts are, by the machine's name, when it boots from a fresh disk.
    """

    def __init__(
        self, directory: Path, scenarios: dict[str, tuple[dict[str, Any], dict[str, Any]]] | None = None
    ) -> None:
        self._disks = directory / "disks"
        self.guests = Guests(directory / "guests")
        self._scenarios = scenarios or {}
        self._lock = threading.Lock()
        for folder in (self._disks, self.guests.folder):
            folder.mkdir(parents=True, exist_ok=True)

    def guest(self, vm_id: str) -> Guest:
        """The guest of a machine, by the machine's id or name."""
        return self.guests.guest(vm_id.rpartition("/")[2])

    def create_disk(self, disk_id: str, source_disk_id: str | None) -> None:
        """Copy another disk, or make a fresh one, which the first boot fills."""
        with self._lock:
            target = self._disk(disk_id)
            if source_disk_id is None:
                target.mkdir(exist_ok=True)
            elif not self._disk(source_disk_id).exists():
                raise GuestError(f"There is no disk {source_disk_id} to copy.")
            else:
                shutil.copytree(self._disk(source_disk_id), target, dirs_exist_ok=True)

    def delete_disk(self, disk_id: str) -> None:
        """Delete the folder."""
        shutil.rmtree(self._disk(disk_id), ignore_errors=True)

    def boot(self, machine: Machine) -> None:
        """Link the machine to its disk and start it; a generalized disk becomes a machine of its own."""
        disk = Guest(self._disk(machine.disk_id))
        link = self.guest(machine.vm_id).folder
        with self._lock:
            link.unlink(missing_ok=True)
            link.symlink_to(disk.folder)
        fresh = not disk.exists()
        if fresh:
            scenario, facts = self._scenarios.get(link.name, ({}, {}))
            disk.create(scenario, **facts)
        self._start(disk, machine, machine.provisioning, fresh)

    def _start(self, disk: Guest, machine: Machine, provisioning: Provisioning | None, fresh: bool) -> None:
        with disk.change() as state:
            if provisioning is not None and not fresh and state["facts"]["image_state"] != GENERALIZED:
                raise GuestError(
                    f"The machine {machine.vm_id} did not report its provisioning: its disk is not generalized (ImageState "
                    f"{state['facts']['image_state']})."
                )
            if provisioning is not None:
                state["facts"]["image_state"] = COMPLETE
                provision(state, provisioning.hostname, fresh)
                state["sysprep"] = None
            if "machine" in state["scenario"]:
                state["facts"]["machine"] = state["scenario"]["machine"]
            elif machine.uuid:
                state["facts"]["machine"] = {"id": machine.uuid, "source": "SMBIOS UUID", "reason": ""}
            state["running"] = True
            state["boots"] += 1

    def power_off(self, vm_id: str) -> None:
        """Stop it; one that does not run is fine."""
        guest = self.guest(vm_id)
        if guest.exists():
            with guest.change() as state:
                state["running"] = False

    def restart(self, vm_id: str) -> None:
        """Reboot a running machine."""
        if not self.is_running(vm_id):
            raise GuestError(f"The machine {vm_id} is not running.")
        with self.guest(vm_id).change() as state:
            state["boots"] += 1

    def is_running(self, vm_id: str) -> bool:
        """Whether it runs; False once it has shut itself down."""
        guest = self.guest(vm_id)
        return guest.exists() and bool(guest.read()["running"])

    def run(self, vm_id: str, script: str, timeout: float) -> CompletedRun:
        """Say who the machine is, if that is asked; there is no PowerShell for anything else."""
        told = identity(self.guest(vm_id).read(), script)
        if told is None:
            return CompletedRun(1, "", "The stand-in for Windows does not know this script.")
        return CompletedRun(0, told, "")

    def serial_log(self, vm_id: str) -> str:
        """What has been done to it."""
        return "\n".join(call["kind"] for call in self.guest(vm_id).calls)

    def ssh_access(self, vm_id: str) -> SshAccess:
        """Refuse: nothing listens; Ansible reaches it by the stand-in for ssh."""
        raise GuestError(f"The machine {vm_id} is a stand-in, to which no real ssh leads.")

    def delete_machine(self, vm_id: str) -> None:
        """Take the link away."""
        self.guest(vm_id).folder.unlink(missing_ok=True)

    def extension_changed(self, vm_id: str, kind: str, settings: dict[str, Any] | None) -> None:
        """Show the extension's folder; encrypt or decrypt the volumes, which then takes some looks.

        Removed before they are decrypted, the extension of Azure Disk Encryption leaves them encrypted.
        """
        with self.guest(vm_id).change() as state:
            facts = state["facts"]
            facts["extensions"] = sorted({*facts["extensions"], kind} - ({kind} if settings is None else set()))
            if kind != "Microsoft.Azure.Security.AzureDiskEncryption":
                return
            operation = (settings or {}).get("EncryptionOperation")
            if operation == "DisableEncryption":
                state["scenario"].setdefault("decryption", 1)
                return
            volumes = facts["volumes"]
            if operation or any(volume["conversion_status"] for volume in volumes):
                state["scenario"].pop("decryption", None)
                for volume in volumes:
                    volume.update(conversion_status=1, encryption_percentage=100)

    def close(self) -> None:
        """Nothing was started."""

    def _disk(self, disk_id: str) -> Path:
        return self._disks / hashlib.sha256(disk_id.lower().encode()).hexdigest()[:16]
