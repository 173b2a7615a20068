# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read whether the galleries of versions have soft delete, which definitions have soft-deleted versions, and what a gallery contains."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY,
    GALLERY_DEFINITION,
    ResourceId,
    child,
)
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._engine.gallery_contents import (
    definitions_in,
    soft_deleted_in,
    versions_in,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader, get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model.actions import SHARING
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import SoftDeletePolicy, policy_of
from ansible_collections.golden.azure.plugins.module_utils._removal.request import RemovalRequest
from ansible_collections.golden.azure.plugins.module_utils._removal.whole import Contents


class SoftDeletion:
    """The policies of galleries."""

    def __init__(self, arm: ArmClient) -> None:
        self._reader = TargetReader(arm)
        self._policies: dict[str, SoftDeletePolicy] = {}

    @property
    def unread(self) -> list[Finding]:
        """A warning for each failed read."""
        return self._reader.unread

    def read(self, resources: Iterable[ResourceId]) -> None:
        """Read the policies of the galleries of versions or definitions."""
        galleries = {str(gallery).lower(): gallery for gallery in map(_gallery_of, resources)}
        found = run_in_threads(
            lambda gallery: self._reader.resources("soft_delete_unknown", [gallery]), galleries.values(), READERS
        )
        for resources_found in found:
            self._policies.update({key: policy_of(gallery) for key, gallery in resources_found.items()})

    def policy(self, resource: ResourceId) -> SoftDeletePolicy:
        """The policy of the gallery of a version or a definition; disabled if it was not read."""
        return self._policies.get(str(_gallery_of(resource)).lower(), SoftDeletePolicy())

    def has_deleted(self, definition: ResourceId) -> bool:
        """Whether a definition has soft-deleted versions, so that Azure does not delete it."""
        return self.policy(definition).enabled and bool(self._reader.soft_deleted(definition))


def read_contents(arm: ArmClient, request: RemovalRequest) -> Contents:
    """Read the definition or gallery that is removed with everything in it.

    :raises Failure: if something in it cannot be read.
    """
    gallery_id = _gallery_of(request.container)
    gallery = get_or_none(arm, gallery_id, **SHARING)
    if gallery is None:
        return Contents(gallery_id)
    if request.whole == "gallery":
        rows = definitions_in(arm, gallery_id)
    else:
        definition = get_or_none(arm, request.container)
        rows = [definition] if definition else []
    definitions = [(child(gallery_id, GALLERY_DEFINITION, str(row.get("name"))), row) for row in rows]
    ids = [definition for definition, _row in definitions]
    keeps = policy_of(gallery).enabled
    versions = run_in_threads(lambda each: versions_in(arm, each), ids, READERS)
    deleted = run_in_threads(lambda each: soft_deleted_in(arm, each), ids, READERS) if keeps else []
    return Contents(
        gallery_id,
        gallery,
        tuple(definitions),
        tuple(row for found in versions for row in found),
        {str(each).lower(): found for each, found in zip(ids, deleted)},
    )


def _gallery_of(resource: ResourceId) -> ResourceId:
    return ResourceId(resource.subscription_id, resource.resource_group, GALLERY, resource.names[:1])
