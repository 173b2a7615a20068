#!/usr/bin/python
# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a virtual machine fit for capture, from the Azure side."""

from __future__ import annotations

DOCUMENTATION = r"""
module: vm_image_prepare
short_description: Make a virtual machine fit for capture from the Azure side
version_added: 0.1.0
description:
  - Disables Azure Disk Encryption and removes extensions, which would be in every clone as broken remains. Both are asked for by
    name, and nothing else is done.
  - It comes before the guest is prepared, since extensions can be changed only while the machine runs. It works for Linux and
    Windows.
  - The order is kept that Azure needs. Decryption is asked for on all volumes, then awaited, and only then the extension is
    removed. Removed before, it leaves the disks encrypted, and comes back when they are to be decrypted.
  - The task first makes a plan from what is there. Blockers stop it before anything is changed. Check mode and diff
    show the plan, and the run does just that.
  - A run that was interrupted, or ran out of time, is continued by the next one.
author:
  - golden.azure contributors (@golden-azure)
options:
  source_vm:
    description: Name of the virtual machine in O(resource_group), or its full resource id.
    type: str
    required: true
  resource_group:
    description: Resource group of the virtual machine, where it is given by name.
    type: str
  actions:
    description:
      - What to do, where it applies.
      - V(disk_encryption) has Azure Disk Encryption decrypt all volumes, waits until Azure tells that they are decrypted, and
        removes its extension. On Linux only data volumes can be decrypted, and an encrypted operating system's disk is a blocker.
      - Azure Disk Encryption ends on 2028-09-15. Disks that had it keep a flag, as do their snapshots and copies, with which they
        cannot be encrypted at their host; a warning says so (C(disk_encryption_ends)).
      - V(extensions) removes all extensions but O(keep_extensions).
    type: list
    elements: str
    choices: [disk_encryption, extensions]
    required: true
  keep_encryption_extension:
    description:
      - With V(disk_encryption), whether to leave the extension of Azure Disk Encryption once Azure tells that the disks are
        decrypted, in order to have the guest confirm it. Run the task again without it afterwards.
    type: bool
    default: false
  keep_extensions:
    description: Names of extensions to leave.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - golden.azure.azure
  - golden.azure.attributes
notes:
  - Decryption takes from minutes to hours, by the size of the volumes. O(timeout) bounds it. It goes on in the guest when the
    task has ended.
  - Policies may install extensions again. Capture the machine soon.
seealso:
  - module: golden.azure.vm_image_capture
  - name: Azure Disk Encryption
    description: Microsoft's page on disabling the encryption and removing its extension.
    link: https://learn.microsoft.com/azure/virtual-machines/windows/disk-encryption-windows
"""

EXAMPLES = r"""
- name: Show what stands between a machine and its capture
  golden.azure.vm_image_prepare:
    resource_group: images
    source_vm: web-build
    actions: [disk_encryption, extensions]
  check_mode: true

- name: Decrypt its disks, and remove all extensions but one
  golden.azure.vm_image_prepare:
    resource_group: images
    source_vm: web-build
    actions: [disk_encryption, extensions]
    keep_extensions: [AzureMonitorLinuxAgent]
    timeout: 7200
"""

RETURN = r"""
extensions:
  description: The names of the extensions that the machine has after the task, in check mode before it.
  returned: success
  type: list
  elements: str
encrypted_disks:
  description:
    - The disks that are not decrypted after the task, in check mode before it, each with its state, such as V(encrypted) or
      V(decryptionInProgress).
  returned: success
  type: dict
source:
  description: The machine's id, vm_id, power_state and os_type (V(linux) or V(windows)).
  returned: success
  type: dict
plan:
  description: Title, blockers, warnings and steps; steps that write carry the method, path and body of their request.
  returned: always, unless the state could not be read
  type: dict
plan_text:
  description: The plan, human-readable.
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
  description: The code and message, and where Azure refused the request_id for its support.
  returned: when Azure refused, or options cannot be meant
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
