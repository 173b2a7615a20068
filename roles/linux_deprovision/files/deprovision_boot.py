# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boot configuration that depends on this machine and would affect clones; reads only."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_cleanup_item import CleanupItem
from deprovision_guest import Guest

BOOT_ENTRIES = ("/boot/loader/entries/*.conf", "/boot/efi/loader/entries/*.conf", "/efi/loader/entries/*.conf")
#: The file with the token that kernel-install uses in the names of boot entries instead of the machine id. Source: kernel-install(8).
ENTRY_TOKEN_FILE = "/etc/kernel/entry-token"  # noqa: S105 (a path)
DEVICES_FILE = "/etc/lvm/devices/system.devices"


def first_boot_items(guest: Guest) -> Iterator[CleanupItem]:
    """Yield the flag file that Ignition requires to run in a clone, if it is missing: it is deleted on the first boot."""
    path = guest.config["first_boot"]
    if path and not guest.exists(path) and guest.exists(os.path.dirname(path)):

        def create() -> None:
            with open(guest.local_path(path), "w", encoding="utf-8"):
                pass

        yield CleanupItem("flag of the first boot", [f"{path} (missing)"], create, critical=True)


def boot_warnings(guest: Guest) -> Iterator[dict]:
    """Yield warnings for problems that clones would have although they boot."""
    names = [os.path.basename(path) for pattern in BOOT_ENTRIES for path in guest.find(pattern)]
    old = [name for name in names if re.match(r"[0-9a-f]{32}-", name)]
    if old and not guest.read(ENTRY_TOKEN_FILE).strip():
        yield {
            "code": "boot_entries_stay",
            "message": f"The names of boot entries contain the machine id ({old[0]}), and clones have other machine ids: removing a kernel "
            "on a clone does not remove its entry, and an old kernel can become the default; write a fixed token to "
            f"{ENTRY_TOKEN_FILE} and reinstall the kernel before the guest is captured.",
        }
    if guest.exists(DEVICES_FILE):
        status, output = guest.command(["lsinitrd", "-f", DEVICES_FILE.lstrip("/")])
        if status == 0 and "IDNAME=" in output:
            yield {
                "code": "lvm_devices_stay",
                "message": f"The initial RAM disk contains a copy of {DEVICES_FILE}, with which LVM does not find the disks of clones: "
                "remove the file and run dracut --force before the guest is captured.",
            }
    for path in guest.find("/etc/crypttab"):
        if re.search(r"^[^#\n]*tpm2-device=", guest.read(path), re.MULTILINE):
            yield {
                "code": "sealed_to_tpm",
                "message": f"{path} unlocks a volume with the TPM of this machine, which clones do not have: add another key slot first.",
            }
    sealed = guest.find("/etc/credstore.encrypted/*") + guest.find("/var/lib/credstore.encrypted/*")
    if sealed:
        yield {
            "code": "credentials_unusable",
            "message": f"{sealed[0]} is encrypted with the key of this machine, which is removed: units that use it fail on clones.",
        }
