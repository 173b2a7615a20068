# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts of the inventory that match patterns."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.guard import InternalsChanged, expect, relying_on

try:
    from ansible.plugins.loader import lookup_loader
except ImportError:
    lookup_loader = None


def matching_hosts(lookup: LookupBase, patterns: Iterable[str], variables: Mapping[str, Any]) -> list[str]:
    """The hosts that match patterns, with Ansible's own matching.

    If Ansible's own lookup cannot be called, the documented variable ``groups`` is used: names and wildcards, separated by commas
    or colons.

    :param lookup: the calling lookup plugin.
    :param variables: the variables that Ansible passes to it.
    """
    wanted = list(patterns)
    try:
        with relying_on("lookup_loader"):
            name = "ansible.builtin.inventory_hostnames"
            plugin = lookup_loader.get(name, loader=lookup._loader, templar=lookup._templar)
            found = plugin.run(wanted, variables=variables)
        expect(found, list, "inventory_hostnames")
        return [str(host) for host in found]
    except InternalsChanged:
        return _by_groups(wanted, variables.get("groups") or {})


def _by_groups(patterns: Iterable[str], groups: Mapping[str, Iterable[str]]) -> list[str]:
    parts = [part.strip() for pattern in patterns for part in pattern.replace(":", ",").split(",") if part.strip()]
    hosts = [str(host) for host in groups.get("all", [])]

    def members(part: str) -> set[str]:
        in_groups = {str(host) for name, names in groups.items() if fnmatch.fnmatchcase(name, part) for host in names}
        return in_groups | {host for host in hosts if fnmatch.fnmatchcase(host, part)}

    found: set[str] = set()
    for part in sorted(parts, key=lambda part: part.startswith("&") + 2 * part.startswith("!")):
        if part.startswith("!"):
            found -= members(part[1:])
        elif part.startswith("&"):
            found &= members(part[1:])
        else:
            found |= members(part)
    return [host for host in hosts if host in found]
