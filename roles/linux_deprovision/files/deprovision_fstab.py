# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Entries of /etc/fstab that are not valid on clones: the swap file that is removed, and the resource disk of this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deprovision_cleanup_item import CleanupItem
from deprovision_cloud_init import is_usable
from deprovision_guest import Guest

FSTAB = "/etc/fstab"
#: The option that cloud-init adds to each of its entries (cc_mounts). It rewrites the entry of the resource disk for each instance, but the
#: entries of a user's cloud-config only on machines that have the same cloud-config.
CLOUD_INIT_COMMENT = re.compile(r"(^|[\s,])comment=cloudconfig([\s,]|$)")
RESOURCE_DISK = re.compile(r"^/dev/disk/(cloud/azure_resource|azure/resource)")


def swap_files(guest: Guest) -> list[str]:
    """Return the paths of the swap files that are removed."""
    specs = [spec for spec in guest.config["cleanup_specs"] if spec.get("action") == "swap"]
    return [path for spec in specs for path in spec["paths"]]


def fstab_items(guest: Guest) -> Iterator[CleanupItem]:
    """Yield the entries to remove."""
    text = guest.read(FSTAB)
    removed = [line for line in text.split("\n") if _is_removed(guest, line)]
    if removed:
        kept = "\n".join(line for line in text.split("\n") if line not in removed)
        paths = [f"{FSTAB} ({' '.join(line.split()[:2])})" for line in removed]
        yield CleanupItem("mount of this machine", paths, lambda: guest.replace(FSTAB, kept))


def _is_removed(guest: Guest, line: str) -> bool:
    fields = line.split()
    if len(fields) < 3 or fields[0].startswith("#"):
        return False
    if fields[0] in swap_files(guest):
        return True
    return bool(
        RESOURCE_DISK.match(fields[0]) and len(fields) > 3 and CLOUD_INIT_COMMENT.search(fields[3]) and is_usable(guest)
    )


def fstab_warnings(guest: Guest) -> Iterator[dict]:
    """Yield a warning for an entry of the resource disk, which VM sizes with NVMe disks or without a resource disk do not have."""
    for line in guest.read(FSTAB).splitlines():
        if RESOURCE_DISK.match(line.strip()) and not _is_removed(guest, line):
            yield {
                "code": "resource_disk_mounted",
                "message": f"/etc/fstab mounts the resource disk ({line.split()[1]}), which some VM sizes do not have: "
                "let cloud-init mount it, or add the option nofail.",
            }
