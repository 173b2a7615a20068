# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gallery versions after a planned promotion, so that they can be validated before they are created; pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.conversions import to_integer
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.replicas import planned_replicas
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import TargetRegion
from ansible_collections.golden.azure.plugins.module_utils._model.publishing import fixed_region_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import region_body

Json = dict[str, Any]

_PER_REPLICA = 20


@dataclass(frozen=True)
class Promoted:
    """The result of a promotion.

    :param versions: as in vm_image_capture, with the regions and replicas that they have then.
    :param findings: differences between promotion and capture in region properties that cannot be changed after creation.
    """

    versions: list[Json]
    findings: list[Json]


def promoted(versions: Sequence[Mapping[str, Any]], promotion: Mapping[str, Any], location: str) -> Promoted:
    """Apply a promotion to versions that do not exist yet.

    :param versions: as in vm_image_capture.
    :param promotion: the options of vm_image_promote.
    :param location: the region of the source virtual machine; empty if unknown.
    :raises NotConvertible: for an invalid number.
    """
    own_regions = [{"name": location}] if location else []
    deployments, per_replica = promotion.get("concurrent_deployments"), promotion.get("deployments_per_replica")
    replicas = planned_replicas(
        None if deployments is None else to_integer(deployments),
        _PER_REPLICA if per_replica is None else to_integer(per_replica),
    )
    wanted = [dict(region) for region in promotion.get("target_regions") or []]
    after, findings = [], []
    for version in versions:
        own = [dict(region) for region in version.get("target_regions") or own_regions]
        after.append({**version, "target_regions": list(_regions(own, wanted, replicas))})
        label = f"version of image definition '{version.get('definition')}'"
        findings += [finding.as_dict() for finding in _differences(label, own, wanted)]
    return Promoted(after, findings)


def _regions(own: Sequence[Json], wanted: Sequence[Json], replicas: int) -> Iterator[Json]:
    """The regions of both, merged as by vm_image_promote; duplicates are kept, for the validation to report them."""
    rest = list(wanted)
    for region in own:
        asked = next((one for one in rest if _key(one) == _key(region)), None)
        if asked is not None:
            rest.remove(asked)
        counts = (_count(region, 1), replicas if asked is None else _count(asked, replicas))
        yield {**_given(asked or {}), **_given(region), "regional_replica_count": max(counts)}
    for asked in rest:
        yield {**_given(asked), "regional_replica_count": _count(asked, replicas)}


def _differences(label: str, own: Sequence[Json], wanted: Sequence[Json]) -> Iterator[Finding]:
    for region in own:
        for asked in wanted:
            if _key(asked) == _key(region):
                # Properties that the capture does not set have the platform's defaults, which a promotion cannot change.
                has = region_body(_region(region), ())
                yield from fixed_region_blockers(label, _region({**asked, "disk_encryption_set": None}), has, {})


def _region(region: Mapping[str, Any]) -> TargetRegion:
    return TargetRegion(
        name=str(region.get("name")),
        storage_account_type=region.get("storage_account_type"),
        disk_encryption_set=region.get("disk_encryption_set"),
    )


def _key(region: Mapping[str, Any]) -> str:
    return normalized_location(str(region.get("name")))


def _count(region: Mapping[str, Any], otherwise: int) -> int:
    count = region.get("regional_replica_count")
    return otherwise if count is None else to_integer(count)


def _given(region: Mapping[str, Any]) -> Json:
    return {name: value for name, value in region.items() if value is not None}
