#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Capture a virtual machine into a managed image."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_capture
short_description: Capture a virtual machine into a managed image
version_added: 0.1.0
description:
  - Captures a virtual machine with all its disks into a managed image, which new machines are made from.
  - The machine's guest must have been prepared (by the role R(linux_deprovision,ansible_collections.golden.azure.linux_deprovision_role))
    and must have shut itself down.
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
    type: str
    required: true
    aliases: [name]
  resource_group:
    description:
      - Resource group of the virtual machine and of the image, where they are given by name.
      - With a full id as O(source_vm), the image lies in the machine's group by default.
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
"""

RETURN = r"""
image:
  description:
    - The image as M(golden.azure.vm_image_info) returns it. In check mode the one that is there, if any.
  returned: success
  type: dict
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

from ansible_collections.golden.azure.plugins.module_utils import capture
from ansible_collections.golden.azure.plugins.module_utils.invocation import run_module


def main() -> None:
    """Run the module."""
    run_module(capture.execute, capture.OPTIONS)


if __name__ == "__main__":
    main()
