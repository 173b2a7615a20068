# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A file that contains a disk, on the host that runs the task."""

from __future__ import annotations

import os
from dataclasses import dataclass

FIXED_VHD, DYNAMIC_VHD, VHDX, QCOW2, RAW = "fixed VHD", "dynamic VHD", "VHDX", "qcow2", "raw"


@dataclass(frozen=True)
class LocalFile:
    """A file to create an image from, by its path."""

    path: str

    #: Distinguishes it from ARM ids.
    resource_type = "file"

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"file '{self.path}'"

    def __str__(self) -> str:
        # Its directory is relevant only on the controller.
        return os.path.basename(self.path)


@dataclass(frozen=True)
class ImageFile:
    """An inspected file."""

    path: str
    #: One of the five above.
    format: str
    #: Identifies its content.
    digest: str
    #: Size of the disk in it, in bytes, rounded up to whole MiB; None if only qemu-img can determine it.
    disk_size: int | None
    #: Changes whenever the file changes: its inode, size and time of change.
    stamp: tuple[int, int, int]

    @property
    def is_direct(self) -> bool:
        """Whether its bytes are those of the disk, in the same order."""
        return self.format in (FIXED_VHD, RAW)

    @property
    def label(self) -> str:
        """Its name in messages."""
        return f"file '{self.path}' ({self.format})"
