# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that would undo the work: timers that start others, the Azure agent and its extensions.

Nothing of this gets into the image: a unit that is stopped starts on the next boot, and the masks lie in /run.
"""

from __future__ import annotations

import os
import re

from deprovision_guest import Guest

TIMERS = (
    *(
        "apt-daily.timer",
        "apt-daily-upgrade.timer",
        "dnf-makecache.timer",
        "dnf5-makecache.timer",
        "packagekit-background.timer",
    ),
    *(
        "dnf-automatic.timer",
        "dnf-automatic-install.timer",
        "dnf5-automatic.timer",
        "dpkg-db-backup.timer",
        "fwupd-refresh.timer",
    ),
    *(
        "guestregister.timer",
        "insights-client.timer",
        "logrotate.timer",
        "man-db.timer",
        "motd-news.timer",
        "ua-timer.timer",
    ),
    *(
        "regionsrv-enabler-azure.timer",
        "snapd.snap-repair.timer",
        "systemd-tmpfiles-clean.timer",
        "transactional-update.timer",
    ),
)
UNIT_FILES = ("/etc/systemd/system/*.service", "/usr/lib/systemd/system/*.service", "/lib/systemd/system/*.service")
HELD = "/run/golden-azure-deprovision/held"


def hold_timers(guest: Guest) -> None:
    """Stop the timers that run, and remember them (see release_timers)."""
    output = guest.command(["systemctl", "list-units", "--type=timer", "--state=active", "--plain", "--no-legend"])[1]
    running = [line.split()[0] for line in output.splitlines() if line.strip()]
    held = [unit for unit in TIMERS if unit in running]
    if held:
        guest.command(["systemctl", "stop", *held])
        os.makedirs(os.path.dirname(guest.at(HELD)), mode=0o700, exist_ok=True)
        with open(guest.at(HELD), "a", encoding="utf-8") as handle:
            handle.write("".join(unit + "\n" for unit in held))


def release_timers(guest: Guest) -> None:
    """Start the timers again that were stopped."""
    held = sorted(set(guest.read(HELD).split()))
    if held:
        guest.command(["systemctl", "start", *held])
        os.unlink(guest.at(HELD))


def agent_units(guest: Guest) -> list[str]:
    """Return the services of the Azure agent and those whose program is a part of an extension."""
    found = [guest.config["agent_service"] + ".service"]
    for pattern in UNIT_FILES:
        for path in guest.find(pattern):
            if re.search(r"^Exec\w+=.*/var/lib/waagent/", guest.read(path), re.MULTILINE):
                found.append(os.path.basename(path))
    return list(dict.fromkeys(found))


def is_active(guest: Guest, unit: str) -> bool:
    """Say whether a service runs."""
    return guest.command(["systemctl", "is-active", unit])[1].strip() in ("active", "activating", "reloading")


def stop_agents(guest: Guest) -> list[str]:
    """Stop the agent and extensions for good, until the next boot; return those that ran.

    The mask keeps those away that come back by themselves: Flatcar's agent is upheld by another unit.
    """
    units = agent_units(guest)
    running = [unit for unit in units if is_active(guest, unit)]
    guest.command(["systemctl", "mask", "--runtime", *units])
    if running:
        guest.command(["systemctl", "stop", *running])
    return running


def still_running(guest: Guest) -> list[str]:
    """Return a line for each service that runs though it was stopped."""
    return [f"service: {unit} (still runs)" for unit in agent_units(guest) if is_active(guest, unit)]


def allow_agents(guest: Guest, start: list[str]) -> None:
    """Take the masks away, and start services again."""
    guest.command(["systemctl", "unmask", "--runtime", *agent_units(guest)])
    if start:
        guest.command(["systemctl", "start", *start])
