#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Promote an image to latest."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_promote
short_description: Promote a verified image to latest
version_added: 1.0.0
description:
  - Includes a gallery image version in latest, replicates it to all specified regions with the required number of replicas,
    and sets the end-of-life date of the previous latest version.
  - A managed image is only tagged, because Azure does not support these properties for managed images.
  - Both kinds of images get the tag C(golden.azure.promoted_at).
  - An image that has not been verified is rejected. This is a safeguard, not a security boundary, because everyone who can
    tag the image can mark it as verified. The role P(golden.azure.image_verify#role) verifies images and sets the tag.
author:
  - golden.azure contributors (@golden-azure)
options:
  target_regions:
    description:
      - Additional regions to replicate the version to, each listed once. The version is not removed from any region, and
        the number of replicas is not reduced. In regions that the version is already replicated to, the storage account
        type and the disk encryption set cannot be changed, so different values are a blocker.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the region.
        type: str
        required: true
      regional_replica_count:
        description: Minimum number of replicas in the region. The default is calculated from O(concurrent_deployments).
        type: int
      storage_account_type:
        description: Storage account type of the replicas in a new region, such as V(Standard_LRS) or V(Standard_ZRS).
        type: str
      disk_encryption_set:
        description: Resource ID of the disk encryption set for the replicas in a new region.
        type: str
  concurrent_deployments:
    description: Number of virtual machines that are to be created from the version at the same time in each region. It
      determines the number of replicas in all regions.
    type: int
  deployments_per_replica:
    description: Number of concurrent deployments per replica.
    type: int
    default: 20
  tags:
    description:
      - Tags to add to the image. Other existing tags are kept.
      - Tags with the prefix C(golden.azure.) are rejected (C(reserved_tag)), except for C(golden.azure.protected).
    type: dict
  previous_version_grace_days:
    description:
      - Number of days until the end-of-life date of the previous latest version. The date is informational, and
        M(golden.azure.vm_image_remove) takes it into account.
      - An existing end-of-life date is kept. By default, no end-of-life date is set.
      - If a version with a higher number is included in latest, no end-of-life date is set either, because that version
        remains the latest.
    type: int
  allow_unverified:
    description:
      - Whether to allow the promotion of an image that has not been verified or has failed its verification, according to
        its tag C(golden.azure.verified).
    type: bool
    default: false
extends_documentation_fragment:
  - golden.azure.image_reference
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_image_remove
"""

EXAMPLES = r"""
- name: Promote version 1.4.0 in two regions
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

- name: Show the plan of a promotion
  golden.azure.vm_image_promote:
    gallery_version_id: "{{ capture.gallery_versions[0].id }}"
  check_mode: true
  diff: true
"""

RETURN = r"""
image:
  description:
    - The image, as returned by M(golden.azure.vm_image_info). In check mode, the image before the promotion.
  returned: success
  type: dict
predecessor:
  description: ID of the previous latest version. V(null) if there is none.
  returned: success
  type: str
plan:
  description: The plan, with title, blockers, warnings and steps.
  returned: always, unless the current state could not be read
  type: dict
plan_text:
  description: The plan in human-readable form.
  returned: success
  type: str
steps:
  description: The completed steps, each with action, resource_id, description, seconds and operation_id.
  returned: success, or when a step failed
  type: list
  elements: dict
account:
  description: The subscription_id, client_id and auth_method that were used.
  returned: success
  type: dict
error:
  description: The error code and message and, if Azure rejected a request, the request_id for Azure support.
  returned: when Azure rejected a request, or options are invalid
  type: dict
"""


from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module
from ansible_collections.golden.azure.plugins.module_utils._promotion import run as promote


def main() -> None:
    """Run the module."""
    run_module(promote.execute, promote.OPTIONS, **promote.RULES)


if __name__ == "__main__":
    main()
