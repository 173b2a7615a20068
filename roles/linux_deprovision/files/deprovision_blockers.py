# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What forbids to deprovision the guest now; reads only."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator

from deprovision_accounts import accounts, accounts_before
from deprovision_agent import root_password_warnings
from deprovision_busy import busy_blockers
from deprovision_elsewhere import elsewhere, mounted_within
from deprovision_guest import Guest
from deprovision_keys import host_key_blockers, key_warnings
from deprovision_leftovers import Leftover
from deprovision_programs import program_blockers
from deprovision_protected import protected_blockers
from deprovision_sessions import session_blockers
from deprovision_stays import account_warnings, home_warnings, used_warnings
from deprovision_users import home_is_its_own, is_of_system, login_of_run

#: Namespaces of the variables of UEFI.
EFI_GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
EFI_SECURITY = "d719b2cb-3d3a-4596-a3bc-dad00e67656f"

#: A code for programs and a sentence for people.
Finding = dict


def blockers(guest: Guest, users: list[str], items: list[Leftover]) -> Iterator[Finding]:
    """Yield, a code and a sentence each, why the guest must not be deprovisioned now."""
    config = guest.config
    if os.geteuid() != 0:
        yield _finding(
            "root_needed",
            "Root is needed: run the role with become by a user who may use sudo without a password, or as root.",
        )
        return
    yield from program_blockers(guest)
    yield from busy_blockers(guest)
    if not pipelined(guest):
        yield _finding(
            "pipelining_missing",
            "Ansible does not use pipelining, so its last step would hang on temporary files in a home that is gone: "
            "unset keep_remote_files, and use an ssh connection and a become method that can pipeline (sudo).",
        )
    elif not config["allow_other_sessions"]:
        # Without pipelining this very run has a terminal.
        yield from session_blockers(guest)
    yield from user_blockers(guest, users)
    for item in items:
        for path in item.paths:
            for mount in guest.mounts_below(path) if not item.volatile else ():
                yield _finding(
                    "mounted_inside",
                    f"{mount} is mounted inside what has to be removed ({item.what}): unmount it first.",
                )
    yield from elsewhere_blockers(guest)
    yield from host_key_blockers(guest)
    yield from protected_blockers(guest, items)
    free = shutil.disk_usage(guest.at("/")).free // 1024**2
    if free < config["free_megabytes"]:
        needed = config["free_megabytes"]
        yield _finding(
            "root_file_system_full",
            f"The root file system has {free} MB left, and rewriting the account files needs {needed}: free some.",
        )


def user_blockers(guest: Guest, users: list[str]) -> Iterator[Finding]:
    """Say which users cannot be removed, and whose login would stay without anybody having said so."""
    known = accounts_before(guest)
    for name in users:
        if not re.match(r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", name):
            yield _finding("user_name_not_valid", f"{name!r} is not the name of a user: correct the list.")
        elif name in known and is_of_system(guest, name):
            yield _finding(
                "user_of_system",
                f"The user {name} belongs to the system (id {known[name].number}) and is not removed: take it off the list.",
            )
        elif not home_is_its_own(guest, name):
            yield _finding(
                "home_not_its_own",
                f"The home of {name} is {known[name].home if name in known else '/home/' + name}, which is not its alone: "
                "give the user a home of its own first.",
            )
    login = login_of_run(guest)
    if login in accounts(guest) and known[login].number != 0 and login not in _named(guest, users):
        yield _finding(
            "login_stays",
            f"The user {login}, as whom this run logged in, is not one that Azure's records name, and would stay in the image: "
            "name it in linux_deprovision_users to remove it, or in linux_deprovision_keep_users to keep it.",
        )


def _named(guest: Guest, users: list[str]) -> list[str]:
    return [*users, *guest.config["keep_users"], *guest.config["built_in_users"]]


def elsewhere_blockers(guest: Guest) -> Iterator[Finding]:
    """Say what identifies the machine and does not lie on the OS disk."""
    for spec in guest.config["leftovers"]:
        for path in elsewhere(guest, spec) if spec.get("critical") else ():
            yield _finding(
                "identity_on_another_disk",
                f"{path} ({spec['what']}) is not on the OS disk, so that it would not be removed: move it there, or name it "
                "in linux_deprovision_extra_paths.",
            )


def elsewhere_warnings(guest: Guest) -> Iterator[Finding]:
    """Say what else stays because it does not lie on the OS disk."""
    for spec in guest.config["leftovers"]:
        paths = elsewhere(guest, spec) if not spec.get("critical") else []
        if paths:
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            yield _finding("other_disk_stays", f"{paths[0]}{more} ({spec['what']}) stays: it is not on the OS disk.")
    for point, what in mounted_within(guest):
        yield _finding(
            "other_disk_stays", f"What is mounted on {point} stays ({what}): it is not a part of the OS disk."
        )


def _finding(code: str, message: str) -> Finding:
    return {"code": code, "message": message}


def pipelined(guest: Guest) -> bool:
    """Say whether no process above this one was started from a file in Ansible's temporary directory."""
    process = os.getpid()
    while process > 1:
        if "ansible-tmp" in guest.read(f"/proc/{process}/cmdline"):
            return False
        parent = re.search(r"^PPid:\s*(\d+)", guest.read(f"/proc/{process}/status"), re.MULTILINE)
        process = int(parent.group(1)) if parent else 0
    return True


def secure_boot_warnings(guest: Guest) -> Iterator[Finding]:
    """Say that Secure Boot goes by Microsoft's certificates of 2011, which have expired.

    Source: https://support.microsoft.com/help/5103014
    """
    variables = "/sys/firmware/efi/efivars/"
    # Four bytes of attributes come before the value.
    if guest.read(variables + "SecureBoot-" + EFI_GLOBAL)[4:5] != "\x01":
        return
    trusted, keys = guest.read(variables + "db-" + EFI_SECURITY), guest.read(variables + "KEK-" + EFI_GLOBAL)
    if "Microsoft UEFI CA 2023" in trusted and "KEK 2K CA 2023" in keys:
        return
    # Who trusts certificates of one's own alone has nothing of Microsoft's to update.
    if "Microsoft Corporation UEFI CA 2011" in trusted:
        yield _finding(
            "secure_boot_outdated",
            "Secure Boot does not use Microsoft's certificates of 2023, and those of 2011 have expired, so that the image "
            "gets no updates of its boot loader; update the certificates in db and KEK before the guest is captured.",
        )


def warnings(guest: Guest, users: list[str]) -> Iterator[Finding]:
    """Yield what stays in the image although someone may not want it to."""
    yield from account_warnings(guest, users)
    yield from used_warnings(guest, users)
    yield from home_warnings(guest, users)
    yield from root_password_warnings(guest)
    yield from key_warnings(guest)
    yield from elsewhere_warnings(guest)
    for path in guest.find("/root/.ssh/id_*"):
        if not path.endswith(".pub"):
            yield _finding("private_key_stays", f"The private key {path} of root stays in the image.")
