# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recommend variables of the capture playbooks to replace unsupported ones; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_advice
short_description: Recommend variables to replace unsupported ones
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Of a plan of M(golden.azure.vm_image_capture) that is blocked since no target is named, or one that Azure does not make of
    this machine, gives what to add to the command line of capture_linux or capture_windows.
options:
  _input:
    description: The plan, as the module returns it.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show it
  ansible.builtin.debug:
    msg: "{{ {'blockers': []} | golden.azure.capture_advice }}"
"""

RETURN = r"""
_value:
  description: A sentence; empty where the plan has no such blocker.
  type: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils.capture_arguments import advice


def capture_advice(plan: Mapping[str, Any]) -> str:
    """The sentence."""
    return advice(plan)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Its name."""
        return {"capture_advice": capture_advice}
