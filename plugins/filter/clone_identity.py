# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parse the identity of a guest; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: clone_identity
short_description: Parse the identity of a guest
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description: Parses the output that one of the scripts of the role P(golden.azure.image_verify#role) printed in a guest.
options:
  _input:
    description: The output of the script.
    type: str
    required: true
  name:
    description: Name of the guest in findings.
    type: str
    default: the source
"""

EXAMPLES = r"""
- name: Store the identity of a guest before it is prepared
  ansible.builtin.set_fact:
    source_identity: "{{ answer.stdout | golden.azure.clone_identity('web') }}"
"""

RETURN = r"""
_value:
  description: >-
    A dictionary with the keys name, system (V(windows), empty for Linux), hostname, host_keys (digests), users (names), identities and
    agents (what else identifies the guest, by the tables of the roles P(golden.azure.linux_deprovision#role) and
    P(golden.azure.windows_sysprep#role): an entry, a path and a digest) and secure_boot (V(2011) or V(2023), the certificates that Secure
    Boot uses; empty if it is off; on Windows, the state of their update). Of Linux, machine_id and boot_id. Of Windows, machine_sid,
    machine_guid, image_state and winrm_keys (thumbprints of the certificates of HTTPS listeners).
  type: dict
"""

import json
from typing import Any

_SINGLE = ("system", "machine_id", "boot_id", "hostname", "secure_boot", "machine_sid", "machine_guid", "image_state")
_MANY = {
    "host_key": "host_keys",
    "winrm_key": "winrm_keys",
    "user": "users",
    "identity": "identities",
    "agent": "agents",
}


def clone_identity(answer: Any, name: str = "the source") -> dict[str, Any]:
    """Parse the script's output; missing values are empty.

    :param answer: lines of a word and a value.
    :param name: the name of the guest.
    """
    identity: dict[str, Any] = {"name": name, **dict.fromkeys(_SINGLE, "")}
    identity.update({key: [] for key in _MANY.values()})
    for line in str(answer or "").splitlines():
        word, _space, value = line.strip().partition(" ")
        if word in _SINGLE:
            identity[word] = _value(value.strip())
        elif word in _MANY and value.strip():
            identity[_MANY[word]].append(value.strip())
    return identity


def _value(text: str) -> Any:
    """Windows tells several things of Secure Boot at once."""
    try:
        return json.loads(text) if text.startswith("{") else text
    except ValueError:
        return ""


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"clone_identity": clone_identity}
