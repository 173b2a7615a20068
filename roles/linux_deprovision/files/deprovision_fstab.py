# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of /etc/fstab for what clones do not have: the swap file that is removed, and the resource disk of this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deprovision_cloud_init import usable
from deprovision_guest import Guest
from deprovision_leftover import Leftover

FSTAB = "/etc/fstab"
#: What cloud-init adds to each of its lines (cc_mounts). That of the resource disk it writes anew for each instance; those of a user's
#: cloud-config it would write only for machines that are given the same.
OF_CLOUD_INIT = re.compile(r"(^|[\s,])comment=cloudconfig([\s,]|$)")
RESOURCE_DISK = re.compile(r"^/dev/disk/(cloud/azure_resource|azure/resource)")


def swap_files(guest: Guest) -> list[str]:
    """Return the swap files that are removed."""
    specs = [spec for spec in guest.config["leftovers"] if spec.get("action") == "swap"]
    return [path for spec in specs for path in spec["paths"]]


def fstab_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield the lines that go."""
    text = guest.read(FSTAB)
    gone = [line for line in text.split("\n") if _goes(guest, line)]
    if gone:
        kept = "\n".join(line for line in text.split("\n") if line not in gone)
        paths = [f"{FSTAB} ({' '.join(line.split()[:2])})" for line in gone]
        yield Leftover("mount of this machine", paths, lambda: guest.replace(FSTAB, kept))


def _goes(guest: Guest, line: str) -> bool:
    fields = line.split()
    if len(fields) < 3 or fields[0].startswith("#"):
        return False
    if fields[0] in swap_files(guest):
        return True
    return bool(
        RESOURCE_DISK.match(fields[0]) and len(fields) > 3 and OF_CLOUD_INIT.search(fields[3]) and usable(guest)
    )


def fstab_warnings(guest: Guest) -> Iterator[dict]:
    """Say which line is for a resource disk, which sizes with NVMe disks and those without a resource disk do not have."""
    for line in guest.read(FSTAB).splitlines():
        if RESOURCE_DISK.match(line.strip()) and not _goes(guest, line):
            yield {
                "code": "resource_disk_mounted",
                "message": f"/etc/fstab mounts the resource disk ({line.split()[1]}), which not every size of virtual machine has: "
                "let cloud-init do it, or add nofail.",
            }
