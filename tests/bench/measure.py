# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a program and measure it: wall, CPU and memory of all its processes."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Seconds between two looks at a program's memory.
_SAMPLING = 0.1
_MEGABYTE = 1024.0


class BenchError(Exception):
    """A program that is measured did not do its work; the message is one sentence."""


@dataclass(frozen=True)
class Measured:
    """What a program took: seconds of wall and CPU, and megabytes at the most."""

    wall: float
    cpu: float
    #: Of all processes together, each counted with its share of what they share; 0 when nobody asked.
    memory: float
    output: str


def run(
    command: Sequence[str | Path], environment: Mapping[str, str], directory: Path, limit: float, memory: bool = False
) -> Measured:
    """Run a program to its end.

    memory: look at it all the while, which takes some CPU away from it.

    Raises:
        BenchError: it failed, or took longer than `limit` seconds.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        started = time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in command],
            env=dict(environment),
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        sampler = _Sampler(process.pid) if memory else None
        watchdog = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        try:
            _pid, status, usage = os.wait4(process.pid, 0)
        finally:
            watchdog.cancel()
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        peak = sampler.stop() if sampler else 0.0
        said.seek(0)
        output = said.read()
    if process.returncode:
        tail = " ".join(output.split())[-600:]
        raise BenchError(f"{' '.join(map(str, command))} ended with status {process.returncode}: {tail}")
    return Measured(wall, usage.ru_utime + usage.ru_stime, peak, output)


class _Sampler:
    """Looks at the memory of a process and all its descendants until it is stopped."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """The peak, in megabytes."""
        self._ended.set()
        self._thread.join()
        return self._peak

    def _watch(self) -> None:
        while not self._ended.wait(_SAMPLING):
            self._peak = max(self._peak, sum(map(_share, _family(self._pid))) / _MEGABYTE)


def _family(ancestor: int) -> list[int]:
    """A process and all that descend from it, whatever sessions they have begun."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [ancestor]
    for pid in found:
        found += children.get(pid, [])
    return found


def _share(pid: int) -> float:
    """Kilobytes of a process, what is shared counted in parts; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return float(next((line.split()[1] for line in lines if line.startswith("Pss:")), 0))
