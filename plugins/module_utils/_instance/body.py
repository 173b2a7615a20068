# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The body of the request that creates an instance; pure."""

from __future__ import annotations

import base64
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK, ResourceId, parse
from ansible_collections.golden.azure.plugins.module_utils._instance.copy import copy_tags, disk_id_of
from ansible_collections.golden.azure.plugins.module_utils._instance.login import host_name
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.security import (
    CONFIDENTIAL,
    STANDARD,
    offers_trusted_launch,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.sizes import (
    disk_controller_of,
    encrypts_at_host,
    security_type_of,
    size_of,
)
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import plain_plan
from ansible_collections.golden.azure.plugins.module_utils._model.vm_sizes import traits_of

Json = dict[str, Any]

#: The API version of the network provider for a network interface that is created together with its virtual machine.
_NETWORK_API_VERSION = "2022-11-01"


def os_type(state: InstanceState) -> str:
    """The operating system, Linux or Windows."""
    return state.image.os_type if state.image else machine.os_type(state.copied or {})


def purchase_plan_of(request: InstanceRequest, state: InstanceState) -> Json | None:
    """Name, product and publisher of the purchase plan of the virtual machine."""
    if state.image:
        return request.purchase_plan or state.image.purchase_plan
    return plain_plan((state.copied or {}).get("plan"))


def machine_body(request: InstanceRequest, state: InstanceState) -> Json:
    """The request body; everything that is created with the virtual machine is deleted with it (deleteOption)."""
    properties: Json = {
        "hardwareProfile": {"vmSize": size_of(request, state)},
        "storageProfile": _disks_of_copy(request, state) if request.is_copy else _disks_from_image(request, state),
        "networkProfile": _network(request),
        # Required for the serial log, which shows why a guest does not boot.
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
    }
    controller = disk_controller_of(request, state)
    if controller:
        properties["storageProfile"]["diskControllerType"] = controller
    security = _security(request, state)
    if security:
        properties["securityProfile"] = security
    if state.image and state.image.generalized:
        properties["osProfile"] = _os_profile(request, state.image)
    if request.spot:
        properties.update(priority="Spot", evictionPolicy="Delete", billingProfile={"maxPrice": -1})
    licence = machine.properties(state.copied).get("licenseType")
    if licence:
        properties["licenseType"] = licence
    body: Json = {
        "location": state.location,
        "tags": copy_tags(request, state),
        "properties": properties,
    }
    plan = purchase_plan_of(request, state)
    return {**body, "plan": plan} if plan else body


def disks_of_image(request: InstanceRequest, image: SourceImage | None) -> list[ResourceId]:
    """The disks that are created with a virtual machine from an image."""
    data = [request.part_id(DISK, f"data-{lun}") for lun in (image.data_disk_luns if image else ())]
    return [request.part_id(DISK, "os"), *data]


def _disks_from_image(request: InstanceRequest, state: InstanceState) -> Json:
    """Disks from an image, including data disks: those not listed here would be kept when the virtual machine is deleted."""
    image = state.image
    if image is None:
        raise ValueError("the blockers ensure that a virtual machine is created only from an existing image")
    system, *data = disks_of_image(request, image)
    key: Json = {"diskEncryptionSet": {"id": str(request.encryption_set)}} if request.encryption_set else {}
    os_key = key
    if security_type_of(request, state) == CONFIDENTIAL:
        os_key = {**key, "securityProfile": {"securityEncryptionType": "VMGuestStateOnly"}}
    os_disk: Json = {
        "name": system.name,
        "createOption": "FromImage",
        "deleteOption": "Delete",
        **({"managedDisk": os_key} if os_key else {}),
    }
    data_disks = [
        {
            "lun": lun,
            "name": disk.name,
            "createOption": "FromImage",
            "deleteOption": "Delete",
            **({"managedDisk": key} if key else {}),
        }
        for lun, disk in zip(image.data_disk_luns, data)
    ]
    return {"imageReference": image.reference, "osDisk": os_disk, "dataDisks": data_disks}


def _disks_of_copy(request: InstanceRequest, state: InstanceState) -> Json:
    """The disks of the copy, each with the LUN and the caching of its source."""
    copied = state.copied or {}

    def own(entry: Json) -> Json:
        source = parse(str((entry.get("managedDisk") or {}).get("id") or ""))
        if source is None:
            raise ValueError("the blockers ensure that a copy has managed disks only")
        return {
            "createOption": "Attach",
            "deleteOption": "Delete",
            "caching": entry.get("caching"),
            "managedDisk": {"id": str(disk_id_of(request, copied, source))},
        }

    os_disk = {"osType": machine.os_type(copied), **own(machine.os_disk(copied))}
    return {
        "osDisk": os_disk,
        "dataDisks": [{"lun": entry.get("lun"), **own(entry)} for entry in machine.data_disks(copied)],
    }


def _network(request: InstanceRequest) -> Json:
    name = request.machine.name
    address: Json = {"primary": True, "subnet": {"id": str(request.subnet)}}
    if request.public_ip:
        address["publicIPAddressConfiguration"] = {
            "name": f"{name}-ip",
            "tags": request.all_tags,
            "sku": {"name": "Standard", "tier": "Regional"},
            "properties": {"deleteOption": "Delete", "publicIPAllocationMethod": "Static"},
        }
    interface: Json = {
        "primary": True,
        "deleteOption": "Delete",
        "ipConfigurations": [{"name": "primary", "properties": address}],
    }
    if request.accelerated_networking is not None:
        interface["enableAcceleratedNetworking"] = request.accelerated_networking
    if request.security_group:
        interface["networkSecurityGroup"] = {"id": str(request.security_group)}
    return {
        "networkApiVersion": _NETWORK_API_VERSION,
        "networkInterfaceConfigurations": [
            {"name": f"{name}-nic", "tags": request.all_tags, "properties": interface},
        ],
    }


def _security(request: InstanceRequest, state: InstanceState) -> Json:
    """The security profile; empty if Azure creates the requested virtual machine without it.

    Standard is set only if Azure might create a Trusted Launch virtual machine by default: until 2025-11-01 it required a feature
    of the subscription (https://github.com/Azure/azure-cli/issues/31234).
    """
    security = security_type_of(request, state)
    by_default = traits_of(size_of(request, state)).trusted_launch and offers_trusted_launch(request, state)
    profile: Json = {"securityType": security} if security != STANDARD or by_default else {}
    if encrypts_at_host(request, state):
        profile["encryptionAtHost"] = True
    if security != STANDARD:
        copied = machine.properties(state.copied).get("securityProfile") or {}
        profile["uefiSettings"] = copied.get("uefiSettings") or {"secureBootEnabled": True, "vTpmEnabled": True}
    return profile


def _os_profile(request: InstanceRequest, image: SourceImage) -> Json:
    profile: Json = {
        "computerName": host_name(request.machine.name, image.os_type),
        "adminUsername": request.admin_username,
    }
    if request.admin_password:
        profile["adminPassword"] = request.admin_password
    if request.custom_data:
        profile["customData"] = base64.b64encode(request.custom_data.encode()).decode()
    if image.os_type.lower() == "windows":
        return {**profile, "windowsConfiguration": {"provisionVMAgent": True}}
    linux: Json = {"provisionVMAgent": True, "disablePasswordAuthentication": request.admin_password is None}
    if request.ssh_public_key:
        path = f"/home/{request.admin_username}/.ssh/authorized_keys"
        linux["ssh"] = {"publicKeys": [{"path": path, "keyData": request.ssh_public_key}]}
    return {**profile, "linuxConfiguration": linux}
