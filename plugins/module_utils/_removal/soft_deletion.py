# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read whether the galleries of versions have soft delete, each once, and which definitions have soft-deleted versions."""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import SoftDeletePolicy, policy_of


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


def _gallery_of(resource: ResourceId) -> ResourceId:
    return ResourceId(resource.subscription_id, resource.resource_group, GALLERY, resource.names[:1])
