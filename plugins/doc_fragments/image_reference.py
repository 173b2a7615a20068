# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Documentation of the options that specify a single image."""

from __future__ import annotations


class ModuleDocFragment:
    """The options of module_utils/_images/reference."""

    DOCUMENTATION = r"""
options:
  image:
    description: Managed image, specified by its name in O(resource_group) or by its full resource ID.
    type: str
  gallery_version_id:
    description:
      - Gallery image version, specified by its full resource ID.
      - Exactly one of O(gallery_version_id), O(gallery_version) and O(image) is required.
    type: str
  gallery_version:
    description: Gallery image version in O(gallery) and O(definition), specified by its version number, such as V(1.4.0).
    type: str
  gallery:
    description: Gallery of O(gallery_version), specified by its name in O(resource_group) or by its full resource ID.
    type: str
  definition:
    description: Name of the image definition of O(gallery_version).
    type: str
  resource_group:
    description: Resource group of O(image) or O(gallery), if they are specified by name.
    type: str
"""
