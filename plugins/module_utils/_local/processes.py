# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Identify a process uniquely, and detect whether it has ended.

A process id alone is not unique: each container has its own namespace, and ids are reused.
"""

from __future__ import annotations

import os

#: Fields of /proc/PID/stat after the name, which is in parentheses and may contain anything: state, and start time.
_STATE = 0
_PARENT = 1
_STARTED = 19
_ENDED_STATES = ("Z", "X")


def identify(number: int) -> str:
    """The identity of a process.

    :returns: boot id, PID namespace, process id and start time; empty if not available, as outside Linux.
    """
    space, fields = _pid_namespace(), _fields(number)
    return f"{space}/{number}/{fields[_STARTED]}" if space and fields else ""


def has_ended(identity: str) -> bool:
    """Whether a process is known to have ended; False if it is not visible from here."""
    space, _slash, rest = identity.rpartition("/")[0].rpartition("/")
    if not rest.isdigit() or space != _pid_namespace():
        return False
    fields = _fields(int(rest))
    if fields:
        return fields[_STARTED] != identity.rpartition("/")[2] or fields[_STATE] in _ENDED_STATES
    return not _exists(int(rest))


def children(number: int) -> list[int]:
    """The running child processes of a process; empty if not available, as outside Linux."""
    try:
        others = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []
    candidates = ((other, _fields(other)) for other in others)
    return [
        other
        for other, fields in candidates
        if len(fields) > _PARENT and fields[_PARENT] == str(number) and fields[_STATE] not in _ENDED_STATES
    ]


def _exists(number: int) -> bool:
    """Whether a process exists, even if its details are hidden."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _pid_namespace() -> str:
    """The boot id and the PID namespace of this system; see pid_namespaces(7)."""
    try:
        with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
            boot = file.read().strip()
        return f"{boot}/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        return ""


def _fields(number: int) -> list[str]:
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []
