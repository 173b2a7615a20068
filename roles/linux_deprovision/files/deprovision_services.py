# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Services that would recreate what was removed: timers, the Azure agent and its extensions.

None of this affects the image: stopped units are started on the next boot, and runtime masks are in /run.
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
STOPPED_TIMERS_FILE = "/run/golden-azure-deprovision/held"


def stop_timers(guest: Guest) -> None:
    """Stop the active timers, and store their names (see restart_timers)."""
    output = guest.command(["systemctl", "list-units", "--type=timer", "--state=active", "--plain", "--no-legend"])[1]
    running = [line.split()[0] for line in output.splitlines() if line.strip()]
    stopped = [unit for unit in TIMERS if unit in running]
    if stopped:
        guest.command(["systemctl", "stop", *stopped])
        os.makedirs(os.path.dirname(guest.local_path(STOPPED_TIMERS_FILE)), mode=0o700, exist_ok=True)
        with open(guest.local_path(STOPPED_TIMERS_FILE), "a", encoding="utf-8") as handle:
            handle.write("".join(unit + "\n" for unit in stopped))


def restart_timers(guest: Guest) -> None:
    """Start the timers that were stopped."""
    stopped = sorted(set(guest.read(STOPPED_TIMERS_FILE).split()))
    if stopped:
        guest.command(["systemctl", "start", *stopped])
        os.unlink(guest.local_path(STOPPED_TIMERS_FILE))


def agent_units(guest: Guest) -> list[str]:
    """Return the services of the Azure agent and of its extensions."""
    found = [guest.config["agent_service"] + ".service"]
    for pattern in UNIT_FILES:
        for path in guest.find(pattern):
            if re.search(r"^Exec\w+=.*/var/lib/waagent/", guest.read(path), re.MULTILINE):
                found.append(os.path.basename(path))
    return list(dict.fromkeys(found))


def is_active(guest: Guest, unit: str) -> bool:
    """Return whether a service is running."""
    return guest.command(["systemctl", "is-active", unit])[1].strip() in ("active", "activating", "reloading")


def stop_and_mask_agents(guest: Guest) -> list[str]:
    """Stop the agent and its extensions until the next boot; return the services that were running.

    The mask prevents automatic restarts: Flatcar's agent is upheld by another unit.
    """
    units = agent_units(guest)
    running = [unit for unit in units if is_active(guest, unit)]
    guest.command(["systemctl", "mask", "--runtime", *units])
    if running:
        guest.command(["systemctl", "stop", *running])
    return running


def running_services(guest: Guest) -> list[str]:
    """Return a line for each service that is running although it was stopped."""
    return [f"service: {unit} (still running)" for unit in agent_units(guest) if is_active(guest, unit)]


def unmask_agents(guest: Guest, start: list[str]) -> None:
    """Remove the masks, and start services."""
    guest.command(["systemctl", "unmask", "--runtime", *agent_units(guest)])
    if start:
        guest.command(["systemctl", "start", *start])
