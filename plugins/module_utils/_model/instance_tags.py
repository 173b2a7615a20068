# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tags that identify an instance and its resources, and what follows from them; pure."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import image_mark, tag_value
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine

Json = dict[str, Any]

#: Tag of the virtual machine and of all resources created for it, see instance_mark().
INSTANCE = "golden.azure.instance"
#: Tag of the virtual machine: its source, see InstanceSource.mark.
INSTANCE_SOURCE = "golden.azure.instance_source"
#: Tag of the resources created for a copy: the vmId of the copied virtual machine.
COPIED_MACHINE = "golden.azure.copied_vm_id"


def instance_mark(machine: ResourceId) -> str:
    """The value of INSTANCE for a virtual machine: its id, or a digest of it if the id is too long for a tag."""
    return image_mark(str(machine))


def belongs_to(resource: Json | None, mark: str) -> bool:
    """Whether a resource was created for the instance with this mark."""
    return (tag_value((resource or {}).get("tags"), INSTANCE) or "").lower() == mark


def created_from(instance: Json, mark: str, copied: Json | None = None) -> bool:
    """Whether an instance was created from a source.

    :param instance: the virtual machine.
    :param mark: of the source, as in its tag INSTANCE_SOURCE.
    :param copied: for a copy, the virtual machine that now has the name of the source: it may have been recreated since.
    """
    tags = instance.get("tags")
    recorded, identity = tag_value(tags, INSTANCE_SOURCE), tag_value(tags, COPIED_MACHINE)
    recreated = copied is not None and identity is not None and identity != virtual_machine.identity(copied)
    return (recorded or "").lower() == mark.lower() and not recreated


def described_copy(vm: Json, copy: ResourceId) -> Json:
    """What a copy of a virtual machine will be: the same machine with another name, running, and without a vmId so far.

    A copy is created from the disks only, so that tags and extensions of the original are not copied.
    """
    running = {"statuses": [{"code": "ProvisioningState/succeeded"}, {"code": "PowerState/running"}]}
    changed = {"vmId": "", "provisioningState": "Succeeded", "instanceView": running}
    return {
        **vm,
        "id": str(copy),
        "name": copy.name,
        "tags": {INSTANCE_SOURCE: image_mark(str(vm.get("id") or "")), COPIED_MACHINE: virtual_machine.identity(vm)},
        "resources": [],
        "properties": {**virtual_machine.properties(vm), **changed},
    }
