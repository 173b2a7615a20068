# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Real Linux guests for the embedded Azure with kernels of their own: Debian on QEMU in software emulation, up in a minute."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .disks import DiskStore
from .image_disks import ImageDisks
from .local_guests import LocalGuests
from .qemu_machine import QemuMachine
from .requirements import missing_programs, missing_requirements
from .rootfs import Progress, ensure_root
from .supervised_machine import Record, SupervisedMachine

__all__ = ["QemuGuests", "missing_qemu_requirements"]

# What a guest needs besides, to start by itself, to be asked from outside, and to have a network from Azure's datasource.
PACKAGES = (
    "e2fsprogs",
    "initramfs-tools",
    "isc-dhcp-client",
    "linux-image-cloud-amd64",
    "netplan.io",
    "qemu-guest-agent",
)

# Program, Debian package.
PROGRAMS = (
    ("qemu-system-x86_64", "qemu-system-x86"),
    ("qemu-img", "qemu-utils"),
    ("genisoimage", "genisoimage"),
    ("mke2fs", "e2fsprogs"),
    ("systemctl", "systemd"),
)


def missing_qemu_requirements() -> list[str]:
    """Say, a sentence each, what keeps this machine from running such guests; empty when nothing does."""
    return missing_requirements() or missing_programs(PROGRAMS)


class QemuGuests(LocalGuests):
    """Guests on QEMU."""

    takes_uploads = True
    boot_limit_seconds = 900.0
    power_off_limit_seconds = 300.0
    pace = 8.0

    @staticmethod
    def _missing_requirements() -> list[str]:
        return missing_qemu_requirements()

    def _disk_store(
        self, directory: Path, progress: Progress | None, suite: str | None, more_packages: Sequence[str]
    ) -> DiskStore:
        packages = (*PACKAGES, *more_packages)
        return ImageDisks(directory, lambda: ensure_root(self._cache, progress, suite, packages), progress)

    def _machine(self, directory: Path, record: Record | None) -> SupervisedMachine:
        return QemuMachine(directory, record)

    def requests(self, vm_id: str) -> list[dict[str, str]]:
        """Return what a machine asked of Azure's platform: address, method, path and body of each request, over all boots."""
        return QemuMachine(self._machine_directory(vm_id)).requests()
