# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What would have to go, and stays, because it lies on another disk than the OS disk or behind a link; reads only."""

from __future__ import annotations

from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_mounts import Mounts
from deprovision_paths import MAGIC

#: The swap file on the resource disk, which is never captured.
ACTIONS_OF_NO_CONCERN = ("swap",)


def elsewhere(guest: Guest, spec: dict) -> list[str]:
    """Return the paths of an entry of the vars files that stay because of where they lie.

    Only what an entry would reach itself: not what lies behind a link, or a mount point, that a wildcard matches.
    """
    if spec.get("named") or spec.get("action") in ACTIONS_OF_NO_CONCERN:
        return []
    found = []
    for pattern in spec["paths"]:
        folder = guest.resolve(literal_folder(pattern))
        if folder and guest.mounts().leads_away(folder):
            found += [path for path in guest.find(pattern, anywhere=True) if on_a_disk(guest.mounts(), path)]
    return found


def literal_folder(pattern: str) -> str:
    """Return the folder of a shell pattern up to its first wildcard."""
    parts = pattern.split("/")[:-1]
    plain = next((number for number, part in enumerate(parts) if set(MAGIC) & set(part)), len(parts))
    return "/".join(parts[:plain]) or "/"


def on_a_disk(mounts: Mounts, path: str) -> bool:
    """Say whether a path lies on a disk or a share, not in memory, and so is there after a reboot, too."""
    mount = mounts.by_point.get(mounts.of(path))
    return mount is not None and mount.kind not in ("tmpfs", "ramfs", "devtmpfs", "proc", "sysfs")


def mounted_within(guest: Guest) -> Iterator[tuple[str, str]]:
    """Yield the mount points of other disks in what is cleaned with all that is in it, and what it is."""
    mounts, seen = guest.mounts(), set()
    for spec in guest.config["leftovers"]:
        for pattern in spec["paths"]:
            folder = guest.resolve(literal_folder(pattern))
            reaches = "**" in pattern or pattern.endswith("*")
            for point in mounts.below(folder) if reaches and folder not in ("", "/") else ():
                if point in mounts.foreign and point not in seen and on_a_disk(mounts, point):
                    seen.add(point)
                    yield point, spec["what"]
