#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Find managed images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_info
short_description: Find managed images
version_added: 0.1.0
description:
  - Finds managed images by name, in a resource group, or in the whole subscription.
  - An image that is not there is an empty list, not an error; a resource group that is not there is an error.
author:
  - golden.azure contributors (@golden-azure)
options:
  name:
    description: Name of the image in O(resource_group), or its full resource id.
    type: str
  resource_group:
    description: Resource group to look in. Without it, O(name) is a full id, or the whole subscription is listed.
    type: str
  tags:
    description:
      - Tags that an image must have. A value left empty asks for the tag with any value.
      - Names are compared without regard to case, as Azure does, values with it.
    type: dict
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes.info
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_image_remove
"""

EXAMPLES = r"""
- name: Find one image
  golden.azure.vm_image_info:
    resource_group: images
    name: golden-web

- name: Find all images of a team
  golden.azure.vm_image_info:
    tags:
      team: web
"""

RETURN = r"""
images:
  description: The images found.
  returned: success
  type: list
  elements: dict
  contains: &image
    id:
      description: Full resource id.
      type: str
      returned: always
    name:
      description: Name.
      type: str
      returned: always
    resource_group:
      description: Resource group.
      type: str
      returned: always
    subscription_id:
      description: Subscription.
      type: str
      returned: always
    location:
      description: Region.
      type: str
      returned: always
    tags:
      description: Tags.
      type: dict
      returned: always
    provisioning_state:
      description: V(Succeeded), V(Creating), V(Updating), V(Deleting) or V(Failed).
      type: str
      returned: always
    hyper_v_generation:
      description: V(V1) or V(V2).
      type: str
      returned: always
    zone_resilient:
      description: Whether the image is stored in several availability zones.
      type: bool
      returned: always
    source_vm:
      description: Id of the virtual machine it was captured from, if it was.
      type: str
      returned: always
    created_at:
      description: When it was made, where Azure says so.
      type: str
      returned: always
    os_disk:
      description:
        - The operating system's disk, with its os_type, os_state, size_gb, caching, storage_account_type, and where its
          content came from (managed_disk, snapshot, blob_uri), and its disk_encryption_set.
      type: dict
      returned: always
    data_disks:
      description: The data disks, with their lun and otherwise as the operating system's.
      type: list
      elements: dict
      returned: always
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
  sample:
    subscription_id: 00000000-0000-0000-0000-000000000000
    client_id: 11111111-1111-1111-1111-111111111111
    auth_method: client_secret
"""

from ansible_collections.golden.azure.plugins.module_utils import info
from ansible_collections.golden.azure.plugins.module_utils.invocation import run_module


def main() -> None:
    """Run the module."""
    run_module(info.execute, info.OPTIONS)


if __name__ == "__main__":
    main()
