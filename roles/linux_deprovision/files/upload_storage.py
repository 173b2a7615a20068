# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""File systems, swap space and the resource disk; reads only."""

from __future__ import annotations

import re

from deprovision_agent import agent_setting
from deprovision_cloud_init import is_usable
from deprovision_fstab import CLOUD_INIT_COMMENT, FSTAB, RESOURCE_DISK, swap_files
from deprovision_guest import Guest

#: Names of disks that depend on the controller and on the order in which disks are found.
DEVICE_NAME = re.compile(r"^/dev/(?:[shv]d[a-z]+\d*|xvd[a-z]+\d*|nvme\d+n\d+(?:p\d+)?)$")
SUDOERS = ("/etc/sudoers", "/etc/sudoers.d/*", "/usr/etc/sudoers")
#: What asks for the password of another user. Source: sudoers(5), and the page on SUSE, which names both lines.
TARGET_PASSWORD = r"^[ \t]*Defaults[ \t]+targetpw\b.*$|^[ \t]*ALL[ \t]+ALL[ \t]*=[ \t]*\(ALL(?::ALL)?\)[ \t]+ALL\b.*$"  # noqa: S105
RESOURCE_DISK_SETTINGS = ("ResourceDisk.Format", "ResourceDisk.EnableSwap")


def file_systems(guest: Guest) -> list[dict]:
    """Return the entries of /etc/fstab, each with its line; `uuid` is that of a device that is specified by its name."""
    found = []
    for line in guest.read(FSTAB).splitlines():
        fields = line.split()
        if len(fields) < 3 or fields[0].startswith("#"):
            continue
        is_named = bool(DEVICE_NAME.match(fields[0]))
        found.append(
            {
                "line": line,
                "device": fields[0],
                "point": fields[1],
                "type": fields[2],
                "options": fields[3] if len(fields) > 3 else "",
                "is_named": is_named,
                "uuid": uuid_of(guest, fields[0]) if is_named else "",
                "is_temporary": is_temporary(guest, fields),
            }
        )
    return found


def is_temporary(guest: Guest, fields: list[str]) -> bool:
    """Return whether an entry belongs to the resource disk of Azure, or to no disk."""
    options = fields[3] if len(fields) > 3 else ""
    return bool(
        RESOURCE_DISK.match(fields[0])
        or CLOUD_INIT_COMMENT.search(options)
        or fields[0] in swap_files(guest)
        or fields[0].startswith("/dev/zram")
    )


def uuid_of(guest: Guest, device: str) -> str:
    """Return the UUID of the file system or swap space of a device; an empty string if it has none."""
    status, output = guest.command(["blkid", "-s", "UUID", "-o", "value", device])
    return output.strip() if status == 0 else ""


def swap_units(guest: Guest) -> list[str]:
    """Return swap units of systemd that are not generated from /etc/fstab."""
    return guest.find("/etc/systemd/system/*.swap")


def resource_disk_settings(guest: Guest) -> list[str]:
    """Return the settings with which the Azure agent formats the resource disk, although cloud-init does."""
    if not is_usable(guest):
        return []
    return [name for name in RESOURCE_DISK_SETTINGS if agent_setting(guest, name).lower().startswith("y")]


def target_password_files(guest: Guest) -> list[str]:
    """Return the files in which sudo is configured to ask for the password of another user."""
    found = [path for pattern in SUDOERS for path in guest.find(pattern)]
    return [path for path in found if re.search(r"^[ \t]*Defaults[ \t]+targetpw\b", guest.read(path), re.MULTILINE)]
