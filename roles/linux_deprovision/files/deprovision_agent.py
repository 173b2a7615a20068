# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Azure agent's own deprovisioning, and what it should have done.

It is not believed. Its actions run one after the other without a handler; where one of them raises (a missing ifcfg-eth0 or
network/dhcp), it logs "Failed to run", leaves out the rest, and ends with status 0 (azurelinuxagent/agent.py, pa/deprovision/default.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_accounts import accounts
from deprovision_guest import Guest
from deprovision_leftover import Leftover

CONFIGURATIONS = ("/etc/waagent.conf", "/usr/share/oem/waagent.conf", "/usr/share/waagent/waagent.conf")
#: What the agent writes instead of a password (del_root_password in azurelinuxagent/common/osutil/default.py).
LOCKED = "*"


def setting(guest: Guest, name: str) -> str:
    """Return a setting of the agent; an empty text where it is not set."""
    for path in CONFIGURATIONS:
        found = re.findall(rf"^\s*{re.escape(name)}\s*=\s*([^#\n]*?)\s*(?:#.*)?$", guest.read(path), re.MULTILINE)
        if guest.exists(path):
            return found[-1] if found else ""
    return ""


def keeps_root_password(guest: Guest) -> bool:
    """Say whether the agent is told to leave root's password as it is."""
    return setting(guest, "Provisioning.DeleteRootPassword").lower().startswith("n")


def deprovision_by_agent(guest: Guest, with_user: bool) -> None:
    """Run the agent's own deprovisioning; what it does not do, the role does.

    :param with_user: whether it removes the user that it knows. It asks nobody, and removes one who is to stay, with home.
    """
    action = "-deprovision+user" if with_user else "-deprovision"
    resolver = "/etc/resolv.conf"
    link = os.readlink(guest.at(resolver)) if os.path.islink(guest.at(resolver)) else None
    status, output = guest.command(["waagent", "-force", action], guest.config["agent_limit_seconds"])
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    failed = [line for line in lines if "Failed to run" in line]
    # Where it is not installed, the role does its part.
    if status not in (0, 127) or failed:
        last = ([*lines, *failed] or ["it said nothing"])[-1]
        guest.notes.append(f"waagent {action} failed with status {status} ({last}); the role did the rest.")
    # The agent removes a link to the local resolver, too, and then clones resolve no names.
    if link is not None and not guest.exists(resolver):
        os.symlink(link, guest.at(resolver))


def root_password_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield the password of root, by which one could log in to each clone."""
    root = accounts(guest).get("root")
    if root is not None and root.has_password() and not keeps_root_password(guest):
        yield Leftover("password of root", ["/etc/shadow (root)"], lambda: lock(guest, "root"), critical=True)


def root_password_warnings(guest: Guest) -> Iterator[dict]:
    """Say that the password of root stays because the agent is told so."""
    root = accounts(guest).get("root")
    if root is not None and root.has_password() and keeps_root_password(guest):
        yield {
            "code": "root_password_stays",
            "message": "The password of root stays in the image, as waagent.conf says Provisioning.DeleteRootPassword=n.",
        }


def lock(guest: Guest, name: str) -> None:
    """Take the password away, so that nobody can log in by it."""
    kept = re.sub(rf"^({re.escape(name)}):[^:\n]*", rf"\1:{LOCKED}", guest.read("/etc/shadow"), flags=re.MULTILINE)
    guest.replace("/etc/shadow", kept)
