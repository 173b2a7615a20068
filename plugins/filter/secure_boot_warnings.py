# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Warn about virtual machines of an image whose Secure Boot uses expired certificates; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: secure_boot_warnings
short_description: Warn about virtual machines of an image whose Secure Boot uses expired certificates
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Evaluates the identities of virtual machines, as returned by the filter P(golden.azure.clone_identity#filter).
options:
  _input:
    description: The identities.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the warnings
  ansible.builtin.debug:
    msg: "{{ [first, second] | golden.azure.secure_boot_warnings | map(attribute='message') }}"
"""

RETURN = r"""
_value:
  description: A code and a message for each virtual machine with outdated certificates. Empty if there are none.
  type: list
  elements: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils import secure_boot


def secure_boot_warnings(machines: Iterable[Mapping[str, Any]] | None) -> list[dict[str, str]]:
    """A warning for each virtual machine that uses the certificates from 2011."""
    return [
        {"code": "secure_boot_outdated", "message": secure_boot.outdated_message(str(machine.get("name")))}
        for machine in machines or ()
        if _is_outdated(machine.get("secure_boot"))
    ]


def _is_outdated(reported: Any) -> bool:
    """Whether the certificates are outdated: Windows reports the state of the update, Linux the certificates."""
    return (
        secure_boot.is_outdated(reported)
        if isinstance(reported, Mapping)
        else reported == secure_boot.CERTIFICATES_OF_2011
    )


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"secure_boot_warnings": secure_boot_warnings}
