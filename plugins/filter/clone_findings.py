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
  description: The findings. Empty if there are none.
  type: list
  elements: dict
  contains:
    code:
      description: C(clone_identity_shared), C(clone_identity_missing), C(clone_hostname_default) or C(clone_user_exists).
      type: str
    identity:
      description: Of a shared or missing identity, which one, such as C(machine_id), C(host_key) or an entry of the roles' tables of
        identities.
      type: str
    message:
      description: One sentence.
      type: str
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
#: Those of which it has several, below the plural of their names.
_SEVERAL = {"host_key": "SSH host key", "winrm_key": "certificate of WinRM"}


def clone_findings(machines: Any, source: Any = None, absent_users: Any = ()) -> list[dict[str, str]]:
    """Findings about shared identities.

    :param machines: identities of virtual machines created from the image.
    :param source: identity of the source virtual machine, if known.
    :param absent_users: users who must not exist.
    """
    clones = list(machines or [])
    return [
        *(fault for clone in clones for fault in _own_blockers(clone, absent_users or ())),
        *(
            fault
            for one, other in combinations([*clones, *([source] if source else [])], 2)
            for fault in _shared_blockers(one, other)
        ),
    ]


def _own_blockers(clone: dict[str, Any], absent_users: Any) -> Iterator[dict[str, str]]:
    yield from _windows_blockers(clone) if clone.get("system") == "windows" else _linux_blockers(clone)
    if clone["hostname"].lower() in _NO_HOSTNAMES:
        yield _finding("clone_hostname_default", f"{clone['name']} has the default hostname '{clone['hostname']}'.")
    for user in absent_users:
        if user in clone["users"]:
            yield _finding("clone_user_exists", f"{clone['name']} still has the user '{user}'.")


def _linux_blockers(clone: dict[str, Any]) -> Iterator[dict[str, str]]:
    if not _MACHINE_ID.match(clone["machine_id"]):
        yield _missing_blocker(clone, "machine_id", "machine-id")
    if not clone["host_keys"]:
        yield _missing_blocker(clone, "host_key", "SSH host key")


def _windows_blockers(clone: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Windows has neither sshd nor an HTTPS listener by default."""
    if not _MACHINE_SID.match(clone["machine_sid"]):
        yield _missing_blocker(clone, "machine_sid", "machine SID")
    if not clone["machine_guid"]:
        yield _missing_blocker(clone, "machine_guid", "MachineGuid")


def _shared_blockers(one: dict[str, Any], other: dict[str, Any]) -> Iterator[dict[str, str]]:
    both = f"{one['name']} and {other['name']}"
    for key, what in _SINGLE.items():
        if one.get(key) and str(one[key]).lower() == str(other.get(key)).lower():
            yield _finding("clone_identity_shared", f"{both} have the same {what} ({one[key]}).", key)
    for key, what in _SEVERAL.items():
        if set(one.get(f"{key}s", [])) & set(other.get(f"{key}s", [])):
            yield _finding("clone_identity_shared", f"{both} have the same {what}.", key)
    for shared in sorted(set(one.get("identities", [])) & set(other.get("identities", []))):
        entry, path = parse_shared_identity(shared)
        yield _finding("clone_identity_shared", f"{both} have the same {path} ({entry}).", entry)


def _missing_blocker(clone: dict[str, Any], identity: str, what: str) -> dict[str, str]:
    return _finding("clone_identity_missing", f"{clone['name']} has no {what}.", identity)


def _finding(code: str, message: str, identity: str | None = None) -> dict[str, str]:
    return (
        {"code": code, "message": message}
        if identity is None
        else {"code": code, "identity": identity, "message": message}
    )


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"clone_findings": clone_findings}
