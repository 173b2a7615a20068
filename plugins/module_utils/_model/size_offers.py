# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What a subscription can have of a VM size in a region: availability, cores and the quota that counts them; pure.

Source: https://learn.microsoft.com/rest/api/compute/resource-skus/list
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_MACHINES = "virtualmachines"
_HOST_ENCRYPTION = "EncryptionAtHostSupported"
_ACCELERATED = "AcceleratedNetworkingEnabled"


@dataclass(frozen=True)
class SizeOffer:
    """A size in a region."""

    name: str
    #: The name of the quota that counts its cores, as in standardDSv5Family; None if unknown.
    family: str | None
    #: None if unknown.
    cores: int | None
    #: Why the subscription cannot have it in the region, as in NotAvailableForSubscription; None if it can.
    restriction: str | None = None
    encryption_at_host: bool = False
    accelerated_networking: bool = False


def size_offers(rows: Iterable[Json]) -> dict[str, SizeOffer]:
    """The sizes in the list of resource SKUs of one region, by their names in lower case.

    A restriction of single zones does not concern virtual machines without a zone, which are all that this collection creates.
    """
    return {
        str(row.get("name")).lower(): _offer(row) for row in rows if str(row.get("resourceType")).lower() == _MACHINES
    }


def _offer(row: Json) -> SizeOffer:
    capabilities = {str(item.get("name")): str(item.get("value")) for item in row.get("capabilities") or []}
    cores = capabilities.get("vCPUs", "")
    return SizeOffer(
        name=str(row.get("name")),
        family=row.get("family"),
        cores=int(cores) if cores.isdecimal() else None,
        restriction=_restriction(row),
        encryption_at_host=capabilities.get(_HOST_ENCRYPTION, "").lower() == "true",
        accelerated_networking=capabilities.get(_ACCELERATED, "").lower() == "true",
    )


def _restriction(row: Json) -> str | None:
    for restriction in row.get("restrictions") or []:
        if str(restriction.get("type")).lower() == "location":
            return str(restriction.get("reasonCode") or "restricted")
    return None
