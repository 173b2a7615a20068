# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The name of the guest, and where it is written besides."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_leftover import Leftover

NO_HOSTNAMES = ("", "localhost", "localhost.localdomain")

#: Lines by which a DHCP client says the name of the guest, and what they become; the Azure agent writes them, too (set_dhcp_hostname in
#: azurelinuxagent/common/osutil). In each, the name is the group.
NAME_LINES = {
    "/etc/HOSTNAME": (r"^(.*)$", ""),
    "/etc/sysconfig/network": (r'^HOSTNAME="?([^"\n]*)"?$', ""),
    "/etc/sysconfig/network-scripts/ifcfg-*": (r'^DHCP_HOSTNAME="?([^"\n]*)"?$', ""),
    "/etc/sysconfig/network/dhcp": (r'^DHCLIENT_HOSTNAME_OPTION="([^"\n]*)"$', 'DHCLIENT_HOSTNAME_OPTION="AUTO"'),
    "/etc/dhcp/dhclient.conf": (r'^\s*send\s+host-name\s+"([^"\n]*)"\s*;.*$', ""),
    "/etc/dhclient.conf": (r'^\s*send\s+host-name\s+"([^"\n]*)"\s*;.*$', ""),
}


def hostname_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield the name of the guest where it is still its own."""
    name = guest.read("/etc/hostname").strip()
    if name not in NO_HOSTNAMES:
        yield Leftover(
            "hostname",
            [f"/etc/hostname ({name})"],
            lambda: guest.replace("/etc/hostname", "localhost.localdomain\n"),
            critical=True,
        )
    # The agent may have renamed the guest already: cloud-init remembers the name it gave.
    names = {name, *guest.config.get("hostnames", [])} - set(NO_HOSTNAMES)
    text = guest.read("/etc/hosts")
    kept, listed = without_names(text, names), ", ".join(sorted(names))
    if kept != text:
        yield Leftover(
            "name of the guest",
            [f"/etc/hosts ({listed})"],
            lambda: guest.replace("/etc/hosts", kept),
        )
    yield from dhcp_name_leftovers(guest, names)


def dhcp_name_leftovers(guest: Guest, names: set[str]) -> Iterator[Leftover]:
    """Yield the files by which a clone would say the name of this guest, or the one that the agent gave it."""
    for pattern, (line, instead) in NAME_LINES.items():
        for path in guest.find(pattern):
            if os.path.islink(guest.at(path)):
                continue
            text = guest.read(path)
            found = sorted({name for name in re.findall(line, text, re.MULTILINE) if _is_its_own(name, names)})
            if found:
                kept = _without_lines(text, line, found, instead)
                yield Leftover(
                    "name of the guest",
                    [f"{path} ({', '.join(found)})"],
                    lambda path=path, kept=kept: guest.replace(path, kept),
                )


def _is_its_own(name: str, names: set[str]) -> bool:
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


def without_names(text: str, names: set[str]) -> str:
    """Return a hosts file without these names; a line which has no other names goes."""
    lines = []
    for line in text.split("\n"):
        fields = line.split("#")[0].split()
        own = [field for field in fields[1:] if field in names or field.split(".")[0] in names]
        if not own:
            lines.append(line)
        elif len(own) < len(fields) - 1:
            lines.append(" ".join(field for field in fields if field not in own))
    return "\n".join(lines)
