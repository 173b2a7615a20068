# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How many resources of a type a subscription may have in a region, and what of that it uses.

Names and limits as recorded with api-version 2024-07-01 (Azure/azure-cli, test_vm_usage); the setting `quotas` has others.
The words are those of Compute's other quotas; nobody recorded what galleries say.
"""

from __future__ import annotations

from typing import Any

from . import locations, vm_cores
from .cloud import Cloud
from .errors import error
from .model import Call, Response
from .store import Resource
from .vm_sizes import SIZES

#: Type -> name, what people call it, limit.
_KINDS = {
    "microsoft.compute/virtualmachines": ("virtualMachines", "Virtual Machines", 25_000),
    "microsoft.compute/disks": ("StandardDiskCount", "Standard Storage Managed Disks", 50_000),
    "microsoft.compute/snapshots": ("StandardSnapshotCount", "StandardStorageSnapshots", 75_000),
    "microsoft.compute/galleries": ("Gallery", "Gallery", 100),
    "microsoft.compute/galleries/images": ("GalleryImage", "Gallery Image", 1_000),
    "microsoft.compute/galleries/images/versions": ("GalleryImageVersion", "Gallery Image Version", 10_000),
}
_MACHINES = "Microsoft.Compute/virtualMachines"
_CORES, _SPOT_CORES = "cores", "lowPriorityCores"
#: How many cores everybody has: the setting `quotas` says how few they are.
_CORES_LIMIT = 10_000


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
    if kind == _MACHINES:
        _check_cores(cloud, call, location)
    usage = _used(cloud, kind, call.path.subscription or "", location)
    if usage + 1 > _limit(cloud, name, limit):
        raise error("quota", kind=name, location=location, limit=_limit(cloud, name, limit), usage=usage)


def _check_cores(cloud: Cloud, call: Call, location: str) -> None:
    """Refuse a machine for whose cores there is no room: Azure/karpenter-provider-azure#192, nforgeio/neonKUBE#1671."""
    wanted = call.body.get("properties") or {}
    size = str((wanted.get("hardwareProfile") or {}).get("vmSize") or "")
    needed = vm_cores.cores_of(size)
    spot = str(wanted.get("priority")).lower() in ("spot", "low")
    names = (
        {_SPOT_CORES: _SPOT_CORES}
        if spot
        else {vm_cores.family_of(size): vm_cores.family_of(size), _CORES: "Total Regional"}
    )
    used = _cores(cloud, call.path.subscription or "", location)
    for name, shown in names.items():
        limit, usage = _limit(cloud, name, _CORES_LIMIT), used.get(name, 0)
        if usage + needed > limit:
            raise error(
                "cores_quota",
                kind=shown,
                location=location,
                limit=limit,
                usage=usage,
                needed=needed,
                minimum=usage + needed,
            )


def _cores(cloud: Cloud, subscription: str, location: str) -> dict[str, int]:
    """The cores in use by the name of their quota. A machine counts while it is deallocated, too, and a spot machine only among
    its own kind (https://learn.microsoft.com/azure/quotas/per-vm-quota-requests, .../spot-quota)."""
    used: dict[str, int] = {}
    for machine in cloud.store.of_type(_MACHINES, f"/subscriptions/{subscription}"):
        if machine.location != location:
            continue
        size = str(machine.properties["hardwareProfile"]["vmSize"])
        for name in _names(machine, size):
            used[name] = used.get(name, 0) + vm_cores.cores_of(size)
    return used


def _names(machine: Resource, size: str) -> tuple[str, ...]:
    spot = str(machine.properties.get("priority")).lower() in ("spot", "low")
    return (_SPOT_CORES,) if spot else (_CORES, vm_cores.family_of(size))


def _core_rows(call: Call, location: str) -> list[dict[str, Any]]:
    used = _cores(call.cloud, call.path.subscription or "", location)
    shown = {_CORES: "Total Regional vCPUs", _SPOT_CORES: "Total Regional Low-priority vCPUs"}
    families = {
        *map(vm_cores.family_of, SIZES),
        *used,
        *(name for name in call.cloud.settings.quotas if name.endswith("Family")),
    }
    shown.update({name: _family_label(name) for name in sorted(families - shown.keys())})
    return [
        {
            "limit": _limit(call.cloud, name, _CORES_LIMIT),
            "unit": "Count",
            "currentValue": used.get(name, 0),
            "name": {"value": name, "localizedValue": label},
        }
        for name, label in shown.items()
    ]


def _family_label(name: str) -> str:
    """standardDSv5Family is shown as Standard DSv5 Family vCPUs."""
    return f"Standard {name.removeprefix('standard').removesuffix('Family')} Family vCPUs"


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
    return Response(200, {"value": [*_core_rows(call, location), *rows]})
