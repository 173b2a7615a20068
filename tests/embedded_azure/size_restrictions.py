# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sizes that a subscription cannot have in a region, or in some of its zones: the setting `restricted_sizes`.

How Microsoft.Compute/skus tells them: the OpenAPI file of SKUs (ResourceSkuRestrictions). How a machine is refused:
MicrosoftDocs/azure-docs-cli#599, frehnejc in mddazure/azure-vwan-microhack#9 (HTTP 409, SkuNotAvailable).
"""

from __future__ import annotations

from . import locations
from .cloud import Cloud
from .errors import error
from .model import Body, Call


def _zones_of(cloud: Cloud, size: str, location: str) -> list[str] | None:
    """The zones that are restricted, none of them for the whole region; None if the size is available."""
    sizes = cloud.settings.restricted_sizes.get(locations.canonical(location)) or {}
    return next((zones for name, zones in sizes.items() if name.lower() == size.lower()), None)


def restrictions(cloud: Cloud, size: str, location: str) -> list[Body]:
    """The restrictions of a size, as the list of SKUs has them."""
    zones = _zones_of(cloud, size, location)
    if zones is None:
        return []
    info: Body = {"locations": [location], **({"zones": zones} if zones else {})}
    kind = "Zone" if zones else "Location"
    return [{"type": kind, "values": [location], "restrictionInfo": info, "reasonCode": "NotAvailableForSubscription"}]


def check(call: Call, size: str, location: str, zones: list[str]) -> None:
    """Refuse a machine of a size that the subscription cannot have there."""
    restricted = _zones_of(call.cloud, size, location)
    if restricted is None or (restricted and not set(restricted) & set(zones)):
        return
    raise error(
        "size_not_available",
        id=call.path.id,
        location=location,
        zones=",".join(zones),
        subscription=call.path.subscription,
    )
