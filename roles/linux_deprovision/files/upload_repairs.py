# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repair a guest whose disk is to be uploaded to Azure: the changes for the findings that the user has named.

Each change is computed from the current state, so that a repair can be repeated, and check mode lists the same changes.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial

from deprovision_cloud_init import SERVICES
from deprovision_fstab import FSTAB
from deprovision_guest import Guest
from deprovision_provisioning_agents import program_path
from upload_boot_repairs import boot_changes, initramfs_changes
from upload_change import Change, RepairFailed, last_line, program_change, run
from upload_file_repairs import file_changes


def repairs(guest: Guest, facts: dict, names: set[str]) -> list[Change]:
    """Return the changes for the findings of these names, in the order in which they are made."""
    return [
        *package_changes(guest, facts, names),
        *file_changes(guest, facts, names),
        *swap_changes(guest, facts, names),
        *initramfs_changes(guest, names),
        *boot_changes(guest, facts, names),
    ]


def package_changes(guest: Guest, facts: dict, names: set[str]) -> Iterator[Change]:
    """Yield the installation of packages, and the services to enable."""
    options = guest.config["upload"]
    packages = [
        *(options["packages"] if "agent_missing" in names else []),
        *(options["ssh_packages"] if "ssh_server" in names and not facts["ssh_installed"] else []),
    ]
    installers = [command for command in options["install"] if program_path(guest, command[0])][:1]
    for command in installers if packages else []:
        for refresh in options["refresh"]:
            yield program_change(guest, refresh)
        yield program_change(guest, [*command, *packages])
    units = [
        *([guest.config["agent_service"] + ".service"] if names & {"agent_missing", "agent_not_enabled"} else []),
        *(SERVICES if "agent_missing" in names else []),
        *(options["ssh_units"] if "ssh_server" in names else []),
    ]
    for unit in units:
        yield Change(f"enable the service {unit}", partial(enable, guest, unit))


def enable(guest: Guest, unit: str) -> None:
    """Enable a unit, if it exists: releases have different units.

    Raises:
        RepairFailed: that failed.
    """
    status, output = guest.command(["systemctl", "enable", unit])
    if status != 0 and not re.search(r"does not exist|not found|No such file", output):
        raise RepairFailed(f"Enabling the service {unit} failed ({last_line(output)}).")


def swap_changes(guest: Guest, facts: dict, names: set[str]) -> Iterator[Change]:
    """Yield the changes after which no swap space is used on the OS disk."""
    if "swap_on_os_disk" not in names:
        return
    removed = [entry for entry in facts["file_systems"] if entry["type"] == "swap" and not entry["is_temporary"]]
    for device in (entry["device"] for entry in removed):
        yield Change(f"remove the swap space {device}", partial(remove_swap, guest, device))
    for unit in facts["swap_units"]:
        yield program_change(guest, ["systemctl", "disable", "--now", os.path.basename(unit)])
        yield Change(f"delete {unit}", partial(guest.delete_all, [unit]))
    if removed:
        lines = [entry["line"] for entry in removed]
        yield Change(f"remove the swap space from {FSTAB}", partial(remove_lines, guest, FSTAB, lines))


def remove_swap(guest: Guest, device: str) -> None:
    """Stop using a swap space, if it is used; delete a swap file. A swap partition stays, unused."""
    path = device
    if "=" in device:
        status, output = guest.command(["blkid", "-l", "-o", "device", "-t", device.replace('"', "")])
        path = output.strip() if status == 0 else ""
    if path and re.search(rf"^{re.escape(guest.resolve(path))}\s", guest.read("/proc/swaps"), re.MULTILINE):
        run(guest, ["swapoff", path])
    if path and not path.startswith("/dev/") and os.path.isfile(guest.local_path(path)):
        guest.delete(path)


def remove_lines(guest: Guest, path: str, lines: list[str]) -> None:
    """Remove lines from a file."""
    kept = [each for each in guest.read(path).splitlines(True) if each.rstrip("\n") not in lines]
    guest.replace(path, "".join(kept))
