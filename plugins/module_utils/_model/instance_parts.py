# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The resources of an instance besides its virtual machine: their types, their names, and what is deleted with the machine; pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    NETWORK_INTERFACE,
    PUBLIC_IP_ADDRESS,
    RESTORE_POINT_COLLECTION,
    SNAPSHOT,
    ResourceId,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import is_deleted_with_vm

Json = dict[str, Any]

#: The types of the resources of instances other than virtual machines, in lower case, in the order in which they can be deleted.
PARTS = tuple(kind.lower() for kind in (NETWORK_INTERFACE, PUBLIC_IP_ADDRESS, DISK, SNAPSHOT, RESTORE_POINT_COLLECTION))


#: Suffixes of the names of parts after the name of the virtual machine; Azure appends to those of interfaces and addresses.
_SUFFIXES = {
    NETWORK_INTERFACE.lower(): re.compile(r"-nic.*"),
    PUBLIC_IP_ADDRESS.lower(): re.compile(r"-ip.*"),
    DISK.lower(): re.compile(r"-(os|data-\d+)"),
    SNAPSHOT.lower(): re.compile(r"-snapshot-(os|data-\d+)"),
    RESTORE_POINT_COLLECTION.lower(): re.compile(r"-restore-points"),
}


def has_part_name(owner: ResourceId, part: ResourceId) -> bool:
    """Whether a part has exactly the name that it gets for this virtual machine, not only the same prefix."""
    name, prefix = part.name.lower(), owner.name.lower()
    suffix = _SUFFIXES.get(part.resource_type.lower())
    return suffix is not None and name.startswith(prefix) and bool(suffix.fullmatch(name[len(prefix) :]))


def deleted_with(vm: Json, network: Sequence[ResourceId]) -> set[str]:
    """The ids, in lower case, of the resources that Azure deletes together with a virtual machine.

    :param network: its interfaces and public IP addresses.
    """
    disks = [machine.os_disk(vm), *machine.data_disks(vm)]
    deleted = {(disk.get("managedDisk") or {}).get("id") for disk in disks if disk.get("deleteOption") == "Delete"}
    deleted |= {
        str(reference.get("id")) for reference in machine.interface_references(vm) if is_deleted_with_vm(reference)
    }
    deleted_ids = {str(identity).lower() for identity in deleted}
    interfaces = [part for part in network if part.resource_type.lower() == NETWORK_INTERFACE.lower()]
    if all(str(interface).lower() in deleted_ids for interface in interfaces):
        # Public IP addresses are deleted together with their interfaces.
        deleted_ids |= {str(resource).lower() for resource in network}
    return deleted_ids
