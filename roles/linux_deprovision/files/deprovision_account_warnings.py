# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warnings for accounts that remain in the image, and for references to removed users; reads only."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deprovision_accounts import Account, accounts, groups
from deprovision_guest import Guest
from deprovision_ssh_keys import key_files
from deprovision_sudoers import rule_users, sudoers_files
from deprovision_users import home_paths

#: The end of the range of ids for ordinary users. Source: https://systemd.io/UIDS-GIDS
LAST_USER_ID = 60000
UNITS = (
    "/etc/systemd/system/*.service",
    "/etc/systemd/system/*.service.d/*.conf",
    "/usr/local/lib/systemd/system/*.service",
)
CRON_TABLES = ("/etc/crontab", "/etc/cron.d/*")


def account_warnings(guest: Guest, users: list[str]) -> Iterator[dict]:
    """Yield warnings for accounts that remain: those of ordinary users, and others that permit a login."""
    named = [*users, *guest.config["keep_users"], *guest.config["built_in_users"]]
    for name, account in sorted(accounts(guest).items()):
        methods = login_methods(guest, account)
        if name in named or account.number == 0:
            continue
        if guest.first_user_id <= account.number < LAST_USER_ID:
            logins = f", and can log in with {' and '.join(methods)}" if methods else ""
            yield _remaining_account(
                f"The user {name}{_sudo_suffix(guest, account)} remains in the image{logins}; "
                "add it to linux_deprovision_users to remove it."
            )
        elif methods:
            yield _remaining_account(
                f"The account {name} (id {account.number}){_sudo_suffix(guest, account)} remains in the image, "
                f"and can log in with {' and '.join(methods)}."
            )


def login_methods(guest: Guest, account: Account) -> list[str]:
    """Return the possible login methods of an account: a key, a password."""
    keys = [
        path for home in [account.home] if account.has_home() for path in guest.find(home + "/.ssh/authorized_keys*")
    ]
    keys += key_files(guest, account.name, account.home)
    found = ["a key"] if any(guest.read(path).strip() or path.endswith(".d") for path in keys) else []
    return found + (["a password"] if account.has_password() and account.has_shell() else [])


def _sudo_suffix(guest: Guest, account: Account) -> str:
    ruled = {name for path in sudoers_files(guest) for name in rule_users(guest.read(path))}
    member = {
        group
        for group, (number, members) in groups(guest).items()
        if account.name in members or number == account.group
    }
    by = sorted("%" + group for group in member if "%" + group in ruled)
    if account.name in ruled:
        return " with sudo"
    return f" with sudo (group {by[0][1:]})" if by else ""


def _remaining_account(message: str) -> dict:
    return {"code": "user_stays", "message": message}


def used_account_warnings(guest: Guest, users: list[str]) -> Iterator[dict]:
    """Yield warnings for units and cron tables that run commands as a removed user, and would fail."""
    for name in users:
        for path in [path for pattern in UNITS for path in guest.find(pattern)]:
            if re.search(rf"^\s*User\s*=\s*{re.escape(name)}\s*$", guest.read(path), re.MULTILINE):
                yield _used_account(name, path)
        for path in [path for pattern in CRON_TABLES for path in guest.find(pattern)]:
            if re.search(rf"^\s*(?:@\w+|(?:\S+\s+){{5}})\s*{re.escape(name)}\s", guest.read(path), re.MULTILINE):
                yield _used_account(name, path)


def _used_account(name: str, path: str) -> dict:
    return {
        "code": "user_is_used",
        "message": f"{path} runs commands as the user {name}, which is removed: change or delete it.",
    }


def home_warnings(guest: Guest, users: list[str]) -> Iterator[dict]:
    """Yield warnings for home directories of removed users that are kept."""
    for name in users:
        account = accounts(guest).get(name)
        home = account.home if account is not None and account.has_home() else ""
        if home and guest.exists(home) and guest.resolve(home) not in home_paths(guest, name):
            yield {
                "code": "other_disk_stays",
                "message": f"{guest.resolve(home) or home} (home directory of {name}) is not removed, because the user does not own it, or "
                "it is not on the OS disk.",
            }
