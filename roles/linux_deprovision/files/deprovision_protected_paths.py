# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paths that even root cannot remove or change: immutable and append-only files, read-only file systems; reads only."""

from __future__ import annotations

import array
import fcntl
import os
import stat
from collections.abc import Iterator

from deprovision_cleanup_item import CleanupItem
from deprovision_guest import Guest
from deprovision_users import ACCOUNT_FILES

#: Source: ioctl_iflags(2); the number is that of x86-64 and Arm64.
FS_IOC_GETFLAGS = 0x80086601
FLAGS = ((0x10, "immutable", "i"), (0x20, "append-only", "a"))
#: Maximum number of files to check in each directory that is removed.
MAX_FILES = 200_000


def protected_blockers(guest: Guest, items: list[CleanupItem]) -> Iterator[dict]:
    """Yield blockers for paths that must be removed and cannot be."""
    yield from _findings(guest, [item for item in items if not item.volatile])


def protected_warnings(guest: Guest, items: list[CleanupItem]) -> Iterator[dict]:
    """Yield warnings for logs and temporary files that cannot be removed."""
    yield from _findings(guest, [item for item in items if item.volatile])


def _findings(guest: Guest, items: list[CleanupItem]) -> Iterator[dict]:
    reported = set()
    for item in items:
        for path, why, cure in protected_paths(guest, item):
            if path not in reported:
                reported.add(path)
                yield {
                    "code": "path_protected",
                    "message": f"{path} ({item.what}) is {why} and cannot be removed: {cure}.",
                }


def protected_paths(guest: Guest, item: CleanupItem) -> Iterator[tuple[str, str, str]]:
    """Yield the paths of an item that cannot be removed, each with the reason and the remedy."""
    written = [path.partition(" (")[0] for path in item.paths if path.endswith(")")]
    # userdel writes all of them, and copies in the same directory.
    written += ACCOUNT_FILES if any(path in ACCOUNT_FILES for path in written) else ()
    for path in written:
        yield from _protection(guest, path)
        yield from _protection(guest, os.path.dirname(path), directory=True)
    for path in item.paths:
        if not path.endswith(")"):
            yield from _protection(guest, os.path.dirname(path) or "/", directory=True)
            for each in _tree(guest, path):
                yield from _protection(guest, each)


def _tree(guest: Guest, path: str) -> Iterator[str]:
    """Yield a path and the contents of the directory, except for mount points."""
    yield path
    seen = 0
    for place, directories, names in os.walk(guest.local_path(path)):
        directory = place[len(guest.root) :]
        directories[:] = [name for name in directories if f"{directory}/{name}" not in guest.mounts().by_point]
        for name in [*directories, *names]:
            seen += 1
            if seen > MAX_FILES:
                return
            yield f"{directory}/{name}"


def _protection(guest: Guest, path: str, directory: bool = False) -> Iterator[tuple[str, str, str]]:
    """Yield the reason why a path cannot be changed.

    :param directory: whether an entry of the directory is to be removed, which an append-only directory prevents, too.
    """
    if guest.mounts().is_read_only(guest.resolve(path)) and guest.exists(path):
        yield path, "on a read-only file system", "mount it for writing"
        return
    found = flags(guest.local_path(path))
    for bit, what, letter in FLAGS:
        if found & bit:
            yield path, what, f"chattr -{letter} {path}"
            return


def flags(target: str) -> int:
    """Return the flags of a file or directory; 0 for links, devices and files of network shares, which have none."""
    try:
        mode = os.lstat(target).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
            return 0
        handle = os.open(target, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return 0
    try:
        # The request is declared with a long, but the kernel writes an int.
        answer = array.array("i", [0, 0])
        fcntl.ioctl(handle, FS_IOC_GETFLAGS, answer)
        return answer[0]
    except OSError:
        return 0
    finally:
        os.close(handle)
