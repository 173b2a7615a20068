# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machines from elsewhere: a Debian on QEMU as a hypervisor has it, with a boot loader of its own and nothing of Azure.

Its disk has what Azure's pages ask to change: a quiet kernel without a serial console, an initial RAM disk with the drivers of QEMU alone,
a network bound to its hardware address, a swap file, file systems by device name, a driver for UDF that is disabled, an Azure agent that is
not enabled, and a cloud-init that knows other clouds. Its user logs in by a key that the test brings.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shlex
import shutil
import struct
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from embedded_azure.guests.base import GuestError, Provisioning
from embedded_azure.guests.disks import DiskStore
from embedded_azure.guests.image_disks import DISK, FILES, ImageDisks
from embedded_azure.guests.network_namespaces import NAMESPACES
from embedded_azure.guests.process import run_command
from embedded_azure.guests.qemu import PACKAGES, QemuGuests
from embedded_azure.guests.qemu_machine import QemuMachine, machine_command
from embedded_azure.guests.rootfs import Progress, ensure_root
from embedded_azure.guests.supervised_machine import Record, SupervisedMachine

USER = "builder"
NAME = "plain"
MAC_ADDRESS = "52:54:00:12:34:56"
BUILD_LIMIT_SECONDS = 900.0
DISK_MEGABYTES = 3072
#: One more sector than whole MiB: Azure does not accept such a disk.
DISK_BYTES = DISK_MEGABYTES * 1024 * 1024 + 512
OFFSET = 1024 * 1024

# The clock of software emulation, as in qemu_machine; the rest is what an installer writes.
GRUB_DEFAULTS = """GRUB_DEFAULT=0
GRUB_TIMEOUT=1
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT="quiet"
GRUB_CMDLINE_LINUX="no_timer_check tsc=reliable"
GRUB_DISABLE_LINUX_UUID=true
"""
GRUB_MENU = """set timeout=0
menuentry 'Debian GNU/Linux' {{
    linux /boot/vmlinuz-{version} root=/dev/vda1 ro no_timer_check tsc=reliable quiet
    initrd /boot/initrd.img-{version}
}}
"""
#: Path and content; the drop-ins of qemu's disks are there because QEMU's DHCP gives no routes, and it is no hypervisor of Microsoft.
PLAIN_FILES = (
    *FILES,
    ("etc/default/grub", GRUB_DEFAULTS),
    ("etc/hostname", f"{NAME}\n"),
    ("etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {NAME}\n"),
    ("etc/fstab", "/dev/vda1 / ext4 errors=remount-ro 0 1\n/swapfile none swap sw 0 0\n"),
    ("etc/modprobe.d/hardening.conf", "install cramfs /bin/true\ninstall udf /bin/true\n"),
    ("etc/cloud/cloud.cfg.d/99-hypervisor.cfg", "datasource_list: [ NoCloud, ConfigDrive ]\nlocale: false\n"),
    ("etc/systemd/network/10-lan.network", f"[Match]\nMACAddress={MAC_ADDRESS}\n\n[Network]\nDHCP=yes\n"),
    ("etc/initramfs-tools/conf.d/drivers", "MODULES=list\n"),
    ("etc/initramfs-tools/modules", "virtio_pci\nvirtio_blk\next4\ncrc32c_generic\n"),
    (f"etc/sudoers.d/{USER}", f"{USER} ALL=(ALL) NOPASSWD:ALL\n"),
    ("opt/application/data", "golden\n"),
)
#: In the root, as an installer would leave it; grub-mkimage makes what grub-install writes before the first partition.
IN_ROOT = f"""set -eu
rm -f /etc/cloud/cloud.cfg.d/90_azure.cfg
chmod 0440 /etc/sudoers.d/{USER}
useradd --create-home --shell /bin/bash {USER}
ssh-keygen -A >/dev/null
head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \\n' >/etc/machine-id
head -c 16777216 /dev/urandom >/swapfile && chmod 0600 /swapfile && mkswap /swapfile >/dev/null 2>&1
version=$(ls /lib/modules)
update-initramfs -u -k "$version" >/dev/null 2>&1
mkdir -p /boot/grub && cp -r /usr/lib/grub/i386-pc /boot/grub/
grub-mkimage -O i386-pc -o /boot/grub/i386-pc/core.img -p '(hd0,msdos1)/boot/grub' \
    biosdisk part_msdos ext2 normal configfile linux search search_fs_uuid echo test
echo "$version" >/boot/grub/version
"""


class PlainDisks(ImageDisks):
    """Whole disks with a boot loader, over one that is made once, in the cache."""

    def __init__(self, directory: Path, cache: Path, pristine_root: Callable[[], Path]) -> None:
        super().__init__(directory, pristine_root, None)
        self._cache = cache

    def _start(self, partial: Path) -> None:
        disk = ensure_plain_disk(self._cache, self._pristine_root())
        run_command(
            ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(disk), str(partial / DISK)],
            f"Making the disk {partial.name}",
        )


class PlainMachine(QemuMachine):
    """One such machine: nothing tells it who it is."""

    def start(self, disk_path: Path, provisioning: Provisioning | None) -> None:
        """Start QEMU with the disk alone."""
        del provisioning
        self._prepare()
        sockets = {name: self._socket(name) for name in ("agent", "monitor")}
        for socket in sockets.values():
            socket.unlink(missing_ok=True)
        qemu = machine_command(self._directory, disk_path, MAC_ADDRESS, sockets)
        command = ["nsenter", f"--net={NAMESPACES / self.record.name}", *qemu]
        lines = ["set -eu", *(f"echo $$ > {shlex.quote(group + '/cgroup.procs')}" for group in self.record.groups)]
        self._supervise("\n".join([*lines, shlex.join(command), ""]))


class PlainGuests(QemuGuests):
    """Machines of a hypervisor."""

    def _disk_store(
        self, directory: Path, progress: Progress | None, suite: str | None, more_packages: Sequence[str]
    ) -> DiskStore:
        packages = (*PACKAGES, "grub2-common", "grub-pc-bin", *more_packages)
        return PlainDisks(directory, self._cache, lambda: ensure_root(self._cache, progress, suite, packages))

    def _machine(self, directory: Path, record: Record | None) -> SupervisedMachine:
        return PlainMachine(directory, record)

    def export(self, disk_id: str, path: Path) -> None:
        """Write a disk into a qcow2 without a backing file, as a hypervisor exports it."""
        source = self.disk_path(disk_id) / DISK
        run_command(
            ["qemu-img", "convert", "-q", "-O", "qcow2", str(source), str(path)],
            f"Exporting the disk {disk_id}",
            BUILD_LIMIT_SECONDS,
        )


def ensure_plain_disk(cache: Path, root: Path) -> Path:
    """Return the raw image of a plain machine's disk, made when it is not there (a minute or so).

    :raises GuestError: the build failed.
    """
    recipe = hashlib.sha256(json.dumps([PLAIN_FILES, IN_ROOT, GRUB_MENU, DISK_BYTES]).encode()).hexdigest()[:8]
    disk = cache / f"{root.name}-plain-{recipe}.raw"
    with (cache / "plain.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not disk.is_file():
            workspace = Path(tempfile.mkdtemp(prefix="partial-plain-", dir=cache))
            try:
                _build(root, workspace)
                (workspace / "disk.raw").rename(disk)
            finally:
                shutil.rmtree(workspace, ignore_errors=True)
    return disk


def _build(root: Path, workspace: Path) -> None:
    merged, upper = workspace / "merged", workspace / "upper"
    for directory in (merged, upper, workspace / "work"):
        directory.mkdir()
    for path, content in PLAIN_FILES:
        target = upper / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content, encoding="utf-8")
    disk, core = workspace / "disk.raw", merged / "boot/grub/i386-pc"
    overlay = f"lowerdir={root},upperdir={upper},workdir={workspace / 'work'},index=off,redirect_dir=off,metacopy=off"
    os.truncate(_empty(disk), DISK_BYTES)
    quoted = shlex.quote
    script = f"""set -eu
mount -t overlay -o {quoted(overlay)} overlay {quoted(str(merged))}
mount -t proc proc {quoted(str(merged))}/proc
mount --bind /dev {quoted(str(merged))}/dev
chroot {quoted(str(merged))} /bin/sh -c {quoted(IN_ROOT)}
umount {quoted(str(merged))}/proc {quoted(str(merged))}/dev
systemctl --quiet --root={quoted(str(merged))} disable walinuxagent.service
systemctl --quiet --root={quoted(str(merged))} enable systemd-networkd.service
version=$(cat {quoted(str(merged))}/boot/grub/version)
printf %s {quoted(GRUB_MENU)} | sed "s/{{version}}/$version/; s/{{{{/{{/; s/}}}}/}}/" >{quoted(str(merged))}/boot/grub/grub.cfg
mke2fs -q -t ext4 -E offset={OFFSET} -d {quoted(str(merged))} {quoted(str(disk))} {DISK_MEGABYTES - 1}M
cp {quoted(str(core))}/boot.img {quoted(str(core))}/core.img {quoted(str(workspace))}
"""
    run_command(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
        "Making the disk of the plain machine",
        BUILD_LIMIT_SECONDS,
    )
    write_boot_loader(disk, (workspace / "boot.img").read_bytes(), (workspace / "core.img").read_bytes())


def write_boot_loader(disk: Path, boot: bytes, core: bytes) -> None:
    """Write GRUB and a table with one bootable partition (type 83), as grub-install and a partitioning tool do."""
    sectors = (DISK_MEGABYTES - 1) * 2048
    entry = struct.pack("<B3sB3sII", 0x80, b"\xfe\xff\xff", 0x83, b"\xfe\xff\xff", OFFSET // 512, sectors)
    if len(core) > OFFSET - 512:
        raise GuestError("GRUB does not fit before the first partition of the plain machine.")
    with disk.open("r+b") as stream:
        stream.write(boot[:440] + os.urandom(4) + bytes(2) + entry + bytes(48) + b"\x55\xaa" + core)


def _empty(path: Path) -> Path:
    path.touch()
    return path
