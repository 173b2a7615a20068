#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Change or restore a gallery image version."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_version
short_description: Change or restore a gallery image version
version_added: 1.0.0
description:
  - Changes how an existing gallery image version is published, such as its regions and its end of life, or restores a
    soft-deleted version. Options that are not set leave the version as it is.
  - Waits until the version is replicated to each of its regions, at most for O(timeout). A task without any changes waits as
    well, so that it can be used to make sure that a version is ready in all its regions.
  - If the replication to a region fails, it is repeated. If it fails again, the version is removed from that region and
    replicated there again, provided that O(allow_deletion_of_replicated_locations) allows it. Other regions are not affected.
  - To create a version, use M(golden.azure.vm_image_capture); to delete one, use M(golden.azure.vm_image_remove).
author:
  - golden.azure contributors (@golden-azure)
options:
  gallery_version_id:
    description:
      - Gallery image version, specified by its full resource ID.
      - Exactly one of O(gallery_version_id) and O(gallery_version) is required.
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
    description: Resource group of O(gallery), if it is specified by name.
    type: str
  state:
    description:
      - With V(present), an existing version is changed.
      - With V(restored), a soft-deleted version is restored in the region that it was created in, with all its regions. This is
        possible until the end of the grace period of its gallery. An existing version is not changed.
    type: str
    choices: [present, restored]
    default: present
  target_regions:
    description:
      - Regions to replicate the version to, each listed once. Properties that are not set are not changed.
      - Other regions are kept, unless O(purge_regions) is set.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the region.
        type: str
        required: true
      regional_replica_count:
        description: Number of replicas in the region. The default for a new region is 1.
        type: int
      storage_account_type:
        description:
          - Storage account type of the replicas, such as V(Standard_LRS) or V(Standard_ZRS).
          - Azure cannot change it. To change it nevertheless, the version is removed from the region and replicated there again,
            which the plan shows with a warning, and for which O(allow_deletion_of_replicated_locations) is required. In the
            region that the version was created in, it cannot be changed.
        type: str
      disk_encryption_set:
        description: Resource ID or name of the disk encryption set for the replicas in a new region.
        type: str
      exclude_from_latest:
        description: Whether to exclude the version from latest in this region.
        type: bool
  purge_regions:
    description:
      - Whether to remove the version from all regions that O(target_regions) does not contain. The region that the version was
        created in cannot be removed.
      - Requires O(allow_deletion_of_replicated_locations), unless the version allows it already.
    type: bool
    default: false
  exclude_from_latest:
    description: Whether to exclude the version from latest.
    type: bool
  end_of_life_date:
    description: Date after which the version should no longer be used, such as V(2027-06-30). It must be in the future.
    type: str
  block_deletion_before_end_of_life:
    description: Whether to prevent the deletion of the version before its end of life, which must be set.
    type: bool
  allow_deletion_of_replicated_locations:
    description: Whether the version may be removed from single regions. Azure stores this with the version.
    type: bool
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_capture
  - module: golden.azure.vm_image_promote
  - module: golden.azure.vm_image_remove
"""

EXAMPLES = r"""
- name: Wait until version 1.4.0 is replicated to all its regions
  golden.azure.vm_image_version:
    resource_group: images
    gallery: golden
    definition: web
    gallery_version: 1.4.0

- name: Set the end of life of version 1.3.0, and protect it until then
  golden.azure.vm_image_version:
    resource_group: images
    gallery: golden
    definition: web
    gallery_version: 1.3.0
    end_of_life_date: 2099-06-30
    block_deletion_before_end_of_life: true

- name: Replicate version 1.4.0 to exactly two regions
  golden.azure.vm_image_version:
    resource_group: images
    gallery: golden
    definition: web
    gallery_version: 1.4.0
    target_regions:
      - name: westeurope
        regional_replica_count: 2
      - name: northeurope
    purge_regions: true
    allow_deletion_of_replicated_locations: true

- name: Restore version 1.2.0, which was deleted by mistake
  golden.azure.vm_image_version:
    resource_group: images
    gallery: golden
    definition: web
    gallery_version: 1.2.0
    state: restored
"""

RETURN = r"""
version:
  description:
    - The version, as returned by M(golden.azure.vm_image_info). In check mode, the version before the changes, and V(null) for
      one that would be restored.
  returned: success
  type: dict
replication:
  description:
    - The replication to each region, with region, state (V(Unknown), V(Replicating), V(Completed) or V(Failed)), progress in
      percent, and details if it failed. In check mode, the replication before the changes.
  returned: success
  type: list
  elements: dict
soft_deletion:
  description:
    - If the version was soft-deleted before the task, its location, soft_deleted_at, consumption_ends_at (until then it can be
      used if its number is specified) and hard_deletion_at (until then it can be restored). Otherwise V(null).
  returned: success
  type: dict
failed_regions:
  description: The regions that the version could not be replicated to, in the format of RV(replication).
  returned: when the replication failed
  type: list
  elements: dict
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
from ansible_collections.golden.azure.plugins.module_utils._publishing import run as publish


def main() -> None:
    """Run the module."""
    run_module(publish.execute, publish.OPTIONS, **publish.RULES)


if __name__ == "__main__":
    main()
