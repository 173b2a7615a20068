# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One guest: a Debian with its own systemd in a systemd-nspawn container, in namespaces and a control group of its own.

Everything known of it lies in its directory, so another process can take it over. A small shell script supervises
the container: it mounts the disk inside a private mount namespace (the mount is gone with the last process, whatever
happens), lays down the provisioning once, and starts the container again when the guest reboots.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from . import cgroups
from .base import CompletedRun, GuestError, SshAccess
from .process import last_line, run_command
from .provisioning import SeedFile
from .scripts import Scripts

REBOOT_STATUS = 133  # systemd-nspawn --keep-unit ends so when the guest wants to reboot
POLL_SECONDS = 0.1
RUN_GRACE_SECONDS = 15.0
# By which `timeout --signal=KILL` says that it has killed.
TIMED_OUT = 128 + 9
SIGNAL_AGAIN_SECONDS = 5.0
PROBE_LIMIT_SECONDS = 15.0
NAMESPACES = Path("/run/netns")
LEGACY_PROGRAM = "systemd-cgroups-agent"

# systemd-nspawn says so at every end, as its mounts are private.
CONTAINER_NOISE = "Attempted to remove disk file system"

# What systemd as process 1 takes as orders (systemd(1), SIGNALS).
POWER_OFF_SIGNAL = signal.SIGRTMIN + 4
REBOOT_SIGNAL = signal.SIGRTMIN + 5

GUEST_ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8")


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


class NspawnMachine:
    """A guest below one directory. Callers serialize the calls to one machine."""

    def __init__(self, directory: Path, record: Record | None = None) -> None:
        self._directory = directory
        self._console = directory / "console.log"
        self._child: subprocess.Popen[bytes] | None = None
        self.scripts = Scripts()
        if record is None:
            fields = json.loads((directory / "machine.json").read_text(encoding="utf-8"))
            record = Record(**{**fields, "groups": tuple(fields["groups"])})
        self.record = record

    def console_text(self) -> str:
        """Return what the guest wrote to its console, over all boots."""
        if not self._console.exists():
            return ""
        text = self._console.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(CONTAINER_NOISE))

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

    def start(self, disk_path: Path, mount_commands: list[list[str]], seed: list[SeedFile]) -> None:
        """Start the guest; `mount_commands` are run in `disk_path`, `seed` is written before systemd starts."""
        self._directory.mkdir(parents=True, exist_ok=True)
        (self._directory / "root").mkdir(exist_ok=True)
        add_network_namespace(self.record.name)
        groups = [group / self.record.name for group in cgroups.hierarchies()]
        for group in groups:
            group.mkdir(exist_ok=True)
        self._remember(replace(self.record, groups=tuple(map(str, groups)), supervisor=0, supervisor_start=0))
        self._write_seed(seed)
        script = self._directory / "supervise.sh"
        script.write_text(
            supervisor_script(self.record, self._directory, disk_path, mount_commands, seed), encoding="utf-8"
        )
        with self._console.open("ab") as console:
            self._child = subprocess.Popen(
                ["unshare", "--mount", "--propagation", "private", "sh", str(script)],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        pid = self._child.pid
        self._remember(replace(self.record, supervisor=pid, supervisor_start=_start_time(pid)))

    def wait_until_ready(self, limit: float, after_leader: int = 0) -> None:
        """Wait until cloud-init has ended, users may log in and sshd answers.

        Args:
            limit: seconds.
            after_leader: process id of the boot before; the guest is ready only with another one.

        Raises:
            GuestError: the guest ended, or the limit passed; the message says which step it was in.
        """
        deadline = time.monotonic() + limit
        missing = "its systemd"
        while time.monotonic() < deadline:
            if not self.is_running():
                raise GuestError(f"The guest of {self.record.vm_id} ended while it booted: {self._last_words()}")
            missing = self._missing(after_leader)
            if not missing:
                return
            time.sleep(POLL_SECONDS)
        raise GuestError(
            f"The guest of {self.record.vm_id} was not ready within {limit:.0f} seconds, "
            f"waiting for {missing}: {self._last_words()}"
        )

    def leader(self) -> int:
        """Return the process id of the guest's systemd as seen from here; 0 when there is none (yet)."""
        found: dict[int, int] = {}
        for process_id in cgroups.processes(self._groups()):
            depth = _first_process_depth(process_id)
            if depth:
                found[process_id] = depth
        return min(found, key=found.__getitem__) if found else 0

    def power_off(self, limit: float) -> None:
        """Shut down cleanly; what still runs after the limit (seconds) is killed."""
        self._order(POWER_OFF_SIGNAL, limit, self.is_running)
        self.end()

    def reboot(self, limit: float) -> bool:
        """Have the guest reboot; return whether it did within the limit (seconds). It may not be ready yet."""
        before = self.leader()
        return before != 0 and self._order(
            REBOOT_SIGNAL, limit, lambda: self.is_running() and self.leader() in (before, 0)
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

    def run(self, script: str, timeout: float, name: str = "") -> CompletedRun:
        """Run a script as root inside the guest; its first line may name the interpreter, which is bash otherwise.

        After `timeout` seconds it is killed, but for what it has started, and its status is -1 (`Exec` in internal/exec/exec.go of
        Azure/run-command-handler-linux).

        :param name: by which it may be ended; see Scripts.

        Raises:
            GuestError: the guest does not run, or does not kill the script.
        """
        leader = self.leader()
        if not leader or not self.is_running():
            raise GuestError(f"The machine {self.record.vm_id} is not running.")
        with tempfile.TemporaryDirectory(prefix="run-command-", dir=f"/proc/{leader}/root/run") as directory:
            path = Path(directory) / "script.sh"
            path.write_text(script, encoding="utf-8")
            path.chmod(0o700)
            inside = f"/run/{Path(directory).name}/script.sh"
            return self._run_inside(leader, inside, timeout, name)

    def read_file(self, path: str) -> bytes | None:
        """Return the content of a file of the running guest, None when it is not there."""
        leader = self.leader()
        if not leader:
            return None
        try:
            return Path(f"/proc/{leader}/root", path.lstrip("/")).read_bytes()
        except OSError:
            return None

    def _run_inside(self, leader: int, script: str, timeout: float, name: str) -> CompletedRun:
        arguments = [
            *(
                "nsenter",
                f"--target={leader}",
                "--mount",
                "--uts",
                "--ipc",
                "--net",
                "--pid",
                "--cgroup",
                "--root",
                "--wd",
            ),
            *(
                "/usr/bin/env",
                "-i",
                *GUEST_ENVIRONMENT,
                "timeout",
                "--foreground",
                "--signal=KILL",
                f"{timeout:.3f}",
                "/bin/bash",
                "-c",
                script,
            ),
        ]
        # Files instead of pipes: what the script left running in the background may hold them open.
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            started = time.monotonic()
            process = self.scripts.start(name, arguments, stdout, stderr)
            if process is None:
                return CompletedRun(-1, "", "")
            try:
                return_code = process.wait(timeout + RUN_GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                raise GuestError(
                    f"A script in the guest of {self.record.vm_id} was not ended after {timeout:.0f} seconds."
                ) from None
            finally:
                self.scripts.forget(name)
            is_killed = return_code < 0 or (return_code == TIMED_OUT and time.monotonic() - started >= timeout)
            stdout.seek(0)
            stderr.seek(0)
            return CompletedRun(
                -1 if is_killed else return_code,
                stdout.read().decode(errors="replace"),
                stderr.read().decode(errors="replace"),
            )

    def _order(self, number: int, limit: float, pending: Callable[[], bool]) -> bool:
        """Signal the guest's systemd until `pending()` is over; early in its boot it does not listen yet."""
        deadline = time.monotonic() + limit
        again = 0.0
        while pending() and time.monotonic() < deadline:
            if time.monotonic() >= again:
                leader = self.leader()
                if leader:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(leader, number)
                again = time.monotonic() + SIGNAL_AGAIN_SECONDS
            time.sleep(POLL_SECONDS)
        return not pending()

    def _missing(self, after_leader: int) -> str:
        """Say what the guest still lacks to be ready; empty when nothing."""
        leader = self.leader()
        if leader in (0, after_leader):
            return "its systemd"
        run = Path(f"/proc/{leader}/root/run")
        try:
            if os.path.samestat(run.parent.stat(), Path("/").stat()):
                return "its systemd"
        except OSError:
            return "its systemd"
        if not (run / "cloud-init/result.json").exists() and not (run / "cloud-init/disabled").exists():
            return "cloud-init"
        if (run / "nologin").exists():
            return "logins to be allowed"
        return "" if self._sshd_answers() else "sshd"

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

    def _write_seed(self, seed: list[SeedFile]) -> None:
        directory = self._directory / "seed"
        shutil.rmtree(directory, ignore_errors=True)
        if seed:
            directory.mkdir(mode=0o700)
            for number, file in enumerate(seed):
                (directory / str(number)).write_bytes(file.content)

    def paused(self) -> contextlib.AbstractContextManager[None]:
        """While this lasts, the guest stands still, and its disk with it."""
        return cgroups.paused(self._groups())

    def _groups(self) -> list[Path]:
        return [Path(group) for group in self.record.groups]

    def _last_words(self) -> str:
        return last_line(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.console_text()))

    def _remember(self, record: Record) -> None:
        self.record = record
        partial = self._directory / "machine.json.new"
        partial.write_text(json.dumps(asdict(record)), encoding="utf-8")
        partial.replace(self._directory / "machine.json")


def supervisor_script(
    record: Record, directory: Path, disk_path: Path, mount_commands: list[list[str]], seed: list[SeedFile]
) -> str:
    """Return the shell script that runs a guest from its start to its power-off, over reboots. Pure."""
    container = [
        *("systemd-nspawn", "--quiet", f"--directory={directory / 'root'}", f"--machine={record.name}", "--boot"),
        *(
            "--register=no",
            "--keep-unit",
            f"--network-namespace-path={NAMESPACES / record.name}",
            "--console=read-only",
        ),
        *("--kill-signal=SIGRTMIN+3", "--link-journal=no", "--settings=no", "--resolv-conf=off", "--timezone=off"),
        # The name the guest goes by must be its own: this one only says that it has none.
        "--hostname=localhost",
    ]
    if record.uuid:
        # A container sees its host's SMBIOS, and there may be none; this is the id that is its own
        # (https://systemd.io/CONTAINER_INTERFACE). The option --uuid has no effect on a disk with a machine id.
        container.append(f"--setenv=container_uuid={record.uuid}")
    lines = ["set -eu"]
    lines += [f"echo $$ > {shlex.quote(group + '/cgroup.procs')}" for group in record.groups]
    lines += [f"cd {shlex.quote(str(disk_path))}", *(shlex.join(command) for command in mount_commands)]
    lines += [f"cd {shlex.quote(str(directory))}"]
    for number, file in enumerate(seed):
        lines.append(f"install -D -m {file.mode:o} seed/{number} {shlex.quote('root/' + file.path)}")
    # Since release 258, systemd runs on the unified hierarchy of control groups only, and has no program for the other one; Debian 11
    # has it elsewhere, and runs on either. A guest has the hierarchies of its host otherwise ($SYSTEMD_NSPAWN_UNIFIED_HIERARCHY in
    # systemd's docs/ENVIRONMENT.md).
    lines += [f"[ -e root/usr/lib/systemd/{LEGACY_PROGRAM} ] || export SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1"]
    lines += ["rm -rf seed", "while :; do", "  status=0", f"  {shlex.join(container)} || status=$?"]
    lines += [f'  [ "$status" -eq {REBOOT_STATUS} ] || exit "$status"', "done", ""]
    return "\n".join(lines)


def add_network_namespace(name: str) -> None:
    """Make a network namespace with nothing but its loopback device; an existing one is kept."""
    if not (NAMESPACES / name).exists():
        run_command(["ip", "netns", "add", name], f"Making the network namespace {name}")
    run_command(["ip", "-netns", name, "link", "set", "lo", "up"], f"Setting up the network namespace {name}")


def remove_network_namespace(name: str) -> None:
    """Remove a network namespace, ending what still runs in it; an absent one is fine."""
    if not (NAMESPACES / name).exists():
        return
    for line in run_command(["ip", "netns", "pids", name], f"Reading the network namespace {name}").split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(line), signal.SIGKILL)
    run_command(["ip", "netns", "delete", name], f"Removing the network namespace {name}")


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


def _first_process_depth(process_id: int) -> int:
    """Return how many process namespaces deep a process is number 1; 0 for every other process."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("NSpid:"):
            numbers = line.split()[1:]
            return len(numbers) if len(numbers) > 1 and numbers[-1] == "1" else 0
    return 0
