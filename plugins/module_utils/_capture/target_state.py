# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the state of the containers and quotas of a capture's targets, each once; nothing is written.

Nothing is read for targets that exist as requested.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._capture.existing import has_definition
from ansible_collections.golden.azure.plugins.module_utils._capture.request import (
    CaptureRequest,
    CaptureState,
    GalleryState,
    TargetState,
)
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, group_of
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.encryption_sets import EncryptionUse
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import GalleryTarget
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import missing_regions

Json = dict[str, Any]


def read_target_state(arm: ArmReader, request: CaptureRequest, state: CaptureState) -> TargetState:
    """Read the state of the targets.

    :param state: the rest of the state.
    """
    reader = TargetReader(arm)
    source = state.source
    pending = list(_pending_versions(request, state, source))
    makes_image = request.image is not None and not machine.exists_or_in_progress(state.image)
    groups = dict(state.groups)
    wanted = [target.gallery for target, _there in pending]
    if request.image and makes_image:
        wanted.append(request.image)
    others = [group_of(each) for each in wanted if str(group_of(each)).lower() not in groups]
    groups.update(reader.resources("resource_group_unknown", others))
    uses = tuple(_encryption_uses(request, state, source))
    return TargetState(
        groups=groups,
        regions=_read_regions(reader, request, state, source, makes_image),
        encryption_uses=uses,
        encryption_sets=reader.resources("encryption_set_unknown", (use.resource for use in uses)),
        definitions=_read_definitions(reader, pending),
        usages=_read_usages(reader, request, pending, source, makes_image),
        unread=tuple(reader.unread),
    )


def _encryption_uses(request: CaptureRequest, state: CaptureState, source: Source | None) -> Iterator[EncryptionUse]:
    """The planned uses of disk encryption sets."""
    location = source.location if source else request.location or ""
    if request.image and not machine.exists_or_in_progress(state.image):
        for disk in (request.os_disk, *(request.data_disks or ())):
            if disk and disk.disk_encryption_set:
                yield EncryptionUse(
                    disk.disk_encryption_set, f"the {request.image.label}", location, request.image.subscription_id
                )
    for target, existing in zip(request.gallery_targets, state.galleries):
        version = existing.version
        new_regions = missing_regions(target, version) if machine.exists_or_in_progress(version) else target.regions
        for region in new_regions:
            if region.disk_encryption_set:
                label = f"version {target.version} of {target.definition.label}"
                yield EncryptionUse(region.disk_encryption_set, label, region.name, target.definition.subscription_id)


def _pending_versions(
    request: CaptureRequest, state: CaptureState, source: Source | None
) -> Iterator[tuple[GalleryTarget, GalleryState]]:
    """The targets whose version is still to be created, in existing or new galleries."""
    for target, existing in zip(request.gallery_targets, state.galleries):
        version = existing.version
        if (existing.gallery is not None or target.create_gallery) and not machine.exists_or_in_progress(version):
            yield target, existing


def _read_regions(
    reader: TargetReader, request: CaptureRequest, state: CaptureState, source: Source | None, makes_image: bool
) -> dict[str, Regions | None]:
    """The regions of the subscriptions for which a region is set, by subscription in lower case."""
    subscriptions = []
    if request.zone_resilient and makes_image and source is not None and source.location:
        subscriptions.append(request.resources[0].subscription_id)
    if request.upload_disk and source is not None and state.resource is None:
        # The task sets its region; other sources exist already.
        subscriptions.append(request.upload_disk.subscription_id)
    for target, existing in zip(request.gallery_targets, state.galleries):
        version = existing.version
        new_regions = missing_regions(target, version) if machine.exists_or_in_progress(version) else target.regions
        if new_regions and (existing.gallery is not None or target.create_gallery):
            subscriptions.append(target.definition.subscription_id)
    return {each: reader.regions(each) for each in {one.lower(): one for one in subscriptions}}


def _read_definitions(reader: TargetReader, pending: list[tuple[GalleryTarget, GalleryState]]) -> dict[str, list[Json]]:
    """The definitions of galleries in which one is created, by gallery in lower case."""
    wanted: dict[str, ResourceId] = {
        str(target.gallery).lower(): target.gallery
        for target, existing in pending
        if target.new_definition and existing.gallery is not None and not has_definition(existing)
    }
    return {key: rows for key, gallery in wanted.items() if (rows := reader.definitions(gallery)) is not None}


def _read_usages(
    reader: TargetReader,
    request: CaptureRequest,
    pending: list[tuple[GalleryTarget, GalleryState]],
    source: Source | None,
    makes_image: bool,
) -> dict[str, list[Json]]:
    """The quota usages of the resources to create, by normalized region; images have no quota usage."""
    places = []
    for target, existing in pending:
        places.append((target.definition.subscription_id, source.location if source else ""))
        if existing.gallery is not None and not has_definition(existing):
            # It is created in the region of its gallery.
            places.append((target.definition.subscription_id, str(existing.gallery.get("location") or "")))
    if request.snapshot_disks and source is not None and (pending or makes_image):
        places.append((request.resources[0].subscription_id, source.location))
    return reader.usages(place for place in places if place[1])
