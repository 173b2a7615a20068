# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ask the process with the libraries for runs; what it cannot run as it should is started as a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

#: What an interpreter reads at its start, and the loader of libraries: a fork cannot take up another value.
_READ_AT_START = ("LANG", "LC_", "LD_", "PYTHON", "TZ")

_taking_turns = threading.Lock()


class _Starter:
    """The process, started with the first run and ended by the end of this one."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        self.environment = dict(os.environ)
        program = Path(__file__).parent / "libraries.py"
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(program), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )
        self._answers = self._ours.makefile("r", encoding="utf-8")

    def run(
        self, arguments: list[str], environment: dict[str, str], directory: Path, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run it in a fork.

        :raises subprocess.TimeoutExpired: when it does not end; it has been killed then.
        """
        with tempfile.TemporaryDirectory(prefix="ansible-run-") as folder:
            output, errors = Path(folder) / "output", Path(folder) / "errors"
            request = {
                "arguments": arguments,
                "environment": environment,
                "directory": str(directory),
                "output": str(output),
                "errors": str(errors),
            }
            self._ours.sendall(f"{json.dumps(request)}\n".encode())
            process = int(self._answers.readline())
            watch = threading.Timer(timeout, os.kill, (process, signal.SIGKILL))
            watch.start()
            status = int(self._answers.readline())
            was_late = not watch.is_alive()
            watch.cancel()
            if was_late and status == -signal.SIGKILL:
                raise subprocess.TimeoutExpired(arguments, timeout, output.read_text())
            return subprocess.CompletedProcess(arguments, status, output.read_text(), errors.read_text())


_starters: list[_Starter] = []


def run(
    arguments: list[str],
    environment: dict[str, str],
    directory: Path,
    timeout: float,
) -> subprocess.CompletedProcess[str]:
    """Run ansible-playbook to its end.

    :param arguments: those of the command, without its name.
    :param environment: the whole environment of the run.
    :param timeout: seconds after which it is taken for hung.
    :raises subprocess.TimeoutExpired: when it does not end.
    """
    program = shutil.which("ansible-playbook", path=environment["PATH"]) or "ansible-playbook"
    is_ours = Path(program).parent == Path(sys.executable).parent
    if is_ours and _taking_turns.acquire(blocking=False):
        try:
            if not _starters:
                _starters.append(_Starter())
            if _reads(environment) == _reads(_starters[0].environment):
                return _starters[0].run([program, *arguments], environment, directory, timeout)
        finally:
            _taking_turns.release()
    return subprocess.run(
        [program, *arguments],
        env=environment,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _reads(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}
