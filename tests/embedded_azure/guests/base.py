# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a virtual machine of the embedded Azure runs on.

The server speaks of machines and disks by their ARM ids only, lower-cased; a backend keeps its own books about
where these live. Every method blocks, and the server calls them in worker threads, different machines at once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .run_command_handler import HandlerCommand


class GuestError(RuntimeError):
    """A guest did not do what was asked; the message is one sentence naming the machine or disk."""


@dataclass(frozen=True)
class Provisioning:
    """What Azure hands to the first boot from a generalized image (`osProfile` of the virtual machine)."""

    admin_username: str
    ssh_public_keys: tuple[str, ...]
    hostname: str
    custom_data: bytes | None
    instance_id: str


@dataclass(frozen=True)
class Machine:
    """A virtual machine to boot. `provisioning` is None on every boot but the first from a generalized image.

    `uuid` is the vmId that its guest shows as its own, as SMBIOS does on Azure; without it the guest shows some other one.
    """

    vm_id: str
    disk_id: str
    hostname: str
    provisioning: Provisioning | None
    uuid: str | None = None


@dataclass(frozen=True)
class SshAccess:
    """How the controller reaches a guest; `proxy_command` is an OpenSSH ProxyCommand, or None for a direct way."""

    host: str
    port: int
    proxy_command: str | None


@dataclass(frozen=True)
class CompletedRun:
    """The end of a script run inside a guest as root; -1 is the status of one that was killed, as when its time was over.

    `state` is how the guest's handler calls an end that is neither Succeeded nor Failed: TimedOut or Canceled. The one for
    Linux never does (`Exec` in internal/exec/exec.go of Azure/run-command-handler-linux).
    """

    return_code: int
    stdout: str
    stderr: str
    state: str = ""


class GuestBackend(ABC):
    """Disks and machines behind the control plane. Every method raises GuestError when it cannot do its work."""

    #: Whether work on a guest takes time, and so a thread of its own.
    takes_time = True

    @abstractmethod
    def create_disk(self, disk_id: str, source_disk_id: str | None) -> None:
        """Make a disk: a copy of another disk as it is at one moment, or of the pristine Debian (None)."""

    #: Whether machines can be booted from disks that are uploaded.
    takes_uploads = False

    def import_disk(self, disk_id: str, vhd: Path) -> None:
        """Make a disk of what was uploaded, a fixed VHD; the file may be used up. Most guests cannot boot it."""
        del disk_id, vhd

    @abstractmethod
    def delete_disk(self, disk_id: str) -> None:
        """Delete a disk; an absent one is fine."""

    @abstractmethod
    def boot(self, machine: Machine) -> None:
        """Start the machine; return when it is provisioned and its sshd answers, within the backend's own limit."""

    @abstractmethod
    def power_off(self, vm_id: str) -> None:
        """Shut down cleanly, or kill after a limit; a machine that does not run is fine."""

    @abstractmethod
    def restart(self, vm_id: str) -> None:
        """Reboot a running machine; return when its sshd answers again."""

    @abstractmethod
    def is_running(self, vm_id: str) -> bool:
        """Say, cheaply, whether the guest runs; False once it has powered itself off."""

    @abstractmethod
    def run(self, vm_id: str, script: str, timeout: float) -> CompletedRun:
        """Run a shell script as root (Run Command); after `timeout` seconds it is killed, and what it started goes on."""

    def run_named(self, vm_id: str, name: str, script: str, timeout: float) -> CompletedRun:
        """Run a script that end_named() may end; no two have the same name."""
        return self.run(vm_id, script, timeout)

    #: Whether its guests know by themselves which managed run commands they have run.
    keeps_commands = False

    def run_command(self, vm_id: str, command: HandlerCommand) -> CompletedRun | None:
        """Run a managed run command; None where the guest has run it before, and nothing is left of that to report."""
        return self.run_named(vm_id, command.key, command.text(), command.timeout)

    def forget_command(self, vm_id: str, name: str) -> None:
        """Hear of a managed run command that is deleted; most guests keep nothing of it."""
        del vm_id, name

    def end_named(self, vm_id: str, name: str) -> None:
        """Kill a script, with what it has started and left in its process group; one that has not begun does not begin.

        Without it, scripts run to their end.
        """
        del vm_id, name

    def output_so_far(self, vm_id: str, name: str) -> tuple[str, str]:
        """What a script that runs has said on its two outputs; nothing where that cannot be told."""
        del vm_id, name
        return "", ""

    @abstractmethod
    def serial_log(self, vm_id: str) -> str:
        """Return what the guest wrote to its console."""

    @abstractmethod
    def ssh_access(self, vm_id: str) -> SshAccess:
        """Say how to reach the guest's sshd."""

    @abstractmethod
    def delete_machine(self, vm_id: str) -> None:
        """Power off and forget a machine; its disk stays."""

    @abstractmethod
    def extension_changed(self, vm_id: str, kind: str, settings: dict[str, Any] | None) -> None:
        """Hear of an extension (publisher.type) that was installed or given settings, or removed (None)."""

    @abstractmethod
    def close(self) -> None:
        """End everything the backend started; safe to call twice."""


class NoGuests(GuestBackend):
    """`guest: none`: the control plane alone. It remembers which machines run and boots nothing."""

    takes_time = False

    def __init__(self) -> None:
        self._running: set[str] = set()

    def create_disk(self, disk_id: str, source_disk_id: str | None) -> None:
        """Nothing to copy."""

    def delete_disk(self, disk_id: str) -> None:
        """Nothing to delete."""

    def boot(self, machine: Machine) -> None:
        """Remember that the machine runs."""
        self._running.add(machine.vm_id)

    def power_off(self, vm_id: str) -> None:
        """Remember that the machine stopped; tests call this to play a guest that shut itself down."""
        self._running.discard(vm_id)

    def restart(self, vm_id: str) -> None:
        """Refuse when the machine does not run."""
        if vm_id not in self._running:
            raise GuestError(f"The machine {vm_id} is not running.")

    def is_running(self, vm_id: str) -> bool:
        """Say whether boot() was called after the last power_off()."""
        return vm_id in self._running

    def run(self, vm_id: str, script: str, timeout: float) -> CompletedRun:
        """Succeed with no output: there is no guest which could say anything."""
        if vm_id not in self._running:
            raise GuestError(f"The machine {vm_id} is not running.")
        return CompletedRun(return_code=0, stdout="", stderr="")

    def serial_log(self, vm_id: str) -> str:
        """Return an empty log."""
        return ""

    def ssh_access(self, vm_id: str) -> SshAccess:
        """Refuse: nothing listens."""
        raise GuestError(f"The machine {vm_id} has no guest behind it (guest: none), so there is no ssh to it.")

    def delete_machine(self, vm_id: str) -> None:
        """Forget the machine."""
        self._running.discard(vm_id)

    def extension_changed(self, vm_id: str, kind: str, settings: dict[str, Any] | None) -> None:
        """Nothing to install it in."""

    def close(self) -> None:
        """Forget all machines."""
        self._running.clear()
