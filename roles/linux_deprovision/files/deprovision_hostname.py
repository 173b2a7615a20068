# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The hostname of the guest, and other files that contain it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_cleanup_item import CleanupItem
from deprovision_guest import Guest

GENERIC_HOSTNAMES = ("", "localhost", "localhost.localdomain")

#: Lines that configure the hostname that a DHCP client sends, and their replacements; the Azure agent writes such lines, too
#: (set_dhcp_hostname in azurelinuxagent/common/osutil). The group in each pattern is the hostname.
DHCP_HOSTNAME_LINES = {
    "/etc/HOSTNAME": (r"^(.*)$", ""),
    "/etc/sysconfig/network": (r'^HOSTNAME="?([^"\n]*)"?$', ""),
    "/etc/sysconfig/network-scripts/ifcfg-*": (r'^DHCP_HOSTNAME="?([^"\n]*)"?$', ""),
    "/etc/sysconfig/network/dhcp": (r'^DHCLIENT_HOSTNAME_OPTION="([^"\n]*)"$', 'DHCLIENT_HOSTNAME_OPTION="AUTO"'),
    "/etc/dhcp/dhclient.conf": (r'^\s*send\s+host-name\s+"([^"\n]*)"\s*;.*$', ""),
    "/etc/dhclient.conf": (r'^\s*send\s+host-name\s+"([^"\n]*)"\s*;.*$', ""),
}


def hostname_items(guest: Guest) -> Iterator[CleanupItem]:
    """Yield the hostname of the guest, unless it is generic."""
    name = guest.read("/etc/hostname").strip()
    if name not in GENERIC_HOSTNAMES:
        yield CleanupItem(
            "hostname",
            [f"/etc/hostname ({name})"],
            lambda: guest.replace("/etc/hostname", "localhost.localdomain\n"),
            critical=True,
        )
    # The agent may have renamed the guest already; `hostnames` are its names before.
    names = {name, *guest.config.get("hostnames", [])} - set(GENERIC_HOSTNAMES)
    text = guest.read("/etc/hosts")
    kept, listed = without_hostnames(text, names), ", ".join(sorted(names))
    if kept != text:
        yield CleanupItem(
            "hostname",
            [f"/etc/hosts ({listed})"],
            lambda: guest.replace("/etc/hosts", kept),
        )
    yield from dhcp_hostname_items(guest, names)


def dhcp_hostname_items(guest: Guest, names: set[str]) -> Iterator[CleanupItem]:
    """Yield the files that would cause a clone to send the hostname of this guest, or the one that the agent has set."""
    for pattern, (line, instead) in DHCP_HOSTNAME_LINES.items():
        for path in guest.find(pattern):
            if os.path.islink(guest.local_path(path)):
                continue
            text = guest.read(path)
            found = sorted({name for name in re.findall(line, text, re.MULTILINE) if _is_guest_name(name, names)})
            if found:
                kept = _without_lines(text, line, found, instead)
                yield CleanupItem(
                    "hostname",
                    [f"{path} ({', '.join(found)})"],
                    lambda path=path, kept=kept: guest.replace(path, kept),
                )


def _is_guest_name(name: str, names: set[str]) -> bool:
    return name == "localhost.localdomain" or (
        bool(name) and (name in names or name.split(".", maxsplit=1)[0] in names)
    )


def _without_lines(text: str, line: str, names: list[str], instead: str) -> str:
    kept = []
    for each in text.split("\n"):
        match = re.match(line, each)
        if not match or match.group(1) not in names:
            kept.append(each)
        elif instead:
            kept.append(instead)
    return "\n".join(kept)


def without_hostnames(text: str, names: set[str]) -> str:
    """Return a hosts file without these names. A line without other names is removed."""
    lines = []
    for line in text.split("\n"):
        fields = line.split("#")[0].split()
        own = [field for field in fields[1:] if field in names or field.split(".")[0] in names]
        if not own:
            lines.append(line)
        elif len(own) < len(fields) - 1:
            lines.append(" ".join(field for field in fields if field not in own))
    return "\n".join(lines)
