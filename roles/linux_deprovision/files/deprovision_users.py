# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which users go with the identity of the guest, and everything they have in it."""

from __future__ import annotations

import os
import re

from deprovision_guest import Guest


def accounts(guest: Guest) -> dict[str, tuple[int, str]]:
    """Return the local accounts: name -> (user id, home)."""
    found = {}
    for line in guest.read("/etc/passwd").splitlines():
        fields = line.split(":")
        if len(fields) >= 7 and fields[2].isdigit():
            found[fields[0]] = (int(fields[2]), fields[5])
    return found


def first_user_id(guest: Guest) -> int:
    """Return the first id that is not one of the system's."""
    match = re.search(r"^UID_MIN\s+(\d+)", guest.read("/etc/login.defs"), re.MULTILINE)
    return int(match.group(1)) if match else 1000


def sudoers_files(guest: Guest) -> list[str]:
    """Return the files sudo reads its rules from."""
    return [path for path in ["/etc/sudoers", *guest.find("/etc/sudoers.d/*")] if os.path.isfile(guest.at(path))]


def rule_users(text: str) -> list[str]:
    """Return the users whose name begins a rule of a sudoers file."""
    return re.findall(r"^([A-Za-z0-9_.][^\s:=,%#]*)\s+[^=\n]+=", text.replace("\\\n", " "), re.MULTILINE)


def without_rules(text: str, names: list[str]) -> str:
    """Return a sudoers file without the rules of these users; empty when nothing but comments is left."""
    kept = [line for line in text.replace("\\\n", "\\\0").split("\n") if not set(rule_users(line)) & set(names)]
    if not any(line.strip() and not re.match(r"\s*#(?!include)", line) for line in kept):
        return ""
    return "\n".join(kept).replace("\\\0", "\\\n")


def provisioned_users(guest: Guest) -> tuple[list[str], str]:
    """Return the users Azure provisioned and where that is known from.

    The agent's copy of the provisioning data is what counts; without it the rules cloud-init gave to the users it
    made; without these the user Ansible logged in as, unless it belongs to the system.
    """
    ovf = guest.read("/var/lib/waagent/ovf-env.xml")
    if ovf:
        named = re.search(r"<(?:\w+:)?UserName>\s*([^<\s]+)\s*<", ovf)
        if named:
            return [named.group(1)], "/var/lib/waagent/ovf-env.xml"
    known, minimum = accounts(guest), first_user_id(guest)
    made = [name for name in rule_users(guest.read("/etc/sudoers.d/90-cloud-init-users")) if name in known]
    if made:
        return sorted(set(made)), "/etc/sudoers.d/90-cloud-init-users"
    login = os.environ.get("SUDO_USER") or guest.config["login_user"]
    if login in known and known[login][0] >= minimum:
        return [login], "the login of this run"
    return [], "nowhere"


def user_paths(guest: Guest, name: str) -> list[str]:
    """Return everything of a user that is still there."""
    known = accounts(guest)
    found = []
    for path in ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/subuid", "/etc/subgid"):
        text = guest.read(path)
        member = rf"^[^:]*:[^:]*:[^:]*:(?:.*,)?{re.escape(name)}(?:,|$)"
        if re.search(rf"^{re.escape(name)}:", text, re.MULTILINE) or (
            path.endswith(("group", "gshadow")) and re.search(member, text, re.MULTILINE)
        ):
            found.append(f"{path} (entry)")
    homes = {known[name][1]} if name in known else {"/home/" + name}
    spools = [
        "/var/mail/",
        "/var/spool/mail/",
        "/var/spool/cron/",
        "/var/spool/cron/crontabs/",
        "/var/lib/systemd/linger/",
    ]
    found += [path for path in sorted(homes) + [spool + name for spool in spools] if guest.exists(path)]
    found += [path + " (rule)" for path in sudoers_files(guest) if name in rule_users(guest.read(path))]
    return found


def remove_user(guest: Guest, name: str) -> None:
    """Remove a user with home, spools, group and sudo rules."""
    home = accounts(guest).get(name, (0, "/home/" + name))[1]
    if name in accounts(guest) and not guest.root:
        # --force: the very session which runs this belongs to the user.
        guest.command(["userdel", "--force", "--remove", name])
    for path in [home, *(path for path in user_paths(guest, name) if not path.endswith(")"))]:
        if guest.exists(path):
            guest.delete(path)
    # Left behind where the group had been changed; one with other members is not the user's own.
    own_group = re.search(rf"^{re.escape(name)}:[^:]*:\d+:$", guest.read("/etc/group"), re.MULTILINE)
    if own_group and name not in accounts(guest) and not guest.root:
        guest.command(["groupdel", name])
    for path in sudoers_files(guest):
        text = guest.read(path)
        if name in rule_users(text):
            kept = without_rules(text, [name])
            if kept or path == "/etc/sudoers":
                guest.replace(path, kept)
            else:
                guest.delete(path)


def users_to_remove(guest: Guest) -> tuple[list[str], str]:
    """Return the provisioned users and those the role names, and where the provisioned ones are known from."""
    provisioned, known_from = provisioned_users(guest)
    return provisioned + [name for name in guest.config["users"] if name not in provisioned], known_from
