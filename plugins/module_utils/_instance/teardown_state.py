# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what is there of an instance, and prove that nothing is left of it; nothing is written."""

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
from ansible_collections.golden.azure.plugins.module_utils._instance.removal import PARTS, Remains, is_named_after
from ansible_collections.golden.azure.plugins.module_utils._instance.state import read_interfaces
from ansible_collections.golden.azure.plugins.module_utils._instance.tags import INSTANCE, belongs_to, instance_mark
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import (
    is_deleted_with_vm,
    public_address_ids,
)
from ansible_collections.golden.azure.plugins.module_utils._model.virtual_machine import interface_references

Json = dict[str, Any]

#: Seconds for which what has been deleted may still be there: an interface goes a while after its machine.
_DELETION_GRACE = 60


def read_remains(arm: ArmClient, machine: ResourceId) -> Remains:
    """Read what is there of an instance.

    :raises Failure: when it cannot be read.
    """
    group = arm.get(group_of(machine))
    if group is None:
        return Remains(machine, None)
    try:
        vm = arm.get(machine, expand="instanceView")
        resources = list(
            arm.list(f"{machine.group_id}/resources", "resources", f"the resources of {group_of(machine).label}")
        )
        network = _network(machine, vm, read_interfaces(arm, vm)) if vm else []
        remains = Remains(machine, group, vm, resources, network)
        # Where nothing of it is left, nothing is deleted that a lock could keep.
        if vm or remains.parts() or remains.owns_group:
            return replace(remains, locks=read_locks(arm, [machine])[0])
    except NotFound as missing:
        # It was being deleted, and is gone by now.
        if missing.code != "ResourceGroupNotFound":
            raise
        return Remains(machine, None)
    return remains


def _network(machine: ResourceId, vm: Json, interfaces: list[Json]) -> list[ResourceId]:
    """What was made with the machine of its network; what was attached to it by hand is not."""
    going = {
        str(reference.get("id")).lower() for reference in interface_references(vm) if is_deleted_with_vm(reference)
    }
    found = []
    for interface in interfaces:
        identity = parse(str(interface.get("id")))
        own = belongs_to(interface, instance_mark(machine)) or str(identity).lower() in going
        if identity and (own or is_named_after(machine, identity)):
            found.append(identity)
    return [*found, *(address for address in public_address_ids(interfaces) if is_named_after(machine, address))]


def verify_deleted(arm: ArmClient, deadline: Deadline, before: Remains) -> None:
    """Look at everything that belonged to an instance, and for whatever bears its tag anywhere in the subscription.

    :param before: what was there before the removal.
    :raises Failure: naming what is left.
    """
    patience = Deadline(min(_DELETION_GRACE, deadline.remaining), deadline.clock)
    interval = intervals()
    while True:
        left = _left(arm, before)
        if not left:
            return
        if patience.remaining <= 0:
            names = ", ".join(resource.label for resource in left)
            raise Failure(
                f"Removing the {before.machine.label} left something behind: {names}; run the task again, or delete it by hand.",
                details={"remaining": [str(resource) for resource in left]},
            )
        patience.wait(interval(), "What was left did not go")


def _left(arm: ArmClient, before: Remains) -> list[ResourceId]:
    group = group_of(before.machine)
    known = [before.machine, *before.parts(), *_tagged(arm, before.machine)]
    if before.owns_group and not before.foreign_resources():
        known.append(group)
    distinct = {str(resource).lower(): resource for resource in known}
    # A listing lags behind by seconds and more: each is looked at itself.
    there = run_in_threads(lambda resource: _is_there(arm, resource), distinct.values(), READERS)
    return [resource for resource, found in zip(distinct.values(), there) if found]


def _tagged(arm: ArmClient, machine: ResourceId) -> Iterable[ResourceId]:
    """Whatever of an instance's kinds of resources bears its tag."""
    query = f"tagName%20eq%20'{INSTANCE}'%20and%20tagValue%20eq%20'{instance_mark(machine)}'"
    path = f"/subscriptions/{machine.subscription_id}/resources"
    rows = arm.list(path, "resources", f"what belongs to {machine.label}", filter=query)
    found = (parse(str(row.get("id") or "")) for row in rows)
    return [resource for resource in found if resource and resource.resource_type.lower() in PARTS]


def _is_there(arm: ArmClient, resource: ResourceId) -> bool:
    try:
        return arm.get(resource) is not None
    except NotFound as missing:
        if missing.code != "ResourceGroupNotFound":
            raise
        return False
