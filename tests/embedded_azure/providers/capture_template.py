# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The deployment template that the old capture action answers."""

from __future__ import annotations

from ..cloud import Cloud
from ..model import Body
from ..store import Resource


def template(cloud: Cloud, vm: Resource, body: Body) -> Body:
    """A template which makes a machine from the captured disks."""
    prefix = body.get("vhdPrefix", "capture")
    container = body.get("destinationContainerName", "vhds")
    os_disk = vm.private["storage"]["osDisk"]
    place = (os_disk.get("vhd") or {}).get("uri", "https://storage.blob.core.windows.net/").split(".net/")[0] + ".net"
    name = f"{prefix}-osDisk.{cloud.new_id()}.vhd"
    disk: Body = {"osType": os_disk["osType"], "name": name, "createOption": "FromImage", "caching": os_disk["caching"]}
    image = f"{place}/system/Microsoft.Compute/Images/{container}/{name}"
    if "vhd" in os_disk:
        disk["image"] = {"uri": image}
        disk["vhd"] = {"uri": f"{place}/vmcontainer{cloud.new_id()}/osDisk.{cloud.new_id()}.vhd"}
    parameters = {
        "vmName": {"type": "string"},
        "vmSize": {"type": "string", "defaultValue": vm.properties["hardwareProfile"]["vmSize"]},
        "adminUserName": {"type": "string"},
        "adminPassword": {"type": "securestring"},
        "networkInterfaceId": {"type": "string"},
    }
    machine = {
        "apiVersion": "2016-03-30",
        "properties": {
            "hardwareProfile": {"vmSize": "[parameters('vmSize')]"},
            "storageProfile": {"osDisk": disk},
            "osProfile": {
                "computerName": "[parameters('vmName')]",
                "adminUsername": "[parameters('adminUsername')]",
                "adminPassword": "[parameters('adminPassword')]",
            },
            "networkProfile": {"networkInterfaces": [{"id": "[parameters('networkInterfaceId')]"}]},
            "diagnosticsProfile": {"bootDiagnostics": {"enabled": False}},
            "provisioningState": 0,
        },
        "type": "Microsoft.Compute/virtualMachines",
        "location": vm.location,
        "name": "[parameters('vmName')]",
    }
    return {
        "$schema": "http://schema.management.azure.com/schemas/2014-04-01-preview/VM_IP.json",
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "resources": [machine],
    }
