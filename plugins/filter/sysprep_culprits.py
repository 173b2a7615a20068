# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find the causes of a sysprep failure in its log; pure."""

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
"""

EXAMPLES = r"""
- name: Show the causes of the sysprep failure
  ansible.builtin.debug:
    msg: "{{ log | golden.azure.sysprep_culprits }}"
"""

RETURN = r"""
_value:
  description: One sentence for each cause in the log of the last run, the most specific first.
  type: list
  elements: str
"""

import re
from typing import Any

#: The first line of each run of sysprep in its log.
_RUN = "Beginning of a new sysprep run"

#: Patterns of log messages, and their meanings. The messages are from logs quoted by users: actions/runner-images#14499 and #9659,
#: microsoft/winget-cli#5599, hashicorp/packer#8428.
_KNOWN = (
    (
        re.compile(r"Package (\S+) was installed for a user, but not provisioned for all users", re.IGNORECASE),
        "The AppX package {0} was installed for a user and not provisioned for all users: remove it, or provision it.",
    ),
    (
        re.compile(r"0x80310039|BitLocker-Sysprep", re.IGNORECASE),
        "A volume is encrypted (0x80310039): decrypt all volumes before sysprep.",
    ),
    (
        re.compile(r"updates that require a reboot", re.IGNORECASE),
        "Windows updates require a reboot: reboot before sysprep.",
    ),
    (
        re.compile(r"reserved storage", re.IGNORECASE),
        "Reserved storage is in use by an update: wait until the update has ended, and reboot before sysprep.",
    ),
    (re.compile(r"0xc004d307", re.IGNORECASE), "Windows cannot be rearmed again: use a new installation."),
    (
        re.compile(r"Error in executing action for ([\w.-]+)", re.IGNORECASE),
        "The component {0} could not be generalized: stop, repair or remove it before sysprep.",
    ),
    (
        re.compile(r"executing '([^']+)' from ([^\s;,]+)", re.IGNORECASE),
        "{0} of {1} failed: check the software that this library belongs to.",
    ),
)


def sysprep_culprits(log: Any) -> list[str]:
    """Extract the causes of a sysprep failure from its log.

    :param log: the text of the log; only its last run is evaluated.
    """
    last_run = str(log or "").rpartition(_RUN)[2]
    found = []
    for pattern, sentence in _KNOWN:
        for match in pattern.finditer(last_run):
            said = sentence.format(*match.groups())
            if said not in found:
                found.append(said)
    return found


class FilterModule:
    """The filters of this file, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filters by their names."""
        return {"sysprep_culprits": sysprep_culprits}
