# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Windows installations that sysprep does not support, and the number of remaining rearms; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding

#: Server roles that do not support sysprep, by the names of Get-WindowsFeature:
#: https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep-support-for-server-roles
UNSUPPORTED_ROLES = {
    "ad-certificate": "Active Directory Certificate Services",
    "adfs-federation": "Active Directory Federation Services",
    "adlds": "Active Directory Lightweight Directory Services",
    "adrms": "Active Directory Rights Management Services",
    "dhcp": "DHCP Server",
    "fax": "Fax Server",
    "npas": "Network Policy and Access Services",
    "updateservices": "Windows Server Update Services",
    "wds": "Windows Deployment Services",
}

#: Win32_OperatingSystem.ProductType.
_CLIENT = 1
_DOMAIN_CONTROLLER = 2
#: Windows 10, version 1607, since which an upgraded client can be generalized:
#: https://learn.microsoft.com/windows-hardware/manufacture/desktop/sysprep--system-preparation--overview
_UPGRADES_SUPPORTED = 14393
#: Number of remaining rearms at which a warning is reported.
_FEW_REARMS = 10


def system_blockers(facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Properties of the installation that sysprep does not support."""
    system = facts.get("system") or {}
    if system.get("product_type") == _DOMAIN_CONTROLLER:
        yield finding(
            "domain_controller",
            "The guest is a domain controller, which cannot be generalized; use another virtual machine.",
        )
    elif system.get("part_of_domain"):
        yield finding(
            "domain_member",
            f"The guest is a member of the domain {system.get('domain')}, and sysprep removes it from the domain; leave the "
            "domain first, or accept 'domain_member'.",
        )
    for name in facts.get("server_roles") or []:
        if name.lower() in UNSUPPORTED_ROLES:
            yield finding(
                "server_role_unsupported",
                f"The server role {UNSUPPORTED_ROLES[name.lower()]} ({name}) is installed and does not work after sysprep; "
                "remove it and install it on the virtual machines created from the image.",
            )
    if facts.get("upgrades") and not _is_upgradable(system):
        yield finding(
            "upgraded_system",
            f"Windows was upgraded from an earlier version ({facts['upgrades'][0]}), which sysprep does not support; use a "
            "new installation.",
        )
    rearm = facts.get("rearm_count")
    if rearm is not None and rearm <= 0:
        yield finding(
            "rearm_exhausted",
            "Windows cannot be rearmed again (0 left), and sysprep fails with 0xc004d307; use a new installation.",
        )


def system_warnings(facts: Mapping[str, Any]) -> Iterator[Finding]:
    """Properties of the installation that may cause sysprep to fail, now or in a later image."""
    if facts.get("upgrades") and _is_upgradable(facts.get("system") or {}):
        yield finding(
            "upgraded_system",
            f"Windows was upgraded from an earlier version ({facts['upgrades'][0]}), which sysprep supports on clients; apps that the "
            "upgrade left for one user may still cause it to fail.",
        )
    rearm = facts.get("rearm_count")
    if rearm is None and "rearm" not in (facts.get("failures") or {}) and "rearm_count" in facts:
        yield finding(
            "rearm_unknown",
            "Windows does not report the number of remaining rearms, so sysprep may fail with 0xc004d307.",
        )
    elif rearm is not None and 0 < rearm <= _FEW_REARMS:
        yield finding(
            "rearm_low",
            f"Windows can be rearmed only {rearm} more times, and every sysprep uses one rearm; build the next image from a new "
            "installation.",
        )


def _is_upgradable(system: Mapping[str, Any]) -> bool:
    build = str(system.get("version") or "").rpartition(".")[2]
    return system.get("product_type") == _CLIENT and build.isdigit() and int(build) >= _UPGRADES_SUPPORTED


ACCEPTABLE = ("domain_member", "rearm_exhausted", "server_role_unsupported", "upgraded_system")
