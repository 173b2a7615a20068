# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which rights each request to Azure takes, and which a set of role assignments grants.

Written from the server's side, apart from the collection's own table.
Source: https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator
from typing import Any

_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}
_SUBSCRIPTION = re.compile(r"^/subscriptions/[^/]+(?P<rest>.*)$", re.IGNORECASE)


# POSTs whose right is none to act.
_QUESTIONS = {
    "microsoft.policyinsights/checkpolicyrestrictions": "Microsoft.PolicyInsights/checkPolicyRestrictions/read"
}
_COMPUTE, _NETWORK = "Microsoft.Compute", "Microsoft.Network"
# What a body refers to -> what Azure asks for there besides (LinkedAuthorizationFailed), by what is written. Sources:
# Azure/OpenShift#186 and MicrosoftDocs/azure-docs#11362 (copies of disks), kubernetes-sigs/azuredisk-csi-driver#2610
# (encryption sets), Learn "Store and share images in an Azure Compute Gallery" (versions), MicrosoftDocs/azure-docs#114801
# and Azure/azure-cli#16674 (machines), Learn "Managed Identity Operator" (identities of galleries).
_COPIED = {"disks": "beginGetAccess/action", "snapshots": "beginGetAccess/action", "diskEncryptionSets": "read"}
_JOINED = {"virtualNetworks/subnets": "join/action", "networkSecurityGroups": "join/action"}
_LINKS: dict[str, dict[str, str]] = {
    # Of disks that are restored, as for snapshots: assumed.
    "disks": {
        **_COPIED,
        "galleries/images/versions": "read",
        "restorePointCollections/restorePoints/diskRestorePoints": "beginGetAccess/action",
    },
    "snapshots": _COPIED,
    "restorePointCollections/restorePoints": {"diskEncryptionSets": "read"},
    "images": {"diskEncryptionSets": "read"},
    "galleries": {"userAssignedIdentities": "assign/action"},
    "galleries/images/versions": {
        "virtualMachines": "write",
        "disks": "write",
        "snapshots": "write",
        "images": "read",
        "galleries/images/versions": "read",
        "diskEncryptionSets": "read",
    },
    "virtualMachines": {
        "images": "read",
        "galleries/images/versions": "read",
        "disks": "write",
        "networkInterfaces": "join/action",
        "diskEncryptionSets": "read",
        **_JOINED,
    },
    "networkInterfaces": {**_JOINED, "publicIPAddresses": "join/action"},
}
_FEATURE = re.compile(
    r"^/subscriptions/[^/]+/providers/Microsoft\.Features/.+?(?P<register>/register)?$", re.IGNORECASE
)
_ID = re.compile(r"^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/(?P<below>.+)$", re.IGNORECASE)


def right_of(method: str, path: str) -> str | None:
    """The action of a role definition that a request takes; None for what is no request to Resource Manager.

    :param path: without the query.
    """
    found = _SUBSCRIPTION.match(path)
    if found is None:
        return "Microsoft.ResourceGraph/resources/read" if path.lower().endswith("resourcegraph/resources") else None
    feature = _FEATURE.match(path)
    if feature:
        return f"Microsoft.Features/providers/features/{'register/action' if feature['register'] else 'read'}"
    prefix, provider, below = path.rpartition("/providers/")
    if method == "POST" and below.lower() in _QUESTIONS:
        return _QUESTIONS[below.lower()]
    if prefix and provider:
        return _of_resource(method, below)
    # Of subscriptions and groups, types and names take turns, too.
    types = found["rest"].split("/")[1::2]
    named = ["resourceGroups" if one.lower() == "resourcegroups" else one for one in types]
    return "/".join(["Microsoft.Resources/subscriptions", *named, _VERBS[method]])


def _of_resource(method: str, below: str) -> str:
    namespace, *words = below.split("/")
    # Types and names take turns; what is asked of a resource (POST) comes where the next type would.
    return "/".join([namespace, *words[::2], "action" if method == "POST" else _VERBS[method]])


def linked_rights(kind: str, body: Any) -> Iterator[tuple[str, str]]:
    """What a write asks for on what its body refers to: actions and scopes.

    :param kind: the type that is written, without its namespace.
    """
    table = {name.lower(): word for name, word in _links(kind).items()}
    for id in referred_ids(body):
        below = _ID.match(id)
        namespace, *words = below["below"].split("/") if below else [""]
        word = table.get("/".join(words[::2]).lower())
        if word and len(words) % 2 == 0:
            yield "/".join([namespace, *words[::2], word]), id


def _links(kind: str) -> dict[str, str]:
    return next((links for name, links in _LINKS.items() if name.lower() == kind.lower()), {})


def referred_ids(node: Any) -> Iterator[str]:
    """The ids in a body, but for those in its tags."""
    if isinstance(node, dict):
        for name, value in node.items():
            # User-assigned identities are named by keys.
            yield from referred_ids(name)
            if name != "tags":
                yield from referred_ids(value)
    elif isinstance(node, list):
        for item in node:
            yield from referred_ids(item)
    elif isinstance(node, str) and node.startswith("/subscriptions/"):
        yield node


def permissions_at(assignments: Iterable[dict[str, Any]], scope: str) -> list[dict[str, Any]]:
    """The sets of permissions that hold on a scope: those given there, and on what it lies in."""
    wanted = f"{scope}/".lower()
    return [
        {
            "actions": list(one.get("actions") or []),
            "notActions": list(one.get("not_actions") or []),
            "dataActions": list(one.get("data_actions") or []),
            "notDataActions": [],
        }
        for one in assignments
        if wanted.startswith(f"{str(one.get('scope') or '').rstrip('/')}/".lower())
    ]


def allowed(permissions: Iterable[dict[str, Any]], action: str, data: bool = False) -> bool:
    """Whether sets of permissions allow an action, or with data, a data action."""
    granted, taken = ("dataActions", "notDataActions") if data else ("actions", "notActions")

    def has(patterns: list[str]) -> bool:
        return any(fnmatch.fnmatchcase(action.lower(), pattern.lower()) for pattern in patterns)

    return any(has(one[granted]) and not has(one[taken]) for one in permissions)
