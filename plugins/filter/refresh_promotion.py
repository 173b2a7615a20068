# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Apply a planned promotion to versions that do not exist yet; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_promotion
short_description: Determine the gallery versions after a promotion
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Adds the regions and replicas of the later promotion with M(golden.azure.vm_image_promote) to gallery versions, so that
    the promotion is validated when the capture is planned.
options:
  _input:
    description: Gallery versions, as in O(golden.azure.vm_image_capture#module:gallery_versions).
    type: list
    elements: dict
    required: true
  promotion:
    description: Options of M(golden.azure.vm_image_promote).
    type: dict
    required: true
  location:
    description: Region of the virtual machine to be captured. Empty if it is not known.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Determine the versions after the promotion
  ansible.builtin.set_fact:
    promoted: "{{ golden_image_gallery_versions | golden.azure.refresh_promotion(golden_image_promotion, 'westeurope') }}"
"""

RETURN = r"""
_value:
  description: The C(versions), and the C(findings), a code and a message for each property that the capture sets to a
    different, unchangeable value.
  type: dict
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError


def refresh_promotion(
    versions: Sequence[Mapping[str, Any]], promotion: Mapping[str, Any], location: str
) -> dict[str, Any]:
    """The versions after the promotion.

    :raises AnsibleFilterError: for an invalid number.
    """
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.module_utils._core.conversions import NotConvertible
    from ansible_collections.golden.azure.plugins.plugin_utils._refresh.promotion import promoted

    # Ansible's own container types do not support copying.
    plain_versions, plain_promotion = json.loads(json.dumps([list(versions), promotion], default=str))
    try:
        return asdict(promoted(plain_versions, plain_promotion, location))
    except NotConvertible as error:
        raise AnsibleFilterError(f"A number of the promotion or of its regions: {error} (not_a_number)") from error


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"refresh_promotion": refresh_promotion}
