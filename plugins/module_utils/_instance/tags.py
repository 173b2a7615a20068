# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The tags by which an instance and all that belongs to it are known again."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import image_mark, tag_value

Json = dict[str, Any]

#: On the machine and on everything made for it: the machine's mark.
INSTANCE = "golden.azure.instance"
#: On the machine: what it was made from, see InstanceSource.mark.
INSTANCE_SOURCE = "golden.azure.instance_source"
#: On what was made for a copy: the vmId of the machine that was copied.
COPIED_MACHINE = "golden.azure.copied_vm_id"


def instance_mark(machine: ResourceId) -> str:
    """The value of INSTANCE for a machine: its id, or a digest of it where that is too long for a tag."""
    return image_mark(str(machine))


def belongs_to(resource: Json | None, mark: str) -> bool:
    """Whether a resource was made for the instance with this mark."""
    return (tag_value((resource or {}).get("tags"), INSTANCE) or "").lower() == mark
