# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan which resources are deleted with a virtual machine after its capture; pure.

Delete options are set on its resources, so that Azure deletes everything at once and an interrupted run does not leave
a part of it: https://learn.microsoft.com/azure/virtual-machines/delete. They are set before generalizing, after which
Azure allows no change of a virtual machine. Shared disks and disks that are not captured are kept.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, parse, same_id
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import public_address_ids
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source

Json = dict[str, Any]

_DELETE = "Delete"
#: Read-only properties of a network interface.
_READ_ONLY = (
    "provisioningState",
    "resourceGuid",
    "virtualMachine",
    "macAddress",
    "hostedWorkloads",
    "tapConfigurations",
    "vnetEncryptionSupported",
    "defaultOutboundConnectivityEnabled",
    "privateEndpoint",
)


def marking_steps(state: CaptureState, source: Source, vm_id: ResourceId, vm: Json) -> Iterator[Step]:
    """Steps that set the delete options of the resources of a virtual machine."""
    for interface in state.interfaces:
        body = _with_marked_addresses(interface, state.addresses)
        interface_id = parse(str(interface.get("id") or ""))
        if body and interface_id:
            yield Step(
                actions.MARK_ADDRESSES,
                interface_id,
                f"set the delete option of the public IP addresses of {interface_id.label}",
                method="PUT",
                path=str(interface_id),
                body=body,
            )
    if machine.is_generalized(vm):
        return
    marked = _marked(state, source, vm)
    if marked:
        yield Step(
            actions.MARK_BELONGINGS,
            vm_id,
            f"set the delete options of the {vm_id.label}: {', '.join(marked)}",
            method="PATCH",
            path=str(vm_id),
            body=_marking_body(state, source, vm),
        )


def kept_warnings(state: CaptureState, source: Source, vm_id: ResourceId, vm: Json) -> Iterator[Finding]:
    """Warnings about resources that are kept when the virtual machine is deleted."""
    marked = [] if machine.is_generalized(vm) else _marked(state, source, vm)
    kept = [label for label in machine.kept_on_deletion(vm) if label not in marked]
    if kept:
        yield Finding(
            "kept_on_deletion",
            f"Deleting the {vm_id.label} does not delete {', '.join(kept)}: shared disks and disks that are not "
            "captured are kept, and for a generalized virtual machine all resources that its delete options keep.",
        )


def deleted_with_machine(state: CaptureState, source: Source, vm: Json) -> list[ResourceId]:
    """Resources that Azure deletes together with the virtual machine: with a delete option that is set or planned."""
    generalized = machine.is_generalized(vm)
    found = []
    for disk in [machine.os_disk(vm), *machine.data_disks(vm)]:
        if disk.get("deleteOption") == _DELETE or (not generalized and _is_deletable(state, source, disk)):
            found.append(str((disk.get("managedDisk") or {}).get("id") or ""))
    for interface in machine.interface_references(vm):
        if not generalized or (interface.get("properties") or {}).get("deleteOption") == _DELETE:
            found.append(str(interface.get("id") or ""))
    # Delete options of addresses are set even for a generalized virtual machine.
    found += [str(address) for interface in state.interfaces for address in public_address_ids([interface])]
    return list(filter(None, map(parse, found)))


def _marked(state: CaptureState, source: Source, vm: Json) -> list[str]:
    """The labels of resources whose delete option is to be set."""
    labels = []
    for disk in [machine.os_disk(vm), *machine.data_disks(vm)]:
        disk_id = parse(str((disk.get("managedDisk") or {}).get("id") or ""))
        if disk_id and disk.get("deleteOption") != _DELETE and _is_deletable(state, source, disk):
            labels.append(disk_id.label)
    for interface in machine.interface_references(vm):
        interface_id = parse(str(interface.get("id") or ""))
        if interface_id and (interface.get("properties") or {}).get("deleteOption") != _DELETE:
            labels.append(interface_id.label)
    return labels


def _is_deletable(state: CaptureState, source: Source, disk: Json) -> bool:
    """Whether a disk of the virtual machine is captured, and not shared."""
    if disk.get("lun") is not None and disk["lun"] not in source.luns:
        return False
    disk_id = (disk.get("managedDisk") or {}).get("id")
    read = next((found for found in state.disks if same_id(found.get("id"), disk_id)), {})
    # Azure allows no delete option for shared disks.
    return int(machine.properties(read).get("maxShares") or 1) == 1


def _marking_body(state: CaptureState, source: Source, vm: Json) -> Json:
    storage = machine.storage(vm)
    # Lists are replaced completely: unchanged entries are included.
    marked: Json = {"osDisk": _disk(state, source, machine.os_disk(vm))}
    if storage.get("dataDisks"):
        marked["dataDisks"] = [_disk(state, source, disk) for disk in storage["dataDisks"]]
    interfaces = [
        {**interface, "properties": {**(interface.get("properties") or {}), "deleteOption": _DELETE}}
        for interface in machine.interface_references(vm)
    ]
    return {"properties": {"storageProfile": marked, "networkProfile": {"networkInterfaces": interfaces}}}


def _disk(state: CaptureState, source: Source, disk: Json) -> Json:
    return {**disk, "deleteOption": _DELETE} if _is_deletable(state, source, disk) else disk


def _with_marked_addresses(interface: Json, addresses: list[Json]) -> Json | None:
    """The interface with the delete options of all its public IP addresses; None if they are set already."""
    lasting = {
        str(address.get("id")).lower()
        for address in addresses
        if machine.properties(address).get("deleteOption") != _DELETE
    }
    if not any(str(address).lower() in lasting for address in public_address_ids([interface])):
        return None
    properties = {
        name: copy.deepcopy(value) for name, value in machine.properties(interface).items() if name not in _READ_ONLY
    }
    for configuration in properties.get("ipConfigurations") or []:
        own = configuration["properties"]
        own.pop("provisioningState", None)
        if own.get("publicIPAddress"):
            own["publicIPAddress"] = {"id": own["publicIPAddress"]["id"], "properties": {"deleteOption": _DELETE}}
    return {
        **{name: interface[name] for name in ("location", "tags", "extendedLocation") if interface.get(name)},
        "properties": properties,
    }
