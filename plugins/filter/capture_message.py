# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Describe why a capture is blocked, with variables of the capture playbooks; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_message
short_description: Describe why a capture is blocked, with variables instead of module options
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Returns the message of M(golden.azure.vm_image_capture) with the variables of the playbooks capture_linux and capture_windows instead of
    the options of the module, and with the codes of the blockers or the error.
options:
  _input:
    description: The result of the module.
    type: dict
    required: true
  types:
    description: The types of the variables, and the options that they are for.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the message
  ansible.builtin.debug:
    msg: "{{ {'msg': 'Blocked.'} | golden.azure.capture_message({}) }}"
"""

RETURN = r"""
_value:
  description: The message.
  type: str
"""

from collections.abc import Mapping
from typing import Any


def capture_message(result: Mapping[str, Any], types: Mapping[str, Mapping[str, Any]]) -> str:
    """The message."""
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils.capture_arguments import message

    return message(result, types)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"capture_message": capture_message}
