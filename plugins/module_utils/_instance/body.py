# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The body of the write that makes an instance; pure."""

from __future__ import annotations

import base64
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import DISK, ResourceId, parse
from ansible_collections.golden.azure.plugins.module_utils._instance.copy import copy_tags, disk_id_of
from ansible_collections.golden.azure.plugins.module_utils._instance.login import host_name
from ansible_collections.golden.azure.plugins.module_utils._instance.request import InstanceRequest, InstanceState
from ansible_collections.golden.azure.plugins.module_utils._instance.source import SourceImage
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import plain_plan

Json = dict[str, Any]

DEFAULT_SIZE = "Standard_D2s_v5"
#: The version of the network's interface by which a machine may bring its network interface along.
_NETWORK_API_VERSION = "2022-11-01"
#: Feature SecurityType of an image -> security type of a machine made from it, where that is not Standard.
_BY_FEATURE = {
    "trustedlaunch": "TrustedLaunch",
    "trustedlaunchsupported": "TrustedLaunch",
    "trustedlaunchandconfidentialvmsupported": "TrustedLaunch",
    "confidentialvm": "ConfidentialVM",
}


#: Security type of a machine -> the features SecurityType of images that make such machines.
_FEATURES_FOR = {
    "TrustedLaunch": ("trustedlaunch", "trustedlaunchsupported", "trustedlaunchandconfidentialvmsupported"),
    "ConfidentialVM": ("confidentialvm", "confidentialvmsupported", "trustedlaunchandconfidentialvmsupported"),
    "Standard": (
        "standard",
        "none",
        "trustedlaunchsupported",
        "confidentialvmsupported",
        "trustedlaunchandconfidentialvmsupported",
    ),
}


def makes(image: SourceImage, security: str) -> bool:
    """Whether machines of a security type can be made from an image.

    Source: https://learn.microsoft.com/azure/virtual-machines/trusted-launch-faq
    """
    return image.security_feature.lower() in _FEATURES_FOR[security]


def os_type(state: InstanceState) -> str:
    """Linux or Windows."""
    return state.image.os_type if state.image else machine.os_type(state.copied or {})


def size_of(request: InstanceRequest, state: InstanceState) -> str:
    """The machine's size: a copy has its source's unless the task says otherwise."""
    copied = (machine.properties(state.copied).get("hardwareProfile") or {}).get("vmSize")
    return request.size or str(copied or DEFAULT_SIZE)


def security_type_of(request: InstanceRequest, state: InstanceState) -> str:
    """The machine's security type: the task's, else what a managed image forces, else the source's."""
    if request.security_type:
        return request.security_type
    if request.is_copy:
        return machine.security_type(state.copied or {})
    if request.for_managed_image or request.source.kind == "image" or state.image is None:
        return "Standard"
    return _BY_FEATURE.get(state.image.security_feature.lower(), "Standard")


def purchase_plan_of(request: InstanceRequest, state: InstanceState) -> Json | None:
    """Name, product and publisher of the plan that the machine is bought by."""
    if state.image:
        return request.purchase_plan or state.image.purchase_plan
    return plain_plan((state.copied or {}).get("plan"))


def machine_body(request: InstanceRequest, state: InstanceState) -> Json:
    """What to PUT; everything it brings along goes with the machine (deleteOption)."""
    security = security_type_of(request, state)
    properties: Json = {
        "hardwareProfile": {"vmSize": size_of(request, state)},
        "storageProfile": _attached(request, state) if request.is_copy else _made(request, state, security),
        "networkProfile": _network(request),
        "securityProfile": _security(security, state),
        # Without it there is no serial log to look at when the guest does not come up.
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
    }
    if state.image and state.image.generalized:
        properties["osProfile"] = _os_profile(request, state.image)
    if request.spot:
        properties.update(priority="Spot", evictionPolicy="Delete", billingProfile={"maxPrice": -1})
    licence = machine.properties(state.copied).get("licenseType")
    if licence:
        properties["licenseType"] = licence
    body: Json = {
        "location": state.location,
        "tags": copy_tags(request, state.copied),
        "properties": properties,
    }
    plan = purchase_plan_of(request, state)
    return {**body, "plan": plan} if plan else body


def disks_of_image(request: InstanceRequest, image: SourceImage | None) -> list[ResourceId]:
    """The disks that come with a machine made from an image."""
    data = [request.named(DISK, f"data-{lun}") for lun in (image.data_disk_luns if image else ())]
    return [request.named(DISK, "os"), *data]


def _made(request: InstanceRequest, state: InstanceState, security: str) -> Json:
    """Disks from an image, data disks too: those that are not named here would stay when the machine goes."""
    image = state.image
    if image is None:
        raise ValueError("there is no machine without an image; the blockers see to that")
    system, *data = disks_of_image(request, image)
    os_disk: Json = {
        "name": system.name,
        "createOption": "FromImage",
        "deleteOption": "Delete",
    }
    if security == "ConfidentialVM":
        os_disk["managedDisk"] = {"securityProfile": {"securityEncryptionType": "VMGuestStateOnly"}}
    data_disks = [
        {
            "lun": lun,
            "name": disk.name,
            "createOption": "FromImage",
            "deleteOption": "Delete",
        }
        for lun, disk in zip(image.data_disk_luns, data)
    ]
    return {"imageReference": image.reference, "osDisk": os_disk, "dataDisks": data_disks}


def _attached(request: InstanceRequest, state: InstanceState) -> Json:
    """The copy's own disks, each at its source's place."""
    copied = state.copied or {}

    def own(entry: Json) -> Json:
        source = parse(str((entry.get("managedDisk") or {}).get("id") or ""))
        if source is None:
            raise ValueError("a copy has managed disks only; the blockers see to that")
        return {
            "createOption": "Attach",
            "deleteOption": "Delete",
            "caching": entry.get("caching"),
            "managedDisk": {"id": str(disk_id_of(request, copied, source))},
        }

    os_disk = {"osType": machine.os_type(copied), **own(machine.os_disk(copied))}
    profile: Json = {
        "osDisk": os_disk,
        "dataDisks": [{"lun": entry.get("lun"), **own(entry)} for entry in machine.data_disks(copied)],
    }
    # A guest that knows its disks by their places at NVMe does not find them at SCSI.
    controller = machine.storage(copied).get("diskControllerType")
    return {**profile, "diskControllerType": controller} if controller else profile


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
    if request.security_group:
        interface["networkSecurityGroup"] = {"id": str(request.security_group)}
    return {
        "networkApiVersion": _NETWORK_API_VERSION,
        "networkInterfaceConfigurations": [
            {"name": f"{name}-nic", "tags": request.all_tags, "properties": interface},
        ],
    }


def _security(security: str, state: InstanceState) -> Json:
    copied = machine.properties(state.copied).get("securityProfile") or {}
    profile: Json = {"securityType": security}
    if copied.get("encryptionAtHost"):
        profile["encryptionAtHost"] = True
    if security == "Standard":
        return profile
    firmware = copied.get("uefiSettings") or {"secureBootEnabled": True, "vTpmEnabled": True}
    return {**profile, "uefiSettings": firmware}


def _os_profile(request: InstanceRequest, image: SourceImage) -> Json:
    kind = image.os_type.lower()
    profile: Json = {
        "computerName": host_name(request.machine.name, image.os_type),
        "adminUsername": request.admin_username,
    }
    if request.admin_password:
        profile["adminPassword"] = request.admin_password
    if request.custom_data:
        profile["customData"] = base64.b64encode(request.custom_data.encode()).decode()
    if kind == "windows":
        return {**profile, "windowsConfiguration": {"provisionVMAgent": True}}
    linux: Json = {"provisionVMAgent": True, "disablePasswordAuthentication": request.admin_password is None}
    if request.ssh_public_key:
        path = f"/home/{request.admin_username}/.ssh/authorized_keys"
        linux["ssh"] = {"publicKeys": [{"path": path, "keyData": request.ssh_public_key}]}
    return {**profile, "linuxConfiguration": linux}
