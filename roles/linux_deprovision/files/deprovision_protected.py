# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot be removed or changed, by root neither: immutable and append-only files, read-only file systems; reads only."""

from __future__ import annotations

import array
import fcntl
import os
import stat
from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_leftover import Leftover
from deprovision_users import ACCOUNT_FILES

#: Source: ioctl_iflags(2); the number is that of x86-64 and Arm64.
FS_IOC_GETFLAGS = 0x80086601
FLAGS = ((0x10, "immutable", "i"), (0x20, "append-only", "a"))
#: Looked at, of each folder that goes.
MOST_FILES = 200_000


def protected_blockers(guest: Guest, items: list[Leftover]) -> Iterator[dict]:
    """Say what has to go, and cannot."""
    yield from _findings(guest, [item for item in items if not item.volatile])


def protected_warnings(guest: Guest, items: list[Leftover]) -> Iterator[dict]:
    """Say which logs and temporary files cannot go, and stay."""
    yield from _findings(guest, [item for item in items if item.volatile])


def _findings(guest: Guest, items: list[Leftover]) -> Iterator[dict]:
    said = set()
    for item in items:
        for path, why, cure in protected(guest, item):
            if path not in said:
                said.add(path)
                yield {
                    "code": "path_protected",
                    "message": f"{path} ({item.what}) is {why} and cannot be removed: {cure}.",
                }


def protected(guest: Guest, item: Leftover) -> Iterator[tuple[str, str, str]]:
    """Yield what of a leftover cannot go: the path, why, and what to do."""
    written = [path.partition(" (")[0] for path in item.paths if path.endswith(")")]
    # userdel writes all of them, and its copies beside them.
    written += ACCOUNT_FILES if any(path in ACCOUNT_FILES for path in written) else ()
    for path in written:
        yield from _why(guest, path)
        yield from _why(guest, os.path.dirname(path), folder=True)
    for path in item.paths:
        if not path.endswith(")"):
            yield from _why(guest, os.path.dirname(path) or "/", folder=True)
            for each in _tree(guest, path):
                yield from _why(guest, each)


def _tree(guest: Guest, path: str) -> Iterator[str]:
    """Yield a path and all that is in it, but for what is mounted there."""
    yield path
    seen = 0
    for place, folders, names in os.walk(guest.at(path)):
        folder = place[len(guest.root) :]
        folders[:] = [name for name in folders if f"{folder}/{name}" not in guest.mounts().by_point]
        for name in [*folders, *names]:
            seen += 1
            if seen > MOST_FILES:
                return
            yield f"{folder}/{name}"


def _why(guest: Guest, path: str, folder: bool = False) -> Iterator[tuple[str, str, str]]:
    """Yield why a path cannot be changed.

    :param folder: whether something in it is to be removed, which an append-only folder forbids, too.
    """
    if guest.mounts().read_only(guest.resolve(path)) and guest.exists(path):
        yield path, "on a read-only file system", "mount it for writing"
        return
    found = flags(guest.at(path))
    for bit, what, letter in FLAGS:
        if found & bit:
            yield path, what, f"chattr -{letter} {path}"
            return


def flags(target: str) -> int:
    """Return the flags of a file or folder; none for what has none, such as links, devices and files of network shares."""
    try:
        mode = os.lstat(target).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return 0
        handle = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return 0
    try:
        # A long, of which the kernel writes an int.
        answer = array.array("i", [0, 0])
        fcntl.ioctl(handle, FS_IOC_GETFLAGS, answer)
        return answer[0]
    except OSError:
        return 0
    finally:
        os.close(handle)
