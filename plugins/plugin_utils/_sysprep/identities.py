# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identities of agents and registrations in the role's table; pure.

The table is vars/known_identities.yml of the role. The facts contain the entries that the guest has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.finding import Finding, finding
from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.removal import removal

ACTION = "known_agents"
_REQUEST = "request"


def removable_identities(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The entries that the action known_agents removes."""
    return [entry for entry in facts.get("known_identities") or [] if entry.get("removal") == _REQUEST]


def identity_removals(facts: Mapping[str, Any], actions: Sequence[str]) -> list[dict[str, Any]]:
    """The paths that the action known_agents deletes."""
    if ACTION not in actions:
        return []
    return [
        removal(
            ACTION,
            path,
            f"{entry['what']}: {entry['advice']}",
            str(entry.get("source")),
            services=entry.get("services") or [],
        )
        for entry in removable_identities(facts)
        for path in entry.get("paths") or []
    ]


def identity_warnings(facts: Mapping[str, Any], actions: Sequence[str]) -> Iterator[Finding]:
    """Warnings for the entries that remain in the image."""
    for entry in facts.get("known_identities") or []:
        requested = entry.get("removal") == _REQUEST
        if requested and ACTION in actions:
            continue
        where = ", ".join(str(each) for each in entry.get("paths") or entry.get("services") or [])
        remedy = f"remove with the action '{ACTION}', as {entry.get('advice')}" if requested else entry.get("advice")
        yield finding(
            "agent_with_identity",
            f"The image will contain {entry.get('what')} ({where}), with which all virtual machines created from the image would "
            f"identify themselves: {remedy}.",
        )
