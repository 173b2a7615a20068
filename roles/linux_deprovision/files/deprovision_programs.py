# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who provisions the clones: cloud-init, the Azure agent or azure-init. One of them is enough; reads only.

Source: https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init (provisioning agents), and
https://learn.microsoft.com/azure/virtual-machines/linux/no-agent (images without the Azure agent are supported).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import deprovision_cloud_init as cloud_init
from deprovision_agent import setting
from deprovision_guest import Guest

FOLDERS = ("/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/share/oem/bin", "/usr/local/sbin", "/usr/local/bin")
ENABLED_STATES = ("enabled", "alias", "static", "enabled-runtime", "generated", "linked")
#: Who else starts a unit than what `systemctl enable` links: Flatcar starts its agent by a drop-in with Upholds=.
STARTED_BY = ("WantedBy", "RequiredBy", "UpheldBy")
INSTALLING = "installing it can replace the network manager, so try that on a copy of the machine"


def program(guest: Guest, name: str) -> str:
    """Return the path of a program; nothing if it is not there."""
    return next((f"{folder}/{name}" for folder in FOLDERS if guest.exists(f"{folder}/{name}")), "")


def starts(guest: Guest, unit: str) -> bool:
    """Say whether a service is started on the next boot."""
    if guest.command(["systemctl", "is-enabled", unit])[1].strip() in ENABLED_STATES:
        return True
    output = guest.command(["systemctl", "show", unit, *(f"-p{name}" for name in STARTED_BY)])[1]
    return bool(re.search(r"^\w+By=\S", output, re.MULTILINE))


def agent_provisions(guest: Guest) -> bool:
    """Say whether the Azure agent does it: where it is told so, or finds no cloud-init that would."""
    if not program(guest, "waagent") or not starts(guest, guest.config["agent_service"]) or broken(guest):
        return False
    told = setting(guest, "Provisioning.Agent").lower()
    if told in ("waagent", "auto", ""):
        enabled = guest.command(["systemctl", "is-enabled", "cloud-init-local.service"])[1].strip() in ENABLED_STATES
        return told == "waagent" or not (guest.exists(cloud_init.PROGRAM) and enabled)
    return False


def azure_init_provisions(guest: Guest) -> bool:
    """Say whether azure-init does it (https://github.com/Azure/azure-init)."""
    return bool(program(guest, "azure-init")) and starts(guest, "azure-init.service")


def broken(guest: Guest) -> str:
    """Return the interpreter of the Azure agent that is not there."""
    path = guest.resolve(program(guest, "waagent"))
    match = re.match(r"#!\s*(/\S+)(?:\s+(\S+))?", guest.read(path)) if path else None
    if not match:
        return ""
    interpreter, argument = match.groups()
    if not guest.exists(interpreter):
        return interpreter
    by_name = os.path.basename(interpreter) == "env" and argument
    return argument if by_name and not program(guest, argument) else ""


def program_blockers(guest: Guest) -> Iterator[dict]:
    """Say what a clone would lack."""
    agent, service = program(guest, "waagent"), guest.config["agent_service"]
    without_cloud_init = agent_provisions(guest) or azure_init_provisions(guest)
    if not agent and not azure_init_provisions(guest) and not cloud_init.usable(guest):
        yield _finding(
            "agent_missing",
            "Neither cloud-init nor azure-init nor the Azure Linux agent (waagent) would provision clones: install one of them; "
            f"{INSTALLING}.",
        )
    if agent and broken(guest):
        yield _finding(
            "agent_not_working", f"The Azure Linux agent cannot start: {broken(guest)} is not there, install it."
        )
    elif agent and not starts(guest, service):
        yield _finding(
            "agent_not_enabled",
            f"The service {service} is not enabled, so clones would have no agent: enable it.",
        )
    if not guest.config["cloud_init"] and not guest.exists(cloud_init.PROGRAM):
        return
    if not guest.exists(cloud_init.PROGRAM):
        if agent and not without_cloud_init:
            yield _finding(
                "cloud_init_missing",
                f"Clones would not be provisioned: cloud-init is not installed, and the Azure agent is told to leave it to cloud-init; "
                f"set Provisioning.Agent=waagent in /etc/waagent.conf, or install cloud-init ({INSTALLING}).",
            )
        return
    by = cloud_init.disabled_by(guest)
    if by and not without_cloud_init:
        yield _finding(
            "cloud_init_disabled", f"Clones would not be provisioned by cloud-init, because of {by}: remove this."
        )
    if not by:
        yield from cloud_init.datasource_blockers(guest)
        yield from cloud_init.incomplete_blockers(guest) if not without_cloud_init else ()
    yield from cloud_init.network_blockers(guest)


def program_warnings(guest: Guest) -> Iterator[dict]:
    """Say that clones have no agent."""
    if not program(guest, "waagent"):
        yield _finding(
            "agent_missing",
            "The Azure Linux agent is not installed, so that extensions and Run Command do not work on clones: create them with "
            f"provisionVMAgent false, or install the agent ({INSTALLING}).",
        )


def _finding(code: str, message: str) -> dict:
    return {"code": code, "message": message}
