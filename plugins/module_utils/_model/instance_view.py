# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the state of the VM agent and the network from the JSON of a virtual machine and its interfaces; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, parse
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]


def agent_is_ready(vm: Json) -> bool:
    """Whether the guest's agent reports that it is ready, according to the instance view."""
    agent = (machine.properties(vm).get("instanceView") or {}).get("vmAgent") or {}
    return any(
        str(status.get("code")).lower() == "provisioningstate/succeeded" and str(status.get("displayStatus")) == "Ready"
        for status in agent.get("statuses") or []
    )


def provisioning_failure(vm: Json | None) -> tuple[str | None, str | None]:
    """Azure's code and message of the failure of a virtual machine, from its instance view; None if there are none.

    The status reads ProvisioningState/failed/CODE: https://learn.microsoft.com/azure/virtual-machines/states-billing
    """
    for status in (machine.properties(vm).get("instanceView") or {}).get("statuses") or []:
        kind, _slash, rest = str(status.get("code") or "").partition("/")
        state, _slash, code = rest.partition("/")
        if kind.lower() == "provisioningstate" and state.lower() == "failed" and code:
            return code, str(status.get("message") or "no reason given")
    return None, None


def is_created(vm: Json | None) -> bool:
    """Whether the virtual machine exists or is being created; a failed one is created again.

    A virtual machine whose agent is ready is usable: in this case an extension or an update has failed, not the virtual machine.
    """
    if vm is None or machine.provisioning_state(vm) == "Deleting":
        return False
    return machine.provisioning_state(vm) not in ("Failed", "Canceled") or agent_is_ready(vm)


def is_deleted_with_vm(reference: Json) -> bool:
    """Whether a referenced resource is deleted together with the virtual machine."""
    return (reference.get("properties") or {}).get("deleteOption") == "Delete"


def configurations(interfaces: Iterable[Json]) -> list[Json]:
    """The properties of all IP configurations of interfaces."""
    return [
        machine.properties(configuration)
        for interface in interfaces
        for configuration in machine.properties(interface).get("ipConfigurations") or []
    ]


def subnet_ids(interfaces: Iterable[Json]) -> list[str]:
    """The ids of the subnets of interfaces."""
    found = (str((shown.get("subnet") or {}).get("id") or "") for shown in configurations(interfaces))
    return [subnet for subnet in found if subnet]


def private_addresses(interfaces: Iterable[Json]) -> list[str]:
    """The private IP addresses of interfaces."""
    found = (shown.get("privateIPAddress") for shown in configurations(interfaces))
    return [str(address) for address in found if address]


def public_address_ids(interfaces: Iterable[Json]) -> list[ResourceId]:
    """The ids of the public IP addresses of interfaces."""
    found = (str((shown.get("publicIPAddress") or {}).get("id") or "") for shown in configurations(interfaces))
    return list(filter(None, map(parse, found)))
