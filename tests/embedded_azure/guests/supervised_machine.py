# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One guest below one directory: its books, its console, and the process that supervises it.

Everything known of it lies in its directory, so another process can take it over. A small shell script supervises what the
guest runs on, in control groups of its own, by which all processes of the guest are found, whoever their parent is.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from . import cgroups
from .base import CompletedRun, GuestError, Provisioning, SshAccess
from .network_namespaces import NAMESPACES, add_network_namespace, remove_network_namespace
from .process import last_line
from .scripts import Scripts

PROBE_LIMIT_SECONDS = 15.0


@dataclass(frozen=True)
class Record:
    """What a machine's directory remembers of it; `supervisor` is 0 until the first boot."""

    vm_id: str
    name: str
    disk_key: str
    groups: tuple[str, ...] = ()
    supervisor: int = 0
    supervisor_start: int = 0
    #: The machine's vmId; empty where the control plane gave none.
    uuid: str = ""


class SupervisedMachine(ABC):
    """A guest below one directory. Callers serialize the calls to one machine."""

    #: Seconds between two looks at a guest that is waited for.
    poll_seconds = 0.1

    def __init__(self, directory: Path, record: Record | None = None) -> None:
        self._directory = directory
        self._console = directory / "console.log"
        self._child: subprocess.Popen[bytes] | None = None
        self.scripts = Scripts()
        if record is None:
            fields = json.loads((directory / "machine.json").read_text(encoding="utf-8"))
            record = Record(**{**fields, "groups": tuple(fields["groups"])})
        self.record = record

    @abstractmethod
    def start(self, disk_path: Path, provisioning: Provisioning | None) -> None:
        """Start the guest from the disk in a directory; `provisioning` is None on all boots but the first from a generalized image."""

    @abstractmethod
    def power_off(self, limit: float) -> None:
        """Shut down cleanly; what still runs after the limit (seconds) is killed."""

    @abstractmethod
    def restart(self, limit: float, boot_limit: float) -> None:
        """Have the guest reboot within `limit` seconds, and wait `boot_limit` until it can be used.

        Raises:
            GuestError: it did not.
        """

    @abstractmethod
    def run(self, script: str, timeout: float, name: str = "") -> CompletedRun:
        """Run a script as root inside the guest; its first line may name the interpreter, which is bash otherwise.

        :param name: by which it may be ended; see Scripts.

        Raises:
            GuestError: the guest does not run, or does not kill the script.
        """

    @abstractmethod
    def read_file(self, path: str) -> bytes | None:
        """Return the content of a file of the running guest, None when it is not there."""

    @abstractmethod
    def paused(self) -> AbstractContextManager[None]:
        """While this lasts, the guest stands still, and its disk with it."""

    @abstractmethod
    def _missing(self, after: str) -> str:
        """Say what the guest still lacks to be ready; empty when nothing. `after` is the mark of the boot before."""

    def console_text(self) -> str:
        """Return what the guest wrote to its console, over all boots."""
        if not self._console.exists():
            return ""
        return self._console.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")

    def ssh_access(self) -> SshAccess:
        """Return the way to sshd, the same over all boots."""
        return SshAccess(self.record.name, 22, shlex.join(self._relay()))

    def is_running(self) -> bool:
        """Say whether the guest runs: one read below /proc, some more once its supervisor has ended."""
        if self._child is not None:
            self._child.poll()
        if _start_time(self.record.supervisor) == self.record.supervisor_start != 0:
            return True
        # A supervisor killed from outside leaves the guest behind.
        return bool(cgroups.processes(self._groups()))

    def wait_until_ready(self, limit: float, after: str = "") -> None:
        """Wait until cloud-init has ended, users may log in and sshd answers.

        Args:
            limit: seconds.
            after: the mark of the boot before; the guest is ready only in another one.

        Raises:
            GuestError: the guest ended, or the limit passed; the message says which step it was in.
        """
        deadline = time.monotonic() + limit
        missing = "its systemd"
        while time.monotonic() < deadline:
            if not self.is_running():
                raise GuestError(f"The guest of {self.record.vm_id} ended while it booted: {self._last_words()}")
            missing = self._missing(after)
            if not missing:
                return
            time.sleep(self.poll_seconds)
        raise GuestError(
            f"The guest of {self.record.vm_id} was not ready within {limit:.0f} seconds, "
            f"waiting for {missing}: {self._last_words()}"
        )

    def end(self) -> None:
        """Kill what is left of the guest, whoever its parent is, and take away its control groups."""
        cgroups.end_processes(self._groups())
        if self._child is not None:
            self._child.wait(cgroups.KILL_LIMIT_SECONDS)
            self._child = None
        cgroups.remove(self._groups())

    def forget(self) -> None:
        """End the guest and remove all it had but its disk."""
        self.end()
        remove_network_namespace(self.record.name)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _prepare(self) -> None:
        """Make what a guest has of its own: directory, network namespace and control groups."""
        self._directory.mkdir(parents=True, exist_ok=True)
        add_network_namespace(self.record.name)
        groups = [group / self.record.name for group in cgroups.hierarchies()]
        for group in groups:
            group.mkdir(exist_ok=True)
        self._remember(replace(self.record, groups=tuple(map(str, groups)), supervisor=0, supervisor_start=0))

    def _supervise(self, script: str) -> None:
        """Start the shell script that runs the guest from its start to its power-off."""
        path = self._directory / "supervise.sh"
        path.write_text(script, encoding="utf-8")
        with self._console.open("ab") as console:
            self._child = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", str(path)],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        pid = self._child.pid
        self._remember(replace(self.record, supervisor=pid, supervisor_start=_start_time(pid)))

    def _sshd_answers(self) -> bool:
        try:
            probe = subprocess.run(
                self._relay(), stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_LIMIT_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            return False
        return probe.stdout.startswith(b"SSH-")

    def _relay(self) -> list[str]:
        relay = str(Path(__file__).with_name("relay.py"))
        return ["nsenter", f"--net={NAMESPACES / self.record.name}", sys.executable, "-IS", relay, "127.0.0.1", "22"]

    def _groups(self) -> list[Path]:
        return [Path(group) for group in self.record.groups]

    def _last_words(self) -> str:
        return last_line(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.console_text()))

    def _remember(self, record: Record) -> None:
        self.record = record
        partial = self._directory / "machine.json.new"
        partial.write_text(json.dumps(asdict(record)), encoding="utf-8")
        partial.replace(self._directory / "machine.json")


def _start_time(process_id: int) -> int:
    """Return when a process started, in clock ticks since the host's boot (proc(5)); 0 when it does not run."""
    if process_id <= 0:
        return 0
    try:
        fields = (
            Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
    except OSError:
        return 0
    return 0 if fields[0] in "ZX" else int(fields[19])
