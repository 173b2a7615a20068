# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The deprovisioning by the Azure agent, and the removal of what it did not remove.

Its exit status is not reliable. Its actions run one after the other without error handling; if one of them raises an exception (a missing
ifcfg-eth0 or network/dhcp), it logs "Failed to run", skips the other actions, and exits with status 0 (azurelinuxagent/agent.py,
pa/deprovision/default.py).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_accounts import accounts
from deprovision_cleanup_item import CleanupItem
from deprovision_guest import Guest

CONFIGURATIONS = ("/etc/waagent.conf", "/usr/share/oem/waagent.conf", "/usr/share/waagent/waagent.conf")
#: The value that the agent writes instead of a password (del_root_password in azurelinuxagent/common/osutil/default.py).
LOCKED = "*"


def agent_setting(guest: Guest, name: str) -> str:
    """Return a setting of the agent, or an empty string if it is not set."""
    for path in CONFIGURATIONS:
        found = re.findall(rf"^\s*{re.escape(name)}\s*=\s*([^#\n]*?)\s*(?:#.*)?$", guest.read(path), re.MULTILINE)
        if guest.exists(path):
            return found[-1] if found else ""
    return ""


def keeps_root_password(guest: Guest) -> bool:
    """Return whether the agent is configured to keep root's password."""
    return agent_setting(guest, "Provisioning.DeleteRootPassword").lower().startswith("n")


def deprovision_by_agent(guest: Guest, with_user: bool) -> None:
    """Run the deprovisioning of the agent. The role removes whatever remains afterwards.

    :param with_user: whether the agent removes the user of its provisioning data, with the home directory. It does so without regard to
        the users that the role keeps.
    """
    action = "-deprovision+user" if with_user else "-deprovision"
    resolver = "/etc/resolv.conf"
    link = os.readlink(guest.local_path(resolver)) if os.path.islink(guest.local_path(resolver)) else None
    status, output = guest.command(["waagent", "-force", action], guest.config["agent_limit_seconds"])
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    failed = [line for line in lines if "Failed to run" in line]
    # 127: it is not installed, and the role does everything.
    if status not in (0, 127) or failed:
        last = ([*lines, *failed] or ["no output"])[-1]
        guest.notes.append(
            f"waagent {action} failed with status {status} ({last}); the role performed the remaining steps."
        )
    # The agent also removes a link to the local resolver, without which clones cannot resolve names.
    if link is not None and not guest.exists(resolver):
        os.symlink(link, guest.local_path(resolver))


def root_password_items(guest: Guest) -> Iterator[CleanupItem]:
    """Yield the password of root, which would permit a login to each clone."""
    root = accounts(guest).get("root")
    if root is not None and root.has_password() and not keeps_root_password(guest):
        yield CleanupItem(
            "password of root", ["/etc/shadow (root)"], lambda: lock_password(guest, "root"), critical=True
        )


def root_password_warnings(guest: Guest) -> Iterator[dict]:
    """Yield a warning if the agent is configured to keep the password of root."""
    root = accounts(guest).get("root")
    if root is not None and root.has_password() and keeps_root_password(guest):
        yield {
            "code": "root_password_stays",
            "message": "The password of root remains in the image, because waagent.conf contains Provisioning.DeleteRootPassword=n.",
        }


def lock_password(guest: Guest, name: str) -> None:
    """Replace the password by a value that no password matches."""
    kept = re.sub(rf"^({re.escape(name)}):[^:\n]*", rf"\1:{LOCKED}", guest.read("/etc/shadow"), flags=re.MULTILINE)
    guest.replace("/etc/shadow", kept)
