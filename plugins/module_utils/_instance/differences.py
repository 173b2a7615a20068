# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""In what an instance that is there is not as the task wants it; pure."""

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
    """A warning for each; none of them can be changed without a loss, and so nothing is."""
    label = request.machine.label
    found = (
        *_of_the_machine(request, state.vm or {}),
        *_of_its_disks(request, state),
        *_of_its_network(request, state.interfaces),
    )
    for what in found:
        yield Finding("differs", f"The {label} {what}, and is left so; remove it first to have it made anew.")


def _of_the_machine(request: InstanceRequest, vm: Json) -> Iterator[str]:
    properties = machine.properties(vm)
    size = str((properties.get("hardwareProfile") or {}).get("vmSize"))
    if request.sizes and size.lower() not in (wanted.lower() for wanted in request.sizes):
        yield f"has the size {size}, not {' or '.join(request.sizes)}"
    security = "Standard" if request.for_managed_image else request.security_type
    if security and security != machine.security_type(vm):
        yield f"has the security type {machine.security_type(vm)}, not {security}"
    encrypted = machine.encryption_at_host(vm)
    if request.encryption_at_host is not None and request.encryption_at_host is not encrypted:
        yield f"is {'' if encrypted else 'not '}encrypted at its host"
    is_spot = str(properties.get("priority")).lower() == "spot"
    if is_spot is not request.spot:
        yield "is a spot machine" if is_spot else "is no spot machine"
    keys = _keys(properties)
    if request.ssh_public_key and keys and _key(request.ssh_public_key) not in keys:
        yield "was made with another 'ssh_public_key', so that nobody logs in with this one"


def _of_its_disks(request: InstanceRequest, state: InstanceState) -> Iterator[str]:
    disks = [part for key, part in state.parts.items() if "/disks/" in key]
    keys = {str((machine.properties(disk).get("encryption") or {}).get("diskEncryptionSetId")) for disk in disks}
    if request.encryption_set and any(not same_id(key, str(request.encryption_set)) for key in keys):
        yield f"has disks that are not encrypted by {request.encryption_set.label}"


def _keys(properties: Json) -> list[str]:
    linux = (properties.get("osProfile") or {}).get("linuxConfiguration") or {}
    return [_key(str(key.get("keyData") or "")) for key in (linux.get("ssh") or {}).get("publicKeys") or []]


def _key(text: str) -> str:
    """A public key without its type and comment."""
    return text.split()[1] if len(text.split()) > 1 else text.strip()


def _of_its_network(request: InstanceRequest, interfaces: list[Json]) -> Iterator[str]:
    if not interfaces:
        return
    if not any(same_id(subnet, str(request.subnet)) for subnet in subnet_ids(interfaces)):
        yield f"is not in {request.subnet.label}"
    if bool(public_address_ids(interfaces)) is not request.public_ip:
        yield "has no public IP address" if request.public_ip else "has a public IP address"
    present = (machine.properties(interfaces[0]).get("networkSecurityGroup") or {}).get("id")
    if request.security_group and not same_id(present, str(request.security_group)):
        yield f"does not go by {request.security_group.label}"
