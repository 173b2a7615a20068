# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Disks of guests as images for QEMU: a layer over an image of the pristine root, which is never written.

The image of the root is made once, in the cache, beside the kernel and the initial RAM disk of the root. Copying a disk copies its layer.
A disk that was uploaded is whole, and has a boot loader.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from .base import GuestError
from .disks import DiskStore, copy_tree
from .process import run_command
from .rootfs import Progress

BUILD_LIMIT_SECONDS = 900.0
DISK_SIZE = "4G"

# What a machine on QEMU has besides the root of the containers: units to enable, and files.
# The agent of Debian starts on Microsoft's hypervisor only (walinuxagent.service), and on Azure that is where it is.
ENABLED_UNITS = ("systemd-networkd.service",)
# Azure's DHCP gives routes to the wireserver and to the metadata service, by the first of which the agent knows where the wireserver is
# (wireserver_route_exist in azurelinuxagent/common/dhcp.py); QEMU's DHCP cannot.
FILES = (
    ("etc/systemd/system/walinuxagent.service.d/any-hypervisor.conf", "[Unit]\nConditionVirtualization=\n"),
    (
        "etc/systemd/network/10-netplan-eth0.network.d/azure.conf",
        "[Route]\nDestination=168.63.129.16/32\nGateway=10.0.2.2\n\n[Route]\nDestination=169.254.169.254/32\nGateway=10.0.2.2\n",
    ),
)

KERNEL = "vmlinuz"
INITIAL_RAM_DISK = "initrd.img"
DISK = "disk.qcow2"
VHD_FOOTER_SIZE = 512


class ImageDisks(DiskStore):
    """Directories with an image each.

    :param pristine_root: builds the root if need be, and returns its directory.
    :param progress: called with a line of text for each step of a build.
    """

    def __init__(self, directory: Path, pristine_root: Callable[[], Path], progress: Progress | None) -> None:
        super().__init__(directory, pristine_root)
        self._progress = progress

    def _start(self, partial: Path) -> None:
        base = ensure_image(self._pristine_root(), self._progress)
        (partial / "base").symlink_to(base)
        run_command(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(base / "disk.raw"), str(partial / DISK)],
            f"Making the disk {partial.name}",
        )

    def _copy(self, source: Path, partial: Path) -> None:
        if not (source / DISK).is_file():
            raise GuestError(f"There is no disk {source.name} to copy.")
        copy_tree(source / DISK, partial / DISK)
        if (source / "base").is_symlink():
            (partial / "base").symlink_to((source / "base").readlink())

    def import_image(self, key: str, vhd: Path) -> None:
        """Convert it, without its footer."""
        if self.exists(key):
            raise GuestError(f"The disk {key} exists already.")
        self._directory.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix="partial-", dir=self._directory))
        try:
            os.truncate(vhd, vhd.stat().st_size - VHD_FOOTER_SIZE)
            run_command(
                ["qemu-img", "convert", "-q", "-f", "raw", "-O", "qcow2", str(vhd), str(partial / DISK)],
                f"Converting the uploaded disk {key}",
                BUILD_LIMIT_SECONDS,
            )
            partial.rename(self.path(key))
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise


def ensure_image(root: Path, progress: Progress | None = None) -> Path:
    """Return the directory with the image, the kernel and the initial RAM disk of a root, made when it is not there (20 s or more).

    :raises GuestError: the root has no kernel, or the build failed.
    """
    recipe = hashlib.sha256(json.dumps([ENABLED_UNITS, FILES, DISK_SIZE]).encode()).hexdigest()[:8]
    image = root.with_name(f"{root.name}-image-{recipe}")
    if image.is_dir():
        return image
    with (root.parent / "image.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if image.is_dir():
            return image
        if progress:
            progress("Making a disk of the root of the guests (once; half a minute or so)")
        workspace = Path(tempfile.mkdtemp(prefix="partial-image-", dir=root.parent))
        try:
            _build(root, workspace)
            os.sync()
            (workspace / "image").rename(image)
        finally:
            shutil.rmtree(workspace, ignore_errors=True)
    return image


def _build(root: Path, workspace: Path) -> None:
    image, merged, upper = (workspace / name for name in ("image", "merged", "upper"))
    for directory in (image, merged, upper, workspace / "work"):
        directory.mkdir()
    for path, content in FILES:
        target = upper / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    for name in (KERNEL, INITIAL_RAM_DISK):
        versions = sorted(root.glob(f"boot/{name}-*"))
        if not versions:
            raise GuestError(f"The root {root.name} has no kernel of its own: boot/{name} is missing.")
        shutil.copy(versions[-1], image / name)
    overlay = f"lowerdir={root},upperdir={upper},workdir={workspace / 'work'},index=off,redirect_dir=off,metacopy=off"
    script = "\n".join(
        [
            "set -eu",
            shlex.join(["mount", "-t", "overlay", "-o", overlay, "overlay", str(merged)]),
            *(shlex.join(["systemctl", "--quiet", f"--root={merged}", "enable", unit]) for unit in ENABLED_UNITS),
            shlex.join(["mke2fs", "-q", "-t", "ext4", "-d", str(merged), str(image / "disk.raw"), DISK_SIZE]),
        ]
    )
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, upper, ignore_errors=True)
        run_command(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
            "Making the disk of the guests",
            BUILD_LIMIT_SECONDS,
        )
