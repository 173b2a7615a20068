# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Validate the variables of a role or a playbook; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: variable_findings
short_description: Validate the variables of a role or a playbook
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Performs checks in addition to the option types. Numbers must be 1 or more, reserved tags of this collection must not be
    set, and values that would extend the scope of a task must not be empty. Names and other strings must not be lists or
    dictionaries, and parameters of scripts must have values.
options:
  _input:
    description: The values, by variable name.
    type: dict
    required: true
  kind:
    description: Kind of the values.
    type: str
    choices: [names, numbers, parameters, tags, texts, types]
    required: true
  zero:
    description: Names of the numbers that can be 0.
    type: list
    elements: str
    default: []
  decimal:
    description: Names of the numbers that can be decimal.
    type: list
    elements: str
    default: []
  specification:
    description:
      - The types of the variables, in the format of the options in an argument specification of a role. For V(names), the variables that
        exist.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Fail for invalid numbers
  ansible.builtin.fail:
    msg: "{{ item.message }}"
  loop: "{{ {'web_timeout': web_timeout} | golden.azure.variable_findings('numbers') }}"
  loop_control:
    label: "{{ item.code }}"
"""

RETURN = r"""
_value:
  description: A code and a message for each error. Empty if there are none.
  type: list
  elements: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError


def variable_findings(
    values: Mapping[str, Any],
    kind: str,
    zero: Iterable[str] = (),
    decimal: Iterable[str] = (),
    specification: Mapping[str, Any] | None = None,
) -> list[dict[str, str]]:
    """The findings about variables.

    :raises AnsibleFilterError: for an unknown kind.
    """
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils import findings

    if kind == "names":
        return list(findings.name_findings(values, specification or {}))
    if kind == "numbers":
        return list(findings.number_findings(values, zero, decimal))
    if kind == "parameters":
        return list(findings.script_findings(values))
    if kind == "tags":
        return list(findings.tag_findings(values))
    if kind == "texts":
        return list(findings.empty_findings(values))
    if kind == "types":
        return list(findings.type_findings(values, specification or {}))
    raise AnsibleFilterError(
        f"variable_findings supports names, numbers, parameters, tags, texts and types, not '{kind}'."
    )


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"variable_findings": variable_findings}
