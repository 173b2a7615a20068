# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an old api-version does not take: Compute refuses a body with a member that is younger than the request's version.

Which version introduced a member is from the models of azure-mgmt-compute 33, which holds all versions until 2024-07-01, and from
the OpenAPI files for later ones. A star stands for each item of a list.
"""

from __future__ import annotations

from typing import Any

from .errors import error
from .model import Call, ResourceType

_OF_DISKS = {
    "properties.networkAccessPolicy": "2020-05-01",
    "properties.diskAccessId": "2020-05-01",
    "properties.securityProfile": "2020-12-01",
    "properties.publicNetworkAccess": "2021-04-01",
    "properties.supportedCapabilities": "2021-04-01",
    "properties.supportedCapabilities.architecture": "2021-12-01",
    "properties.dataAccessAuthMode": "2021-12-01",
    "properties.supportedCapabilities.diskControllerTypes": "2022-07-02",
}

#: Resource type -> member -> the version that introduced it.
SINCE: dict[str, dict[str, str]] = {
    "Microsoft.Compute/virtualMachines": {
        "properties.securityProfile": "2020-06-01",
        "properties.securityProfile.securityType": "2020-12-01",
        "properties.securityProfile.uefiSettings": "2020-12-01",
        "properties.networkProfile.networkApiVersion": "2021-03-01",
        "properties.networkProfile.networkInterfaceConfigurations": "2021-03-01",
        "properties.networkProfile.networkInterfaces.*.properties.deleteOption": "2021-03-01",
        "properties.storageProfile.osDisk.deleteOption": "2021-03-01",
        "properties.storageProfile.dataDisks.*.deleteOption": "2021-03-01",
        "properties.userData": "2021-03-01",
        "properties.storageProfile.osDisk.managedDisk.securityProfile": "2021-11-01",
        "properties.storageProfile.diskControllerType": "2022-08-01",
    },
    "Microsoft.Compute/virtualMachines/runCommands": {
        "properties.treatFailureAsDeploymentFailure": "2023-03-01",
    },
    "Microsoft.Compute/disks": _OF_DISKS,
    "Microsoft.Compute/snapshots": _OF_DISKS,
    "Microsoft.Compute/galleries": {
        "properties.sharingProfile": "2020-09-30",
        "properties.softDeletePolicy": "2021-07-01",
    },
    "Microsoft.Compute/galleries/images": {
        "properties.features": "2020-09-30",
        "properties.architecture": "2021-10-01",
    },
    "Microsoft.Compute/galleries/images/versions": {
        "properties.publishingProfile.replicationMode": "2021-07-01",
        "properties.publishingProfile.targetRegions.*.excludeFromLatest": "2022-03-03",
        "properties.safetyProfile": "2022-03-03",
        "properties.storageProfile.osDiskImage.source.storageAccountId": "2022-03-03",
        "properties.storageProfile.dataDiskImages.*.source.storageAccountId": "2022-03-03",
        "properties.storageProfile.source.virtualMachineId": "2023-07-03",
        "properties.safetyProfile.blockDeletionBeforeEndOfLife": "2024-03-03",
    },
}


def check(call: Call, kind: ResourceType) -> None:
    """Refuse a body with a member that the version of the request does not know."""
    for path, version in SINCE.get(kind.name, {}).items():
        if call.api_version < version and _is_there(call.body, path.split(".")):
            *owners, member = path.replace(".*", "").split(".")
            owner = f"{owners[-1][0].upper()}{owners[-1][1:]}"
            raise error("unknown_member", member=member, owner=owner, path=path.replace(".*", "[0]"))


def _is_there(node: Any, parts: list[str]) -> bool:
    if not parts:
        return True
    if parts[0] == "*":
        return isinstance(node, list) and any(_is_there(item, parts[1:]) for item in node)
    return isinstance(node, dict) and parts[0] in node and _is_there(node[parts[0]], parts[1:])
