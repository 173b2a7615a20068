# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blockers and warnings of a deprovisioning; reads only."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

from deprovision_account_warnings import account_warnings, home_warnings, used_account_warnings
from deprovision_accounts import accounts, initial_accounts
from deprovision_agent import root_password_warnings
from deprovision_busy import busy_blockers
from deprovision_cleanup_item import CleanupItem
from deprovision_guest import Guest
from deprovision_other_disks import mounts_of_other_disks, paths_on_other_disks
from deprovision_protected_paths import protected_blockers
from deprovision_provisioning_agents import provisioning_blockers
from deprovision_sessions import session_blockers
from deprovision_ssh_keys import host_key_blockers, key_warnings
from deprovision_users import connection_user, home_is_exclusive, is_system_account

#: Namespaces of the variables of UEFI.
EFI_GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
EFI_SECURITY = "d719b2cb-3d3a-4596-a3bc-dad00e67656f"

#: A dictionary with a code and a message.
Finding = dict


def blockers(guest: Guest, users: list[str], items: list[CleanupItem]) -> Iterator[Finding]:
    """Yield the reasons why the guest cannot be deprovisioned now."""
    config = guest.config
    if os.geteuid() != 0:
        yield _finding(
            "root_needed",
            "Root permissions are required: use become with a user who may use sudo without a password, or connect as root.",
        )
        return
    yield from provisioning_blockers(guest)
    yield from busy_blockers(guest)
    if not uses_pipelining(guest):
        yield _finding(
            "pipelining_missing",
            "Ansible does not use pipelining, so the last step would wait for temporary files in a home directory that it has removed: "
            "unset keep_remote_files, and use an ssh connection and a become method that supports pipelining (sudo).",
        )
    elif not config["allow_other_sessions"]:
        # Without pipelining, the run itself has a terminal.
        yield from session_blockers(guest)
    yield from user_blockers(guest, users)
    for item in items:
        for path in item.paths:
            for mount in guest.mounts_below(path) if not item.volatile else ():
                yield _finding(
                    "mounted_inside",
                    f"{mount} is mounted inside a path that must be removed ({item.what}): unmount it first.",
                )
    yield from other_disk_blockers(guest)
    yield from host_key_blockers(guest)
    yield from protected_blockers(guest, items)
    free = shutil.disk_usage(guest.local_path("/")).free // 1024**2
    if free < config["free_megabytes"]:
        needed = config["free_megabytes"]
        yield _finding(
            "root_file_system_full",
            f"The root file system has {free} MB of free space, and rewriting the account files requires {needed} MB: free some space.",
        )


def user_blockers(guest: Guest, users: list[str]) -> Iterator[Finding]:
    """Yield blockers for users that cannot be removed, and for a user of the connection that would remain unintentionally."""
    known = initial_accounts(guest)
    for name in users:
        if not re.match(r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", name):
            yield _finding("user_name_not_valid", f"{name!r} is not a valid user name: correct the list.")
        elif name in known and is_system_account(guest, name):
            yield _finding(
                "user_of_system",
                f"The user {name} is a system account (id {known[name].number}) and cannot be removed: remove it from the list.",
            )
        elif not home_is_exclusive(guest, name):
            yield _finding(
                "home_not_its_own",
                f"The home directory of {name} is {known[name].home if name in known else '/home/' + name}, which other accounts or the "
                "system use, too: change the home directory of the user first.",
            )
    login = connection_user(guest)
    if login in accounts(guest) and known[login].number != 0 and login not in _listed_users(guest, users):
        yield _finding(
            "login_stays",
            f"The user of the connection, {login}, is not listed in the provisioning records of Azure, and would remain in the image: "
            "add it to linux_deprovision_users to remove it, or to linux_deprovision_keep_users to keep it.",
        )


def _listed_users(guest: Guest, users: list[str]) -> list[str]:
    return [*users, *guest.config["keep_users"], *guest.config["built_in_users"]]


def other_disk_blockers(guest: Guest) -> Iterator[Finding]:
    """Yield blockers for files that identify the machine and are not on the OS disk."""
    for spec in guest.config["cleanup_specs"]:
        for path in paths_on_other_disks(guest, spec) if spec.get("critical") else ():
            yield _finding(
                "identity_on_another_disk",
                f"{path} ({spec['what']}) is not on the OS disk and would not be removed: move it to the OS disk, or add it "
                "to linux_deprovision_extra_paths.",
            )


def other_disk_warnings(guest: Guest) -> Iterator[Finding]:
    """Yield warnings for other files that are not removed because they are not on the OS disk."""
    for spec in guest.config["cleanup_specs"]:
        paths = paths_on_other_disks(guest, spec) if not spec.get("critical") else []
        if paths:
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            yield _finding(
                "other_disk_stays",
                f"{paths[0]}{more} ({spec['what']}) is not removed, because it is not on the OS disk.",
            )
    for point, what in mounts_of_other_disks(guest):
        yield _finding(
            "other_disk_stays",
            f"The contents of the mount point {point} ({what}) are not removed, because they are not part of the OS disk.",
        )


def _finding(code: str, message: str) -> Finding:
    return {"code": code, "message": message}


def uses_pipelining(guest: Guest) -> bool:
    """Return whether no parent process was started from a file in Ansible's temporary directory."""
    process = os.getpid()
    while process > 1:
        if "ansible-tmp" in guest.read(f"/proc/{process}/cmdline"):
            return False
        parent = re.search(r"^PPid:\s*(\d+)", guest.read(f"/proc/{process}/status"), re.MULTILINE)
        process = int(parent.group(1)) if parent else 0
    return True


def secure_boot_warnings(guest: Guest) -> Iterator[Finding]:
    """Yield a warning if Secure Boot uses Microsoft's certificates of 2011, which have expired.

    Source: https://support.microsoft.com/help/5103014
    """
    variables = "/sys/firmware/efi/efivars/"
    # The value follows four bytes of attributes.
    if guest.read(variables + "SecureBoot-" + EFI_GLOBAL)[4:5] != "\x01":
        return
    trusted, keys = guest.read(variables + "db-" + EFI_SECURITY), guest.read(variables + "KEK-" + EFI_GLOBAL)
    if "Microsoft UEFI CA 2023" in trusted and "KEK 2K CA 2023" in keys:
        return
    # A guest that trusts its owner's certificates only has none of Microsoft's to update.
    if "Microsoft Corporation UEFI CA 2011" in trusted:
        yield _finding(
            "secure_boot_outdated",
            "Secure Boot does not use Microsoft's certificates of 2023, and those of 2011 have expired, so virtual machines created from "
            "the image get no updates of the boot loader; update the certificates in db and KEK before the guest is captured.",
        )


def warnings(guest: Guest, users: list[str]) -> Iterator[Finding]:
    """Yield warnings for what remains in the image, possibly unintentionally."""
    yield from account_warnings(guest, users)
    yield from used_account_warnings(guest, users)
    yield from home_warnings(guest, users)
    yield from root_password_warnings(guest)
    yield from key_warnings(guest)
    yield from other_disk_warnings(guest)
    for path in guest.find("/root/.ssh/id_*"):
        if not path.endswith(".pub"):
            yield _finding("private_key_stays", f"The private key {path} of root remains in the image.")
