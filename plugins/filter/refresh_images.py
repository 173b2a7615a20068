# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reduce images to the properties that a report shows; pure."""

from __future__ import annotations

DOCUMENTATION = r"""
name: refresh_images
short_description: Reduce images to the properties that a report shows
version_added: 1.0.0
author: golden.azure contributors (@golden-azure)
description: Returns only the id, name, source, location, regions, sizes and tags of each image.
options:
  _input:
    description: Images, as returned by M(golden.azure.vm_image_info).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Store the properties for a report
  ansible.builtin.set_fact:
    shown: "{{ found.images | golden.azure.refresh_images }}"
"""

RETURN = r"""
_value:
  description: The images with these keys.
  type: list
  elements: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any


def refresh_images(images: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The images with the properties that a report shows."""
    return [_shown(image) for image in images]


def _shown(image: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{name: image.get(name) for name in ("id", "name", "source", "location")},
        "regions": [region.get("name") for region in image.get("regions") or []],
        "size_gb": (image.get("os_disk") or {}).get("size_gb"),
        "data_disks_gb": [disk.get("size_gb") for disk in image.get("data_disks") or []],
        "tags": image.get("tags") or {},
    }


class FilterModule:
    """The filter, for Ansible."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"refresh_images": refresh_images}
