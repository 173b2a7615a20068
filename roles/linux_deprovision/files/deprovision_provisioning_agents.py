# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The provisioning agents: cloud-init, the Azure agent and azure-init. Clones require one of them; reads only.

Source: https://learn.microsoft.com/azure/virtual-machines/linux/using-cloud-init (provisioning agents), and
https://learn.microsoft.com/azure/virtual-machines/linux/no-agent (images without the Azure agent are supported).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import deprovision_cloud_init as cloud_init
from deprovision_agent import agent_setting
from deprovision_guest import Guest

PROGRAM_DIRECTORIES = (
    "/usr/sbin",
    "/usr/bin",
    "/sbin",
    "/bin",
    "/usr/share/oem/bin",
    "/usr/local/sbin",
    "/usr/local/bin",
)
ENABLED_STATES = ("enabled", "alias", "static", "enabled-runtime", "generated", "linked")
#: Dependencies that start a unit that is not enabled: Flatcar starts its agent by a drop-in with Upholds=.
REVERSE_DEPENDENCIES = ("WantedBy", "RequiredBy", "UpheldBy")
INSTALL_HINT = "the installation can replace the network manager, so test it on a copy of the machine"


def program_path(guest: Guest, name: str) -> str:
    """Return the path of a program; an empty string if it is not installed."""
    return next((f"{directory}/{name}" for directory in PROGRAM_DIRECTORIES if guest.exists(f"{directory}/{name}")), "")


def is_enabled(guest: Guest, unit: str) -> bool:
    """Return whether a service is started on the next boot."""
    if guest.command(["systemctl", "is-enabled", unit])[1].strip() in ENABLED_STATES:
        return True
    output = guest.command(["systemctl", "show", unit, *(f"-p{name}" for name in REVERSE_DEPENDENCIES)])[1]
    return bool(re.search(r"^\w+By=\S", output, re.MULTILINE))


def agent_provisions_clones(guest: Guest) -> bool:
    """Return whether the Azure agent provisions clones: if it is configured to, or if cloud-init is not enabled."""
    if (
        not program_path(guest, "waagent")
        or not is_enabled(guest, guest.config["agent_service"])
        or missing_interpreter(guest)
    ):
        return False
    provisioning_agent = agent_setting(guest, "Provisioning.Agent").lower()
    if provisioning_agent in ("waagent", "auto", ""):
        enabled = guest.command(["systemctl", "is-enabled", "cloud-init-local.service"])[1].strip() in ENABLED_STATES
        return provisioning_agent == "waagent" or not (guest.exists(cloud_init.PROGRAM) and enabled)
    return False


def azure_init_provisions_clones(guest: Guest) -> bool:
    """Return whether azure-init provisions clones (https://github.com/Azure/azure-init)."""
    return bool(program_path(guest, "azure-init")) and is_enabled(guest, "azure-init.service")


def missing_interpreter(guest: Guest) -> str:
    """Return the interpreter of the Azure agent if it is missing, otherwise an empty string."""
    path = guest.resolve(program_path(guest, "waagent"))
    match = re.match(r"#!\s*(/\S+)(?:\s+(\S+))?", guest.read(path)) if path else None
    if not match:
        return ""
    interpreter, argument = match.groups()
    if not guest.exists(interpreter):
        return interpreter
    by_name = os.path.basename(interpreter) == "env" and argument
    return argument if by_name and not program_path(guest, argument) else ""


def provisioning_blockers(guest: Guest) -> Iterator[dict]:
    """Yield blockers for missing or disabled provisioning agents."""
    agent, service = program_path(guest, "waagent"), guest.config["agent_service"]
    without_cloud_init = agent_provisions_clones(guest) or azure_init_provisions_clones(guest)
    if not agent and not azure_init_provisions_clones(guest) and not cloud_init.is_usable(guest):
        yield _finding(
            "agent_missing",
            "Clones would not be provisioned, because cloud-init, azure-init and the Azure Linux agent (waagent) are missing or disabled: "
            "install one of them; "
            f"{INSTALL_HINT}.",
        )
    if agent and missing_interpreter(guest):
        yield _finding(
            "agent_not_working",
            f"The Azure Linux agent cannot be started, because its interpreter {missing_interpreter(guest)} is missing: install it.",
        )
    elif agent and not is_enabled(guest, service):
        yield _finding(
            "agent_not_enabled",
            f"The service {service} is not enabled, so the Azure Linux agent would not run on clones: enable it.",
        )
    if not guest.config["cloud_init"] and not guest.exists(cloud_init.PROGRAM):
        return
    if not guest.exists(cloud_init.PROGRAM):
        if agent and not without_cloud_init:
            yield _finding(
                "cloud_init_missing",
                "Clones would not be provisioned: the Azure agent is configured to let cloud-init do it, which is not installed; "
                f"set Provisioning.Agent=waagent in /etc/waagent.conf, or install cloud-init ({INSTALL_HINT}).",
            )
        return
    disabled_by = cloud_init.disabled_by(guest)
    if disabled_by and not without_cloud_init:
        yield _finding(
            "cloud_init_disabled",
            f"Clones would not be provisioned, because {disabled_by} disables cloud-init: enable cloud-init.",
        )
    if not disabled_by:
        yield from cloud_init.datasource_blockers(guest)
        yield from cloud_init.incomplete_blockers(guest) if not without_cloud_init else ()
    yield from cloud_init.network_blockers(guest)


def provisioning_warnings(guest: Guest) -> Iterator[dict]:
    """Yield a warning if clones would have no Azure agent."""
    if not program_path(guest, "waagent"):
        yield _finding(
            "agent_missing",
            "The Azure Linux agent is not installed, so extensions and Run Command do not work on clones: create them with "
            f"provisionVMAgent: false, or install the agent ({INSTALL_HINT}).",
        )


def _finding(code: str, message: str) -> dict:
    return {"code": code, "message": message}
