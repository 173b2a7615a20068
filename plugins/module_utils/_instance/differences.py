# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Differences between an existing instance and the task; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import same_id
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import public_address_ids, subnet_ids

Json = dict[str, Any]


def differences(request: InstanceRequest, state: InstanceState) -> Iterator[Finding]:
    """A warning for each difference; none of them can be changed without data loss, so that the instance is not changed."""
    label = request.machine.label
    found = (
        *_vm_differences(request, state.vm or {}),
        *_disk_differences(request, state),
        *_network_differences(request, state.interfaces),
    )
    for difference in found:
        yield Finding(
            "differs",
            f"The {label} {difference}, which is not changed; delete it with 'state: absent' first to create it again.",
        )


def _vm_differences(request: InstanceRequest, vm: Json) -> Iterator[str]:
    properties = machine.properties(vm)
    size = str((properties.get("hardwareProfile") or {}).get("vmSize"))
    if request.sizes and size.lower() not in (size_name.lower() for size_name in request.sizes):
        yield f"has the size {size}, not {' or '.join(request.sizes)}"
    security = "Standard" if request.for_managed_image else request.security_type
    if security and security != machine.security_type(vm):
        yield f"has the security type {machine.security_type(vm)}, not {security}"
    encrypted = machine.encryption_at_host(vm)
    if request.encryption_at_host is not None and request.encryption_at_host is not encrypted:
        yield f"has encryption at host {'enabled' if encrypted else 'disabled'}"
    controller = machine.storage(vm).get("diskControllerType")
    if request.disk_controller and controller and request.disk_controller != controller:
        yield f"has the disk controller {controller}, not {request.disk_controller}"
    is_spot = str(properties.get("priority")).lower() == "spot"
    if is_spot is not request.spot:
        yield f"has the priority {'spot' if is_spot else 'regular'}"
    keys = _keys(properties)
    if request.ssh_public_key and keys and _key(request.ssh_public_key) not in keys:
        yield "was created with another 'ssh_public_key', so that logging in with this one is not possible"


def _disk_differences(request: InstanceRequest, state: InstanceState) -> Iterator[str]:
    disks = [part for key, part in state.parts.items() if "/disks/" in key]
    keys = {str((machine.properties(disk).get("encryption") or {}).get("diskEncryptionSetId")) for disk in disks}
    if request.encryption_set and any(not same_id(key, str(request.encryption_set)) for key in keys):
        yield f"has disks that are not encrypted with the {request.encryption_set.label}"


def _keys(properties: Json) -> list[str]:
    linux = (properties.get("osProfile") or {}).get("linuxConfiguration") or {}
    return [_key(str(key.get("keyData") or "")) for key in (linux.get("ssh") or {}).get("publicKeys") or []]


def _key(text: str) -> str:
    """A public key without its type and comment."""
    return text.split()[1] if len(text.split()) > 1 else text.strip()


def _network_differences(request: InstanceRequest, interfaces: list[Json]) -> Iterator[str]:
    if not interfaces:
        return
    if not any(same_id(subnet, str(request.subnet)) for subnet in subnet_ids(interfaces)):
        yield f"is not in the {request.subnet.label}"
    if bool(public_address_ids(interfaces)) is not request.public_ip:
        yield "has no public IP address" if request.public_ip else "has a public IP address"
    accelerated = bool(machine.properties(interfaces[0]).get("enableAcceleratedNetworking"))
    if request.accelerated_networking is not None and request.accelerated_networking is not accelerated:
        yield f"has accelerated networking {'enabled' if accelerated else 'disabled'}"
    present = (machine.properties(interfaces[0]).get("networkSecurityGroup") or {}).get("id")
    if request.security_group and not same_id(present, str(request.security_group)):
        yield f"does not use the {request.security_group.label}"
