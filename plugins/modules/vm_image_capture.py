#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Capture a virtual machine into images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_capture
short_description: Capture a virtual machine into images
version_added: 0.1.0
description:
  - Captures a virtual machine with all its disks into a managed image, into versions of Azure Compute Galleries, or both.
  - For a generalized image, the machine's guest must have been prepared, as the role
    P(golden.azure.linux_deprovision#role) does for Linux, and must have shut itself down.
  - The task first makes a plan from what is there. Blockers stop it before anything is changed. Check mode and diff
    show the plan, and the run does just that.
  - A run that was interrupted is taken up by the next one. A second run finds the image and changes nothing.
author:
  - golden.azure contributors (@golden-azure)
options:
  source_vm:
    description: Name of the virtual machine in O(resource_group), or its full resource id.
    type: str
    required: true
  image:
    description:
      - Name of the image to make in O(resource_group), or its full resource id.
      - An image of that name counts as made already if it was captured from the same machine. That is told by the
        machine's C(vmId), which the image carries in its tag C(golden.azure.source_vm_id). A machine that was built
        again under its old name is another one.
      - Needed if O(gallery_versions) is not given.
    type: str
    aliases: [name]
  gallery_versions:
    description:
      - Versions to make in galleries.
      - A version that is there counts as made if it was captured from the same machine, as with O(image).
    type: list
    elements: dict
    suboptions:
      gallery:
        description: Name of the gallery in O(resource_group), or its full resource id.
        type: str
        required: true
      definition:
        description: Name of the image definition in the gallery.
        type: str
        required: true
      version:
        description:
          - Number of the version, such as V(1.0.0), or V(next).
          - V(next) takes up a version that was made from the same machine already, else the number after the highest.
            Two runs that take V(next) at once may take the same number, since Azure has no guard against it.
        type: str
        default: next
      regions:
        description: Regions to replicate to. The source's must be among them. By default that one alone.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the region.
            type: str
            required: true
          replicas:
            description: Replicas in the region. By default as many as O(concurrent_deployments) needs.
            type: int
          storage_account_type:
            description: Storage of the replicas, such as V(Standard_LRS), V(Standard_ZRS) or V(Premium_LRS).
            type: str
          disk_encryption_set:
            description: Id of the disk encryption set that the replicas in this region are encrypted with.
            type: str
      exclude_from_latest:
        description: Whether machines that ask for the latest version are not given this one.
        type: bool
        default: false
      end_of_life:
        description: Date from which the version should not be used any more, such as V(2027-06-30). It only informs.
        type: str
      block_deletion_before_end_of_life:
        description: Whether the version cannot be deleted before O(gallery_versions[].end_of_life).
        type: bool
        default: false
      replication_mode:
        description: V(shallow) makes versions for tests faster. They have one replica.
        type: str
        choices: [full, shallow]
        default: full
      create_definition:
        description:
          - Make the definition if it is not there. Operating system, state, generation, architecture, security type, disk
            controllers and purchase plan follow the source.
        type: dict
        suboptions:
          publisher:
            description: Publisher of the definition.
            type: str
            required: true
          offer:
            description: Offer of the definition.
            type: str
            required: true
          sku:
            description: SKU of the definition. Publisher, offer and SKU together are unique in a gallery.
            type: str
            required: true
          description:
            description: What it is for.
            type: str
  os_state:
    description:
      - V(specialized) captures the machine as it is, with its identity, into O(gallery_versions). It is neither stopped nor
        marked, and can go on.
    type: str
    choices: [generalized, specialized]
    default: generalized
  resource_group:
    description:
      - Resource group of the virtual machine, of the image and of the galleries, where they are given by name.
      - With a full id as O(source_vm), they lie in the machine's group by default.
    type: str
  generalize:
    description:
      - Whether the machine may be marked as generalized. That cannot be undone. It never starts again.
      - A machine that is generalized already needs no such consent.
    type: bool
    default: false
  preparation:
    description:
      - V(done) says that the guest has been prepared, or is shutting down at the end of its preparation.
      - V(pending) shows the plan for a machine whose guest is still to be prepared. Running and not generalized are then
        steps and no blockers. It is for check mode, to learn of blockers while the guest is still whole.
    type: str
    choices: [done, pending]
    default: done
  shutdown_timeout:
    description:
      - Seconds to wait for the guest to shut down, if it is still running. By default a running machine is a blocker.
    type: int
    default: 0
  location:
    description:
      - Region of the image. It is always the source's, so that another one here is a blocker. To be set only to make sure.
    type: str
  zone_resilient:
    description:
      - Whether to store the image in several availability zones of its region (ZRS). It cannot be changed later.
    type: bool
  tags:
    description:
      - Tags of the image. Other tags that it has are kept.
    type: dict
  delete_source_vm:
    description:
      - Whether to delete the virtual machine once the image is there.
      - Disks and network interfaces go with it as their delete options say. A warning names what stays.
    type: bool
    default: false
  concurrent_deployments:
    description:
      - How many machines are to be made from it at once. It gives the replicas of each region of O(gallery_versions), and a
        warning where a managed image is not enough.
    type: int
  deployments_per_replica:
    description: How many machines one replica serves at once.
    type: int
    default: 20
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
seealso:
  - module: golden.azure.vm_image_info
  - module: golden.azure.vm_image_remove
  - name: Create a managed image
    description: Microsoft's page on managed images of generalized machines.
    link: https://learn.microsoft.com/azure/virtual-machines/capture-image-resource
"""

EXAMPLES = r"""
- name: Show what a capture would do, while the guest is still whole
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    image: golden-web
    generalize: true
    preparation: pending
  check_mode: true

- name: Capture a machine whose guest was prepared and is shutting down
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    image: golden-web
    generalize: true
    shutdown_timeout: 300
    zone_resilient: true
    tags:
      team: web

- name: Publish it in a gallery, for 90 machines at once in two regions, at first without being the latest
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web-build
    generalize: true
    concurrent_deployments: 90
    gallery_versions:
      - gallery: golden
        definition: web
        exclude_from_latest: true
        regions:
          - name: westeurope
            storage_account_type: Standard_ZRS
          - name: northeurope
        create_definition:
          publisher: Example
          offer: web
          sku: debian-12

- name: Keep a machine as it is, before something is tried on it
  golden.azure.vm_image_capture:
    resource_group: images
    source_vm: web
    os_state: specialized
    gallery_versions:
      - gallery: golden
        definition: web-as-it-is
"""

RETURN = r"""
image:
  description:
    - The image as M(golden.azure.vm_image_info) returns it, but for its family. In check mode the one that is there, if any.
  returned: success
  type: dict
gallery_versions:
  description:
    - The gallery versions, in the order of the option, as M(golden.azure.vm_image_info) returns them. Empty in check mode.
  returned: success
  type: list
  elements: dict
source:
  description: The machine's id, vm_id, power_state, generalized and os_type, as they were when the plan was made.
  returned: success
  type: dict
plan:
  description: Title, blockers, warnings and steps; steps that write carry the method, path and body of their request.
  returned: always, unless the state could not be read
  type: dict
plan_text:
  description: The plan, laid out for people.
  returned: success
  type: str
steps:
  description: The steps done, with action, resource_id, description, seconds and operation_id.
  returned: always, unless the state could not be read
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

from ansible_collections.golden.azure.plugins.module_utils import capture, capture_options
from ansible_collections.golden.azure.plugins.module_utils.invocation import run_module


def main() -> None:
    """Run the module."""
    run_module(capture.execute, capture_options.OPTIONS, **capture_options.RULES)


if __name__ == "__main__":
    main()
