# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Say which agents, registrations and keys the machines of an image share; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: clone_warnings
short_description: Say which agents, registrations and keys the machines of an image share
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Compares virtual machines that were created from the same image with each other, and with the source virtual machine of the
    image, by the tables of the roles P(golden.azure.linux_deprovision#role) and
    P(golden.azure.windows_sysprep#role).
  - What they share is not always an error, as it may be meant to be in the image.
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
"""

EXAMPLES = r"""
- name: Say what deserves attention
  ansible.builtin.debug:
    msg: "{{ [first, second] | golden.azure.clone_warnings(source_identity) | map(attribute='message') }}"
"""

RETURN = r"""
_value:
  description: A code, the entry of the table and a message for each; empty if there is none.
  type: list
  elements: dict
"""

from itertools import combinations
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils.known_identity import parse_shared_identity


def clone_warnings(machines: Any, source: Any = None) -> list[dict[str, str]]:
    """Warnings about what machines share.

    :param machines: identities of virtual machines created from the image.
    :param source: identity of the source virtual machine, if known.
    """
    pairs = combinations([*(machines or []), *([source] if source else [])], 2)
    shared = {
        (each, one.get("system") == "windows")
        for one, other in pairs
        for each in set(one.get("agents", [])) & set(other.get("agents", []))
    }
    return [_warning(*parse_shared_identity(each), windows) for each, windows in sorted(shared)]


def _warning(entry: str, path: str, windows: bool) -> dict[str, str]:
    way = "the action 'known_agents' of windows_sysprep" if windows else "linux_deprovision_known_agents"
    return {
        "code": "known_identity_shared",
        "identity": entry,
        "message": f"The machines have the same {path} ({entry}): prepare the source with {way}, or remove it "
        "yourself, if it must not be shared.",
    }


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Its name."""
        return {"clone_warnings": clone_warnings}
