# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tags that identify an instance and its resources."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import image_mark, tag_value

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
