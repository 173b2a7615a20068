# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the existing resources of an instance, and verify that they are deleted; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.polling import intervals
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, NotFound
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, group_of, parse
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import read_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._instance.removal import TeardownState
from ansible_collections.golden.azure.plugins.module_utils._instance.state import read_interfaces
from ansible_collections.golden.azure.plugins.module_utils._model.instance_parts import PARTS, has_part_name
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import (
    INSTANCE,
    belongs_to,
    instance_mark,
)
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import (
    is_deleted_with_vm,
    public_address_ids,
)
from ansible_collections.golden.azure.plugins.module_utils._model.virtual_machine import interface_references

Json = dict[str, Any]

#: Grace period in seconds for deletions: an interface is deleted some time after its virtual machine.
_DELETION_GRACE = 60


def read_teardown_state(arm: ArmClient, machine: ResourceId) -> TeardownState:
    """Read the existing resources of an instance.

    :raises Failure: if they cannot be read.
    """
    group = arm.get(group_of(machine))
    if group is None:
        return TeardownState(machine, None)
    try:
        vm = arm.get(machine, expand="instanceView")
        resources = list(
            arm.list(f"{machine.group_id}/resources", "resources", f"the resources of {group_of(machine).label}")
        )
        network = _network(machine, vm, read_interfaces(arm, vm)) if vm else []
        state = TeardownState(machine, group, vm, resources, network)
        # Locks are not relevant if nothing is deleted.
        if vm or state.parts() or state.owns_group:
            return replace(state, locks=read_locks(arm, [machine])[0])
    except NotFound as missing:
        # It was being deleted, and no longer exists.
        if missing.code != "ResourceGroupNotFound":
            raise
        return TeardownState(machine, None)
    return state


def _network(machine: ResourceId, vm: Json, interfaces: list[Json]) -> list[ResourceId]:
    """The network resources that were created together with the virtual machine, without existing ones that were attached to it."""
    deleted = {
        str(reference.get("id")).lower() for reference in interface_references(vm) if is_deleted_with_vm(reference)
    }
    found = []
    for interface in interfaces:
        identity = parse(str(interface.get("id")))
        own = belongs_to(interface, instance_mark(machine)) or str(identity).lower() in deleted
        if identity and (own or has_part_name(machine, identity)):
            found.append(identity)
    return [*found, *(address for address in public_address_ids(interfaces) if has_part_name(machine, address))]


def verify_deleted(arm: ArmClient, deadline: Deadline, before: TeardownState) -> None:
    """Verify that all resources of an instance are deleted, including those with its tag anywhere in the subscription.

    :param before: the resources that existed before the removal.
    :raises Failure: with the remaining resources.
    """
    grace = Deadline(min(_DELETION_GRACE, deadline.remaining), deadline.clock)
    interval = intervals()
    while True:
        remaining = _remaining(arm, before)
        if not remaining:
            return
        if grace.remaining <= 0:
            names = ", ".join(resource.label for resource in remaining)
            raise Failure(
                f"The removal of the {before.machine.label} left resources behind: {names}; run the task again, or delete them manually.",
                details={"remaining": [str(resource) for resource in remaining]},
            )
        grace.wait(interval(), "The remaining resources were not deleted")


def _remaining(arm: ArmClient, before: TeardownState) -> list[ResourceId]:
    group = group_of(before.machine)
    known = [before.machine, *before.parts(), *_tagged(arm, before.machine)]
    if before.owns_group and not before.foreign_resources():
        known.append(group)
    distinct = {str(resource).lower(): resource for resource in known}
    # Listings are updated with a delay, so each resource is read.
    existing = run_in_threads(lambda resource: get_or_none(arm, resource), distinct.values(), READERS)
    return [resource for resource, found in zip(distinct.values(), existing) if found is not None]


def _tagged(arm: ArmClient, machine: ResourceId) -> Iterable[ResourceId]:
    """The resources with the tag of an instance, of the types that instances have."""
    query = f"tagName%20eq%20'{INSTANCE}'%20and%20tagValue%20eq%20'{instance_mark(machine)}'"
    path = f"/subscriptions/{machine.subscription_id}/resources"
    rows = arm.list(path, "resources", f"the resources that belong to {machine.label}", filter=query)
    found = (parse(str(row.get("id") or "")) for row in rows)
    return [resource for resource in found if resource and resource.resource_type.lower() in PARTS]
