# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Operations that must be completed before the guest is deprovisioned, such as those of the first minutes after a boot."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import time
from collections.abc import Iterator

from deprovision_guest import Guest

#: Process names of package managers: dnf5 and tdnf do not hold a visible lock during downloads.
PACKAGE_MANAGERS = ("apt", "apt-get", "aptitude", "dpkg", "dnf", "dnf5", "microdnf", "rpm", "tdnf", "yum", "zypper")
PAUSE_SECONDS = 3.0


def wait_while_busy(guest: Guest, seconds: float) -> None:
    """Wait until no operation is running, or the time has elapsed."""
    deadline = time.monotonic() + seconds
    while next(busy_blockers(guest), None) is not None and time.monotonic() + PAUSE_SECONDS <= deadline:
        time.sleep(PAUSE_SECONDS)


def busy_blockers(guest: Guest) -> Iterator[dict]:
    """Yield blockers for running operations of cloud-init, a package manager, snapd or an extension."""
    if guest.exists("/run/cloud-init/enabled") and not guest.exists("/run/cloud-init/result.json"):
        yield _finding(
            "cloud_init_not_finished",
            "cloud-init has not finished on this boot: wait until it has (cloud-init status --wait).",
        )
    for path in guest.config["package_locks"]:
        holder = lock_holder(guest.local_path(path))
        if holder:
            yield _finding(
                "package_manager_busy",
                f"The package manager is running (process {holder} has locked {path}): wait until it has finished.",
            )
    for path in guest.config["package_process_files"]:
        number = guest.read(path).strip()
        if number.isdigit() and guest.exists("/proc/" + number):
            yield _finding(
                "package_manager_busy",
                f"The package manager is running (process {number}, see {path}): wait until it has finished.",
            )
    for path in guest.find("/proc/[0-9]*/comm", anywhere=True):
        name = guest.read(path).strip()
        if name in PACKAGE_MANAGERS and not guest.read(os.path.dirname(path) + "/stat").rpartition(")")[2].startswith(
            " Z"
        ):
            yield _finding(
                "package_manager_busy", f"{name} is running (process {path.split('/')[2]}): wait until it has finished."
            )
    if guest.exists("/usr/bin/snap") and re.search(
        r"^\d+\s+(Do|Doing)\s", guest.command(["snap", "changes"])[1], re.MULTILINE
    ):
        yield _finding("package_manager_busy", "snapd is running changes (snap changes): wait until it has finished.")
    for extension in running_extensions(guest):
        yield _finding("extension_at_work", f"The extension {extension} is running: wait until it has finished.")


def running_extensions(guest: Guest) -> list[str]:
    """Return the extensions whose status is transitioning and that have a running process."""
    newest: dict[str, tuple[int, str]] = {}
    for path in guest.find("/var/lib/waagent/*/status/*.status"):
        match = re.fullmatch(r"(/var/lib/waagent/[^/]+)/status/(?:.*\.)?(\d+)\.status", path)
        if match and int(match.group(2)) >= newest.get(match.group(1), (-1, ""))[0]:
            newest[match.group(1)] = (int(match.group(2)), path)
    waiting = [
        directory for directory, (_number, path) in newest.items() if '"transitioning"' in guest.read(path).lower()
    ]
    running = [guest.read(path) for path in guest.find("/proc/[0-9]*/cmdline", anywhere=True)] if waiting else []
    return sorted(
        os.path.basename(directory) for directory in waiting if any(directory + "/" in text for text in running)
    )


def lock_holder(path: str) -> int:
    """Return the id of the process that holds a POSIX lock on a file, or 0; does not lock the file itself."""
    try:
        with open(path, "rb") as handle:
            request = struct.pack("hhqqi0q", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
            answer = struct.unpack("hhqqi0q", fcntl.fcntl(handle, fcntl.F_GETLK, request))
    except OSError:
        return 0
    return 0 if answer[0] == fcntl.F_UNLCK else max(answer[4], 1)


def _finding(code: str, message: str) -> dict:
    return {"code": code, "message": message}
