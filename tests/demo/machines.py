# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Machines, disks and images on embedded Azure, made with the Azure SDK as anybody would."""

from __future__ import annotations

from typing import Any

from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient

from embedded_azure import EmbeddedAzure

GROUP = "images"
LOCATION = "westeurope"
USER = "azureuser"
DEBIAN = {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2", "version": "latest"}


class Machines:
    """The demo's view of Azure."""

    def __init__(self, azure: EmbeddedAzure, public_key: str) -> None:
        self._azure = azure
        self._public_key = public_key
        settings = azure.settings
        authority = str(azure.certificate_authority)
        credential = ClientSecretCredential(
            settings.tenant,
            settings.client,
            settings.secret,
            authority=azure.url,
            disable_instance_discovery=True,
            connection_verify=authority,
        )
        self._client = ComputeManagementClient(
            credential,
            settings.subscription,
            base_url=azure.url,
            credential_scopes=[f"{azure.url}/.default"],
            connection_verify=authority,
            polling_interval=1,
        )

    def id_of(self, kind: str, name: str) -> str:
        """The id of a Compute resource."""
        subscription = f"/subscriptions/{self._azure.settings.subscription}"
        return f"{subscription}/resourceGroups/{GROUP}/providers/Microsoft.Compute/{kind}/{name}"

    def boot(self, name: str, image_id: str | None = None, user: str = USER, *, trusted_launch: bool = False) -> str:
        """Create a machine from Debian, an image or a gallery version, and give its id once it is up."""
        body = self._body(name, image_id, user)
        if trusted_launch:
            uefi = {"secureBootEnabled": True, "vTpmEnabled": True}
            body["properties"]["securityProfile"] = {"securityType": "TrustedLaunch", "uefiSettings": uefi}
        self._client.virtual_machines.begin_create_or_update(GROUP, name, body).result()
        return self.id_of("virtualMachines", name)

    def stop(self, name: str) -> None:
        """Deallocate a machine."""
        self._client.virtual_machines.begin_deallocate(GROUP, name).result()

    def start(self, name: str) -> None:
        """Start a machine."""
        self._client.virtual_machines.begin_start(GROUP, name).result()

    def image_of_copied_disk(self, machine: str, image: str) -> str:
        """Copy the disk of a stopped machine and make an image of the copy, whatever state its system is in."""
        vm = self._client.virtual_machines.get(GROUP, machine)
        copy = {
            "location": LOCATION,
            "properties": {
                "creationData": {
                    "createOption": "Copy",
                    "sourceResourceId": vm.storage_profile.os_disk.managed_disk.id,
                }
            },
        }
        disk = self._client.disks.begin_create_or_update(GROUP, f"{image}-disk", copy).result()
        system = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": disk.id}}
        body = {"location": LOCATION, "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": system}}}
        return str(self._client.images.begin_create_or_update(GROUP, image, body).result().id)

    def _body(self, name: str, image_id: str | None, user: str) -> dict[str, Any]:
        key = {"path": f"/home/{user}/.ssh/authorized_keys", "keyData": self._public_key}
        interface = {
            "name": f"{name}-nic",
            "properties": {
                "primary": True,
                "deleteOption": "Delete",
                "ipConfigurations": [{"name": "ipconfig1", "properties": {}}],
            },
        }
        return {
            "location": LOCATION,
            "properties": {
                "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
                "storageProfile": {
                    "imageReference": {"id": image_id} if image_id else DEBIAN,
                    "osDisk": {"createOption": "FromImage", "deleteOption": "Delete"},
                },
                "osProfile": {
                    "computerName": name,
                    "adminUsername": user,
                    "linuxConfiguration": {
                        "disablePasswordAuthentication": True,
                        "ssh": {"publicKeys": [key]},
                    },
                },
                "networkProfile": {"networkApiVersion": "2020-11-01", "networkInterfaceConfigurations": [interface]},
            },
        }
