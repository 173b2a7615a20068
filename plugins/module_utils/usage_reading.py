# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what uses images: by Resource Manager in the images' own subscriptions, by Resource Graph in all the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.errors import NotFound, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils.graph import GraphIncomplete, GraphNotAllowed, query_graph
from ansible_collections.golden.azure.plugins.module_utils.image_sources import ImageReader, Scope
from ansible_collections.golden.azure.plugins.module_utils.parallel import READERS, in_threads
from ansible_collections.golden.azure.plugins.module_utils.usage import Usage

Json = dict[str, Any]

#: Collection -> its kind in API_VERSIONS, what it is called.
_USERS = {
    "Microsoft.Compute/virtualMachines": ("compute", "virtual machines"),
    "Microsoft.Compute/virtualMachineScaleSets": ("compute", "scale sets"),
    "Microsoft.VirtualMachineImages/imageTemplates": ("image_templates", "image templates"),
}
#: A provider that is not registered in the subscription, or not there in this cloud, has no resources.
_NO_PROVIDER = ("MissingSubscriptionRegistration", "InvalidResourceNamespace", "NoRegisteredProviderFound")
_TYPES = ", ".join(
    f"'{name.lower()}'"
    for name in (*_USERS, "Microsoft.Compute/galleries/images/versions", "Microsoft.Compute/galleries")
)


def read_usage(arm: Arm, subscriptions: Sequence[str], now: datetime) -> tuple[Usage, list[str]]:
    """Read everything that can use the images of these subscriptions.

    :returns: the usage, and warnings.
    :raises Failure: when it cannot be read for another reason than a missing right; that alone is noted in the usage.
    """
    usage = Usage()
    rows: list[Json] = []
    for subscription in subscriptions:
        rows += _galleries(arm, subscription, usage, now)
        for found in in_threads(partial(_collection, arm, subscription, usage), _USERS, READERS):
            rows += found
    others, warnings = _others(arm, subscriptions)
    rows += others
    usage.add_galleries(row for row in rows if str(row["type"]).lower() == "microsoft.compute/galleries")
    for row in rows:
        usage.add(row)
    return usage, warnings


def _collection(arm: Arm, subscription: str, usage: Usage, collection: str) -> list[Json]:
    kind, what = _USERS[collection]
    path = f"/subscriptions/{subscription}/providers/{collection}"
    try:
        # Not every listing says the type of its items.
        return [{**row, "type": collection} for row in arm.list(path, kind, f"the {what} of the subscription")]
    except SignInFailed:
        raise
    except (NotFound, Refused) as refused:
        if refused.code in _NO_PROVIDER:
            return []
        _note(usage, refused, what)
        return []


def _galleries(arm: Arm, subscription: str, usage: Usage, now: datetime) -> list[Json]:
    reader = ImageReader(arm, Scope((subscription,), by_graph=False), now)
    try:
        galleries = reader.galleries()
        definitions = reader.definitions_of(galleries)
        versions = reader.versions_of(definitions)
        usage.note_latest(versions)
    except SignInFailed:
        raise
    except Refused as refused:
        _note(usage, refused, "galleries")
        return []
    return [
        *({**row, "type": "Microsoft.Compute/galleries"} for row in galleries),
        *({**row, "type": "Microsoft.Compute/galleries/images/versions"} for row in versions),
    ]


def _note(usage: Usage, refused: Refused | NotFound, what: str) -> None:
    if refused.code != "AuthorizationFailed":
        raise refused
    usage.unreadable.append(what)


def _others(arm: Arm, subscriptions: Sequence[str]) -> tuple[list[Json], list[str]]:
    """What other subscriptions of the tenant show; Resource Graph lags, so for one's own Resource Manager is asked."""
    own = ", ".join(f"'{subscription}'" for subscription in subscriptions)
    query = f"resources | where subscriptionId !in~ ({own}) and type in~ ({_TYPES}) | project id, type, properties"
    try:
        return query_graph(arm, query, None, "Looking for what uses the images in other subscriptions"), []
    except (GraphNotAllowed, GraphIncomplete) as failure:
        reason = failure.message.rstrip(".")
        return [], [f"Uses of the images in other subscriptions were not looked for: {reason}."]
