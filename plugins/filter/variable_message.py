# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert options in the message of a module to variables of a role or a playbook; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: variable_message
short_description: Convert options in the message of a module to variables
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Returns the message of a module with the variables of a role or a playbook instead of the options of the module.
options:
  _input:
    description: The result of a module of this collection, whose codes are added to the message, or a message.
    type: raw
    required: true
  variables:
    description: The names of the variables, by option. Nested options contain dots.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the message
  ansible.builtin.debug:
    msg: "{{ message | golden.azure.variable_message({'max_removals': 'web_max_removals'}) }}"
  vars:
    message: Increase 'max_removals'.
"""

RETURN = r"""
_value:
  description: The message.
  type: str
"""

from collections.abc import Mapping
from typing import Any


def variable_message(result: Mapping[str, Any] | str, variables: Mapping[str, str]) -> str:
    """The message."""
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils.variable_message import message

    return message(result, variables)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"variable_message": variable_message}
