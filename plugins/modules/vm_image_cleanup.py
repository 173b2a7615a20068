#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List and remove what interrupted runs have left."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_cleanup
short_description: List and remove resources that interrupted runs have left
version_added: 1.0.0
description:
  - Searches for resources that this collection created around images and whose run is over or whose image does not exist any
    more, and lists each with the reason why it is orphaned or kept. It removes them only if O(remove) is set.
  - A run that is repeated removes what it has left itself. This module is for runs that nobody repeats.
  - "The following resources are found by their tags (C(golden.azure.*)). Snapshots and disks that were created for an image;
    virtual machines of M(golden.azure.vm_image_instance) and their network interfaces, public IP addresses, disks, snapshots,
    restore points and resource groups; snapshots that back up the disks of a virtual machine (RV(kept[].created_for=backup)),
    and the disks and restore points that exist only while they are created; leases of M(golden.azure.vm_image_lease). With
    O(packer), temporary resources of Packer are found by their names. All other resources are neither listed nor changed."
  - A resource that was created for an image is orphaned if the image does not exist. A disk to which a file was uploaded is also
    orphaned if the image was created from it.
  - A network interface, public IP address, disk, snapshot, restore point collection or resource group that was created for a
    virtual machine is orphaned if the virtual machine does not exist. The virtual machine itself is orphaned only if it is
    known that its run is over. The role P(golden.azure.golden_image#role) and the playbooks that capture a copy record their
    runs in leases, and the run is over if its process has ended or if it has not renewed its lease for O(stale_after_hours).
  - In the following cases, a resource is kept. Its run has a valid lease; it is not older than O(older_than_hours), or its age
    is unknown; it is attached to or used by another resource, or that cannot be read; it is protected by O(protected_tag) or by a
    management lock; the existence of its image or virtual machine cannot be determined. A resource group is kept if it contains
    any other resource.
  - The resources of an image, of a virtual machine or of a build are read again immediately before they are removed.
  - Images are removed by M(golden.azure.vm_image_remove).
author:
  - golden.azure contributors (@golden-azure)
options:
  resource_group:
    description: Search only this resource group. By default, complete subscriptions are searched. Leases are listed and removed
      only without this option, because the virtual machines of their runs are in other resource groups.
    type: str
  subscriptions:
    description: IDs of the subscriptions to search. The default is the subscription of the task.
    type: list
    elements: str
  remove:
    description: Whether to remove what is orphaned. By default, it is only listed, and nothing is changed.
    type: bool
    default: false
  older_than_hours:
    description:
      - Only resources that are older than this number of hours are orphaned. The age of a virtual machine with its resources is
        that of the newest of them, or the time since its run renewed its lease, whichever is less.
      - Set more than the duration of your longest run. Runs of M(golden.azure.vm_image_capture) and of Packer have no lease, and
        only this option protects what they are using.
    type: int
    default: 24
  stale_after_hours:
    description: Number of hours after which a run that has not renewed its lease is over. Specify the same value as for the runs.
    type: float
    default: 12.0
  backups_older_than_days:
    description:
      - Backups that are older than this number of days are orphaned. These are snapshots that
        O(golden.azure.vm_image_capture#module:snapshot_disks) created before a guest was prepared.
      - By default, backups are kept, whatever their age.
    type: int
  packer:
    description:
      - "Whether to search for temporary resources of Packer's Azure builders, too. They are identified by the names that Packer
        documents: resource groups C(packer-Resource-Group-*) and C(pkr-Resource-Group-*) followed by ten random characters;
        network interfaces C(pkrni*), public IP addresses C(pkrip*) and disks C(pkros*) and C(pkrdd*) in other resource groups;
        disks and snapshots C(PackerTemp-*)."
      - A resource group of Packer is removed only as a whole, and only if it contains no resources with other names. In other
        resource groups, virtual machines of Packer and what belongs to them are kept.
      - Packer has no leases. Only O(older_than_hours) protects builds in progress.
    type: bool
    default: false
  packer_prefix:
    description: The C(custom_resource_build_prefix) of Packer, if it is set. Its names then have this prefix instead of C(pkr), and
      five random characters.
    type: str
  protected_tag:
    description: Resources with this tag are kept, regardless of its value.
    type: str
    default: golden.azure.protected
  max_removals:
    description: Maximum number of resources to remove. The oldest are removed first. What was created for the same image, virtual
      machine or build is removed completely or not at all.
    type: int
    default: 50
  max_concurrency:
    description: Maximum number of concurrent requests, at most 64.
    type: int
    default: 32
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
seealso:
  - module: golden.azure.vm_image_remove
  - module: golden.azure.vm_image_instance
  - module: golden.azure.vm_image_lease
"""

EXAMPLES = r"""
- name: List what interrupted runs have left in the subscription
  golden.azure.vm_image_cleanup:
  register: cleanup

- name: Show each resource with the reason
  ansible.builtin.debug:
    msg: "{{ cleanup.plan_text }}"

- name: Remove what interrupted runs have left, and backups that are older than 90 days
  golden.azure.vm_image_cleanup:
    remove: true
    backups_older_than_days: 90

- name: Show what would be removed of Packer's builds that were interrupted at least two days ago
  golden.azure.vm_image_cleanup:
    packer: true
    older_than_hours: 48
    remove: true
  check_mode: true
  diff: true
"""

RETURN = r"""
orphans:
  description: The resources that are orphaned, in the format of RV(kept).
  returned: always, unless the task failed before any attempt to remove a resource
  type: list
  elements: dict
removed:
  description: The IDs of the resources that were removed (in check mode, that would be removed).
  returned: always, unless the task failed before any attempt to remove a resource
  type: list
  elements: str
kept:
  description: The resources that were created by this collection or by Packer, and are kept.
  returned: always, unless the task failed before any attempt to remove a resource
  type: list
  elements: dict
  contains:
    id:
      description: Full resource ID.
      type: str
      returned: always
    created_for:
      description: What it was created for, V(image), V(instance) (a virtual machine), V(backup), V(backup_source) (a virtual machine
        that was being backed up), V(lease) or V(packer).
      type: str
      returned: always
    owner:
      description: The image, virtual machine, lease or build that it was created for, in human-readable form.
      type: str
      returned: always
    created_at:
      description: When it was created, or V(null) if that is unknown.
      type: str
      returned: always
    reason:
      description: Human-readable reason. The wording may change between releases.
      type: str
      returned: always
    reason_code:
      description:
        - Reason as a stable code.
        - "Orphaned: V(image_gone), V(upload_complete), V(machine_gone), V(run_over), V(backup_expired), V(backup_over) or
          V(build_over)."
        - "Kept: V(leased), V(image_exists), V(machine_exists), V(backup), V(owner_unknown), V(age_unknown), V(not_old_enough),
          V(protected), V(in_use), V(use_unknown), V(locked), V(state_not_final), V(other_resources), V(resources_kept) or
          V(removal_limit_reached)."
        - "Decided differently immediately before the removal: V(changed_since), V(removed_already), V(removal_failed),
          V(time_limit_reached), or one of the codes for resources that are kept."
      type: str
      returned: always
  sample:
    - id: /subscriptions/0/resourceGroups/images/providers/Microsoft.Compute/snapshots/web-os
      created_for: backup
      owner: backup 'web-os'
      created_at: "2026-11-01T05:00:00Z"
      reason: a backup, which is removed only with 'backups_older_than_days'
      reason_code: backup
results:
  description: The result for each resource, in the format of RV(kept) and with the following keys. Empty if nothing was to be
    removed (O(remove), check mode).
  returned: always, unless the task failed before any attempt to remove a resource
  type: list
  elements: dict
  contains:
    action:
      description: The decision, V(keep) or V(remove).
      type: str
      returned: always
    result:
      description: V(removed), V(kept), V(absent) if someone else had already removed it, V(failed), or V(not_tried) if the time
        limit was exceeded.
      type: str
      returned: always
    error:
      description: Error code and message of Azure, and the request_id for Azure support.
      type: dict
      returned: when the removal failed
plan:
  description: The plan, with title, blockers, warnings and steps. It has no steps unless O(remove) is set.
  returned: always, unless the current state could not be read
  type: dict
plan_text:
  description: The plan, and all resources with the reasons for the decisions, in human-readable form.
  returned: success
  type: str
steps:
  description: The completed steps, each with action, resource_id, description, seconds and operation_id.
  returned: success
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

from ansible_collections.golden.azure.plugins.module_utils._cleanup import run as cleanup
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import run_module


def main() -> None:
    """Run the module."""
    run_module(cleanup.execute, cleanup.OPTIONS, **cleanup.RULES)


if __name__ == "__main__":
    main()
