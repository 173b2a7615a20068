# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is mounted where, and which of it is the disk that becomes the image; reads only.

Hardened images have /var/log, /tmp, /home and others as file systems of the OS disk. A data disk, a share, a bind mount or a loop
device below them holds what belongs to somebody else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable

#: The inode number of the root of each subvolume. Source: https://btrfs.readthedocs.io/en/latest/Subvolumes.html
BTRFS_SUBVOLUME_INODE = 256


class Mount:
    """One line of /proc/self/mountinfo. Source: proc_pid_mountinfo(5)."""

    def __init__(self, line: str) -> None:
        fields, _dash, rest = line.partition(" - ")
        parts = fields.split()
        self.device = parts[2]
        self.root = unescaped(parts[3])
        self.point = unescaped(parts[4])
        self.options = set(parts[5].split(","))
        self.kind, self.source, self.settings = [*rest.split(), "", "", ""][:3]
        self.source = unescaped(self.source)


def unescaped(text: str) -> str:
    r"""Return a path of mountinfo, in which blanks are written as \040 and the like."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


class Mounts:
    """The mounts of the guest.

    :param text: the content of /proc/self/mountinfo.
    :param at: where a path of the guest lies (see Guest.at).
    """

    def __init__(self, text: str, at: Callable[[str], str]) -> None:
        self._at = at
        lines = [line for line in text.splitlines() if len(line.split()) >= 10]
        #: By mount point; what is mounted there last covers what was mounted before.
        self.by_point = {mount.point: mount for mount in map(Mount, lines)}
        root = self.by_point.get("/")
        self._os_device = root.device if root else ""
        self._os_pool = root.source.partition("/")[0] if root and root.kind == "zfs" else ""
        self._os_disks = self._disks(root) if root else set()
        seen: set[tuple[str, str]] = {(root.device, root.root)} if root else set()
        #: Mount points whose content is not a part of the OS disk, or is a part of it that has its place elsewhere (bind mounts).
        self.foreign: set[str] = set()
        for point, mount in self.by_point.items():
            again = (mount.device, mount.root) in seen
            seen.add((mount.device, mount.root))
            if point != "/" and (again or not self._is_whole(mount) or not self._on_os_disk(mount)):
                self.foreign.add(point)

    def below(self, path: str) -> list[str]:
        """Return the mount points at a path, which has no links in it, and below."""
        return [point for point in self.by_point if point == path or point.startswith(path.rstrip("/") + "/")]

    def of(self, path: str) -> str:
        """Return the mount point of the file system that a path, which has no links in it, lies on."""
        while path not in self.by_point and path != "/":
            path = os.path.dirname(path)
        return path

    def leads_away(self, path: str) -> bool:
        """Say whether a path, which has no links in it, lies on something else than the OS disk."""
        point = self.of(path)
        while point != "/":
            if point in self.foreign:
                return True
            point = self.of(os.path.dirname(point))
        return False

    def read_only(self, path: str) -> bool:
        """Say whether nothing can be changed on the file system of a path."""
        mount = self.by_point.get(self.of(path))
        return bool(mount and "ro" in mount.options)

    def _is_whole(self, mount: Mount) -> bool:
        """Say whether a file system, or a subvolume of btrfs, is mounted, not a folder of it."""
        if mount.kind != "btrfs":
            return mount.root == "/"
        try:
            return os.stat(self._at(mount.point)).st_ino == BTRFS_SUBVOLUME_INODE
        except OSError:
            return False

    def _on_os_disk(self, mount: Mount) -> bool:
        if mount.device == self._os_device:
            return True
        if mount.kind == "overlay":
            return self._is_above_os_disk(mount)
        if mount.kind == "zfs":
            return bool(self._os_pool) and mount.source.partition("/")[0] == self._os_pool
        disks = self._disks(mount)
        return bool(disks) and disks <= self._os_disks

    def _is_above_os_disk(self, mount: Mount) -> bool:
        """Say whether what is written to an overlay comes to lie on the OS disk, as with /etc of Flatcar.

        Its folders are named as they were called when it was mounted: in the initial RAM disk, below /sysroot.
        """
        named = re.search(r"(?:^|,)upperdir=([^,]+)", mount.settings)
        if named is None:
            return False
        upper = re.sub(r"^/sysroot(?=/|$)", "", unescaped(named.group(1))) or "/"
        point = self.of(upper)
        if point == mount.point:
            point = self.of(os.path.dirname(point))
        below = self.by_point.get(point)
        return below is not None and below.kind != "overlay" and self._on_os_disk(below)

    def _disks(self, mount: Mount) -> set[str]:
        """Return the disks below a file system; none for those that have no disk, such as tmpfs and network shares."""
        number = mount.device
        # btrfs has numbers of its own: the device is named.
        if number.startswith("0:") and mount.source.startswith("/dev/"):
            try:
                status = os.stat(self._at(mount.source))
                number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
            except OSError:
                return set()
        return self._physical(os.path.realpath(self._at("/sys/dev/block/" + number)))

    def _physical(self, folder: str) -> set[str]:
        """Return the disks below a block device: of a partition its disk, of a logical volume those of its physical ones."""
        if not os.path.isdir(folder) or os.path.basename(folder).startswith("loop"):
            return set()
        if os.path.exists(os.path.join(folder, "partition")):
            return {os.path.basename(os.path.dirname(folder))}
        slaves = os.path.join(folder, "slaves")
        below = (
            [os.path.realpath(os.path.join(slaves, name)) for name in sorted(os.listdir(slaves))]
            if os.path.isdir(slaves)
            else []
        )
        found = {disk for each in below for disk in self._physical(each)}
        return found or {os.path.basename(folder)}
