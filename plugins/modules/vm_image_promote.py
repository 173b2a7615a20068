#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make an image the one that is used."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_promote
short_description: Make a verified image the one that is used
version_added: 0.1.0
description:
  - Offers a version in a gallery as latest, brings it to all regions with the replicas needed there, and sets the end of life of
    the version that was latest before.
  - A managed image, for which Azure has nothing of that, is tagged.
  - Both get the tag C(golden.azure.promoted_at).
  - An image that has not been verified is refused. That is advice, not a security boundary, since whoever may tag the image can
    record it as verified. The role P(golden.azure.image_verify#role) verifies images and records it.
author:
  - golden.azure contributors (@golden-azure)
options:
  target_regions:
    description:
      - Regions that the version is to be in besides those it is in, each once. It leaves none, and loses no replica. In a region
        that it is in, its storage and its key are fixed, so that other ones are a blocker.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the region.
        type: str
        required: true
      regional_replica_count:
        description: Replicas in the region, at least. By default as many as O(concurrent_deployments) needs.
        type: int
      storage_account_type:
        description: Storage of the replicas in a region that is new, such as V(Standard_LRS) or V(Standard_ZRS).
        type: str
      disk_encryption_set:
        description: Id of the disk encryption set that the replicas in a region that is new are encrypted with.
        type: str
  concurrent_deployments:
    description: How many machines are made from the version at once, in each region. Plans the replicas in all regions.
    type: int
  deployments_per_replica:
    description: How many machines one replica serves at once.
    type: int
    default: 20
  tags:
    description:
      - Tags to add to the image. Its other tags stay.
      - Those that begin with C(golden.azure.) are refused (C(reserved_tag)), but for C(golden.azure.protected).
    type: dict
  previous_version_grace_days:
    description:
      - Days after which the version that was latest before comes to its end of life. It informs, and
        M(golden.azure.vm_image_remove) goes by it.
      - A version that has an end of life already keeps it. By default none gets one.
      - None gets one either if a higher version is offered, since that goes on being the latest.
    type: int
  allow_unverified:
    description:
      - Whether an image may be promoted that has not been verified, or has failed its verification. That is told by its tag
        C(golden.azure.verified).
    type: bool
    default: false
extends_documentation_fragment:
  - golden.azure.image_reference
  - golden.azure.azure
  - golden.azure.attributes
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_image_remove
"""

EXAMPLES = r"""
- name: Have all new machines use version 1.4.0
  golden.azure.vm_image_promote:
    resource_group: images
    gallery: golden
    definition: web
    gallery_version: 1.4.0
    target_regions:
      - name: westeurope
      - name: northeurope
    concurrent_deployments: 90
    previous_version_grace_days: 30
    tags:
      channel: stable

- name: Show what that would do
  golden.azure.vm_image_promote:
    gallery_version_id: "{{ capture.gallery_versions[0].id }}"
  check_mode: true
  diff: true
"""

RETURN = r"""
image:
  description:
    - The image, as M(golden.azure.vm_image_info) returns it; as it is before, in check mode.
  returned: success
  type: dict
predecessor:
  description: Id of the version that was latest before; V(null) if there is none.
  returned: success
  type: str
plan:
  description: Title, blockers, warnings and steps of what was to be done.
  returned: always, unless the state could not be read
  type: dict
plan_text:
  description: The plan, human-readable.
  returned: success
  type: str
steps:
  description: The steps done, with action, resource_id, description, seconds and operation_id.
  returned: success, or when a step failed
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description: The code and message, and where Azure refused the request_id for its support.
  returned: when Azure refused, or options cannot be meant
  type: dict
"""


from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module
from ansible_collections.golden.azure.plugins.module_utils._promotion import run as promote


def main() -> None:
    """Run the module."""
    run_module(promote.execute, promote.OPTIONS, **promote.RULES)


if __name__ == "__main__":
    main()
