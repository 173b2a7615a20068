# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is at work on the guest and must come to its end first; reads only."""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator

from deprovision_guest import Guest


def busy_blockers(guest: Guest) -> Iterator[dict]:
    """Say whether cloud-init or the package manager is at work."""
    if guest.exists("/run/cloud-init/enabled") and not guest.exists("/run/cloud-init/result.json"):
        yield _finding(
            "cloud_init_not_finished",
            "cloud-init has not finished its work on this boot: wait for it (cloud-init status --wait).",
        )
    for path in guest.config["package_locks"]:
        holder = lock_holder(guest.at(path))
        if holder:
            yield _finding(
                "package_manager_busy", f"The package manager is at work (process {holder} holds {path}): wait for it."
            )
    for path in guest.config["package_process_files"]:
        number = guest.read(path).strip()
        if number.isdigit() and guest.exists("/proc/" + number):
            yield _finding(
                "package_manager_busy", f"The package manager is at work (process {number}, see {path}): wait for it."
            )


def lock_holder(path: str) -> int:
    """Return the id of the process that holds a POSIX lock on a file, 0 when none does; asks only, locks nothing."""
    try:
        with open(path, "rb") as handle:
            asked = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            answer = struct.unpack("hhqqi0q", fcntl.fcntl(handle, fcntl.F_GETLK, asked))
    except OSError:
        return 0
    return 0 if answer[0] == fcntl.F_UNLCK else max(answer[4], 1)


def _finding(code: str, message: str) -> dict:
    return {"code": code, "message": message}
