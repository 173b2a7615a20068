# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find hosts of one run without a target, or with the same source or target; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: capture_conflicts
short_description: Find hosts of a run without an image name, or with the same virtual machine or image
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Compares the sources and the targets of the hosts of a run. If two hosts specify the same virtual machine, image or
    gallery version, their captures would conflict after both guests have been prepared.
  - A host that requires an image name (C(image)) but has none is reported as well, because the other hosts would be
    captured without it.
  - Names are compared case-insensitively, as Azure does. A name without a subscription is treated as matching in any
    subscription.
options:
  _input:
    description:
      - For each host, its name (C(host)) and, as far as they are set, C(name) (of a golden image), C(source_vm), C(copy), C(image),
        C(resource_group), and C(gallery_versions) with C(gallery), C(definition) and C(version).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Fail for duplicate captures
  ansible.builtin.fail:
    msg: "{{ item.message }}"
  loop: "{{ [{'host': 'a', 'source_vm': 'web'}, {'host': 'b', 'source_vm': 'web'}] | golden.azure.capture_conflicts }}"
  loop_control:
    label: "{{ item.code }}"
"""

RETURN = r"""
_value:
  description: A code and a message for each conflict. Empty if there is no conflict.
  type: list
  elements: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any


def capture_conflicts(machines: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The conflicts between hosts."""
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils.capture_conflicts import conflicts

    return conflicts(machines)


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"capture_conflicts": capture_conflicts}
