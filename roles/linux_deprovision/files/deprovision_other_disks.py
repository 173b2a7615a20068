# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that should be removed and are kept because they are not on the OS disk; reads only."""

from __future__ import annotations

from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_mounts import Mounts
from deprovision_paths import WILDCARDS

#: The swap file is on the resource disk, which is never captured.
IGNORED_ACTIONS = ("swap",)


def paths_on_other_disks(guest: Guest, spec: dict) -> list[str]:
    """Return the paths of an entry of the vars files that are not removed because they are not on the OS disk.

    This includes only paths whose literal part is on another disk, and not what a wildcard finds below a link or a mount point.
    """
    if spec.get("user_specified") or spec.get("action") in IGNORED_ACTIONS:
        return []
    found = []
    for pattern in spec["paths"]:
        directory = guest.resolve(literal_directory(pattern))
        if directory and guest.mounts().is_off_os_disk(directory):
            found += [path for path in guest.find(pattern, anywhere=True) if is_persistent(guest.mounts(), path)]
    return found


def literal_directory(pattern: str) -> str:
    """Return the directory part of a shell pattern before its first wildcard."""
    parts = pattern.split("/")[:-1]
    plain = next((number for number, part in enumerate(parts) if set(WILDCARDS) & set(part)), len(parts))
    return "/".join(parts[:plain]) or "/"


def is_persistent(mounts: Mounts, path: str) -> bool:
    """Return whether a path is on a disk or a share, and not in memory."""
    mount = mounts.by_point.get(mounts.mount_point_of(path))
    return mount is not None and mount.kind not in ("tmpfs", "ramfs", "devtmpfs", "proc", "sysfs")


def mounts_of_other_disks(guest: Guest) -> Iterator[tuple[str, str]]:
    """Yield the mount points of other disks in directories that are emptied, each with the description of the entry."""
    mounts, seen = guest.mounts(), set()
    for spec in guest.config["cleanup_specs"]:
        for pattern in spec["paths"]:
            directory = guest.resolve(literal_directory(pattern))
            reaches = "**" in pattern or pattern.endswith("*")
            for point in mounts.below(directory) if reaches and directory not in ("", "/") else ():
                if point in mounts.foreign and point not in seen and is_persistent(mounts, point):
                    seen.add(point)
                    yield point, spec["what"]
