# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the promotion of an image from the request and the current state; pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    ResourceId,
    normalized_location,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import DEPRECATED_AT, VERIFIED, tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import format_timestamp, parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.encryption_sets import (
    EncryptionUse,
    encryption_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import TargetRegion
from ansible_collections.golden.azure.plugins.module_utils._model.image_order import (
    newest_first,
    version_key,
    version_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.publishing import (
    fixed_region_blockers,
    mixed_encryption_blockers,
    replica_blockers,
    storage_type_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions, repetition_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.regions import (
    region_blockers as unknown_region_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.replication import (
    failed_regions,
    is_usable,
    named,
    pending_regions,
)
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import merge_blockers, merge_step
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import (
    publishing_profile,
    region_body,
    writable_version,
)
from ansible_collections.golden.azure.plugins.module_utils._promotion.request import PromotionRequest

Json = dict[str, Any]

#: When an image was promoted (ISO 8601).
PROMOTED_AT = "golden.azure.promoted_at"


@dataclass(frozen=True)
class PromotionState:
    """The current state; None for resources that do not exist."""

    #: A gallery version with its replication status.
    image: Json | None
    #: All versions of the same definition, this one too.
    versions: list[Json] = field(default_factory=list)
    #: The regions of the subscription; None if no new regions are set, or they could not be read.
    regions: Regions | None = None
    #: Disk encryption sets of new regions by their ids in lower case; None for one that does not exist.
    encryption_sets: dict[str, Json | None] = field(default_factory=dict)
    #: A warning for each failed read.
    unread: tuple[Finding, ...] = ()


def plan_promotion(request: PromotionRequest, state: PromotionState, now: datetime) -> Plan:
    """Create the plan.

    :param now: with its time zone.
    :returns: a plan whose steps, executed in order, promote the image.
    """
    title = f"Promotion of {request.image.label}"
    blockers = list(_blockers(request, state))
    warnings = list(_warnings(request, state, now))
    return Plan(title, blockers, warnings, [] if blockers else list(_steps(request, state, now)))


def predecessor_of(request: PromotionRequest, state: PromotionState) -> Json | None:
    """The previous latest version: the highest complete one not excluded from latest, if it is lower.

    If a higher one exists, "latest" still refers to it, and there is no previous latest version.
    """
    own = version_key(request.image.name)
    if _higher(request, state):
        return None
    return next((version for version in _offered(state) if version_key(version.get("name")) < own), None)


def _higher(request: PromotionRequest, state: PromotionState) -> list[Json]:
    """The offered versions with higher numbers, the highest first."""
    own = version_key(request.image.name)
    return [version for version in _offered(state) if version_key(version.get("name")) > own]


def _offered(state: PromotionState) -> list[Json]:
    """The versions that "latest" may refer to in any region, the newest first."""
    views = [(version_of(version), version) for version in state.versions]
    fitting = [(view, version) for view, version in views if view.is_complete and view.is_offered(None)]
    return [version for _view, version in newest_first(fitting, lambda entry: entry[0].rank)]


# -- findings -----------------------------------------------------------------------------------------------------


def _blockers(request: PromotionRequest, state: PromotionState) -> Iterator[Finding]:
    label = request.image.label
    if state.image is None:
        yield Finding("image_not_found", f"The {label} does not exist; check its name.")
        return
    condition = machine.provisioning_state(state.image)
    if condition not in ("Succeeded", "Creating", "Updating") and not (request.in_gallery and is_usable(state.image)):
        yield Finding("image_not_whole", f"The {label} is in the state {condition}; promote another one.")
    if request.in_gallery:
        yield from _replica_blockers(request, state.image)
        yield from _region_blockers(request, state, state.image)
    yield from merge_blockers(request.image, state.image.get("tags"), {PROMOTED_AT: "", **request.tags})
    if not request.allow_unverified and not _is_verified(state.image):
        yield Finding(
            "unverified", f"{_unverified(request, state.image)}; verify it first, or set 'allow_unverified: true'."
        )


def _replica_blockers(request: PromotionRequest, version: Json) -> Iterator[Finding]:
    profile = publishing_profile(version)
    wanted = [region["regionalReplicaCount"] for region in _regions(request, profile, version)]
    present = sum(int(region.get("regionalReplicaCount") or 1) for region in profile.get("targetRegions") or [])
    yield from replica_blockers(request.image.label, wanted, least_limit=present)


def _region_blockers(request: PromotionRequest, state: PromotionState, version: Json) -> Iterator[Finding]:
    """Blockers for the requested regions, new and existing ones."""
    label, profile = request.image.label, publishing_profile(version)
    yield from repetition_blockers(label, (region.name for region in request.regions))
    yield from storage_type_blockers(label, ((region.name, region.storage_account_type) for region in request.regions))
    present = {normalized_location(str(region.get("name"))): region for region in profile.get("targetRegions") or []}
    for region in request.regions:
        has = present.get(normalized_location(region.name))
        if has is not None:
            yield from fixed_region_blockers(label, region, has, profile)
    new = new_regions(request, version)
    if state.regions is not None:
        yield from unknown_region_blockers(
            label, ((region.name, region.storage_account_type) for region in new), state.regions
        )
    yield from encryption_blockers(encryption_uses(request, version), state.encryption_sets)
    yield from mixed_encryption_blockers(label, (bool(region.disk_encryption_set) for region in new), present.values())


def new_regions(request: PromotionRequest, version: Json) -> list[TargetRegion]:
    """The requested regions to which the version is not replicated yet."""
    profile = publishing_profile(version)
    present = {normalized_location(str(region.get("name"))) for region in profile.get("targetRegions") or []}
    return [region for region in request.regions if normalized_location(region.name) not in present]


def encryption_uses(request: PromotionRequest, version: Json) -> list[EncryptionUse]:
    """The planned uses of disk encryption sets."""
    subscription = request.image.subscription_id
    return [
        EncryptionUse(region.disk_encryption_set, f"the {request.image.label}", region.name, subscription)
        for region in new_regions(request, version)
        if region.disk_encryption_set
    ]


def _is_verified(image: Json) -> bool:
    return (tag_value(image.get("tags"), VERIFIED) or "").lower() == "true"


def _unverified(request: PromotionRequest, image: Json) -> str:
    recorded = tag_value(image.get("tags"), VERIFIED)
    how = "has not been verified" if recorded is None else "failed its verification"
    return f"The {request.image.label} {how} (tag {VERIFIED})"


def _warnings(request: PromotionRequest, state: PromotionState, now: datetime) -> Iterator[Finding]:
    image, label = state.image, request.image.label
    yield from state.unread
    if image is None:
        return
    if request.allow_unverified and not _is_verified(image):
        yield Finding("unverified", f"{_unverified(request, image)}.")
    higher = _higher(request, state)
    if request.in_gallery and higher:
        latest = higher[0]
        yield Finding(
            "not_the_latest",
            f"The version {latest.get('name')} of the same definition is higher, so that 'latest' still refers to it, "
            f"not to the {label}.",
        )
    ends = parse_timestamp(publishing_profile(image).get("endOfLifeDate"))
    if ends:
        when = f"has been past its end of life since {format_timestamp(ends)}"
        if ends > now:
            when = f"reaches its end of life on {format_timestamp(ends)}, after which it may be removed"
        yield Finding("end_of_life", f"The {label} {when}; this date is not changed.")
    if tag_value(image.get("tags"), DEPRECATED_AT) is not None:
        yield Finding("deprecated", f"The {label} has been deprecated (tag {DEPRECATED_AT}).")


# -- steps --------------------------------------------------------------------------------------------------------


def _steps(request: PromotionRequest, state: PromotionState, now: datetime) -> Iterator[Step]:
    image = state.image or {}
    if machine.provisioning_state(image) in ("Creating", "Updating"):
        action = actions.WAIT_FOR_VERSION if request.in_gallery else actions.WAIT_FOR_IMAGE
        yield Step(action, request.image, f"wait for the {request.image.label}, which is being updated")
    if request.in_gallery:
        publishing = list(_publishing_steps(request, image))
        yield from publishing
        pending = pending_regions(image)
        if pending and not publishing:
            places = ", ".join(each.region for each in pending)
            label = request.image.label
            yield Step(actions.WAIT_FOR_REPLICATION, request.image, f"wait until the {label} is replicated to {places}")
    promoted = tag_value(image.get("tags"), PROMOTED_AT)
    tags = merge_step(
        request.image, image.get("tags"), {PROMOTED_AT: promoted or format_timestamp(now), **request.tags}
    )
    if tags:
        yield tags
    before = predecessor_of(request, state) if request.previous_version_grace_days is not None else None
    if before and not publishing_profile(before).get("endOfLifeDate"):
        yield from _end_of_life_steps(before, now + timedelta(days=request.previous_version_grace_days or 0))


def _publishing_steps(request: PromotionRequest, version: Json) -> Iterator[Step]:
    body = writable_version(version)
    profile = body["properties"]["publishingProfile"]
    changes = []
    excluded = [region for region in profile.get("targetRegions") or [] if region.get("excludeFromLatest")]
    if profile.get("excludeFromLatest") or excluded:
        profile["excludeFromLatest"] = False
        for region in excluded:
            region["excludeFromLatest"] = False
        changes.append("offer it as latest")
    regions = _regions(request, profile, version)
    grown = [
        f"{region['name']} x{region['regionalReplicaCount']}"
        for region in regions
        if region not in (profile.get("targetRegions") or [])
    ]
    if grown:
        profile["targetRegions"] = regions
        changes.append(f"replicate it to {', '.join(grown)}")
    failed = failed_regions(version)
    if failed:
        changes.append(f"repeat its replication to {named(failed)}, which failed")
    if changes:
        yield _put(request.image, f"{' and '.join(changes)}: the {request.image.label}", body)


def _regions(request: PromotionRequest, profile: Json, version: Json) -> list[Json]:
    """The version's regions and the requested ones; no region or replica is removed."""
    wanted = {normalized_location(region.name): region for region in request.regions}
    regions = []
    for region in profile.get("targetRegions") or []:
        asked = wanted.pop(normalized_location(str(region.get("name"))), None)
        count = max(int(region.get("regionalReplicaCount") or 1), asked.replicas if asked else request.replicas)
        regions.append({**region, "regionalReplicaCount": count})
    return [*regions, *(_new_region(region, version) for region in wanted.values())]


def _new_region(region: TargetRegion, version: Json) -> Json:
    disks = (machine.properties(version).get("storageProfile") or {}).get("dataDiskImages") or []
    return region_body(region, [disk.get("lun") for disk in disks])


def _end_of_life_steps(version: Json, moment: datetime) -> Iterator[Step]:
    identity = parse(str(version.get("id")))
    if identity is None:
        return
    body = writable_version(version)
    body["properties"]["publishingProfile"]["endOfLifeDate"] = format_timestamp(moment)
    yield _put(
        identity, f"set the end of life of the previous version, {identity.label}, to {format_timestamp(moment)}", body
    )


def _put(version: ResourceId, description: str, body: Json) -> Step:
    return Step(actions.PUBLISH_VERSION, version, description, method="PUT", path=str(version), body=body)
