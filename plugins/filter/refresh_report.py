# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Combine the records of a refresh into a report; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_report
short_description: Combine the records of a refresh into a report
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Combines the records that the role P(golden.azure.golden_image#role) creates for each image into the report of
  a run.
options:
  _input:
    description: The records.
    type: list
    elements: dict
    required: true
  run:
    description: Name of the run.
    type: str
    required: true
  expected:
    description: Names of the images that were to be refreshed. An image without a record counts as failed.
    type: list
    elements: str
    default: []
  in_awx:
    description: Whether the report is for users of AWX, who start job templates instead of commands.
    type: bool
    default: false
  inventory:
    description: The sources of the inventory, for the commands that the report contains.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Combine the records of all slices
  ansible.builtin.set_fact:
    refresh: "{{ q('vars', *q('varnames', '^golden_image__')) | golden.azure.refresh_report(run='2026-11') }}"
"""

RETURN = r"""
_value:
  description:
    - The schema version, run, in_awx, inventory, started, finished, seconds, longest (name and seconds of the image that took longest),
      counts (the number of images for each result), and images, with the failed images first.
  type: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError


def refresh_report(
    records: Iterable[Mapping[str, Any]],
    run: str,
    expected: Iterable[str] = (),
    in_awx: bool = False,
    inventory: Iterable[str] = (),
) -> dict[str, Any]:
    """The report of a run.

    :raises AnsibleFilterError: for an invalid record.
    """
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils._refresh.run import InvalidRecord, build_report

    try:
        return build_report(records, run, expected, in_awx, inventory)
    except InvalidRecord as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"refresh_report": refresh_report}
