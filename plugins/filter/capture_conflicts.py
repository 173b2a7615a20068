# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find hosts of one run without a target, or with the same source or target; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_conflicts
short_description: Find hosts of a run without a target, or with the same source or target
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Compares what the hosts of a run are captured from and into. Two of them that name the same machine, image or gallery version
    would spoil each other, after both guests were prepared.
  - A host that is to name an image (C(image)) and names none is a conflict, too, since the others would be captured without it.
  - Names are compared as Azure does, without regard to case; a name without its subscription may be in any.
options:
  _input:
    description:
      - Of each host its name (C(host)), and what there is of C(name) (of a golden image), C(source_vm), C(image),
        C(resource_group), and C(gallery_versions) with C(gallery), C(definition) and C(version).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Refuse what would be captured twice
  ansible.builtin.fail:
    msg: "{{ item.message }}"
  loop: "{{ [{'host': 'a', 'source_vm': 'web'}, {'host': 'b', 'source_vm': 'web'}] | golden.azure.capture_conflicts }}"
  loop_control:
    label: "{{ item.code }}"
"""

RETURN = r"""
_value:
  description: A code and a message for each conflict; empty if there is none.
  type: list
  elements: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.plugin_utils.capture_conflicts import conflicts


def capture_conflicts(machines: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The conflicts between hosts."""
    return conflicts(machines)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Its name."""
        return {"capture_conflicts": capture_conflicts}
