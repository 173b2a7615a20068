# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A control group of its own for each guest.

systemd-nspawn started with --keep-unit puts its payload into a group named `payload` below the group it runs in: two
guests started from one shell would share it, and the systemd of one would end the services of the other. So every guest
gets a group of its own first, below the one of this process, in each hierarchy systemd keeps its books in: the single
one of cgroup v2, or `systemd` and `unified` where both versions are mounted. The group also names every process of a
guest, whoever its parent is, which is what makes an end final.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from .base import GuestError

CGROUP_ROOT = Path("/sys/fs/cgroup")
KILL_LIMIT_SECONDS = 20.0


def hierarchies(cgroup_root: Path = CGROUP_ROOT, own: Path = Path("/proc/self/cgroup")) -> list[Path]:
    """Return this process's own group in each hierarchy systemd uses.

    Raises:
        GuestError: no such hierarchy is mounted.
    """
    found = []
    for line in own.read_text(encoding="utf-8").splitlines():
        number, controllers, path = line.split(":", 2)
        if number == "0":
            mounts = [cgroup_root, cgroup_root / "unified"]
        elif controllers == "name=systemd":
            mounts = [cgroup_root / "systemd"]
        else:
            continue
        for mount in mounts:
            group = mount / path.lstrip("/")
            # A plain tmpfs is mounted on the root where both versions exist: only hierarchies have this file.
            if (group / "cgroup.procs").is_file():
                found.append(group)
                break
    if not found:
        raise GuestError(f"Guests need control groups, and none that systemd can use is mounted below {cgroup_root}.")
    return found


def processes(groups: list[Path]) -> set[int]:
    """Return the ids of all processes in the groups and below."""
    found: set[int] = set()
    for group in groups:
        for below in _groups_below(group):
            # A group that goes away while it is read holds no process.
            with contextlib.suppress(OSError):
                found.update(int(line) for line in (below / "cgroup.procs").read_text(encoding="ascii").split())
    return found - {0}


def _groups_below(group: Path) -> list[Path]:
    """The group and all below it, parents first; os.walk, unlike rglob, does not mind those that vanish meanwhile."""
    return [Path(directory) for directory, _names, _files in os.walk(group)]


def end_processes(groups: list[Path], limit: float = KILL_LIMIT_SECONDS) -> None:
    """Kill every process of the groups and wait until none is left.

    Raises:
        GuestError: processes survive the limit (seconds).
    """
    deadline = time.monotonic() + limit
    while left := processes(groups):
        if time.monotonic() > deadline:
            raise GuestError(f"The processes {', '.join(map(str, sorted(left)))} of {groups[0].name} do not end.")
        for process_id in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGKILL)
        time.sleep(0.02)


@contextlib.contextmanager
def paused(groups: list[Path]) -> Iterator[None]:
    """Let the processes of the groups stand still for a while: what they have written is then all of one moment."""
    stopped: set[int] = set()
    # Whoever was just being born is met the second time.
    for _pass in range(2):
        for process_id in processes(groups) - stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGSTOP)
            stopped.add(process_id)
    try:
        yield
    finally:
        for process_id in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, signal.SIGCONT)


def remove(groups: list[Path], limit: float = 5.0) -> None:
    """Remove empty groups with everything below; the kernel may need a moment to see that they are empty."""
    deadline = time.monotonic() + limit
    for group in groups:
        while group.is_dir():
            for below in reversed(_groups_below(group)):
                with contextlib.suppress(OSError):
                    below.rmdir()
            if group.is_dir():
                if time.monotonic() > deadline:
                    raise GuestError(f"The control group {group} cannot be removed.")
                time.sleep(0.02)
