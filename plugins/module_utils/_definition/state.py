# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the current state for the plan of an image definition; nothing is written."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._definition.request import (
    DefinitionRequest,
    DefinitionState,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.gallery_contents import (
    soft_deleted_in,
    versions_in,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader, get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine


def read_state(arm: ArmReader, request: DefinitionRequest) -> DefinitionState:
    """Read the current state.

    :raises Failure: if something that the plan requires cannot be read.
    """
    gallery = get_or_none(arm, request.gallery)
    definition = get_or_none(arm, request.definition) if gallery is not None else None
    if request.absent:
        if gallery is None or definition is None:
            return DefinitionState(definition, gallery)
        keeps = bool((machine.properties(gallery).get("softDeletePolicy") or {}).get("isSoftDeleteEnabled"))
        return DefinitionState(
            definition,
            gallery,
            versions=versions_in(arm, request.definition),
            soft_deleted=soft_deleted_in(arm, request.definition) if keeps else [],
        )
    if gallery is None or machine.exists_or_in_progress(definition):
        return DefinitionState(definition, gallery)
    reader = TargetReader(arm)
    subscription, location = request.definition.subscription_id, request.location or str(gallery.get("location"))
    return DefinitionState(
        definition,
        gallery,
        definitions=reader.definitions(request.gallery) or [],
        regions=reader.regions(subscription) if request.location else None,
        usages=reader.usages([(subscription, location)]),
        unread=tuple(reader.unread),
    )
