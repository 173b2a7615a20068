# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The properties of request bodies that older API versions do not know: one row for each; pure.

Compute refuses a body with a property that the API version of the request does not know
(https://github.com/Azure/azure-cli/issues/17904). Listed are properties that this collection writes and that are newer than the
oldest version that it can use (OLDEST_VERSIONS). Source of the versions: the models of azure-mgmt-compute 33, which contains every
API version until 2024-07-01; for later ones, https://github.com/Azure/azure-rest-api-specs/tree/main/specification/compute.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Callable

Json = dict[str, Any]

#: Every item of a list.
_EACH = "*"


@dataclass(frozen=True)
class ApiProperty:
    """A property, and what to do if the API version does not know it."""

    #: Below the body, separated by dots; an asterisk stands for each item of a list.
    path: str
    #: The first API version that knows it.
    since: str
    #: What the task sets to get it, for messages; empty if it is the property itself.
    option: str = ""
    #: Whether older versions do the same without it, so that it is left out.
    implied: Callable[[Any], bool] = lambda value: False
    #: Whether it is left out, with this warning, as no option asks for it.
    warning: str = ""
    #: The name under which older versions know it.
    older_name: str = ""
    #: Whether the row is about a value.
    applies: Callable[[Any], bool] = lambda value: True


@dataclass(frozen=True)
class FittedBody:
    """A body that contains only what an API version knows."""

    body: Json
    #: Properties that the task needs and the version does not know.
    missing: tuple[ApiProperty, ...] = ()
    #: Properties that were left out, with a warning.
    left_out: tuple[ApiProperty, ...] = ()


def _is(*values: Any) -> Callable[[Any], bool]:
    return lambda value: value in values


_EXPORT = (
    ApiProperty(
        "properties.networkAccessPolicy",
        "2020-05-01",
        warning="can be exported by anyone who has the permission to request a SAS",
    ),
    ApiProperty(
        "properties.publicNetworkAccess", "2021-04-01", warning="does not disable public network access for exports"
    ),
    ApiProperty("properties.dataAccessAuthMode", "2021-12-01"),
)

#: Resource type in lower case -> its properties.
API_PROPERTIES: dict[str, tuple[ApiProperty, ...]] = {
    "microsoft.compute/virtualmachines": (
        ApiProperty("properties.networkProfile.networkApiVersion", "2021-03-01"),
        ApiProperty("properties.networkProfile.networkInterfaceConfigurations", "2021-03-01"),
        ApiProperty("properties.networkProfile.networkInterfaces.*.properties.deleteOption", "2021-03-01"),
        ApiProperty("properties.storageProfile.osDisk.deleteOption", "2021-03-01"),
        ApiProperty("properties.storageProfile.dataDisks.*.deleteOption", "2021-03-01"),
        ApiProperty("properties.storageProfile.osDisk.managedDisk.securityProfile", "2021-11-01", "security_type"),
        # Before, all virtual machines used SCSI.
        ApiProperty(
            "properties.storageProfile.diskControllerType", "2022-08-01", "disk_controller", implied=_is("SCSI")
        ),
        ApiProperty("properties.securityProfile.uefiSettings", "2020-12-01", "security_type"),
        ApiProperty(
            "properties.securityProfile.securityType", "2020-12-01", "security_type", applies=_is("TrustedLaunch")
        ),
        ApiProperty(
            "properties.securityProfile.securityType", "2021-11-01", "security_type", applies=_is("ConfidentialVM")
        ),
        # It is the default of older versions, which accept it only with a feature of the subscription:
        # https://github.com/Azure/azure-cli/issues/31234
        ApiProperty(
            "properties.securityProfile.securityType",
            "2025-11-01",
            "security_type",
            implied=_is("Standard"),
            applies=_is("Standard"),
        ),
    ),
    "microsoft.compute/virtualmachines/runcommands": (
        ApiProperty("properties.treatFailureAsDeploymentFailure", "2023-03-01", implied=_is(False)),
    ),
    "microsoft.compute/disks": (
        *_EXPORT,
        ApiProperty("properties.securityProfile", "2020-12-01", "guest_state"),
        # Of a request for access.
        ApiProperty("getSecureVMGuestStateSAS", "2022-03-02", "guest_state"),
        ApiProperty("properties.supportedCapabilities.architecture", "2021-12-01", "architecture", implied=_is("x64")),
    ),
    "microsoft.compute/snapshots": _EXPORT,
    "microsoft.compute/galleries/images/versions": (
        # Before, the id of the source could be that of a virtual machine (recorded with 2022-03-03) ...
        ApiProperty("properties.storageProfile.source.virtualMachineId", "2023-07-03", older_name="id"),
        # ... and that of a storage account for a blob.
        ApiProperty("properties.storageProfile.osDiskImage.source.storageAccountId", "2022-03-03", older_name="id"),
        ApiProperty(
            "properties.storageProfile.dataDiskImages.*.source.storageAccountId", "2022-03-03", older_name="id"
        ),
        ApiProperty(
            "properties.publishingProfile.targetRegions.*.excludeFromLatest", "2022-03-03", implied=_is(False, None)
        ),
        ApiProperty(
            "properties.safetyProfile.allowDeletionOfReplicatedLocations", "2022-03-03", implied=_is(False, None)
        ),
        ApiProperty(
            "properties.safetyProfile.blockDeletionBeforeEndOfLife",
            "2024-03-03",
            "block_deletion_before_end_of_life",
            implied=_is(False, None),
        ),
    ),
}


def fitted_body(resource_type: str, body: Mapping[str, Any], api_version: str) -> FittedBody:
    """The body of a write for an API version.

    :param resource_type: such as Microsoft.Compute/disks.
    """
    fitted: Json = copy.deepcopy(dict(body))
    missing: dict[str, ApiProperty] = {}
    left_out: dict[str, ApiProperty] = {}
    for row in API_PROPERTIES.get(resource_type.lower(), ()):
        if api_version >= row.since:
            continue
        for owner, name in list(_places(fitted, row.path.split("."))):
            value = owner[name]
            if not row.applies(value):
                continue
            if row.older_name:
                owner[row.older_name] = owner.pop(name)
            elif row.implied(value) or row.warning:
                del owner[name]
                if not row.implied(value):
                    left_out[row.path] = row
            else:
                missing[row.path] = row
        if row.path not in missing:
            _without_empty(fitted, body, row.path.split(".")[:-1])
    return FittedBody(fitted, tuple(missing.values()), tuple(left_out.values()))


def _places(node: Any, parts: list[str]) -> Iterator[tuple[Json, str]]:
    """Each object that contains the property at a path, and its name there."""
    first, *rest = parts
    if first == _EACH:
        for item in node if isinstance(node, list) else []:
            yield from _places(item, rest)
    elif isinstance(node, dict) and first in node:
        if rest:
            yield from _places(node[first], rest)
        else:
            yield node, first


def _without_empty(fitted: Json, body: Mapping[str, Any], parts: list[str]) -> None:
    """Remove the objects at a path that are empty now and were not before."""
    while parts and _EACH not in parts:
        places, before = list(_places(fitted, parts)), list(_places(body, parts))
        if places and places[0][0][places[0][1]] == {} and before and before[0][0][before[0][1]] != {}:
            del places[0][0][places[0][1]]
        parts = parts[:-1]
