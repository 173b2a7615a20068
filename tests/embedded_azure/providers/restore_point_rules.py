# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure refuses of restore points.

Limits and unsupported disks: https://learn.microsoft.com/azure/virtual-machines/virtual-machines-create-restore-points and
.../concepts-restore-points. The message about shared disks is that of .../restore-point-troubleshooting, and that about too many requests
is Compute's usual one. Nobody recorded or documented the others: their codes and texts are assumed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ..cloud import Cloud
from ..errors import AzureError, error
from ..model import Body, Call
from ..store import Resource
from ..vm_sizes import has_premium_storage

COLLECTION = "Microsoft.Compute/restorePointCollections"
POINT = f"{COLLECTION}/restorePoints"
CRASH_CONSISTENT = "CrashConsistent"
_HOUR = timedelta(hours=1)
_PER_HOUR = 3
# A copy of the points of another collection counts for that collection.
_POLICIES = {True: "CreateCrashConsistentRestorePoint", False: "CreateApplicationConsistentRestorePoint"}
_MADE = "restore_points_made"


def check_collection(call: Call, source: Resource) -> None:
    """A collection of a machine is in its region."""
    if source.type != COLLECTION and source.location != call.desired["location"]:
        raise error(
            "invalid_parameter", reason="The location of the restore point collection must be that of its source."
        )


def check_point(call: Call, machine: Resource, wanted: Body, excluded: set[str]) -> None:
    """Refuse a point of a machine that Azure does not make."""
    mode = wanted.get("consistencyMode")
    if mode not in (None, CRASH_CONSISTENT):
        # "For now, only CrashConsistent is accepted as a valid input": OpenAPI, RestorePointProperties.
        raise error("invalid_parameter", reason=f"The value '{mode}' of parameter consistencyMode is invalid.")
    _check_disks(call, machine, mode == CRASH_CONSISTENT, excluded)
    if _is_under_way(call.cloud, machine):
        raise error("not_allowed", reason="Another restore point of the virtual machine is being created.")
    _count(call, machine, mode == CRASH_CONSISTENT)


def _check_disks(call: Call, machine: Resource, crash_consistent: bool, excluded: set[str]) -> None:
    security = (machine.properties.get("securityProfile") or {}).get("securityType")
    if security == "ConfidentialVM":
        raise error("not_allowed", reason="Restore points of confidential virtual machines are not supported.")
    size = str((machine.properties.get("hardwareProfile") or {}).get("vmSize") or "")
    if crash_consistent and not has_premium_storage(size):
        raise error("not_allowed", reason=f"Crash-consistent restore points are not supported for the size {size}.")
    for attached, disk in _disks(call, machine):
        if disk is None or disk.id.lower() in excluded:
            continue
        if attached.get("diffDiskSettings"):
            raise error("not_allowed", reason="Restore points of ephemeral OS disks are not supported.")
        if int(disk.properties.get("maxShares") or 1) > 1:
            raise error("shared_disk_in_restore_point")
        kind = str(disk.body["sku"]["name"])
        if crash_consistent and (kind in ("UltraSSD_LRS", "PremiumV2_LRS") or attached.get("writeAcceleratorEnabled")):
            reason = f"Crash-consistent restore points are not supported for the disk '{disk.name}'."
            raise error("not_allowed", reason=reason)


def _disks(call: Call, machine: Resource) -> Iterator[tuple[Body, Resource | None]]:
    storage = machine.properties["storageProfile"]
    for attached in (storage["osDisk"], *(storage.get("dataDisks") or [])):
        yield attached, call.cloud.store.get((attached.get("managedDisk") or {}).get("id"))


def _is_under_way(cloud: Cloud, machine: Resource) -> bool:
    """Whether a point of the machine is being made, in whichever collection."""
    own = [
        collection.id
        for collection in cloud.store.of_type(COLLECTION)
        if str(collection.properties["source"]["id"]).lower() == machine.id.lower()
    ]
    points = (point for collection in own for point in cloud.store.of_type(POINT, collection))
    return any(point.properties.get("provisioningState") == "Creating" for point in points)


def _count(call: Call, machine: Resource, crash_consistent: bool) -> None:
    """Three points of each mode per hour, whether or not they are still there."""
    policy, now = _POLICIES[crash_consistent], call.now
    counted: dict[str, list[datetime]] = machine.private.setdefault(_MADE, {})
    recent = [moment for moment in counted.get(policy, []) if now - moment < _HOUR]
    if len(recent) >= _PER_HOUR:
        raise _too_many(policy, max(1, int((recent[0] + _HOUR - now).total_seconds())))
    counted[policy] = [*recent, now]


def _too_many(policy: str, wait: int) -> AzureError:
    refusal = error("throttled")
    refusal.headers.update(
        {"Retry-After": str(wait), "x-ms-ratelimit-remaining-resource": f"Microsoft.Compute/{policy};0"}
    )
    details = f'{{"operationGroup":"{policy}","retryAfter":"{wait}"}}'
    refusal.details = [{"code": "TooManyRequests", "target": policy, "message": details}]
    return refusal
