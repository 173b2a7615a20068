# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local accounts and groups of the guest; reads only."""

from __future__ import annotations

import os

from deprovision_guest import Guest

NON_HOMES = ("", "/", "/nonexistent", "/dev/null", "/var/empty")
NON_LOGIN_SHELLS = ("nologin", "false", "sync", "halt", "shutdown")


class Account:
    """One line of /etc/passwd, with the password of /etc/shadow."""

    def __init__(self, fields: list[str], password: str) -> None:
        self.name = fields[0]
        self.number = int(fields[2])
        self.group = int(fields[3]) if fields[3].isdigit() else -1
        self.home = os.path.normpath(fields[5]) if fields[5] else ""
        self.shell = fields[6]
        self.password = password

    def has_password(self) -> bool:
        """Return whether a login with a password is possible, including an empty password."""
        return not self.password.startswith(("!", "*"))

    def has_home(self) -> bool:
        """Return whether the account has a home directory."""
        return self.home not in NON_HOMES

    def has_shell(self) -> bool:
        """Return whether the shell of the account permits a login."""
        return os.path.basename(self.shell) not in NON_LOGIN_SHELLS


def accounts(guest: Guest) -> dict[str, Account]:
    """Return the local accounts by name, and store those of the first call (see initial_accounts)."""
    passwords = {}
    for line in guest.read("/etc/shadow").splitlines():
        fields = line.split(":")
        passwords[fields[0]] = fields[1] if len(fields) > 1 else "*"
    found = {}
    for line in guest.read("/etc/passwd").splitlines():
        fields = line.split(":")
        if len(fields) >= 7 and fields[2].isdigit() and not fields[0].startswith(("+", "-")):
            # Without an entry in /etc/shadow, a login with a password is not possible.
            found[fields[0]] = Account(fields, passwords.get(fields[0], "*"))
    for name, account in found.items():
        guest.initial_accounts.setdefault(name, account)
    return found


def initial_accounts(guest: Guest) -> dict[str, Account]:
    """Return the current accounts and those that existed when this step began, because the agent removes some."""
    accounts(guest)
    return guest.initial_accounts


def groups(guest: Guest) -> dict[str, tuple[int, list[str]]]:
    """Return the local groups: name -> (id, listed members)."""
    found = {}
    for line in guest.read("/etc/group").splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and fields[2].isdigit():
            found[fields[0]] = (int(fields[2]), [name for name in fields[3].split(",") if name])
    return found


def own_groups(guest: Guest, name: str) -> list[str]:
    """Return the group to remove together with a user: it has the same name and no other members."""
    group = groups(guest).get(name)
    if group is None:
        return []
    others = [each.name for each in accounts(guest).values() if each.group == group[0] and each.name != name]
    return [name] if not others and set(group[1]) <= {name} else []
