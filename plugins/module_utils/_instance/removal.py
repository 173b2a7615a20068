# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the deletion of an instance with all its resources, and no others; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    NETWORK_INTERFACE,
    PUBLIC_IP_ADDRESS,
    SNAPSHOT,
    ResourceId,
    group_of,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import deletion_step
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import belongs_to, instance_mark
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import is_deleted_with_vm
from ansible_collections.golden.azure.plugins.module_utils._model.locks import lock_blockers

Json = dict[str, Any]

#: The types of the resources of instances other than virtual machines, in lower case, in the order in which they can be deleted.
PARTS = tuple(kind.lower() for kind in (NETWORK_INTERFACE, PUBLIC_IP_ADDRESS, DISK, SNAPSHOT))


#: Suffixes of the names of parts after the name of the virtual machine; Azure appends to those of interfaces and addresses.
_SUFFIXES = {
    NETWORK_INTERFACE.lower(): re.compile(r"-nic.*"),
    PUBLIC_IP_ADDRESS.lower(): re.compile(r"-ip.*"),
    DISK.lower(): re.compile(r"-(os|data-\d+)"),
    SNAPSHOT.lower(): re.compile(r"-snapshot-(os|data-\d+)"),
}


def has_part_name(owner: ResourceId, part: ResourceId) -> bool:
    """Whether a part has exactly the name that it gets for this virtual machine, not only the same prefix."""
    name, prefix = part.name.lower(), owner.name.lower()
    return name.startswith(prefix) and bool(_SUFFIXES[part.resource_type.lower()].fullmatch(name[len(prefix) :]))


@dataclass(frozen=True)
class TeardownState:
    """The existing resources of an instance."""

    machine: ResourceId
    #: None if the resource group does not exist.
    group: Json | None
    vm: Json | None = None
    #: Everything in the resource group, in the short form of listings.
    resources: list[Json] = field(default_factory=list)
    #: Interfaces and public IP addresses that were created with the virtual machine.
    network: list[ResourceId] = field(default_factory=list)
    #: Locks on the group, or on resources in it.
    locks: list[Json] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """The value of the tag INSTANCE of the resources of the instance."""
        return instance_mark(self.machine)

    @property
    def owns_group(self) -> bool:
        """Whether the resource group was created for this instance."""
        return belongs_to(self.group, self.mark)

    def parts(self) -> list[ResourceId]:
        """The resources of the instance other than the virtual machine: by their tags, or because they were created with it.

        In a group that was created for the instance, also by their names: older api-versions do not tag resources that are created
        together with a virtual machine.
        """
        known = {str(resource).lower() for resource in self.network}
        found = {str(resource).lower(): resource for resource in self.network}
        for row in self.resources:
            identity = parse(str(row.get("id") or ""))
            if identity is None or identity.resource_type.lower() not in PARTS:
                continue
            named = self.owns_group and has_part_name(self.machine, identity)
            if belongs_to(row, self.mark) or named or str(identity).lower() in known:
                found[str(identity).lower()] = identity
        return sorted(found.values(), key=lambda part: (PARTS.index(part.resource_type.lower()), str(part)))

    def foreign_resources(self) -> list[ResourceId]:
        """The resources in the group that do not belong to the instance."""
        own = {str(resource).lower() for resource in (self.machine, *self.parts())}
        rows = (parse(str(row.get("id") or "")) for row in self.resources)
        # Extensions and run commands are child resources of their virtual machine.
        return [row for row in rows if row and len(row.names) == 1 and str(row).lower() not in own]


def plan_removal(state: TeardownState, wait: bool = True) -> Plan:
    """Plan the deletion of an instance.

    :param wait: whether to wait for the deletion of a group that was created for the instance.
    :returns: a plan whose steps, executed in order, delete all resources of the instance.
    """
    title = f"Removal of {state.machine.label} and everything that was created for it"
    if state.vm is not None and not belongs_to(state.vm, state.mark):
        return Plan(
            title,
            blockers=[
                Finding(
                    "machine_not_ours",
                    f"The {state.machine.label} was not created by this module, and is not deleted; check 'name'.",
                )
            ],
        )
    steps = list(_steps(state, wait))
    blockers = list(lock_blockers(state.locks, steps))
    return Plan(title, blockers, list(_warnings(state)), [] if blockers else steps)


def _warnings(state: TeardownState) -> Iterator[Finding]:
    foreign_resources = state.foreign_resources() if state.owns_group else []
    if foreign_resources:
        yield Finding(
            "group_kept",
            f"The {group_of(state.machine).label} was created for the instance, and is kept, because it contains other resources "
            f"({', '.join(resource.label for resource in foreign_resources[:5])}).",
        )


def _steps(state: TeardownState, wait: bool) -> Iterator[Step]:
    group = group_of(state.machine)
    if state.group is None:
        return
    if machine.provisioning_state(state.group) == "Deleting":
        if wait:
            yield Step(
                actions.WAIT_FOR_REMOVAL, group, f"wait until the {group.label} is deleted, which is in progress"
            )
        return
    if state.owns_group and not state.foreign_resources():
        yield _deletion(
            actions.DELETE_GROUP if wait else actions.BEGIN_GROUP_REMOVAL,
            group,
            f"delete the {group.label} with everything in it",
        )
        return
    if state.vm is not None:
        if machine.provisioning_state(state.vm) == "Deleting":
            label = state.machine.label
            yield Step(
                actions.WAIT_FOR_REMOVAL, state.machine, f"wait until the {label} is deleted, which is in progress"
            )
        else:
            yield _deletion(
                actions.DELETE_VM,
                state.machine,
                f"delete the {state.machine.label} and the resources that are deleted with it",
            )
    deleted = _deleted_with_vm(state)
    for part in state.parts():
        if str(part).lower() not in deleted:
            yield deletion_step(part)


def _deleted_with_vm(state: TeardownState) -> set[str]:
    """The ids, in lower case, of the resources that Azure deletes together with the virtual machine."""
    if state.vm is None:
        return set()
    disks = [machine.os_disk(state.vm), *machine.data_disks(state.vm)]
    deleted = {(disk.get("managedDisk") or {}).get("id") for disk in disks if disk.get("deleteOption") == "Delete"}
    deleted |= {
        str(reference.get("id"))
        for reference in machine.interface_references(state.vm)
        if is_deleted_with_vm(reference)
    }
    deleted_ids = {str(identity).lower() for identity in deleted}
    interfaces = [part for part in state.network if part.resource_type.lower() == NETWORK_INTERFACE.lower()]
    if all(str(interface).lower() in deleted_ids for interface in interfaces):
        # Public IP addresses are deleted together with their interfaces.
        deleted_ids |= {str(resource).lower() for resource in state.network}
    return deleted_ids


def _deletion(action: Action, resource: ResourceId, description: str) -> Step:
    return Step(action, resource, description, method="DELETE", path=str(resource))
