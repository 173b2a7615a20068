# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Convert to a boolean, and refuse invalid values; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: boolean
short_description: Convert a value to a boolean, or fail
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description:
  - Converts a value to a boolean, like the option type C(bool).
  - If the value is not a boolean, the task fails with a one-sentence error, whereas the built-in filter C(bool) returns
    false.
options:
  _input:
    description: The value. Can be a string.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Show a boolean
  ansible.builtin.debug:
    msg: "{{ 'yes' | golden.azure.boolean }}"
"""

RETURN = r"""
_value:
  description: The boolean.
  type: bool
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.module_utils._core.conversions import NotConvertible, to_boolean


def boolean(value: Any) -> bool:
    """The boolean.

    :raises AnsibleFilterError: for an invalid value.
    """
    try:
        return to_boolean(value)
    except NotConvertible as error:
        raise AnsibleFilterError(str(error)) from None


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"boolean": boolean}
