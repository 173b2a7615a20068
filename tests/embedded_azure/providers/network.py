# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The little of Microsoft.Network that virtual machines need: interfaces, public addresses, networks, subnets."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

from .. import api_versions
from ..cloud import Cloud
from ..errors import error
from ..model import Body, Call, Provider, ResourceType, Style, Transition, picked, removal
from ..store import Resource, ResourceStore

INTERFACE = "Microsoft.Network/networkInterfaces"
PUBLIC_ADDRESS = "Microsoft.Network/publicIPAddresses"
NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
SECURITY_GROUP = "Microsoft.Network/networkSecurityGroups"

_ENVELOPE = ("location", "tags", "sku", "zones", "extendedLocation")


def _address(cloud: Cloud, prefix: str) -> str:
    """The next address, never one given before: 10.0.x.y for interfaces, 203.0.113.x (TEST-NET-3) for public ones."""
    number = next(cloud.numbers[prefix]) + 4
    return f"10.0.{number // 250}.{number % 250 + 1}" if prefix == "10" else f"203.0.113.{number % 254 + 1}"


def new_interface(cloud: Cloud, vm: Resource, configuration: Body) -> Resource:
    """The interface that a virtual machine brings along, with a public address if its configuration asks for one."""
    base = vm.id.rsplit("/providers/", 1)[0]
    name = f"{configuration.get('name', vm.name)}-{cloud.new_id()[:8]}"
    nic_id = f"{base}/providers/{INTERFACE}/{name}"
    wanted = configuration.get("properties") or {}
    ip_configurations = []
    for number, ip in enumerate(wanted.get("ipConfigurations") or [{"name": "ipconfig1"}]):
        properties = ip.get("properties") or {}
        shown: Body = {
            "provisioningState": "Succeeded",
            "privateIPAddress": _address(cloud, "10"),
            "privateIPAllocationMethod": "Dynamic",
            "primary": properties.get("primary", number == 0),
            "privateIPAddressVersion": properties.get("privateIPAddressVersion", "IPv4"),
        }
        if properties.get("subnet"):
            shown["subnet"] = properties["subnet"]
        public = properties.get("publicIPAddressConfiguration")
        if public:
            ip_id = f"{nic_id}/ipConfigurations/{ip['name']}"
            shown["publicIPAddress"] = {"id": _new_public_address(cloud, vm, public, ip_id).id}
        ip_configurations.append(
            {"name": ip.get("name"), "id": f"{nic_id}/ipConfigurations/{ip.get('name')}", "properties": shown}
        )
    properties = {
        "provisioningState": "Succeeded",
        "resourceGuid": cloud.new_id(),
        "ipConfigurations": ip_configurations,
        "primary": wanted.get("primary", True),
        "enableAcceleratedNetworking": wanted.get("enableAcceleratedNetworking", False),
        "enableIPForwarding": wanted.get("enableIPForwarding", False),
        "virtualMachine": {"id": vm.id},
    }
    if wanted.get("networkSecurityGroup"):
        properties["networkSecurityGroup"] = wanted["networkSecurityGroup"]
    return cloud.add(
        nic_id, INTERFACE, {"location": vm.location, **picked(configuration, "tags"), "properties": properties}
    )


def _new_public_address(cloud: Cloud, vm: Resource, configuration: Body, owner: str) -> Resource:
    base = vm.id.rsplit("/providers/", 1)[0]
    wanted = configuration.get("properties") or {}
    body: Body = {
        "location": vm.location,
        **picked(configuration, "tags"),
        "sku": configuration.get("sku") or {"name": "Standard", "tier": "Regional"},
        "properties": {
            "provisioningState": "Succeeded",
            "resourceGuid": cloud.new_id(),
            "ipAddress": _address(cloud, "203"),
            "publicIPAddressVersion": "IPv4",
            "publicIPAllocationMethod": wanted.get("publicIPAllocationMethod", "Static"),
            "idleTimeoutInMinutes": wanted.get("idleTimeoutInMinutes", 4),
            "deleteOption": wanted.get("deleteOption", "Detach"),
            "ipConfiguration": {"id": owner},
        },
    }
    name = f"{configuration.get('name', vm.name)}-{cloud.new_id()[:8]}"
    return cloud.add(f"{base}/providers/{PUBLIC_ADDRESS}/{name}", PUBLIC_ADDRESS, body)


def _build(call: Call, type: str, defaults: Body) -> Transition:
    desired = call.desired
    resource = call.existing or Resource(call.path.id, type, call.path.name, {})
    before = resource.body.get("properties", {})
    resource.body = {key: copy.deepcopy(desired[key]) for key in _ENVELOPE if desired.get(key) is not None}
    kept = {key: before[key] for key in ("resourceGuid", "virtualMachine", "ipAddress") if key in before}
    resource.body["properties"] = {
        "resourceGuid": call.cloud.new_id(),
        **defaults,
        **desired.get("properties", {}),
        **kept,
    }
    return Transition(resource)


def machine_at(store: ResourceStore, address: str) -> str | None:
    """The id of the virtual machine that a public or private address belongs to."""
    for nic in store.of_type(INTERFACE):
        for configuration in nic.properties.get("ipConfigurations") or []:
            properties = configuration.get("properties") or {}
            public = store.get((properties.get("publicIPAddress") or {}).get("id"))
            addresses = {properties.get("privateIPAddress"), public.properties.get("ipAddress") if public else None}
            if address in addresses and nic.properties.get("virtualMachine"):
                return str(nic.properties["virtualMachine"]["id"])
    return None


def machine_named(store: ResourceStore, name: str) -> str | None:
    """The id of the virtual machine of a name, of the one that was made first where several have it."""
    machines = store.of_type("Microsoft.Compute/virtualMachines")
    return next((vm.id for vm in machines if vm.name.lower() == name.lower()), None)


def build_interface(call: Call) -> Transition:
    """A network interface; each of its configurations gets a private address."""
    transition = _build(call, INTERFACE, {"enableAcceleratedNetworking": False, "enableIPForwarding": False})
    resource = transition.resource
    for number, configuration in enumerate(resource.properties.get("ipConfigurations") or []):
        configuration["id"] = f"{resource.id}/ipConfigurations/{configuration.get('name')}"
        properties = configuration.setdefault("properties", {})
        properties.setdefault("privateIPAddress", _address(call.cloud, "10"))
        properties.setdefault("privateIPAllocationMethod", "Dynamic")
        properties.setdefault("primary", number == 0)
        properties["provisioningState"] = "Succeeded"
        public = properties.get("publicIPAddress") or {}
        address = call.cloud.store.get(public.get("id"))
        option = (public.get("properties") or {}).get("deleteOption")
        if address is not None:
            address.properties["ipConfiguration"] = {"id": configuration["id"]}
            if option:
                address.properties["deleteOption"] = option
    return transition


def remove_interface(call: Call) -> Transition:
    """An interface, which no virtual machine may use; its public addresses are free then."""
    nic, store = call.existing, call.cloud.store
    vm = store.get((nic.properties.get("virtualMachine") or {}).get("id"))
    if vm is not None:
        raise error("interface_in_use", interface=nic.id, vm=vm.id)
    transition = removal(call)
    finish = transition.finish

    def free(result: Any) -> None:
        release_addresses(store, nic)
        if finish is not None:
            finish(result)

    return replace(transition, finish=free)


def release_addresses(store: ResourceStore, nic: Resource) -> None:
    """Let go of the public addresses of an interface that is deleted."""
    for configuration in nic.properties.get("ipConfigurations") or []:
        address = store.get(((configuration.get("properties") or {}).get("publicIPAddress") or {}).get("id"))
        if address is not None:
            address.properties.pop("ipConfiguration", None)


def remove_public_address(call: Call) -> Transition:
    """A public address, which no interface may use."""
    owner = (call.existing.properties.get("ipConfiguration") or {}).get("id")
    if owner and call.cloud.store.get(owner.partition("/ipConfigurations/")[0]) is not None:
        raise error("address_in_use", address=call.existing.id, owner=owner)
    return removal(call)


def build_public_address(call: Call) -> Transition:
    """A public address."""
    transition = _build(call, PUBLIC_ADDRESS, {"idleTimeoutInMinutes": 4, "publicIPAddressVersion": "IPv4"})
    transition.resource.body.setdefault("sku", {"name": "Standard", "tier": "Regional"})
    transition.resource.properties.setdefault("ipAddress", _address(call.cloud, "203"))
    return transition


def build_network(call: Call) -> Transition:
    """A virtual network; its inline subnets become resources."""
    transition = _build(call, NETWORK, {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}})
    network = transition.resource
    for subnet in network.properties.pop("subnets", None) or []:
        body: Body = {"properties": {"provisioningState": "Succeeded", **(subnet.get("properties") or {})}}
        call.cloud.add(f"{network.id}/subnets/{subnet['name']}", SUBNET, body)
    return transition


def network_view(call: Call, resource: Resource) -> Body:
    """A network with its subnets."""
    document = resource.document()
    document["properties"]["subnets"] = [subnet.document() for subnet in call.cloud.store.of_type(SUBNET, resource.id)]
    return document


def _simple(type: str) -> Any:
    return lambda call: _build(call, type, {})


def _row(type: str, build: Any, **more: Any) -> ResourceType:
    return ResourceType(
        name=type,
        build=build,
        api_versions=api_versions.ANY,
        created=Style(201, long_running=False, body=True),
        updated=Style(200, long_running=False, body=True),
        deleted=Style(202, location=True),
        **more,
    )


PROVIDER = Provider(
    namespace="Microsoft.Network",
    types=(
        _row(INTERFACE, build_interface, remove=remove_interface),
        _row(PUBLIC_ADDRESS, build_public_address, remove=remove_public_address),
        _row(NETWORK, build_network, view=network_view),
        _row(SUBNET, _simple(SUBNET), located=False),
        _row(SECURITY_GROUP, _simple(SECURITY_GROUP)),
    ),
)
