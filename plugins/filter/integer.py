# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert to an integer, and refuse invalid values; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: integer
short_description: Convert a value to an integer, or fail
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Converts a value to an integer, like the option type C(int).
  - If the value is not an integer, the task fails with a one-sentence error, whereas the built-in filter C(int) returns 0.
options:
  _input:
    description: The value. Can be a string.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Show a number
  ansible.builtin.debug:
    msg: "{{ '300' | golden.azure.integer }}"
"""

RETURN = r"""
_value:
  description: The number.
  type: int
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.module_utils._core.conversions import NotConvertible, to_integer


def integer(value: Any) -> int:
    """The number.

    :raises AnsibleFilterError: for an invalid value.
    """
    try:
        return to_integer(value)
    except NotConvertible as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"integer": integer}
