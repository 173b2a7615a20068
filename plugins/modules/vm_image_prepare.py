#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove disk encryption and extensions from a virtual machine before its capture."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_prepare
short_description: Remove disk encryption and extensions from a virtual machine before its capture
version_added: 1.0.0
description:
  - Disables Azure Disk Encryption and removes VM extensions, which would otherwise remain as non-functional files on every
    virtual machine created from the image. Only the actions that the task specifies are performed.
  - Run this module before the guest is prepared, because extensions can be changed only while the virtual machine is
    running. It supports Linux and Windows.
  - The module performs the steps in the order that Azure requires. It starts the decryption of all volumes, waits until
    they are decrypted, and then removes the extension. If the extension is removed earlier, the disks stay encrypted, and
    the extension has to be installed again to decrypt them.
  - The module first creates a plan from the existing resources. If the plan contains blockers, the task fails before
    anything is changed. Check mode and diff mode show the plan. A run executes exactly this plan.
  - If a run was interrupted or exceeded its time limit, the next run continues it.
author:
  - golden.azure contributors (@golden-azure)
options:
  source_vm:
    description: Name of the virtual machine in O(resource_group), or its full resource ID.
    type: str
    required: true
  resource_group:
    description: Resource group of the virtual machine, if it is specified by name.
    type: str
  actions:
    description:
      - Actions to perform, if they apply to the virtual machine.
      - V(disk_encryption) decrypts all volumes with Azure Disk Encryption, waits until Azure reports them as decrypted, and
        removes the extension. On Linux, only data volumes can be decrypted, so an encrypted OS disk is a blocker.
      - Azure Disk Encryption is retired on 2028-09-15. Disks that were encrypted with it keep a flag that prevents encryption at
        host, as do their snapshots and copies. A warning reports this (C(disk_encryption_ends)).
      - V(extensions) removes all extensions except for O(keep_extensions).
    type: list
    elements: str
    choices: [disk_encryption, extensions]
    required: true
  keep_encryption_extension:
    description:
      - With V(disk_encryption), whether to keep the Azure Disk Encryption extension after Azure has reported the disks as
        decrypted, so that the decryption can be verified in the guest. Run the task again without this option afterwards.
    type: bool
    default: false
  keep_extensions:
    description: Names of the extensions to keep.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
  - golden.azure.attributes.action_group
notes:
  - Decryption takes from minutes to hours, depending on the size of the volumes. If O(timeout) is exceeded, the task ends, but the
    decryption continues in the guest.
  - Azure Policy may install extensions again. Capture the virtual machine soon after this task.
seealso:
  - module: golden.azure.vm_image_capture
  - name: Azure Disk Encryption
    description: Documentation of Azure on disabling encryption and removing the extension.
    link: https://learn.microsoft.com/azure/virtual-machines/windows/disk-encryption-windows
"""

EXAMPLES = r"""
- name: Show the required steps before a capture
  golden.azure.vm_image_prepare:
    resource_group: images
    source_vm: web-build
    actions: [disk_encryption, extensions]
  check_mode: true

- name: Decrypt the disks, and remove all extensions except one
  golden.azure.vm_image_prepare:
    resource_group: images
    source_vm: web-build
    actions: [disk_encryption, extensions]
    keep_extensions: [AzureMonitorLinuxAgent]
    timeout: 7200
"""

RETURN = r"""
extensions:
  description: Names of the extensions of the virtual machine after the task. In check mode, before the task.
  returned: success
  type: list
  elements: str
encrypted_disks:
  description:
    - The disks that are not decrypted after the task (in check mode, before the task), each with its state, such as
      V(encrypted) or V(decryptionInProgress).
  returned: success
  type: dict
source:
  description: The id, vm_id, power_state and os_type (V(linux) or V(windows)) of the virtual machine.
  returned: success
  type: dict
plan:
  description: The plan, with title, blockers, warnings and steps. Steps that write contain the method, path and body of
    their request.
  returned: always, unless the current state could not be read
  type: dict
plan_text:
  description: The plan in human-readable form.
  returned: success
  type: str
steps:
  description: The completed steps, each with action, resource_id, description, seconds and operation_id.
  returned: always, unless the current state could not be read
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
from ansible_collections.golden.azure.plugins.module_utils._preparation import request as preparation_request
from ansible_collections.golden.azure.plugins.module_utils._preparation import run as preparation


def main() -> None:
    """Run the module."""
    run_module(preparation.execute, preparation_request.OPTIONS)


if __name__ == "__main__":
    main()
