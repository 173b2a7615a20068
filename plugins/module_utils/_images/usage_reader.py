# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the usage of images: with Resource Manager in the images' own subscriptions, with Resource Graph in all others.

If Resource Graph is not available for the others, Resource Manager is used there, too.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.resource_graph import (
    GraphIncomplete,
    GraphNotAllowed,
    query_graph,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.version_negotiation import (
    API_VERSION_NOT_SUPPORTED,
)
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._images.sources import ImageReader, Scope
from ansible_collections.golden.azure.plugins.module_utils._model.usage import Usage

Json = dict[str, Any]

_GALLERY = "Microsoft.Compute/galleries"
_VERSION = "Microsoft.Compute/galleries/images/versions"
#: Collection -> its key into API_VERSIONS, and its label.
_USERS = {
    "Microsoft.Compute/virtualMachines": ("compute", "virtual machines"),
    "Microsoft.Compute/virtualMachineScaleSets": ("compute", "scale sets"),
    "Microsoft.VirtualMachineImages/imageTemplates": ("image_templates", "image templates"),
}
#: A provider that is not registered in the subscription, or not available in this cloud, has no resources.
_NO_PROVIDER = ("MissingSubscriptionRegistration", "InvalidResourceNamespace", "NoRegisteredProviderFound")
_TYPES = ", ".join(f"'{name.lower()}'" for name in (*_USERS, _VERSION, _GALLERY))
# Seconds for which the usage data is considered current.
_USAGE_MAX_AGE = 30


class CurrentUsage:
    """The usage of images, read again when it is outdated; shared by threads.

    :param read: reads it; None if it is not needed.
    """

    def __init__(self, read: Callable[[], Usage] | None, deadline: Deadline) -> None:
        self._read = read
        self._deadline = deadline
        self._lock = threading.Lock()
        self._usage: Usage | None = None
        self._read_at = 0.0

    def get(self) -> Usage | None:
        """The usage, at most half a minute old.

        :raises Failure: if it cannot be read.
        """
        if self._read is None:
            return None
        with self._lock:
            if self._usage is None or self._deadline.elapsed - self._read_at > _USAGE_MAX_AGE:
                started = self._deadline.elapsed
                self._usage = self._read()
                self._read_at = started
            return self._usage


def read_usage(arm: ArmClient, subscriptions: Sequence[str], now: datetime) -> Usage:
    """Read everything that can use the images of these subscriptions.

    :raises Failure: if it cannot be read for another reason than missing permissions, which are recorded in the usage.
    """
    usage = Usage()
    rows = [row for one in subscriptions for row in _in_subscription(arm, one, usage, now)]
    rows += _elsewhere(arm, subscriptions, usage, now)
    usage.add_galleries(row for row in rows if str(row["type"]).lower() == _GALLERY.lower())
    for row in rows:
        usage.add(row)
    return usage


def _in_subscription(arm: ArmClient, subscription: str, usage: Usage, now: datetime) -> list[Json]:
    """Users in one subscription, from Resource Manager, which is up to date."""
    readers: dict[str, Callable[[], list[Json]]] = {
        "galleries": partial(_galleries, arm, subscription, now),
        **{what: partial(_collection, arm, subscription, name) for name, (_kind, what) in _USERS.items()},
    }
    found = dict(zip(readers, run_in_threads(_readable, readers.values(), READERS)))
    usage.unreadable += [f"{what} of subscription {subscription}" for what, rows in found.items() if rows is None]
    usage.note_latest(row for row in found["galleries"] or [] if row["type"] == _VERSION)
    return [row for rows in found.values() for row in rows or []]


def _readable(read: Callable[[], list[Json]]) -> list[Json] | None:
    """The result; None if the permission is missing, or this collection can use none of the API versions of this cloud."""
    try:
        return read()
    except SignInFailed:
        raise
    except (NotFound, Refused) as refused:
        if refused.code in _NO_PROVIDER:
            return []
        if refused.code in ("AuthorizationFailed", API_VERSION_NOT_SUPPORTED):
            return None
        raise


def _collection(arm: ArmClient, subscription: str, collection: str) -> list[Json]:
    kind, what = _USERS[collection]
    path = f"/subscriptions/{subscription}/providers/{collection}"
    # Not every listing contains the type of its items.
    return [{**row, "type": collection} for row in arm.list(path, kind, f"the {what} of the subscription")]


def _galleries(arm: ArmClient, subscription: str, now: datetime) -> list[Json]:
    """Galleries with their versions."""
    reader = ImageReader(arm, Scope((subscription,), by_graph=False), now)
    galleries = reader.galleries()
    versions = reader.versions_of(reader.definitions_of(galleries))
    return [*({**row, "type": _GALLERY} for row in galleries), *({**row, "type": _VERSION} for row in versions)]


def _elsewhere(arm: ArmClient, subscriptions: Sequence[str], usage: Usage, now: datetime) -> list[Json]:
    """Users of images in other visible subscriptions; Resource Graph is eventually consistent, and needs few requests."""
    own = ", ".join(f"'{subscription}'" for subscription in subscriptions)
    query = f"resources | where subscriptionId !in~ ({own}) and type in~ ({_TYPES}) | project id, type, properties"
    try:
        return query_graph(arm, query, None, "Listing the resources in other subscriptions that use the images")
    except (GraphNotAllowed, GraphIncomplete):
        known = {subscription.lower() for subscription in subscriptions}
        seen = arm.list("/subscriptions", "subscriptions", "the subscriptions")
        others = [str(row["subscriptionId"]) for row in seen if str(row["subscriptionId"]).lower() not in known]
        return [row for one in others for row in _in_subscription(arm, one, usage, now)]
