# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks of guests as directories: a layer over the pristine root where the file system can, a whole copy where not.

A layer is the upper directory of an overlay; the pristine root below it is never written. Copying a disk copies its
layer (a few megabytes), so the copy and its source share nothing that either could change.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from .base import GuestError
from .disks import DiskStore, copy_tree

# Without redirects, indexes and metadata-only copies a layer means the same wherever it is copied to.
OVERLAY_OPTIONS = "lowerdir=base,upperdir=upper,workdir=work,index=off,redirect_dir=off,metacopy=off"


class OverlayDisks(DiskStore):
    """Directories for systemd-nspawn."""

    def __init__(self, directory: Path, pristine_root: Callable[[], Path]) -> None:
        super().__init__(directory, pristine_root)
        self._layers: bool | None = None

    def _start(self, partial: Path) -> None:
        root = self._pristine_root()
        if self._can_layer(root):
            (partial / "upper").mkdir()
            (partial / "work").mkdir()
            (partial / "base").symlink_to(root)
        else:
            copy_tree(root, partial / "root")

    def _copy(self, source: Path, partial: Path) -> None:
        if (source / "upper").is_dir():
            copy_tree(source / "upper", partial / "upper")
            (partial / "work").mkdir()
            (partial / "base").symlink_to((source / "base").readlink())
        elif (source / "root").is_dir():
            copy_tree(source / "root", partial / "root")
        else:
            raise GuestError(f"There is no disk {source.name} to copy.")

    def _can_layer(self, root: Path) -> bool:
        """Try an overlay once, in a mount namespace of its own: not every file system can carry the upper layer."""
        if self._layers is None:
            with tempfile.TemporaryDirectory(prefix="probe-", dir=self._directory) as name:
                for part in ("upper", "work", "merged"):
                    (Path(name) / part).mkdir()
                (Path(name) / "base").symlink_to(root)
                script = f"mount -t overlay -o {OVERLAY_OPTIONS} overlay merged && rm -r merged/srv && mkdir merged/srv"
                probe = subprocess.run(
                    ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
                    cwd=name,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=30,
                    check=False,
                )
            self._layers = probe.returncode == 0
        return self._layers


def mount_commands(disk_path: Path, mount_point: Path) -> list[list[str]]:
    """Return the commands which make the disk's file system appear, to be run in the disk's directory."""
    if (disk_path / "upper").is_dir():
        return [["mount", "-t", "overlay", "-o", OVERLAY_OPTIONS, "overlay", str(mount_point)]]
    return [["mount", "--bind", "root", str(mount_point)]]
