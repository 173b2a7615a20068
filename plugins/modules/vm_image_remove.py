#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove a managed image."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_remove
short_description: Remove a managed image
version_added: 0.1.0
description:
  - Deletes the managed image of a name. One that is not there is removed already.
  - Virtual machines made from the image go on running. A scale set that refers to it can make no more instances.
author:
  - golden.azure contributors (@golden-azure)
options:
  name:
    description: Name of the image in O(resource_group), or its full resource id.
    type: str
    required: true
  resource_group:
    description: Resource group of the image, if O(name) is no full id.
    type: str
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
seealso:
  - module: golden.azure.vm_image_info
  - module: golden.azure.vm_image_capture
"""

EXAMPLES = r"""
- name: Remove an image
  golden.azure.vm_image_remove:
    resource_group: images
    name: golden-web
"""

RETURN = r"""
removed:
  description: The images that were removed (would be removed, in check mode), as M(golden.azure.vm_image_info) returns them.
  returned: success
  type: list
  elements: dict
plan:
  description: Title, blockers, warnings and steps of what was to be done.
  returned: always, unless the state could not be read
  type: dict
plan_text:
  description: The plan, laid out for people.
  returned: success
  type: str
steps:
  description: The steps done, with action, resource_id, description, seconds and operation_id.
  returned: success
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description: Azure's code and message and the request_id for its support.
  returned: when Azure refused
  type: dict
"""

from ansible_collections.golden.azure.plugins.module_utils import removal
from ansible_collections.golden.azure.plugins.module_utils.invocation import run_module


def main() -> None:
    """Run the module."""
    run_module(removal.execute, removal.OPTIONS)


if __name__ == "__main__":
    main()
