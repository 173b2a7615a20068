# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reduce the results of verifications to what a report shows; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_verification
short_description: Reduce the results of verifications to what a report shows
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Returns the checks that the role P(golden.azure.image_verify#role) has performed, and the identities that it has compared.
options:
  _input:
    description: The results of the role, one for each image.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Store the checks for a report
  ansible.builtin.set_fact:
    shown: "{{ [verified] | golden.azure.refresh_verification }}"
  vars:
    # As image_verify_result of the role golden.azure.image_verify.
    verified:
      image: /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/images/providers/Microsoft.Compute/images/golden-web
      outcome: verified
      reason: ""
      findings: []
      warnings: []
      identities: []
"""

RETURN = r"""
_value:
  description:
    - The C(outcome) and its C(reason), the C(checks), each with C(image), C(name), C(result) (V(passed), V(failed) or V(not reached)) and
      C(detail), the C(identities) of the virtual machines, and the C(warnings). Empty if there are no results.
  type: dict
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any


def refresh_verification(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The checks and identities."""
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils._refresh.verification import verification_of

    # Ansible's own container types do not support copying.
    return verification_of(json.loads(json.dumps(list(results), default=str)))


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"refresh_verification": refresh_verification}
