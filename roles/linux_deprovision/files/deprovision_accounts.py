# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The local accounts and groups of the guest; reads only."""

from __future__ import annotations

import os

from deprovision_guest import Guest

NO_HOMES = ("", "/", "/nonexistent", "/dev/null", "/var/empty")
NO_SHELLS = ("nologin", "false", "sync", "halt", "shutdown")


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
        """Say whether somebody can log in by a password, an empty one included."""
        return not self.password.startswith(("!", "*"))

    def has_home(self) -> bool:
        """Say whether the account was given a home."""
        return self.home not in NO_HOMES

    def has_shell(self) -> bool:
        """Say whether a login gets a shell."""
        return os.path.basename(self.shell) not in NO_SHELLS


def accounts(guest: Guest) -> dict[str, Account]:
    """Return the local accounts by name, and remember those that were there at first (see accounts_before)."""
    passwords = {}
    for line in guest.read("/etc/shadow").splitlines():
        fields = line.split(":")
        passwords[fields[0]] = fields[1] if len(fields) > 1 else "*"
    found = {}
    for line in guest.read("/etc/passwd").splitlines():
        fields = line.split(":")
        if len(fields) >= 7 and fields[2].isdigit() and not fields[0].startswith(("+", "-")):
            # Without an entry in /etc/shadow there is no password to log in by.
            found[fields[0]] = Account(fields, passwords.get(fields[0], "*"))
    for name, account in found.items():
        guest.accounts_before.setdefault(name, account)
    return found


def accounts_before(guest: Guest) -> dict[str, Account]:
    """Return the accounts that there are, and those that were there when this step began: the agent removes some."""
    accounts(guest)
    return guest.accounts_before


def groups(guest: Guest) -> dict[str, tuple[int, list[str]]]:
    """Return the local groups: name -> (id, members listed there)."""
    found = {}
    for line in guest.read("/etc/group").splitlines():
        fields = line.split(":")
        if len(fields) >= 4 and fields[2].isdigit():
            found[fields[0]] = (int(fields[2]), [name for name in fields[3].split(",") if name])
    return found


def own_groups(guest: Guest, name: str) -> list[str]:
    """Return the group of a user that goes with the user: it bears the name, and nobody else is in it."""
    group = groups(guest).get(name)
    if group is None:
        return []
    others = [each.name for each in accounts(guest).values() if each.group == group[0] and each.name != name]
    return [name] if not others and set(group[1]) <= {name} else []
