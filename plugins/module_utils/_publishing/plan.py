# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the changes of a gallery version from the request and the current state; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import GalleryProperty
from ansible_collections.golden.azure.plugins.module_utils._model.publishing import end_of_life_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._model.replication import (
    allows_removal,
    failed_regions,
    is_usable,
    named,
    pending_regions,
    without_regions,
)
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import SoftDeleted
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import (
    publishing_profile,
    writable_version,
)
from ansible_collections.golden.azure.plugins.module_utils._publishing.regions import (
    RegionPlan,
    change_blockers,
    plan_regions,
)
from ansible_collections.golden.azure.plugins.module_utils._publishing.request import PROPERTIES, VersionRequest

Json = dict[str, Any]


@dataclass(frozen=True)
class VersionState:
    """The current state; None for resources that do not exist."""

    #: With its replication status.
    version: Json | None
    #: The soft-deleted version of this number; read if the version does not exist.
    deleted: SoftDeleted | None = None
    #: Whether the feature of soft deletion is registered; None if it is not known.
    feature_registered: bool | None = None
    #: The regions of the subscription; None if no regions are added, or they could not be read.
    regions: Regions | None = None
    #: Disk encryption sets of new regions by their ids in lower case; None for one that does not exist.
    encryption_sets: dict[str, Json | None] = field(default_factory=dict)
    #: A warning for each failed read.
    unread: tuple[Finding, ...] = ()


def plan_changes(request: VersionRequest, state: VersionState, now: datetime) -> Plan:
    """Create the plan of the changes of an existing version.

    :param now: with its time zone.
    :returns: a plan whose steps, executed in order, change the version and wait for its replication.
    """
    title = f"Change of {request.version.label}"
    version = state.version
    if version is None:
        return Plan(title, [_absence(request, state)], list(state.unread))
    planned = plan_regions(request, version)
    blockers = list(_blockers(request, state, version, planned, now))
    warnings = [*state.unread, *_warnings(request, planned)]
    return Plan(title, blockers, warnings, [] if blockers else list(_steps(request, version, planned)))


# -- findings -----------------------------------------------------------------------------------------------------


def _absence(request: VersionRequest, state: VersionState) -> Finding:
    if state.deleted is not None:
        return Finding(
            "version_soft_deleted",
            f"The {request.version.label} is soft-deleted{state.deleted.until}; restore it with 'state: restored' first.",
        )
    return Finding("image_not_found", f"The {request.version.label} does not exist; check its name.")


def _blockers(
    request: VersionRequest, state: VersionState, version: Json, planned: RegionPlan, now: datetime
) -> Iterator[Finding]:
    label, condition = request.version.label, machine.provisioning_state(version)
    if condition not in ("Creating", "Updating") and not is_usable(version):
        yield Finding(
            "image_not_whole",
            f"The {label} is in the state {condition}, so that it cannot be changed; remove it, and capture it again.",
        )
    yield from _end_of_life_blockers(request, version, now)
    yield from change_blockers(request, version, planned, state.regions, state.encryption_sets)
    if planned.taken_away and not allows_removal(_changed_body(request, version)):
        yield Finding(
            "region_removal_not_allowed",
            f"The {label} cannot be removed from {', '.join(planned.taken_away)}, as its property "
            "allowDeletionOfReplicatedLocations is false; set 'allow_deletion_of_replicated_locations: true' to allow it.",
        )


def _end_of_life_blockers(request: VersionRequest, version: Json, now: datetime) -> Iterator[Finding]:
    label = request.version.label
    differs = {each.option for each, _value in _differences(request, version)}
    if "end_of_life_date" in differs:
        yield from end_of_life_blockers(label, request.settings["end_of_life_date"], now)
    ends = request.settings.get("end_of_life_date") or publishing_profile(version).get("endOfLifeDate")
    if "block_deletion_before_end_of_life" in differs and not ends:
        yield Finding(
            "end_of_life_missing",
            f"The {label} has no end of life until which its deletion could be blocked; set 'end_of_life_date' as well.",
        )


def _warnings(request: VersionRequest, planned: RegionPlan) -> Iterator[Finding]:
    label = request.version.label
    for region in planned.replaced:
        yield Finding(
            "region_replaced",
            f"The {label} is removed from {region['name']} and replicated there again, because Azure cannot change the storage "
            f"account type of a region to {region['storageAccountType']}: until then, no virtual machines can be created from it "
            "there, and scale sets there cannot grow.",
        )
    if planned.removed:
        yield Finding(
            "region_removed",
            f"The {label} is removed from {', '.join(planned.removed)}: virtual machines can no longer be created from it there, and "
            "scale sets there cannot grow.",
        )


# -- steps --------------------------------------------------------------------------------------------------------


def _differences(request: VersionRequest, version: Json) -> list[tuple[GalleryProperty, Any]]:
    """The properties that the task sets to another value than that of the version, with the option's value."""
    settings = request.settings
    return [
        (each, settings[each.option])
        for each in PROPERTIES
        if each.option in settings and each.differs(settings[each.option], version)
    ]


def _changed_body(request: VersionRequest, version: Json) -> Json:
    """The body of the version with the properties of the task, and without its regions."""
    body = writable_version(version)
    for each, value in _differences(request, version):
        each.set(body["properties"], value)
    return body


def _steps(request: VersionRequest, version: Json, planned: RegionPlan) -> Iterator[Step]:
    identity = request.version
    if machine.provisioning_state(version) in ("Creating", "Updating"):
        yield Step(actions.WAIT_FOR_VERSION, identity, f"wait for the {identity.label}, which is being updated")
    body = _changed_body(request, version)
    changes = [each.update(value) for each, value in _differences(request, version)]
    changes += list(_region_changes(planned))
    failed = [each for each in failed_regions(version) if each.region not in planned.taken_away]
    if failed:
        changes.append(f"repeat its replication to {named(failed)}, which failed")
    if planned.target:
        body["properties"]["publishingProfile"]["targetRegions"] = planned.target
    if planned.replaced:
        names = [str(region["name"]) for region in planned.replaced]
        yield _put(request, f"remove it from {', '.join(names)}", _removal_body(version, names))
    if changes:
        yield _put(request, " and ".join(changes), body)
    elif pending_regions(version):
        places = ", ".join(each.region for each in pending_regions(version))
        yield Step(actions.WAIT_FOR_REPLICATION, identity, f"wait until the {identity.label} is replicated to {places}")


def _removal_body(version: Json, names: list[str]) -> Json:
    """The body of the version as it is, without some regions."""
    body = without_regions(writable_version(version), names)
    safety = body["properties"].get("safetyProfile") or {}
    body["properties"]["safetyProfile"] = {**safety, "allowDeletionOfReplicatedLocations": True}
    return body


def _region_changes(planned: RegionPlan) -> Iterator[str]:
    if planned.replaced:
        places = ", ".join(f"{region['name']} as {region['storageAccountType']}" for region in planned.replaced)
        yield f"replicate it again to {places}"
    if planned.replicated:
        yield f"replicate it to {_places(planned.replicated)}"
    if planned.reduced:
        yield f"reduce its replicas to {_places(planned.reduced)}"
    if planned.removed:
        yield f"remove it from {', '.join(planned.removed)}"
    yield from planned.changed


def _places(regions: list[Json]) -> str:
    return ", ".join(f"{region['name']} x{region.get('regionalReplicaCount', 1)}" for region in regions)


def _put(request: VersionRequest, change: str, body: Json) -> Step:
    identity = request.version
    return Step(
        actions.PUBLISH_VERSION,
        identity,
        f"{change}: the {identity.label}",
        method="PUT",
        path=str(identity),
        body=body,
    )
