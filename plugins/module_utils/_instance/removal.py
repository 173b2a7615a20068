# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide how an instance goes with all that belongs to it, and with nothing else; pure."""

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
from ansible_collections.golden.azure.plugins.module_utils._instance.tags import belongs_to, instance_mark
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import deletion_step
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import is_deleted_with_vm
from ansible_collections.golden.azure.plugins.module_utils._model.locks import lock_blockers

Json = dict[str, Any]

#: What instances are made of besides the machine, in the order in which it can be deleted: types in lower case.
PARTS = tuple(kind.lower() for kind in (NETWORK_INTERFACE, PUBLIC_IP_ADDRESS, DISK, SNAPSHOT))


#: What follows the machine's name in the names of its parts; Azure adds to those of interfaces and addresses.
_SUFFIXES = {
    NETWORK_INTERFACE.lower(): re.compile(r"-nic.*"),
    PUBLIC_IP_ADDRESS.lower(): re.compile(r"-ip.*"),
    DISK.lower(): re.compile(r"-(os|data-\d+)"),
    SNAPSHOT.lower(): re.compile(r"-snapshot-(os|data-\d+)"),
}


def is_named_after(owner: ResourceId, part: ResourceId) -> bool:
    """Whether a part goes by the very name that it is given for its machine: others may only begin alike."""
    name, prefix = part.name.lower(), owner.name.lower()
    return name.startswith(prefix) and bool(_SUFFIXES[part.resource_type.lower()].fullmatch(name[len(prefix) :]))


@dataclass(frozen=True)
class Remains:
    """What is there of an instance."""

    machine: ResourceId
    #: None when the resource group is not there, nor anything in it then.
    group: Json | None
    vm: Json | None = None
    #: Everything in the resource group, in the short form of listings.
    resources: list[Json] = field(default_factory=list)
    #: Interfaces and public addresses that were made with the machine.
    network: list[ResourceId] = field(default_factory=list)
    #: Locks that are on the group, or on something in it.
    locks: list[Json] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What belongs to the instance carries this."""
        return instance_mark(self.machine)

    @property
    def owns_group(self) -> bool:
        """Whether the resource group was made for this instance."""
        return belongs_to(self.group, self.mark)

    def parts(self) -> list[ResourceId]:
        """What belongs to the instance besides the machine: by its tag, or because it was made with the machine.

        In a group of the instance's own, by its name too: an older Azure does not tag what comes with a machine.
        """
        known = {str(resource).lower() for resource in self.network}
        found = {str(resource).lower(): resource for resource in self.network}
        for row in self.resources:
            identity = parse(str(row.get("id") or ""))
            if identity is None or identity.resource_type.lower() not in PARTS:
                continue
            named = self.owns_group and is_named_after(self.machine, identity)
            if belongs_to(row, self.mark) or named or str(identity).lower() in known:
                found[str(identity).lower()] = identity
        return sorted(found.values(), key=lambda part: (PARTS.index(part.resource_type.lower()), str(part)))

    def foreign_resources(self) -> list[ResourceId]:
        """What lies in the group and does not belong to the instance."""
        own = {str(resource).lower() for resource in (self.machine, *self.parts())}
        rows = (parse(str(row.get("id") or "")) for row in self.resources)
        # Extensions and run commands are a part of their machine.
        return [row for row in rows if row and len(row.names) == 1 and str(row).lower() not in own]


def plan_removal(remains: Remains, wait: bool = True) -> Plan:
    """Decide.

    :param wait: whether the end of a group of the instance's own is waited for.
    :returns: a plan whose steps, done in their order, leave nothing of the instance.
    """
    title = f"Removal of {remains.machine.label} with all that was made for it"
    if remains.vm is not None and not belongs_to(remains.vm, remains.mark):
        return Plan(
            title,
            blockers=[
                Finding(
                    "machine_not_ours",
                    f"The {remains.machine.label} was not made by this module, and is left alone; check 'name'.",
                )
            ],
        )
    steps = list(_steps(remains, wait))
    blockers = list(lock_blockers(remains.locks, steps))
    return Plan(title, blockers, list(_warnings(remains)), [] if blockers else steps)


def _warnings(remains: Remains) -> Iterator[Finding]:
    foreign_resources = remains.foreign_resources() if remains.owns_group else []
    if foreign_resources:
        yield Finding(
            "group_kept",
            f"The {group_of(remains.machine).label} was made for the instance, and stays: it holds what does not belong to it "
            f"({', '.join(stranger.label for stranger in foreign_resources[:5])}).",
        )


def _steps(remains: Remains, wait: bool) -> Iterator[Step]:
    group = group_of(remains.machine)
    if remains.group is None:
        return
    if machine.provisioning_state(remains.group) == "Deleting":
        if wait:
            yield Step(actions.JOIN_REMOVAL, group, f"wait until the {group.label} is deleted, which is under way")
        return
    if remains.owns_group and not remains.foreign_resources():
        yield _deletion(
            actions.DELETE_GROUP if wait else actions.BEGIN_GROUP_REMOVAL,
            group,
            f"delete the {group.label} with everything in it",
        )
        return
    if remains.vm is not None:
        if machine.provisioning_state(remains.vm) == "Deleting":
            label = remains.machine.label
            yield Step(actions.JOIN_REMOVAL, remains.machine, f"wait until the {label} is deleted, which is under way")
        else:
            yield _deletion(
                actions.DELETE_VM, remains.machine, f"delete the {remains.machine.label} with what goes with it"
            )
    going = _goes_along(remains)
    for part in remains.parts():
        if str(part).lower() not in going:
            yield deletion_step(part)


def _goes_along(remains: Remains) -> set[str]:
    """Ids, in lower case, of what Azure deletes together with the machine."""
    if remains.vm is None:
        return set()
    disks = [machine.os_disk(remains.vm), *machine.data_disks(remains.vm)]
    going = {(disk.get("managedDisk") or {}).get("id") for disk in disks if disk.get("deleteOption") == "Delete"}
    going |= {
        str(reference.get("id"))
        for reference in machine.interface_references(remains.vm)
        if is_deleted_with_vm(reference)
    }
    lowered = {str(identity).lower() for identity in going}
    interfaces = [part for part in remains.network if part.resource_type.lower() == NETWORK_INTERFACE.lower()]
    if all(str(interface).lower() in lowered for interface in interfaces):
        # Public addresses go with their interfaces.
        lowered |= {str(resource).lower() for resource in remains.network}
    return lowered


def _deletion(action: Action, resource: ResourceId, description: str) -> Step:
    return Step(action, resource, description, method="DELETE", path=str(resource))
