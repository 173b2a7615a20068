# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check whether guests have unique identities; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: clone_findings
short_description: Check whether guests have unique identities
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Compares virtual machines that were created from the same image with each other, and with the source virtual machine of
    the image.
  - Identifiers that these virtual machines share were not removed from the source before it was captured.
options:
  _input:
    description: Identities of the virtual machines, as returned by the filter P(golden.azure.clone_identity#filter).
    type: list
    elements: dict
    required: true
  source:
    description: Identity of the source virtual machine, from before it was prepared.
    type: dict
    default: {}
  absent_users:
    description: Names of users that must not exist.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Check that both guests have unique identities
  ansible.builtin.assert:
    that: "[first, second] | golden.azure.clone_findings(source_identity, ['azureuser']) == []"
"""

RETURN = r"""
_value:
  description: One sentence for each finding. Empty if there are none.
  type: list
  elements: str
"""

import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils.known_identity import parse_shared_identity

_MACHINE_ID = re.compile(r"^[0-9a-f]{32}$")
_MACHINE_SID = re.compile(r"^S-1-5-21-\d+-\d+-\d+$")
_NO_HOSTNAMES = ("", "localhost", "localhost.localdomain")
#: Identifiers that a machine has once, and what they are called.
_SINGLE = {
    "machine_id": "machine-id",
    "machine_sid": "machine SID",
    "machine_guid": "MachineGuid",
    "hostname": "hostname",
    "boot_id": "boot id",
}


def clone_findings(machines: Any, source: Any = None, absent_users: Any = ()) -> list[str]:
    """Findings about shared identities.

    :param machines: identities of virtual machines created from the image.
    :param source: identity of the source virtual machine, if known.
    :param absent_users: users who must not exist.
    """
    clones = list(machines or [])
    return [
        *(fault for clone in clones for fault in _own(clone, absent_users or ())),
        *(
            fault
            for one, other in combinations([*clones, *([source] if source else [])], 2)
            for fault in _shared(one, other)
        ),
    ]


def _own(clone: dict[str, Any], absent_users: Any) -> Iterator[str]:
    yield from _missing_of_windows(clone) if clone.get("system") == "windows" else _missing_of_linux(clone)
    if clone["hostname"].lower() in _NO_HOSTNAMES:
        yield f"{clone['name']} has the default hostname '{clone['hostname']}'."
    for user in absent_users:
        if user in clone["users"]:
            yield f"{clone['name']} still has the user '{user}'."


def _missing_of_linux(clone: dict[str, Any]) -> Iterator[str]:
    if not _MACHINE_ID.match(clone["machine_id"]):
        yield f"{clone['name']} has no machine-id."
    if not clone["host_keys"]:
        yield f"{clone['name']} has no SSH host key."


def _missing_of_windows(clone: dict[str, Any]) -> Iterator[str]:
    """Windows has neither sshd nor an HTTPS listener by default."""
    if not _MACHINE_SID.match(clone["machine_sid"]):
        yield f"{clone['name']} has no machine SID."
    if not clone["machine_guid"]:
        yield f"{clone['name']} has no MachineGuid."


def _shared(one: dict[str, Any], other: dict[str, Any]) -> Iterator[str]:
    both = f"{one['name']} and {other['name']}"
    for key, what in _SINGLE.items():
        if one.get(key) and str(one[key]).lower() == str(other.get(key)).lower():
            yield f"{both} have the same {what} ({one[key]})."
    for key, what in (("host_keys", "SSH host key"), ("winrm_keys", "certificate of WinRM")):
        if set(one.get(key, [])) & set(other.get(key, [])):
            yield f"{both} have the same {what}."
    for shared in sorted(set(one.get("identities", [])) & set(other.get("identities", []))):
        entry, path = parse_shared_identity(shared)
        yield f"{both} have the same {path} ({entry})."


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"clone_findings": clone_findings}
