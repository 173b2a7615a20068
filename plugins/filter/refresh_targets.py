# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the targets of a golden image; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_targets
short_description: List the targets of a golden image
version_added: 0.1.0
author: golden.azure contributors (@golden-azure)
description:
  - Lists the targets of each refresh, in the format of the options of the image modules.
options:
  _input:
    description: Gallery versions, as in O(golden.azure.vm_image_capture#module:gallery_versions).
    type: list
    elements: dict
    required: true
  resource_group:
    description: Resource group of the managed image, and of galleries that are specified by name.
    type: str
    required: true
  managed:
    description: Whether a managed image is created.
    type: bool
    required: true
"""

EXAMPLES = r"""
- name: List the targets
  ansible.builtin.set_fact:
    targets: "{{ golden_image_gallery_versions | golden.azure.refresh_targets('images', managed=true) }}"
"""

RETURN = r"""
_value:
  description: The source, subscription, resource_group, gallery and definition of each target. Empty values if they do not
    apply.
  type: list
  elements: dict
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleFilterError


def refresh_targets(versions: Iterable[Mapping[str, Any]], resource_group: str, managed: bool) -> list[dict[str, Any]]:
    """The targets.

    :raises AnsibleFilterError: for a version without gallery or definition.
    """
    # Imported when it is called: to find a filter, Ansible imports all files of this directory, for each task.
    from ansible_collections.golden.azure.plugins.plugin_utils._refresh.targets import targets_of

    known = list(versions)
    for version in known:
        missing = [name for name in ("gallery", "definition") if not version.get(name)]
        if missing:
            raise AnsibleFilterError(f"A gallery version lacks its {' and '.join(missing)}: set both.")
    return [asdict(target) for target in targets_of(known, resource_group, managed)]


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"refresh_targets": refresh_targets}
