# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The disks of guests: directories below one, which are there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from .base import GuestError
from .process import run_command

COPY_LIMIT_SECONDS = 600.0


class DiskStore(ABC):
    """The disks below one directory. Keys are file names chosen by the caller."""

    def __init__(self, directory: Path, pristine_root: Callable[[], Path]) -> None:
        self._directory = directory
        self._pristine_root = pristine_root

    def path(self, key: str) -> Path:
        """Return where a disk lies, there or not."""
        return self._directory / key

    def exists(self, key: str) -> bool:
        """Say whether there is such a disk."""
        return self.path(key).is_dir()

    def create(self, key: str, source_key: str | None) -> None:
        """Make a disk: a copy of another one, or of the pristine root (None). It is there whole or not at all.

        Raises:
            GuestError: a disk of this key exists, the source does not, or the copy failed.
        """
        if self.exists(key):
            raise GuestError(f"The disk {key} exists already.")
        self._directory.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=self._directory))
        try:
            if source_key is not None:
                self._copy(self.path(source_key), partial)
            else:
                self._start(partial)
            partial.rename(self.path(key))
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise

    def import_image(self, key: str, vhd: Path) -> None:
        """Make a disk of a fixed VHD; the file may be used up.

        Raises:
            GuestError: a disk of this key exists, or these disks are no images.
        """
        del vhd
        raise GuestError(f"The disk {key} cannot be made of what was uploaded: containers boot no images of disks.")

    def delete(self, key: str) -> None:
        """Remove a disk; an absent one is fine."""
        if self.exists(key):
            shutil.rmtree(self.path(key))

    @abstractmethod
    def _start(self, partial: Path) -> None:
        """Make a disk of the pristine root in an empty directory."""

    @abstractmethod
    def _copy(self, source: Path, partial: Path) -> None:
        """Copy the disk in one directory into another one, which is empty.

        Raises:
            GuestError: there is no disk, or the copy failed.
        """


def copy_tree(source: Path, target: Path) -> None:
    """Copy a file or a directory with all attributes, and without the room that holes would take.

    Raises:
        GuestError: the copy failed.
    """
    run_command(
        ["cp", "--archive", "--reflink=auto", str(source), str(target)],
        f"Copying the disk {source.parent.name}",
        COPY_LIMIT_SECONDS,
    )
