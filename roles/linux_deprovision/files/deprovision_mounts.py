# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mounts of the guest, and which of them are on the OS disk, which is captured; reads only.

Hardened images have separate file systems on the OS disk for /var/log, /tmp, /home and others. Data disks, shares, bind mounts and loop
devices that are mounted below them contain data that must not be removed.
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
        self.root = unescape(parts[3])
        self.point = unescape(parts[4])
        self.options = set(parts[5].split(","))
        self.kind, self.source, self.settings = [*rest.split(), "", "", ""][:3]
        self.source = unescape(self.source)


def unescape(text: str) -> str:
    r"""Return a path of mountinfo without its octal escape sequences, such as \040 for a space."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)


class Mounts:
    """The mounts of the guest.

    :param text: the content of /proc/self/mountinfo.
    :param local_path: converts a path of the guest to a path of this system (see Guest.local_path).
    """

    def __init__(self, text: str, local_path: Callable[[str], str]) -> None:
        self._local_path = local_path
        lines = [line for line in text.splitlines() if len(line.split()) >= 10]
        #: By mount point. The last mount at a mount point hides the earlier ones.
        self.by_point = {mount.point: mount for mount in map(Mount, lines)}
        root = self.by_point.get("/")
        self._os_device = root.device if root else ""
        self._os_pool = root.source.partition("/")[0] if root and root.kind == "zfs" else ""
        self._os_disks = self._disks(root) if root else set()
        seen: set[tuple[str, str]] = {(root.device, root.root)} if root else set()
        #: Mount points whose contents are not on the OS disk, or are another part of it (bind mounts).
        self.foreign: set[str] = set()
        for point, mount in self.by_point.items():
            is_repeated = (mount.device, mount.root) in seen
            seen.add((mount.device, mount.root))
            if point != "/" and (is_repeated or not self._is_whole_file_system(mount) or not self._on_os_disk(mount)):
                self.foreign.add(point)

    def below(self, path: str) -> list[str]:
        """Return the mount points at or below a path, which must not contain links."""
        return [point for point in self.by_point if point == path or point.startswith(path.rstrip("/") + "/")]

    def mount_point_of(self, path: str) -> str:
        """Return the mount point of the file system that contains a path, which must not contain links."""
        while path not in self.by_point and path != "/":
            path = os.path.dirname(path)
        return path

    def is_off_os_disk(self, path: str) -> bool:
        """Return whether a path, which must not contain links, is not on the OS disk."""
        point = self.mount_point_of(path)
        while point != "/":
            if point in self.foreign:
                return True
            point = self.mount_point_of(os.path.dirname(point))
        return False

    def is_read_only(self, path: str) -> bool:
        """Return whether the file system of a path is mounted read-only."""
        mount = self.by_point.get(self.mount_point_of(path))
        return bool(mount and "ro" in mount.options)

    def _is_whole_file_system(self, mount: Mount) -> bool:
        """Return whether a whole file system or a btrfs subvolume is mounted, and not one of its directories."""
        if mount.kind != "btrfs":
            return mount.root == "/"
        try:
            return os.stat(self._local_path(mount.point)).st_ino == BTRFS_SUBVOLUME_INODE
        except OSError:
            return False

    def _on_os_disk(self, mount: Mount) -> bool:
        if mount.device == self._os_device:
            return True
        if mount.kind == "overlay":
            return self._is_overlay_on_os_disk(mount)
        if mount.kind == "zfs":
            return bool(self._os_pool) and mount.source.partition("/")[0] == self._os_pool
        disks = self._disks(mount)
        return bool(disks) and disks <= self._os_disks

    def _is_overlay_on_os_disk(self, mount: Mount) -> bool:
        """Return whether the upper directory of an overlay is on the OS disk, as for /etc of Flatcar.

        The option contains the path at the time of the mount: in the initial RAM disk, this is below /sysroot.
        """
        named = re.search(r"(?:^|,)upperdir=([^,]+)", mount.settings)
        if named is None:
            return False
        upper = re.sub(r"^/sysroot(?=/|$)", "", unescape(named.group(1))) or "/"
        point = self.mount_point_of(upper)
        if point == mount.point:
            point = self.mount_point_of(os.path.dirname(point))
        below = self.by_point.get(point)
        return below is not None and below.kind != "overlay" and self._on_os_disk(below)

    def _disks(self, mount: Mount) -> set[str]:
        """Return the disks of a file system; an empty set for file systems without a disk, such as tmpfs and network shares."""
        number = mount.device
        # btrfs has anonymous device numbers, but its source is a device.
        if number.startswith("0:") and mount.source.startswith("/dev/"):
            try:
                status = os.stat(self._local_path(mount.source))
                number = f"{os.major(status.st_rdev)}:{os.minor(status.st_rdev)}"
            except OSError:
                return set()
        return self._physical(os.path.realpath(self._local_path("/sys/dev/block/" + number)))

    def _physical(self, directory: str) -> set[str]:
        """Return the disks of a block device: for a partition its disk, for a logical volume those of its physical volumes."""
        if not os.path.isdir(directory) or os.path.basename(directory).startswith("loop"):
            return set()
        if os.path.exists(os.path.join(directory, "partition")):
            return {os.path.basename(os.path.dirname(directory))}
        slaves = os.path.join(directory, "slaves")
        below = (
            [os.path.realpath(os.path.join(slaves, name)) for name in sorted(os.listdir(slaves))]
            if os.path.isdir(slaves)
            else []
        )
        found = {disk for each in below for disk in self._physical(each)}
        return found or {os.path.basename(directory)}
