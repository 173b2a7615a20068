# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""An instance as the documented return value; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._core.tags import DISK_CONSISTENCY, tag_value
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.facts import as_option
from ansible_collections.golden.azure.plugins.module_utils._model.instance_tags import INSTANCE_SOURCE
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import agent_is_ready, private_addresses

Json = dict[str, Any]


def instance_facts(vm: Json, interfaces: Sequence[Json], public_addresses: Sequence[Json], copied: Json | None) -> Json:
    """The facts of an instance; keys always exist, with None for missing values.

    :param interfaces: its network interfaces, the primary one first.
    :param public_addresses: its public IP addresses, in the same order.
    :param copied: the source virtual machine of a copy.
    """
    properties = machine.properties(vm)
    found = parse(str(vm.get("id") or ""))
    profile = properties.get("osProfile") or machine.properties(copied).get("osProfile") or {}
    private = private_addresses(interfaces)
    public = [
        str(address) for address in (machine.properties(one).get("ipAddress") for one in public_addresses) if address
    ]
    reference = machine.storage(vm).get("imageReference") or {}
    return {
        "id": vm.get("id"),
        "name": vm.get("name"),
        "resource_group": found.resource_group if found else None,
        "location": vm.get("location"),
        "vm_id": machine.identity(vm),
        "provisioning_state": machine.provisioning_state(vm),
        "power_state": machine.power_state(vm),
        "generalized": machine.is_generalized(vm),
        "agent_ready": agent_is_ready(vm),
        "os_type": as_option(machine.os_type(vm)),
        "admin_username": profile.get("adminUsername"),
        "computer_name": profile.get("computerName"),
        "private_ip_address": private[0] if private else None,
        "private_ip_addresses": private,
        "public_ip_address": public[0] if public else None,
        "public_ip_addresses": public,
        "vm_size": (properties.get("hardwareProfile") or {}).get("vmSize"),
        "priority": "spot" if properties.get("priority") == "Spot" else "regular",
        "security_type": machine.security_type(vm),
        "encryption_at_host": machine.encryption_at_host(vm),
        "disk_controller": machine.storage(vm).get("diskControllerType"),
        "accelerated_networking": bool(interfaces)
        and bool(machine.properties(interfaces[0]).get("enableAcceleratedNetworking")),
        "source": tag_value(vm.get("tags"), INSTANCE_SOURCE),
        "disk_consistency": tag_value(vm.get("tags"), DISK_CONSISTENCY),
        "image_version": reference.get("exactVersion") or reference.get("version"),
        "disks": [str(disk) for disk in machine.managed_disk_ids(vm)],
        "tags": vm.get("tags") or {},
    }
