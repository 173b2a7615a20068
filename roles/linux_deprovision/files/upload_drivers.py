# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernels of a guest, their drivers and initial RAM disks; reads only."""

from __future__ import annotations

import os
import re

from deprovision_guest import Guest
from deprovision_provisioning_agents import program_path

MODULES = "/lib/modules"
#: Names of the initial RAM disk of a kernel, by distribution.
INITRAMFS = ("/boot/initrd.img-{}", "/boot/initramfs-{}.img", "/boot/initrd-{}")
KERNELS = ("/boot/vmlinuz-{}", "/boot/vmlinux-{}", "/boot/Image-{}", "/lib/modules/{}/vmlinuz")
LIST_LIMIT_SECONDS = 300
#: Settings of modprobe that prevent a driver from being loaded. Source: modprobe.d(5).
MODPROBE_FILES = ("/etc/modprobe.d/*.conf", "/usr/lib/modprobe.d/*.conf", "/lib/modprobe.d/*.conf")


def kernels(guest: Guest, drivers: list[str]) -> list[dict]:
    """Return each installed kernel: version, initramfs, and which of the drivers are built in, modules, and in the initramfs.

    `packed` is None if the contents of the initial RAM disk cannot be listed, with the reason in `reason`.
    """
    found = []
    for directory in guest.find(MODULES + "/*"):
        version = os.path.basename(directory)
        if not any(guest.exists(path.format(version)) for path in KERNELS):
            continue
        modules = module_names("\n".join(module_files(guest, directory)))
        initramfs = next((path.format(version) for path in INITRAMFS if guest.exists(path.format(version))), "")
        packed, reason = packed_drivers(guest, initramfs) if initramfs else (set(), "")
        found.append(
            {
                "version": version,
                "initramfs": initramfs,
                "built_in": sorted(module_names(guest.read(directory + "/modules.builtin")) & set(drivers)),
                "modules": sorted(modules & set(drivers)),
                "packed": None if packed is None else sorted(packed & set(drivers)),
                "reason": reason,
            }
        )
    return found


def module_files(guest: Guest, directory: str) -> list[str]:
    """Return the names of the files of all modules of a kernel."""
    return [name for _path, _directories, names in os.walk(guest.local_path(directory)) for name in names]


def module_names(text: str) -> set[str]:
    """Return the modules in a list of files. In the names of modules, - and _ are the same."""
    return {
        name.replace("-", "_")
        for name in re.findall(r"(?:^|/)([\w-]+)\.ko(?:\.(?:xz|zst|gz))?\s*$", text, re.MULTILINE)
    }


def packed_drivers(guest: Guest, initramfs: str) -> tuple[set[str] | None, str]:
    """Return the modules in an initial RAM disk, or None and the reason."""
    generator = initramfs_generator(guest)
    if not generator:
        return None, "the program that creates it is not installed"
    command = [word.format(path=initramfs) for word in generator["list"]]
    status, output = guest.command(command, LIST_LIMIT_SECONDS)
    if status != 0:
        last = ([*output.strip().splitlines()] or ["no output"])[-1]
        return None, f"{command[0]} failed with status {status} ({last})"
    return module_names(output), ""


def initramfs_generator(guest: Guest) -> dict:
    """Return how initial RAM disks are created on this guest; an empty dictionary if it is not known."""
    known = guest.config["upload"]["initramfs"]
    return next((each for each in known if program_path(guest, each["program"])), {})


def disabled_drivers(guest: Guest, drivers: list[str]) -> list[dict]:
    """Return the lines of modprobe's configuration that prevent drivers from being loaded, with driver, path and pattern."""
    found = []
    for driver in drivers:
        pattern = rf"^[ \t]*(?:blacklist[ \t]+{driver}\b|install[ \t]+{driver}[ \t]+\S*/(?:true|false)\b).*$"
        for path in dict.fromkeys(path for each in MODPROBE_FILES for path in guest.find(each)):
            if re.search(pattern, guest.read(path), re.MULTILINE):
                found.append({"driver": driver, "path": path, "pattern": pattern})
    return found
