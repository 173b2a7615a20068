# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Summarize the report of a refresh in a few lines; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_summary
short_description: Summarize the report of a refresh in a few lines
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Returns the number of images for each result, the times, and for each image its result and the reason.
  - For failed images, it returns the cause and the remedy. The last lines contain the commands to continue with.
options:
  _input:
    description: Report, as returned by P(golden.azure.refresh_report#filter).
    type: dict
    required: true
  page:
    description: Path of the HTML page, for the last line.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the results of the refresh
  ansible.builtin.debug:
    msg: "{{ refresh | golden.azure.refresh_summary }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any


def refresh_summary(report: Mapping[str, Any], page: str = "") -> list[str]:
    """The report in lines."""
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils._refresh.terminal_summary import summary_lines

    return summary_lines(report, page)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"refresh_summary": refresh_summary}
