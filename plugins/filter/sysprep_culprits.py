# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read from sysprep's log what it failed at; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: sysprep_culprits
short_description: Find the causes of a sysprep failure in its log
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description: Searches the contents of C(setuperr.log) or C(setupact.log) for the causes of a sysprep failure, and returns
  them with their remedies.
options:
  _input:
    description: The contents of the log.
    type: str
    required: true
  started:
    description:
      - The time at which sysprep was started, by the clock of the guest, as V(YYYY-MM-DD HH:MM:SS). Earlier lines are ignored.
      - If it is empty, lines before the last start of sysprep that the log shows, or before an hour without lines, are ignored.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Show the causes of the sysprep failure
  ansible.builtin.debug:
    msg: "{{ log | golden.azure.sysprep_culprits }}"
"""

RETURN = r"""
_value:
  description: One sentence for each cause in the log of the last run.
  type: list
  elements: str
"""

from typing import Any


def sysprep_culprits(log: Any, started: str = "") -> list[str]:
    """Extract the causes of a sysprep failure from its log.

    :param log: the text of the log, of which the last run counts.
    :param started: see the documentation above.
    """
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.causes import causes
    from ansible_collections.golden.azure.plugins.plugin_utils._sysprep.log_lines import errors_of_last_run

    return causes(errors_of_last_run(str(log or ""), started))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Any]:
        """Name them."""
        return {"sysprep_culprits": sysprep_culprits}
