# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read many resources with few requests: the listing of a resource, and its number of requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK,
    GALLERY,
    GALLERY_DEFINITION,
    GALLERY_VERSION,
    IMAGE,
    NETWORK_INTERFACE,
    PUBLIC_IP_ADDRESS,
    SNAPSHOT,
    VIRTUAL_MACHINE,
    ResourceId,
    parent,
)

Json = dict[str, Any]

#: Type -> key of its version, and the label of its listing for messages.
_IN_GROUP = {
    VIRTUAL_MACHINE: ("compute", "virtual machines"),
    IMAGE: ("images", "images"),
    DISK: ("disks", "disks"),
    SNAPSHOT: ("disks", "snapshots"),
    GALLERY: ("galleries", "galleries"),
    NETWORK_INTERFACE: ("network", "network interfaces"),
    PUBLIC_IP_ADDRESS: ("network", "public IP addresses"),
}
_BELOW = {GALLERY_DEFINITION: ("images", "definitions"), GALLERY_VERSION: ("versions", "versions")}


@dataclass(frozen=True)
class Listing:
    """A listing: its path in lower case, as a key, and its type."""

    path: str
    #: Key into API_VERSIONS.
    api_version_key: str
    #: For messages.
    what: str
    #: Additional URL parameters.
    extra_query: str = ""


def listing_of(resource: ResourceId) -> Listing | None:
    """The listing that returns a resource like a read of it; None if there is none."""
    if resource.resource_type in _BELOW:
        segment, what = _BELOW[resource.resource_type]
        above = parent(resource)
        return Listing(f"{above}/{segment}".lower(), "galleries", f"the {what} of {above.label}")
    if resource.resource_type not in _IN_GROUP:
        return None
    api_version_key, what = _IN_GROUP[resource.resource_type]
    path = f"{resource.group_id}/providers/{resource.resource_type}"
    return Listing(path.lower(), api_version_key, f"the {what} of resource group '{resource.resource_group}'")


def status_listing_of(resource: ResourceId) -> Listing | None:
    """The listing that shows the state of a resource: for virtual machines, the one with power states.

    Azure provides it only for complete subscriptions
    (https://learn.microsoft.com/rest/api/compute/virtual-machines/list-all).
    """
    if resource.resource_type != VIRTUAL_MACHINE:
        return listing_of(resource)
    path = f"/subscriptions/{resource.subscription_id}/providers/{VIRTUAL_MACHINE}"
    return Listing(path.lower(), "compute", "the states of the subscription's virtual machines", "&statusOnly=true")


class Listings:
    """Reads listings, and records their numbers of pages."""

    def __init__(self, arm: ArmClient) -> None:
        self._arm = arm
        self._pages: dict[Listing, int] = {}

    def pages(self, listing: Listing) -> int | None:
        """The number of requests of a listing; None if it is not known yet."""
        return self._pages.get(listing)

    def read(self, listing: Listing, max_pages: float = float("inf")) -> dict[str, Json] | None:
        """Read a listing.

        :param max_pages: the maximum number of requests.
        :returns: its rows by their ids in lower case, or None if it has more pages.
        :raises Failure: if it cannot be read.
        """
        rows: dict[str, Json] = {}
        pages = self._arm.pages(listing.path, listing.api_version_key, listing.what, listing.extra_query)
        for number, page in enumerate(pages, start=1):
            self._pages[listing] = max(number, self._pages.get(listing, 0))
            if number > max_pages:
                return None
            rows.update((str(row.get("id")).lower(), row) for row in page)
        # An empty listing has one page, too; the number of pages may also decrease.
        self._pages[listing] = max(1, number)
        return rows
