# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The permissions that the steps of a plan require, and whether a set of permissions grants them; pure.

The actions are those of https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    DISK_ENCRYPTION_SET,
    DISK_RESTORE_POINT,
    GALLERY,
    GALLERY_VERSION,
    IMAGE,
    MANAGED_IDENTITY,
    NETWORK_INTERFACE,
    PUBLIC_IP_ADDRESS,
    RESOURCE_GROUP,
    RESTORE_POINT,
    SECURITY_GROUP,
    SNAPSHOT,
    STORAGE_ACCOUNT,
    SUBNET,
    VIRTUAL_MACHINE,
    ResourceId,
    group_of,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._model.actions import DEPRECATE_VERSION, PUBLISH_VERSION

Json = Mapping[str, Any]

_VERBS = {"PUT": "write", "PATCH": "write", "DELETE": "delete"}
_TAGS = "/providers/microsoft.resources/tags/default"

_READ_ENCRYPTION_SET = {DISK_ENCRYPTION_SET: f"{DISK_ENCRYPTION_SET}/read"}
_JOIN_NETWORK = {
    SUBNET: f"{SUBNET}/join/action",
    SECURITY_GROUP: f"{SECURITY_GROUP}/join/action",
    PUBLIC_IP_ADDRESS: f"{PUBLIC_IP_ADDRESS}/join/action",
}
# A copy reads its source, according to LinkedAuthorizationFailed errors: https://github.com/Azure/OpenShift/issues/186 and
# https://github.com/MicrosoftDocs/azure-docs/issues/11362
_COPY_DISK = {
    DISK: f"{DISK}/beginGetAccess/action",
    SNAPSHOT: f"{SNAPSHOT}/beginGetAccess/action",
    **_READ_ENCRYPTION_SET,
}
#: Type of the written resource -> type of a resource in its body -> the action required on the latter.
LINKED: dict[str, dict[str, str]] = {
    # Of a gallery version, as for virtual machines; of a restore point, as of a snapshot, which is assumed.
    DISK: {
        **_COPY_DISK,
        GALLERY_VERSION: f"{GALLERY_VERSION}/read",
        DISK_RESTORE_POINT: f"{DISK_RESTORE_POINT}/beginGetAccess/action",
    },
    SNAPSHOT: _COPY_DISK,
    RESTORE_POINT: _READ_ENCRYPTION_SET,
    # https://github.com/kubernetes-sigs/azuredisk-csi-driver/pull/2610
    IMAGE: _READ_ENCRYPTION_SET,
    # https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/identity#managed-identity-operator
    GALLERY: {MANAGED_IDENTITY: f"{MANAGED_IDENTITY}/assign/action"},
    # https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#rbac-permissions-required-to-create-an-acg-image
    GALLERY_VERSION: {
        VIRTUAL_MACHINE: f"{VIRTUAL_MACHINE}/write",
        DISK: f"{DISK}/write",
        SNAPSHOT: f"{SNAPSHOT}/write",
        IMAGE: f"{IMAGE}/read",
        GALLERY_VERSION: f"{GALLERY_VERSION}/read",
        STORAGE_ACCOUNT: f"{STORAGE_ACCOUNT}/listKeys/action",
        **_READ_ENCRYPTION_SET,
    },
    VIRTUAL_MACHINE: {
        IMAGE: f"{IMAGE}/read",
        GALLERY_VERSION: f"{GALLERY_VERSION}/read",
        DISK: f"{DISK}/write",
        NETWORK_INTERFACE: f"{NETWORK_INTERFACE}/join/action",
        **_JOIN_NETWORK,
        **_READ_ENCRYPTION_SET,
    },
    NETWORK_INTERFACE: _JOIN_NETWORK,
}
#: Resources created implicitly with a virtual machine require further actions: key in its body -> actions.
IMPLICITLY_CREATED: dict[str, tuple[str, ...]] = {
    "networkInterfaceConfigurations": (f"{NETWORK_INTERFACE}/write", f"{NETWORK_INTERFACE}/join/action"),
    "publicIPAddressConfiguration": (f"{PUBLIC_IP_ADDRESS}/write", f"{PUBLIC_IP_ADDRESS}/join/action"),
    "osDisk": (f"{DISK}/write",),
}
#: Steps that update an existing version, whose source may be deleted: only for added references actions are required.
_REWRITTEN = (PUBLISH_VERSION, DEPRECATE_VERSION)


@dataclass(frozen=True)
class Right:
    """An action, and the resource that it is required on."""

    action: str
    scope: ResourceId


def rights_of(step: Step) -> list[Right]:
    """The permissions that a step requires, each once; none for a step that only waits."""
    if not step.method:
        return []
    found = [Right(_own_action(step), step.resource)]
    if step.method in ("PUT", "PATCH") and not _is_tagging(step):
        found += _linked_rights(step)
    return list(dict.fromkeys(found))


def _is_tagging(step: Step) -> bool:
    return str(step.path).lower().endswith(_TAGS)


def _own_action(step: Step) -> str:
    if _is_tagging(step):
        return "Microsoft.Resources/tags/write"
    if step.method == "POST":
        return f"{step.resource.resource_type}/{str(step.path).rsplit('/', 1)[-1]}/action"
    verb = _VERBS[str(step.method)]
    if step.resource.resource_type == RESOURCE_GROUP:
        return f"Microsoft.Resources/subscriptions/resourceGroups/{verb}"
    return f"{step.resource.resource_type}/{verb}"


def _linked_rights(step: Step) -> Iterator[Right]:
    table = LINKED.get(step.resource.resource_type, {})
    if step.action in _REWRITTEN:
        table = _READ_ENCRYPTION_SET
    for identity in _references(step.body):
        action = table.get(identity.resource_type)
        if action and str(identity).lower() != str(step.resource).lower():
            yield Right(action, identity)
    if step.resource.resource_type == VIRTUAL_MACHINE and step.method == "PUT":
        names = set(_names(step.body))
        for name, actions in IMPLICITLY_CREATED.items():
            if name in names:
                yield from (Right(action, group_of(step.resource)) for action in actions)


def _references(node: Any) -> Iterator[ResourceId]:
    """The resources that a request body refers to, in its order."""
    if isinstance(node, Mapping):
        # User-assigned identities are named by keys.
        names = [name for name in node if name.startswith("/subscriptions/")]
        node = [*names, *(value for name, value in node.items() if name != "tags")]
    if isinstance(node, list):
        for item in node:
            yield from _references(item)
    elif isinstance(node, str) and node.startswith("/subscriptions/"):
        identity = parse(node)
        if identity:
            yield identity


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for name, value in node.items():
            yield name
            yield from _names(value)
    elif isinstance(node, list):
        for item in node:
            yield from _names(item)


def grants(permissions: Iterable[Json], action: str) -> bool:
    """Whether sets of permissions grant an action.

    Each set grants the actions that match its actions and not its notActions. The sets are combined: an action that is
    excluded in one set may be granted by another. Source: https://learn.microsoft.com/azure/role-based-access-control/role-definitions#notactions
    """
    return any(
        _matches(permission.get("actions"), action) and not _matches(permission.get("notActions"), action)
        for permission in permissions
    )


def _matches(patterns: Iterable[str] | None, action: str) -> bool:
    # An asterisk matches any text, including slashes; case is ignored.
    return any(
        re.fullmatch(".*".join(map(re.escape, str(pattern).split("*"))), action, re.IGNORECASE)
        for pattern in patterns or ()
    )
