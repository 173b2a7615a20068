# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Azure Resource Manager ids: parse, format and compare them; names are compared as Azure does, without regard to case."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput

_RESOURCE = re.compile(
    r"^/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/(?P<provider>[^/]+)/(?P<path>[^/]+/[^/]+(?:/[^/]+/[^/]+)*)/?$",
    re.IGNORECASE,
)


#: Characters that are not allowed in Azure names and would change the meaning of a URL:
#: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
_IN_NO_NAME = re.compile(r"[\s#?%\\<>&]|^\.{1,2}$")


@dataclass(frozen=True)
class ResourceId:
    """One resource inside a resource group.

    Two ids are equal only if they are spelled alike; :func:`same_id` compares as Azure does.
    """

    subscription_id: str
    resource_group: str
    #: For example ``Microsoft.Compute/galleries/images``.
    resource_type: str
    #: One name per segment of the type, such as those of the gallery and the definition.
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        """The last name, which is that of the resource itself."""
        return self.names[-1]

    @property
    def group_id(self) -> str:
        """The id of its resource group."""
        return f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group}"

    def __str__(self) -> str:
        if self.resource_type == RESOURCE_GROUP:
            return self.group_id
        provider, *segments = self.resource_type.split("/")
        path = "/".join(f"{segment}/{name}" for segment, name in zip(segments, self.names))
        return f"{self.group_id}/providers/{provider}/{path}"

    @property
    def label(self) -> str:
        """Its name in messages: ``virtual machine 'web' in resource group 'images'``."""
        if self.resource_type == RESOURCE_GROUP:
            return f"resource group '{self.name}'"
        kind = KINDS.get(self.resource_type.lower(), self.resource_type)
        return f"{kind} '{'/'.join(self.names)}' in resource group '{self.resource_group}'"


KINDS = {
    "microsoft.compute/virtualmachines": "virtual machine",
    "microsoft.compute/virtualmachines/extensions": "extension",
    "microsoft.compute/images": "image",
    "microsoft.compute/disks": "disk",
    "microsoft.compute/snapshots": "snapshot",
    "microsoft.compute/diskencryptionsets": "disk encryption set",
    "microsoft.compute/restorepointcollections": "restore point collection",
    "microsoft.compute/restorepointcollections/restorepoints": "restore point",
    "microsoft.compute/galleries": "gallery",
    "microsoft.compute/galleries/images": "image definition",
    "microsoft.compute/galleries/images/versions": "image version",
    "microsoft.storage/storageaccounts": "storage account",
    "microsoft.network/networkinterfaces": "network interface",
    "microsoft.network/publicipaddresses": "public IP address",
    "microsoft.network/networksecuritygroups": "network security group",
    "microsoft.network/virtualnetworks": "virtual network",
    "microsoft.network/virtualnetworks/subnets": "subnet",
    "microsoft.compute/virtualmachines/runcommands": "run command",
    "microsoft.managedidentity/userassignedidentities": "managed identity",
}

VIRTUAL_MACHINE = "Microsoft.Compute/virtualMachines"
IMAGE = "Microsoft.Compute/images"
DISK = "Microsoft.Compute/disks"
DISK_ENCRYPTION_SET = "Microsoft.Compute/diskEncryptionSets"
SNAPSHOT = "Microsoft.Compute/snapshots"
RESTORE_POINT_COLLECTION = "Microsoft.Compute/restorePointCollections"
RESTORE_POINT = "Microsoft.Compute/restorePointCollections/restorePoints"
DISK_RESTORE_POINT = "Microsoft.Compute/restorePointCollections/restorePoints/diskRestorePoints"
GALLERY = "Microsoft.Compute/galleries"
GALLERY_DEFINITION = "Microsoft.Compute/galleries/images"
GALLERY_VERSION = "Microsoft.Compute/galleries/images/versions"
STORAGE_ACCOUNT = "Microsoft.Storage/storageAccounts"
NETWORK_INTERFACE = "Microsoft.Network/networkInterfaces"
PUBLIC_IP_ADDRESS = "Microsoft.Network/publicIPAddresses"
SECURITY_GROUP = "Microsoft.Network/networkSecurityGroups"
VIRTUAL_NETWORK = "Microsoft.Network/virtualNetworks"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
RUN_COMMAND = "Microsoft.Compute/virtualMachines/runCommands"
MANAGED_IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"

#: Azure returns ids in any case; types are normalized to these spellings.
_SPELLINGS = {
    known.lower(): known
    for known in (
        VIRTUAL_MACHINE,
        IMAGE,
        DISK,
        DISK_ENCRYPTION_SET,
        SNAPSHOT,
        RESTORE_POINT_COLLECTION,
        RESTORE_POINT,
        DISK_RESTORE_POINT,
        GALLERY,
        GALLERY_DEFINITION,
        GALLERY_VERSION,
        STORAGE_ACCOUNT,
        NETWORK_INTERFACE,
        PUBLIC_IP_ADDRESS,
        SECURITY_GROUP,
        VIRTUAL_NETWORK,
        SUBNET,
        RUN_COMMAND,
        MANAGED_IDENTITY,
    )
}

#: Resource groups have ids of their own format.
RESOURCE_GROUP = "Microsoft.Resources/resourceGroups"


def parse(text: str) -> ResourceId | None:
    """Read an ARM id.

    :returns: the id, or None if the text is not the id of a resource in a resource group.
    """
    match = _RESOURCE.match(text.strip())
    if not match:
        return None
    segments = match["path"].split("/")
    resource_type = "/".join([match["provider"], *segments[::2]])
    return ResourceId(
        subscription_id=match["subscription"],
        resource_group=match["group"],
        resource_type=_SPELLINGS.get(resource_type.lower(), resource_type),
        names=tuple(segments[1::2]),
    )


def locate(option: str, value: str, resource_type: str, resource_group: str | None, subscription_id: str) -> ResourceId:
    """Resolve an option to a resource id: a full id, or a name in the resource group of the task.

    :param option: the option's name, for the message.
    :param value: a name or a full ARM id.
    :raises InvalidInput: for an id of another type, an invalid name or id, or a name without a group.
    """
    kind = KINDS.get(resource_type.lower(), resource_type)
    if "/" not in value:
        if not value.strip():
            raise InvalidInput(f"Option '{option}' is empty: set the name or the resource id of the {kind}.")
        if not resource_group:
            raise InvalidInput(
                f"Option '{option}' names the {kind} '{value}' without its resource group: set 'resource_group', or "
                "the full resource id."
            )
        _check_names("resource_group", "resource group", resource_group)
        _check_names(option, kind, value)
        return ResourceId(subscription_id, resource_group, resource_type, (value,))
    found = parse(value)
    if found is None:
        raise InvalidInput(
            f"Option '{option}' is neither the name nor the resource id of {_with_article(kind)}: '{value}'."
        )
    if found.resource_type.lower() != resource_type.lower():
        raise InvalidInput(
            f"Option '{option}' must specify {_with_article(kind)}, and specifies a resource of the type "
            f"{found.resource_type}: '{value}'."
        )
    _check_names(option, kind, found.subscription_id, found.resource_group, *found.names)
    return found


def _check_names(option: str, kind: str, *names: str) -> None:
    for name in names:
        if _IN_NO_NAME.search(name):
            raise InvalidInput(
                f"Option '{option}' contains '{name}', which is not a valid name of {_with_article(kind)}; correct it."
            )


def group_of(resource: ResourceId) -> ResourceId:
    """The resource group of a resource, as a resource."""
    return ResourceId(resource.subscription_id, resource.resource_group, RESOURCE_GROUP, (resource.resource_group,))


def child(parent: ResourceId, resource_type: str, name: str) -> ResourceId:
    """The id of a child resource."""
    return ResourceId(parent.subscription_id, parent.resource_group, resource_type, (*parent.names, name))


def parent(resource: ResourceId) -> ResourceId:
    """The id of the parent resource."""
    parent_type = resource.resource_type.rsplit("/", 1)[0]
    return ResourceId(resource.subscription_id, resource.resource_group, parent_type, resource.names[:-1])


def _with_article(kind: str) -> str:
    return f"{'an' if kind[0].lower() in 'aeiou' else 'a'} {kind}"


def same_id(first: str | None, second: str | None) -> bool:
    """Whether two ids name the same resource, regardless of case."""
    return bool(first) and bool(second) and str(first).rstrip("/").lower() == str(second).rstrip("/").lower()


def distinct(names: Iterable[str]) -> tuple[str, ...]:
    """Names without duplicates, regardless of case; in their order."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.lower(), name)
    return tuple(found.values())


def normalized_location(location: str) -> str:
    """A region's name as Azure compares it: ``West Europe`` is ``westeurope``."""
    return "".join(location.lower().split())
