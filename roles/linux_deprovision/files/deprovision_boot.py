# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What of this machine the boot of a clone goes by; reads only."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_leftover import Leftover

ENTRIES = ("/boot/loader/entries/*.conf", "/boot/efi/loader/entries/*.conf", "/efi/loader/entries/*.conf")
#: The name by which kernel-install calls its entries instead of the machine id. Source: kernel-install(8).
ENTRY_NAME = "/etc/kernel/entry-token"
DEVICES_FILE = "/etc/lvm/devices/system.devices"


def first_boot_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield the file without which Ignition does not run in a clone: it is deleted on the first boot."""
    path = guest.config["first_boot"]
    if path and not guest.exists(path) and guest.exists(os.path.dirname(path)):

        def create() -> None:
            with open(guest.at(path), "w", encoding="utf-8"):
                pass

        yield Leftover("flag of the first boot", [f"{path} (missing)"], create, critical=True)


def boot_warnings(guest: Guest) -> Iterator[dict]:
    """Say what would be wrong in clones, though they start."""
    names = [os.path.basename(path) for pattern in ENTRIES for path in guest.find(pattern)]
    old = [name for name in names if re.match(r"[0-9a-f]{32}-", name)]
    if old and not guest.read(ENTRY_NAME).strip():
        yield {
            "code": "boot_entries_stay",
            "message": f"Boot entries are named by the machine id ({old[0]}), and those of clones will have another: a kernel that is "
            "removed there leaves its entry behind, and an old kernel can come first; write a name of your own into "
            f"{ENTRY_NAME} and install the kernel again, before the guest is captured.",
        }
    if guest.exists(DEVICES_FILE):
        status, output = guest.command(["lsinitrd", "-f", DEVICES_FILE.lstrip("/")])
        if status == 0 and "IDNAME=" in output:
            yield {
                "code": "lvm_devices_stay",
                "message": f"The initial RAM disk has a copy of {DEVICES_FILE}, by which LVM does not find the disks of clones: remove the "
                "file and run dracut --force before the guest is captured.",
            }
    for path in guest.find("/etc/crypttab"):
        if re.search(r"^[^#\n]*tpm2-device=", guest.read(path), re.MULTILINE):
            yield {
                "code": "sealed_to_tpm",
                "message": f"{path} unlocks a volume by the TPM of this machine, which clones do not have: add another key slot first.",
            }
    sealed = guest.find("/etc/credstore.encrypted/*") + guest.find("/var/lib/credstore.encrypted/*")
    if sealed:
        yield {
            "code": "credentials_unusable",
            "message": f"{sealed[0]} is encrypted with the key of this machine, which is removed: units that use it fail in clones.",
        }
