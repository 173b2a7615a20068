# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recommend variables of the capture playbooks to replace unsupported ones; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_advice
short_description: Suggest variables for a capture whose targets are not possible
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - For a plan of M(golden.azure.vm_image_capture) that is blocked because no target is specified, or because Azure cannot
    create the target from the virtual machine, returns the variables to add to the command line of capture_linux or
    capture_windows.
options:
  _input:
    description: The plan, as returned by the module.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the suggestion
  ansible.builtin.debug:
    msg: "{{ {'blockers': []} | golden.azure.capture_advice }}"
"""

RETURN = r"""
_value:
  description: One sentence. Empty if the plan has no such blocker.
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
