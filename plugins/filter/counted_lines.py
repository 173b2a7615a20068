# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Group entries by what they are; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: counted_lines
short_description: Group the entries of a list into lines
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Returns a line for each kind of entry. Several entries of the same kind are counted.
options:
  _input:
    description: Entries in the format V(kind:) followed by a space and a detail.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Show what was removed
  ansible.builtin.debug:
    msg: "{{ linux_deprovision_result.removed | default(['log: /var/log/wtmp']) | golden.azure.counted_lines }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Iterable
from typing import Any

#: The maximum number of details in a line; further ones are counted.
_MAX_DETAILS = 8


def counted_lines(entries: Iterable[str]) -> list[str]:
    """A line for each kind of entry."""
    kinds: dict[str, list[str]] = {}
    for entry in entries:
        kind, _colon, detail = str(entry).partition(": ")
        kinds.setdefault(kind, []).append(detail)
    return [_line(kind, details) for kind, details in kinds.items()]


def _line(kind: str, details: list[str]) -> str:
    if len(details) == 1:
        return f"{kind}: {details[0]}" if details[0] else kind
    more = len(details) - _MAX_DETAILS
    shown = ", ".join(details[:_MAX_DETAILS])
    return f"{kind} ({len(details)}): {shown}{f' and {more} more' if more > 0 else ''}"


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"counted_lines": counted_lines}
