# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network configuration that is only valid on this machine, and how it is changed; reads only."""

from __future__ import annotations

import os
import re

import deprovision_cloud_init as cloud_init
from deprovision_guest import Guest
from deprovision_text import without_lines

#: The interface of a virtual machine of Azure (hv_netvsc), for which udev has no other name.
FIRST_INTERFACE = re.compile(r"^(eth0|eth\*|e\*|en\* eth\*|\*)$")
#: Configuration files, and how the interface and a fixed address are recognised in them. Sources: interfaces(5), nm-settings-keyfile(5),
#: systemd.network(5), ifcfg(5) of wicked, netplan(5). In netplan, addresses of name servers have no prefix length.
FORMATS = (
    (
        ("/etc/network/interfaces", "/etc/network/interfaces.d/*"),
        r"^[ \t]*iface[ \t]+(\S+)[ \t]+inet6?[ \t]",
        r"^[ \t]*iface[ \t]+(?!lo\b)\S+[ \t]+inet[ \t]+static\b",
    ),
    (
        ("/etc/sysconfig/network-scripts/ifcfg-*", "/etc/sysconfig/network/ifcfg-*"),
        r"^[ \t]*DEVICE[ \t]*=[ \t]*[\"']?([^\"'\s]+)",
        r"^[ \t]*IPADDR\w*[ \t]*=[ \t]*[\"']?\d",
    ),
    (
        ("/etc/NetworkManager/system-connections/*",),
        r"^[ \t]*interface-name[ \t]*=[ \t]*(\S+)",
        r"^\[ipv4\](?:\n(?!\[).*)*\n[ \t]*method[ \t]*=[ \t]*manual",
    ),
    (("/etc/systemd/network/*.network",), r"^[ \t]*Name[ \t]*=[ \t]*(.+?)[ \t]*$", r"^[ \t]*Address[ \t]*=[ \t]*\d"),
    (
        ("/etc/netplan/*.yaml",),
        r"^[ \t]{4}(e\w+):",
        r"addresses:[ \t]*\[?[ \t]*(?:\n[ \t]*-[ \t]*)?[\"']?\d+(?:\.\d+){3}/\d",
    ),
)
NO_INTERFACE = ("lo",)


def network_facts(guest: Guest) -> dict:
    """Return the files with hardware addresses, the interfaces that are configured, and whether clones get another configuration."""
    return {
        "unwritten_by": cloud_init.network_disabled_by(guest),
        "hardware_addresses": hardware_addresses(guest),
        "interfaces": [each for patterns, name, fixed in FORMATS for each in interfaces(guest, patterns, name, fixed)],
    }


def hardware_addresses(guest: Guest) -> list[str]:
    """Return the files that bind the network to the hardware address of this machine, except for those that cloud-init rewrites."""
    is_rewritten = not cloud_init.network_disabled_by(guest)
    specs = guest.config["cleanup_specs"]
    rewritten = {
        path
        for spec in specs
        if is_rewritten and spec["what"] == "network configuration written by cloud-init"
        for path in matching(guest, spec)
    }
    found = [path for spec in specs if "hardware address" in spec["what"] for path in matching(guest, spec)]
    return [path for path in dict.fromkeys(found) if path not in rewritten]


def applies(guest: Guest, spec: dict, path: str) -> bool:
    """Return whether an entry of the vars files applies to a file."""
    is_file = os.path.isfile(guest.local_path(path))
    return is_file and ("contains" not in spec or bool(re.search(spec["contains"], guest.read(path), re.MULTILINE)))


def interfaces(guest: Guest, patterns: tuple[str, ...], name: str, fixed: str) -> list[dict]:
    """Return the interfaces in configuration files of one format, with path, name and whether the address is fixed."""
    found = []
    for path in dict.fromkeys(path for pattern in patterns for path in guest.find(pattern)):
        text = guest.read(path)
        if re.search(r"ifcfg-", path) and not re.search(name, text, re.MULTILINE):
            names = [os.path.basename(path).partition("-")[2]]
        else:
            names = re.findall(name, text, re.MULTILINE)
        is_fixed = bool(re.search(fixed, text, re.MULTILINE))
        found += [
            {"path": path, "name": each, "fixed": is_fixed} for each in dict.fromkeys(names) if each not in NO_INTERFACE
        ]
    return found


def without_hardware_address(guest: Guest, path: str) -> str | None:
    """Return the contents of a file without hardware addresses; an empty string if it is to be deleted, None if that is not possible."""
    text: str | None = guest.read(path)
    for spec in guest.config["cleanup_specs"]:
        if "hardware address" not in spec["what"] or text is None or path not in matching(guest, spec):
            continue
        if spec.get("action") == "lines":
            text = without_lines(text, spec["contains"])
        elif not spec.get("network"):
            text = ""
        elif path.startswith("/etc/netplan/"):
            # The address selects the interface: without it, the file is not valid. cloud-init writes one that is.
            text = None if cloud_init.network_disabled_by(guest) else ""
        elif path.startswith("/etc/systemd/network/"):
            text = matching_any_interface(text, spec["contains"])
        else:
            text = "".join(
                line for line in text.splitlines(True) if not re.search(spec["contains"], line, re.MULTILINE)
            )
    return text


def matching(guest: Guest, spec: dict) -> list[str]:
    """Return the files to which an entry of the vars files applies."""
    return [path for pattern in spec["paths"] for path in guest.find(pattern) if applies(guest, spec, path)]


def matching_any_interface(text: str, contains: str) -> str:
    """Return a file of systemd-networkd that matches each Ethernet interface instead of one hardware address; pure."""
    lines, section = [], ""
    for line in text.splitlines(True):
        section = line.strip() if line.strip().startswith("[") else section
        if not re.search(contains, line, re.MULTILINE):
            lines.append(line)
        elif section == "[Match]":
            lines.append("Type=ether\n")
    return "".join(lines)
