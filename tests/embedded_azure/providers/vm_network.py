# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Network interfaces of a virtual machine: referred to, or brought along (networkInterfaceConfigurations)."""

from __future__ import annotations

import copy

from ..cloud import Cloud
from ..errors import AzureError, error
from ..model import Body, Call
from ..store import Resource
from ..vm_sizes import SIZES, capabilities
from .network import INTERFACE, new_interface, release_addresses


def check(wanted: Body, vm: str) -> None:
    """Refuse a machine that has no interface and brings none along."""
    if not wanted.get("networkInterfaces") and not wanted.get("networkInterfaceConfigurations"):
        raise error("no_interface", vm=vm)


def claim(call: Call, vm: Resource, wanted: Body) -> Body:
    """Check referred interfaces and remember configurations; return the network profile the answer shows."""
    references = [dict(reference) for reference in wanted.get("networkInterfaces") or []]
    for reference in references:
        nic = call.cloud.store.get(reference.get("id"))
        if nic is None:
            raise AzureError(
                400,
                "InvalidResourceReference",
                f"Resource {reference.get('id')} referenced by resource {vm.id} was not found. Please make sure that "
                "the referenced resource exists, and that both resources are in the same region.",
                details=[],
            )
        nic.properties["virtualMachine"] = {"id": vm.id}
    configurations = wanted.get("networkInterfaceConfigurations") or []
    _check_size(vm, configurations)
    if configurations:
        vm.private["network_configurations"] = copy.deepcopy(configurations)
    profile: Body = {"networkInterfaces": references}
    return profile


def _check_size(vm: Resource, configurations: list[Body]) -> None:
    """Accelerated networking is for sizes that have it."""
    size = vm.properties["hardwareProfile"]["vmSize"]
    asked = any((each.get("properties") or {}).get("enableAcceleratedNetworking") for each in configurations)
    if asked and not capabilities(size).accelerated_networking:
        sizes = ", ".join(each for each in SIZES if capabilities(each).accelerated_networking)
        raise error("size_networking", vm=vm.id, size=size, sizes=sizes)


def settle(call: Call, vm: Resource) -> Body:
    """Make the interfaces a machine brings along, once; return its network profile."""
    profile = copy.deepcopy(vm.properties.get("networkProfile") or {"networkInterfaces": []})
    for configuration in vm.private.pop("network_configurations", []):
        nic = new_interface(call.cloud, vm, configuration)
        properties = configuration.get("properties") or {}
        profile["networkInterfaces"].append(
            {
                "id": nic.id,
                "properties": {
                    "primary": properties.get("primary", True),
                    "deleteOption": properties.get("deleteOption", "Detach"),
                },
            }
        )
    return profile


def interfaces_of(cloud: Cloud, vm: Resource) -> list[tuple[Body, Resource]]:
    """References of the profile with the interfaces themselves."""
    references = vm.properties.get("networkProfile", {}).get("networkInterfaces", [])
    found = [(reference, cloud.store.get(reference.get("id"))) for reference in references]
    return [(reference, nic) for reference, nic in found if nic is not None and nic.type == INTERFACE]


def release(cloud: Cloud, vm: Resource) -> None:
    """Let go of the interfaces of a deleted machine; delete those with deleteOption Delete, public addresses too."""
    for reference, nic in interfaces_of(cloud, vm):
        nic.properties.pop("virtualMachine", None)
        if (reference.get("properties") or {}).get("deleteOption") != "Delete":
            continue
        for configuration in nic.properties.get("ipConfigurations", []):
            public = configuration["properties"].get("publicIPAddress") or {}
            address = cloud.store.get(public.get("id"))
            if address is not None and address.properties.get("deleteOption") == "Delete":
                cloud.store.remove(address.id)
        release_addresses(cloud.store, nic)
        cloud.store.remove(nic.id)
