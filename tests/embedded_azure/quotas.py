# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many resources of a type a subscription may have in a region, and what of that it uses.

Names and limits as recorded with api-version 2024-07-01 (Azure/azure-cli, test_vm_usage); the setting `quotas` has others.
The words are those of Compute's other quotas; nobody recorded what galleries say.
"""

from __future__ import annotations

from typing import Any

from . import locations
from .cloud import Cloud
from .errors import error
from .model import Call, Response

#: Type -> name, what people call it, limit.
_KINDS = {
    "microsoft.compute/virtualmachines": ("virtualMachines", "Virtual Machines", 25_000),
    "microsoft.compute/disks": ("StandardDiskCount", "Standard Storage Managed Disks", 50_000),
    "microsoft.compute/snapshots": ("StandardSnapshotCount", "StandardStorageSnapshots", 75_000),
    "microsoft.compute/galleries": ("Gallery", "Gallery", 100),
    "microsoft.compute/galleries/images": ("GalleryImage", "Gallery Image", 1_000),
    "microsoft.compute/galleries/images/versions": ("GalleryImageVersion", "Gallery Image Version", 10_000),
}


def _used(cloud: Cloud, kind: str, subscription: str, location: str) -> int:
    found = cloud.store.of_type(kind, f"/subscriptions/{subscription}")
    return sum(resource.location == location for resource in found)


def _limit(cloud: Cloud, name: str, limit: int) -> int:
    return int(cloud.settings.quotas.get(name, limit))


def check(cloud: Cloud, kind: str, call: Call) -> None:
    """Refuse a new resource for which there is no room."""
    if kind.lower() not in _KINDS or not cloud.settings.quotas:
        return
    name, _shown, limit = _KINDS[kind.lower()]
    location = locations.canonical(str(call.body.get("location") or ""))
    usage = _used(cloud, kind, call.path.subscription or "", location)
    if usage + 1 > _limit(cloud, name, limit):
        raise error("quota", kind=name, location=location, limit=_limit(cloud, name, limit), usage=usage)


def usages(call: Call) -> Response:
    """GET locations/{location}/usages"""
    location = locations.canonical(call.parameters["location"])
    rows: list[dict[str, Any]] = [
        {
            "limit": _limit(call.cloud, name, limit),
            "unit": "Count",
            "currentValue": _used(call.cloud, kind, call.path.subscription or "", location),
            "name": {"value": name, "localizedValue": shown},
        }
        for kind, (name, shown, limit) in _KINDS.items()
    ]
    return Response(200, {"value": rows})
