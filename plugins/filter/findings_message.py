# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Join findings to one message; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: findings_message
short_description: Join findings to one message
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Joins the messages of findings, each with its code in parentheses.
options:
  _input:
    description: Findings with V(message) and V(code), as returned by P(golden.azure.variable_findings#filter).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Validate the variables
  ansible.builtin.assert:
    that: findings | length == 0
    quiet: true
    fail_msg: "{{ findings | golden.azure.findings_message }}"
  vars:
    findings: "{{ {'web_timeout': 3600} | golden.azure.variable_findings('numbers') }}"
"""

RETURN = r"""
_value:
  description: The messages. Empty if there are no findings.
  type: str
"""

from collections.abc import Iterable, Mapping
from typing import Any


def findings_message(findings: Iterable[Mapping[str, Any]]) -> str:
    """All messages, each with its code."""
    return " ".join(f"{str(finding['message']).strip()} ({finding['code']})" for finding in findings)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"findings_message": findings_message}
