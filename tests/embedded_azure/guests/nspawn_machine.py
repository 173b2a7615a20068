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
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from . import cgroups
from .base import CompletedRun, GuestError, Provisioning
from .network_namespaces import NAMESPACES
from .overlay_disks import mount_commands
from .provisioning import SeedFile, seed_files
from .run_command_handler import HandlerCommand, HandlerFiles
from .supervised_machine import Record, SupervisedMachine

REBOOT_STATUS = 133  # systemd-nspawn --keep-unit ends so when the guest wants to reboot
RUN_GRACE_SECONDS = 15.0
# By which `timeout --signal=KILL` says that it has killed.
TIMED_OUT = 128 + 9
SIGNAL_AGAIN_SECONDS = 5.0
LEGACY_PROGRAM = "systemd-cgroups-agent"

# systemd-nspawn says so at every end, as its mounts are private.
CONTAINER_NOISE = "Attempted to remove disk file system"

# What systemd as process 1 takes as orders (systemd(1), SIGNALS).
POWER_OFF_SIGNAL = signal.SIGRTMIN + 4
REBOOT_SIGNAL = signal.SIGRTMIN + 5

GUEST_ENVIRONMENT = ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8")


class NspawnMachine(SupervisedMachine):
    """A guest below one directory. Callers serialize the calls to one machine."""

    def console_text(self) -> str:
        """Return what the guest wrote to its console, over all boots."""
        lines = super().console_text().splitlines(keepends=True)
        return "".join(line for line in lines if not line.startswith(CONTAINER_NOISE))

    def start(self, disk_path: Path, provisioning: Provisioning | None) -> None:
        """Start the guest; what Azure would hand to it is written before its systemd starts."""
        self._prepare()
        (self._directory / "root").mkdir(exist_ok=True)
        seed = seed_files(provisioning) if provisioning else []
        self._write_seed(seed)
        commands = mount_commands(disk_path, self._directory / "root")
        self._supervise(supervisor_script(self.record, self._directory, disk_path, commands, seed))

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

    def restart(self, limit: float, boot_limit: float) -> None:
        """Have the guest's systemd reboot."""
        before = self.leader()
        if before == 0 or not self._order(
            REBOOT_SIGNAL, limit, lambda: self.is_running() and self.leader() in (before, 0)
        ):
            raise GuestError(f"The guest of {self.record.vm_id} did not reboot within {limit:.0f} seconds.")
        self.wait_until_ready(boot_limit, after=str(before))

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
        with contextlib.ExitStack() as held:
            with self._while_it_runs():
                place = tempfile.TemporaryDirectory(prefix="run-command-", dir=f"/proc/{leader}/root/run")
                path = Path(held.enter_context(place)) / "script.sh"
                path.write_text(script, encoding="utf-8")
                path.chmod(0o700)
            return self._run_inside(leader, f"/run/{path.parent.name}/script.sh", timeout, name)

    def run_command(self, command: HandlerCommand) -> CompletedRun | None:
        """Run a managed run command as Azure's handler does, in its own directory.

        Raises:
            GuestError: the guest does not run, or does not kill the script.
        """
        leader = self.leader()
        if not leader or not self.is_running():
            raise GuestError(f"The machine {self.record.vm_id} is not running.")
        root = Path(f"/proc/{leader}/root")
        files = HandlerFiles(root, command.name)
        if files.has_run(command.sequence):
            return files.reported(command.sequence)
        variables = tuple(f"{name}={value}" for name, value in command.parameters if name and value)
        with contextlib.ExitStack() as held:
            with self._while_it_runs():
                script = f"/{files.begin(command).relative_to(root)}"
                outputs = held.enter_context(files.outputs(command.sequence))
            line = f"{script}{command.arguments}"
            place = str(Path(script).parent)
            run = self._run_inside(leader, line, command.timeout, command.key, place, variables, outputs)
        with contextlib.suppress(OSError):  # a script may end the guest
            files.finish(command.sequence, run)
        return run

    def forget_command(self, name: str) -> None:
        """A managed run command is deleted."""
        leader = self.leader()
        if leader:
            HandlerFiles(Path(f"/proc/{leader}/root"), name).forget()

    def read_file(self, path: str) -> bytes | None:
        """Return the content of a file of the running guest, None when it is not there."""
        leader = self.leader()
        if not leader:
            return None
        try:
            return Path(f"/proc/{leader}/root", path.lstrip("/")).read_bytes()
        except OSError:
            return None

    @contextlib.contextmanager
    def _while_it_runs(self) -> Iterator[None]:
        """Files are written in a guest, which may end or reboot at any time, with all its files."""
        try:
            yield
        except OSError as problem:
            raise GuestError(
                f"The machine {self.record.vm_id} has ended, or started again: {problem.strerror}."
            ) from problem

    def _run_inside(
        self,
        leader: int,
        script: str,
        timeout: float,
        name: str,
        directory: str = "/",
        variables: tuple[str, ...] = (),
        outputs: tuple[IO[bytes], IO[bytes]] | None = None,
    ) -> CompletedRun:
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
                f"--chdir={directory}",
                *GUEST_ENVIRONMENT,
                *variables,
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
        with contextlib.ExitStack() as stack:
            stdout, stderr = outputs or (
                stack.enter_context(tempfile.TemporaryFile()),
                stack.enter_context(tempfile.TemporaryFile()),
            )
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
            time.sleep(self.poll_seconds)
        return not pending()

    def _missing(self, after: str) -> str:
        """Say what the guest still lacks to be ready; the mark of a boot is the process id of its systemd."""
        leader = self.leader()
        if leader == 0 or str(leader) == after:
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
