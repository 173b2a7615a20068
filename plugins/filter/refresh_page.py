# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Render the report of a refresh as a page; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_page
short_description: Render the report of a refresh as an HTML page
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Renders a self-contained HTML page. The page contains no scripts, and its content security policy prevents scripts from
    running.
  - Values from guests and from Azure are escaped.
options:
  _input:
    description: Report, as returned by P(golden.azure.refresh_report#filter).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Write the page
  ansible.builtin.copy:
    content: "{{ refresh | golden.azure.refresh_page }}"
    dest: refresh.html
    mode: "0600"
"""

RETURN = r"""
_value:
  description: The HTML page.
  type: str
"""

from collections.abc import Mapping
from typing import Any


def refresh_page(report: Mapping[str, Any]) -> str:
    """The page of a report."""
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils._report.page import render_page

    return render_page(report)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"refresh_page": refresh_page}
