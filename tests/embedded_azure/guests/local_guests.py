# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all backends with real Linux guests have in common: disks and machines below one state directory."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import re
import shutil
import threading
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from .base import CompletedRun, GuestBackend, GuestError, Machine, Provisioning, SshAccess
from .disks import DiskStore
from .network_namespaces import NAMESPACES, remove_network_namespace
from .rootfs import Progress
from .supervised_machine import Record, SupervisedMachine

LOCK_LIMIT_SECONDS = 120.0
NAME_PREFIX = "golden-azure"


class LocalGuests(GuestBackend):
    """Disks and machines below one state directory, which belongs to one process at a time.

    Args:
        cache_directory: holds the pristine root, shared by all who use the same recipe.
        state_directory: disks, consoles and books of this backend.
        progress: called with a line of text while the pristine root is built.
        keep_running: False: what an earlier process left in the state directory is ended and removed at the start, and
            close() ends and removes everything. True: machines outlive this object, and the next one finds them.
        boot_limit: seconds a guest may take to be ready.
        suite: the release of Debian; that of GUEST_SUITE otherwise.
        more_packages: packages of Debian that the pristine root has besides.

    Raises:
        GuestError: the machine cannot run guests, or another process uses the state directory.
    """

    #: Seconds a guest may take to be ready, unless told otherwise.
    boot_limit_seconds = 180.0
    #: Seconds after which a guest that does not shut down or reboot is killed.
    power_off_limit_seconds = 60.0
    #: How many times longer than in a container it may take what runs inside a guest.
    pace = 1.0

    def __init__(
        self,
        cache_directory: Path,
        state_directory: Path,
        progress: Progress | None = None,
        keep_running: bool = False,
        boot_limit: float | None = None,
        suite: str | None = None,
        more_packages: Sequence[str] = (),
    ) -> None:
        missing = self._missing_requirements()
        if missing:
            raise GuestError(" ".join(missing))
        self._state = state_directory.resolve()
        self._cache = cache_directory.resolve()
        self._keep_running = keep_running
        self._boot_limit = boot_limit or self.boot_limit_seconds
        self._guard = threading.Lock()
        self._locks: dict[str, threading.RLock] = {}
        self._machines: dict[str, SupervisedMachine] = {}
        self._disks = self._disk_store(self._state / "disks", progress, suite, more_packages)
        self._state.mkdir(parents=True, exist_ok=True)
        self._lock_file: IO[str] | None = self._lock_state(LOCK_LIMIT_SECONDS if keep_running else 0.0)
        for path in sorted((self._state / "machines").glob("*/machine.json")):
            machine = self._machine(path.parent, None)
            self._machines[machine.record.vm_id] = machine
        if not keep_running:
            self._remove_everything()

    @staticmethod
    @abstractmethod
    def _missing_requirements() -> list[str]:
        """Say, a sentence each, what keeps this machine from running guests; empty when nothing does."""

    @abstractmethod
    def _disk_store(
        self, directory: Path, progress: Progress | None, suite: str | None, more_packages: Sequence[str]
    ) -> DiskStore:
        """Return the disks below a directory."""

    @abstractmethod
    def _machine(self, directory: Path, record: Record | None) -> SupervisedMachine:
        """Return a machine, the one that a directory remembers without a record."""

    def create_disk(self, disk_id: str, source_disk_id: str | None) -> None:
        """Make a disk; the first pristine one on a machine builds the root, which takes a minute."""
        with self._locked(disk_id, source_disk_id or disk_id):
            if self._disks.exists(_key(disk_id)):
                raise GuestError(f"The disk {disk_id} exists already.")
            if source_disk_id is not None and not self._disks.exists(_key(source_disk_id)):
                raise GuestError(f"The disk {disk_id} cannot be copied: its source {source_disk_id} does not exist.")
            with self._still(source_disk_id):
                self._disks.create(_key(disk_id), _key(source_disk_id) if source_disk_id is not None else None)

    def import_disk(self, disk_id: str, vhd: Path) -> None:
        """Make a disk of what was uploaded, where the disks are images."""
        with self._locked(disk_id):
            self._disks.import_image(_key(disk_id), vhd)

    def delete_disk(self, disk_id: str) -> None:
        """Delete a disk no running machine uses."""
        with self._locked(disk_id):
            self._refuse_disk_in_use(disk_id, "deleted")
            self._disks.delete(_key(disk_id))

    def boot(self, machine: Machine) -> None:
        """Start a machine and wait until it can be used; a running one is left alone."""
        with self._locked(machine.vm_id, machine.disk_id):
            if self.is_running(machine.vm_id):
                return
            if not self._disks.exists(_key(machine.disk_id)):
                raise GuestError(
                    f"The machine {machine.vm_id} cannot start: its disk {machine.disk_id} does not exist."
                )
            self._refuse_disk_in_use(machine.disk_id, "used twice")
            self._end_leftovers(machine.vm_id)
            guest = self._new_machine(machine)
            try:
                guest.start(self._disks.path(_key(machine.disk_id)), machine.provisioning)
                guest.wait_until_ready(self._boot_limit)
                if machine.provisioning:
                    _check_provisioned(guest, machine.provisioning)
            except BaseException:
                guest.end()
                raise

    def disk_path(self, disk_id: str) -> Path:
        """Return the directory of a disk."""
        return self._disks.path(_key(disk_id))

    def power_off(self, vm_id: str) -> None:
        """Shut down within a minute, one way or the other."""
        with self._locked(vm_id):
            machine = self._machines.get(vm_id)
            if machine is not None:
                machine.power_off(self.power_off_limit_seconds)

    def restart(self, vm_id: str) -> None:
        """Reboot and wait until the guest can be used again."""
        with self._locked(vm_id):
            self._running(vm_id).restart(self.power_off_limit_seconds, self._boot_limit)

    def is_running(self, vm_id: str) -> bool:
        """Say whether the guest runs."""
        machine = self._machines.get(vm_id)
        return machine is not None and machine.is_running()

    def run(self, vm_id: str, script: str, timeout: float) -> CompletedRun:
        """Run a script as root; it may name its interpreter in its first line, bash otherwise."""
        return self._running(vm_id).run(script, timeout)

    def run_named(self, vm_id: str, name: str, script: str, timeout: float) -> CompletedRun:
        """The same, for a script that may be ended."""
        return self._running(vm_id).run(script, timeout, name)

    def end_named(self, vm_id: str, name: str) -> None:
        """Kill a script and its process group."""
        machine = self._machines.get(vm_id)
        if machine is not None:
            machine.scripts.end(name)

    def output_so_far(self, vm_id: str, name: str) -> tuple[str, str]:
        """What a script has said so far."""
        machine = self._machines.get(vm_id)
        return machine.scripts.output(name) if machine else ("", "")

    def serial_log(self, vm_id: str) -> str:
        """Return what the guest wrote to its console over all its boots."""
        return self._known(vm_id).console_text()

    def ssh_access(self, vm_id: str) -> SshAccess:
        """Return the way to sshd; it stays the same over reboots."""
        return self._known(vm_id).ssh_access()

    def delete_machine(self, vm_id: str) -> None:
        """Power off and forget; the disk stays."""
        with self._locked(vm_id):
            machine = self._machines.get(vm_id)
            if machine is None:
                return
            machine.power_off(self.power_off_limit_seconds)
            machine.forget()
            del self._machines[vm_id]

    def machine_ids(self) -> list[str]:
        """Return the ids of all machines that were booted and not deleted."""
        return sorted(self._machines)

    def extension_changed(self, vm_id: str, kind: str, settings: dict[str, Any] | None) -> None:
        """Extensions are played by the control plane alone: these guests have none."""

    def close(self) -> None:
        """End everything and remove it, disks included; with keep_running only let go of the state directory."""
        with self._guard:
            lock_file, self._lock_file = self._lock_file, None
        if lock_file is None:
            return
        try:
            if not self._keep_running:
                self._remove_everything()
        finally:
            lock_file.close()

    def __enter__(self) -> LocalGuests:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _new_machine(self, machine: Machine) -> SupervisedMachine:
        record = Record(machine.vm_id, self._name(machine.vm_id), _key(machine.disk_id), uuid=machine.uuid or "")
        guest = self._machine(self._machine_directory(machine.vm_id), record)
        self._machines[machine.vm_id] = guest
        return guest

    def _end_leftovers(self, vm_id: str) -> None:
        """A guest that powered itself off leaves its control groups behind."""
        machine = self._machines.get(vm_id)
        if machine is not None:
            machine.end()

    def _machine_directory(self, vm_id: str) -> Path:
        return self._state / "machines" / _key(vm_id)

    def _name(self, vm_id: str) -> str:
        return f"{self._name_prefix()}{_digest(vm_id)[:8]}"

    def _name_prefix(self) -> str:
        return f"{NAME_PREFIX}-{_digest(str(self._state))[:8]}-"

    def _known(self, vm_id: str) -> SupervisedMachine:
        machine = self._machines.get(vm_id)
        if machine is None:
            raise GuestError(f"The machine {vm_id} has never been started.")
        return machine

    def _running(self, vm_id: str) -> SupervisedMachine:
        machine = self._machines.get(vm_id)
        if machine is None or not machine.is_running():
            raise GuestError(f"The machine {vm_id} is not running.")
        return machine

    @contextlib.contextmanager
    def _still(self, disk_id: str | None) -> Iterator[None]:
        """Have the machine that runs on a disk stand still: a snapshot shows one moment, and its machine goes on."""
        with contextlib.ExitStack() as stack:
            for machine in list(self._machines.values()) if disk_id is not None else ():
                if machine.record.disk_key == _key(disk_id) and machine.is_running():
                    stack.enter_context(machine.paused())
            yield

    def _refuse_disk_in_use(self, disk_id: str, action: str) -> None:
        key = _key(disk_id)
        for machine in list(self._machines.values()):
            if machine.record.disk_key == key and machine.is_running():
                raise GuestError(
                    f"The disk {disk_id} cannot be {action} while the machine {machine.record.vm_id} runs on it."
                )

    @contextlib.contextmanager
    def _locked(self, *keys: str) -> Iterator[None]:
        """Hold the locks of machines and disks, always taken in the same order."""
        with contextlib.ExitStack() as stack:
            for key in sorted(set(keys)):
                with self._guard:
                    if self._lock_file is None:
                        raise GuestError("The guests have been closed.")
                    lock = self._locks.setdefault(key, threading.RLock())
                stack.enter_context(lock)
            yield

    def _lock_state(self, limit: float) -> IO[str]:
        handle = (self._state / "lock").open("w")
        deadline = time.monotonic() + limit
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    handle.close()
                    raise GuestError(
                        f"Another process runs guests in {self._state}: stop it, or use another directory."
                    ) from error
                time.sleep(0.2)
            else:
                return handle

    def _remove_everything(self) -> None:
        for machine in list(self._machines.values()):
            machine.forget()
        self._machines.clear()
        # Namespaces whose books are lost, for instance because someone removed the state directory.
        for path in NAMESPACES.glob(f"{self._name_prefix()}*"):
            remove_network_namespace(path.name)
        for part in ("machines", "disks"):
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(self._state / part)


def _check_provisioned(guest: SupervisedMachine, provisioning: Provisioning) -> None:
    accounts = guest.read_file("/etc/passwd") or b""
    if not any(line.startswith(f"{provisioning.admin_username}:".encode()) for line in accounts.splitlines()):
        raise GuestError(
            f"The guest of {guest.record.vm_id} was not provisioned (OSProvisioningTimedOut on Azure): "
            f"cloud-init did not create the user {provisioning.admin_username}, so the image is not prepared for it."
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _key(identifier: str) -> str:
    """Make a file name of an id: its last part for people, a digest for uniqueness."""
    readable = re.sub(r"[^a-z0-9]+", "-", identifier.lower().rstrip("/").rpartition("/")[2])[:40]
    return f"{readable}-{_digest(identifier)[:10]}"
