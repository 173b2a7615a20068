# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the current state for the plan of a gallery; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_DEFINITION,
    ResourceId,
    child,
    group_of,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.gallery_contents import (
    definitions_in,
    soft_deleted_in,
    versions_in,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader, get_or_none
from ansible_collections.golden.azure.plugins.module_utils._gallery.request import (
    SOFT_DELETE_FEATURE,
    GalleryRequest,
    GalleryState,
)
from ansible_collections.golden.azure.plugins.module_utils._model.actions import SHARING

Json = dict[str, Any]


def read_state(arm: ArmReader, request: GalleryRequest) -> GalleryState:
    """Read the current state.

    :raises Failure: if something that the plan requires cannot be read.
    """
    gallery = get_or_none(arm, request.gallery, **SHARING)
    if request.absent:
        definitions = definitions_in(arm, request.gallery) if gallery is not None else []
        return GalleryState(gallery, definitions=definitions)
    reader = TargetReader(arm)
    state = GalleryState(gallery)
    wanted = (request.soft_delete or {}).get("isSoftDeleteEnabled")
    if not state.exists:
        state = _for_creation(arm, reader, request, gallery)
    elif wanted is not None and wanted is not state.soft_deletes:
        state = _with_contents(arm, request.gallery, gallery, enabling=wanted)
    registered = None
    if wanted and not state.soft_deletes:
        registered = reader.feature(request.gallery.subscription_id, SOFT_DELETE_FEATURE)
    return replace(state, soft_delete_registered=registered, unread=tuple(reader.unread))


def _for_creation(arm: ArmReader, reader: TargetReader, request: GalleryRequest, gallery: Json | None) -> GalleryState:
    group = get_or_none(arm, group_of(request.gallery))
    location = request.location or str((group or {}).get("location") or "")
    subscription = request.gallery.subscription_id
    return GalleryState(
        gallery,
        group=group,
        galleries=(reader.galleries(subscription) or []) if group is not None else [],
        regions=reader.regions(subscription) if request.location else None,
        usages=reader.usages([(subscription, location)]) if location else {},
    )


def _with_contents(arm: ArmReader, gallery: ResourceId, existing: Json | None, enabling: bool) -> GalleryState:
    """What decides whether soft delete can be enabled, or what would be lost if it is disabled."""
    definitions = definitions_in(arm, gallery)
    ids = [child(gallery, GALLERY_DEFINITION, str(each.get("name"))) for each in definitions]
    rows = _all(versions_in(arm, each) if enabling else soft_deleted_in(arm, each) for each in ids)
    contents: Json = {"versions" if enabling else "soft_deleted": rows}
    return GalleryState(existing, definitions=definitions, **contents)


def _all(lists: Iterable[list[Json]]) -> list[Json]:
    return [row for rows in lists for row in rows]
