# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a virtual machine reads: its body by api-version and state, and its instance view."""

from __future__ import annotations

from ..cloud import Cloud
from ..model import Body, Call
from ..store import Resource
from ..vm_cores import cores_of
from ..vm_sizes import SIZES
from . import disk_encryption
from .extension_model import EXTENSION, extension_status
from .power import has_reported, power_state

_OS = {"Linux": ("debian", "13"), "Windows": ("Windows Server 2022 Datacenter", "10.0.20348.3328")}

_STANDARD_SHOWN = "2025-11-01"

# The api-version that first showed a property (recorded traffic).
SINCE = {
    "etag": "2024-07-01",
    "properties.timeCreated": "2021-11-01",
    "properties.storageProfile.osDisk.deleteOption": "2021-03-01",
    "properties.storageProfile.dataDisks.deleteOption": "2021-03-01",
    "properties.storageProfile.dataDisks.toBeDetached": "2019-03-01",
    "properties.storageProfile.diskControllerType": "2022-08-01",
    "properties.storageProfile.imageReference.exactVersion": "2019-07-01",
    "properties.osProfile.allowExtensionOperations": "2018-06-01",
    "properties.osProfile.requireGuestProvisionSignal": "2018-10-01",
    "properties.osProfile.linuxConfiguration.patchSettings": "2020-06-01",
    "properties.osProfile.linuxConfiguration.patchSettings.assessmentMode": "2021-03-01",
    "properties.osProfile.linuxConfiguration.enableVMAgentPlatformUpdates": "2022-03-01",
    "properties.osProfile.windowsConfiguration.patchSettings": "2020-06-01",
    "properties.osProfile.windowsConfiguration.patchSettings.assessmentMode": "2021-03-01",
    "properties.osProfile.windowsConfiguration.enableVMAgentPlatformUpdates": "2022-03-01",
    "properties.instanceView.hyperVGeneration": "2019-03-01",
}


def view(call: Call, vm: Resource) -> Body:
    """The machine, with its instance view when the client asks to expand it."""
    body = vm.document()
    properties = body["properties"]
    if vm.private["power"] == "deallocated":
        _hide_deallocated(properties)
    expand = {word.strip().lower() for word in call.query.get("$expand", "").split(",")}
    if "instanceview" in expand or call.query.get("statusOnly", "").lower() == "true":
        properties["instanceView"] = instance_view(call, vm)
    if call.api_version >= _STANDARD_SHOWN:
        properties.setdefault("securityProfile", {}).setdefault("securityType", "Standard")
    body["etag"] = f'"{vm.revision}"'
    extensions = call.cloud.store.of_type(EXTENSION, vm.id)
    if extensions:
        full = call.path.is_resource
        body["resources"] = [extension.document() if full else {"id": extension.id} for extension in extensions]
    return body


def _hide_deallocated(properties: Body) -> None:
    """A deallocated machine does not say what its disks are like: that is read from the disks."""
    storage = properties["storageProfile"]
    for disk in (storage["osDisk"], *storage["dataDisks"]):
        if "managedDisk" in disk:
            disk.pop("diskSizeGB", None)
            disk["managedDisk"].pop("storageAccountType", None)


def instance_view(call: Call, vm: Resource) -> Body:
    """The state of the machine as it runs."""
    cloud, state = call.cloud, power_state(call.cloud, vm)
    shown: Body = {}
    reported = has_reported(cloud, vm)
    if state in ("running", "stopped") and reported:
        name, version = _OS[vm.private["os_type"]]
        hostname = vm.properties.get("osProfile", {}).get("computerName", vm.name)
        shown.update(computerName=hostname, osName=name, osVersion=version)
    if state == "running":
        shown["vmAgent"] = _agent(cloud, vm) if reported else _silent_agent(cloud)
    shown["disks"] = [_disk(cloud, vm, entry) for entry in _entries(vm)]
    extensions = cloud.store.of_type(EXTENSION, vm.id)
    if extensions and state == "running" and reported:
        shown["extensions"] = [extension_status(cloud, extension) for extension in extensions]
    if vm.properties.get("diagnosticsProfile", {}).get("bootDiagnostics", {}).get("enabled"):
        shown["bootDiagnostics"] = {}
    shown["hyperVGeneration"] = vm.private["hyper_v_generation"]
    shown["statuses"] = _statuses(cloud, vm, state)
    if call.api_version < "2019-03-01":
        del shown["hyperVGeneration"]
    return shown


def _entries(vm: Resource) -> list[Body]:
    profile = vm.private["storage"]
    return [entry for entry in (profile["osDisk"], *profile["dataDisks"]) if entry.get("name")]


def _disk(cloud: Cloud, vm: Resource, entry: Body) -> Body:
    shown: Body = {"name": entry["name"]}
    statuses = [_status(cloud, "ProvisioningState/succeeded", "Provisioning succeeded", dated=True)]
    settings, states = disk_encryption.shown(cloud, vm, entry["name"])
    if settings:
        shown["encryptionSettings"] = settings
    return {**shown, "statuses": [*statuses, *states]}


def _silent_agent(cloud: Cloud) -> Body:
    """What Azure says of an agent that it has not heard of yet (recorded)."""
    status = {
        "code": "ProvisioningState/Unavailable",
        "level": "Warning",
        "displayStatus": "Not Ready",
        "message": "VM status blob is found but not yet populated.",
        "time": cloud.timestamp(),
    }
    return {"vmAgentVersion": "Unknown", "statuses": [status]}


def _agent(cloud: Cloud, vm: Resource) -> Body:
    status = _status(cloud, "ProvisioningState/succeeded", "Ready", dated=True)
    status["message"] = "Guest Agent is running"
    handlers = [
        {
            "type": f"{extension.properties['publisher']}.{extension.properties['type']}",
            "typeHandlerVersion": f"{extension.properties.get('typeHandlerVersion', '1.0')}.0.0",
            "status": {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Ready",
                "message": "Plugin enabled",
            },
        }
        for extension in cloud.store.of_type(EXTENSION, vm.id)
    ]
    return {"vmAgentVersion": "2.11.1.12", "statuses": [status], "extensionHandlers": handlers}


def _status(cloud: Cloud, code: str, text: str, *, dated: bool = False) -> dict[str, str]:
    status = {"code": code, "level": "Info", "displayStatus": text}
    if dated:
        status["time"] = cloud.timestamp()
    return status


def _statuses(cloud: Cloud, vm: Resource, state: str) -> list[dict[str, str]]:
    statuses = []
    if vm.private["generalized"]:
        statuses.append(_status(cloud, "OSState/generalized", "VM generalized"))
    elif vm.private["specialized"]:
        statuses.append(_status(cloud, "OSState/specialized", "VM specialized"))
    provisioning = str(vm.properties.get("provisioningState", "Succeeded"))
    text = "Provisioning succeeded" if provisioning == "Succeeded" else provisioning
    statuses.append(_status(cloud, f"ProvisioningState/{provisioning.lower()}", text, dated=True))
    statuses.append(_status(cloud, f"PowerState/{state}", f"VM {state}"))
    return statuses


def sizes_view(call: Call, vm: Resource) -> Body:
    """Sizes the machine could be changed to."""
    return {"value": [size(name) for name in SIZES]}


def size(name: str) -> Body:
    """One row of the list of sizes."""
    cores = cores_of(name)
    return {
        "name": name,
        "numberOfCores": cores,
        "osDiskSizeInMB": 1047552,
        "resourceDiskSizeInMB": cores * 8192,
        "memoryInMB": cores * 4096,
        "maxDataDiskCount": cores * 2,
    }
