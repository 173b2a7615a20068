# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The scripts that run in a guest, to be ended one by one.

Azure's handler for Linux kills its process group when the command is deleted while it runs (`disable` in internal/cmds/cmds.go,
and internal/pid, of Azure/run-command-handler-linux).
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from typing import IO


class Scripts:
    """What runs in one guest, by its name; a script without a name cannot be ended."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._outputs: dict[str, tuple[IO[bytes], IO[bytes]]] = {}
        #: Ended before they began.
        self._ended: set[str] = set()

    def start(
        self, name: str, arguments: list[str], stdout: IO[bytes], stderr: IO[bytes]
    ) -> subprocess.Popen[bytes] | None:
        """Start a script in a process group of its own; None for one that has been ended already."""
        with self._guard:
            if name in self._ended:
                return None
            process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True
            )
            if name:
                self._processes[name] = process
                self._outputs[name] = (stdout, stderr)
            return process

    def end(self, name: str) -> None:
        """Kill a script with its process group."""
        with self._guard:
            self._ended.add(name)
            process = self._processes.get(name)
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def forget(self, name: str) -> None:
        """A script has ended."""
        with self._guard:
            self._processes.pop(name, None)
            self._outputs.pop(name, None)

    def output(self, name: str) -> tuple[str, str]:
        """What a script that runs has said so far on its two outputs."""
        with self._guard:
            texts = [_read(file).decode(errors="replace") for file in self._outputs.get(name, ())]
        return (texts[0], texts[1]) if texts else ("", "")


def _read(file: IO[bytes]) -> bytes:
    """The content of a file that another process writes, without moving where it is."""
    return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0)
