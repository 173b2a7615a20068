# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options by which a module names one image."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of module_utils/_images/reference."""

    DOCUMENTATION = r"""
options:
  image:
    description: Managed image. Name in O(resource_group), or full resource id.
    type: str
  gallery_version_id:
    description:
      - Version in a gallery, by its full resource id.
      - Exactly one of this, O(gallery_version) and O(image) is needed.
    type: str
  gallery_version:
    description: Version in a gallery, by its number in O(gallery) and O(definition), such as V(1.4.0).
    type: str
  gallery:
    description: Gallery of O(gallery_version). Name in O(resource_group), or full resource id.
    type: str
  definition:
    description: Image definition of O(gallery_version).
    type: str
  resource_group:
    description: Resource group of O(image) or O(gallery), where they are given by name.
    type: str
"""
