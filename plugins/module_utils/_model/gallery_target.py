# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A gallery version to create, as a task describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY, ResourceId


@dataclass(frozen=True)
class TargetRegion:
    """A region that a gallery version is replicated to."""

    name: str
    replicas: int = 1
    storage_account_type: str | None = None
    disk_encryption_set: str | None = None
    #: Whether the task sets the number of replicas itself.
    replicas_set: bool = False

    @property
    def description(self) -> str:
        """Its replicas and their storage, for plans; Azure's default storage depends on the region and on the API version."""
        return f"{self.name} x{self.replicas} (storage type: {self.storage_account_type or 'chosen by Azure'})"


@dataclass(frozen=True)
class NewDefinition:
    """The identifiers of an image definition to create if it does not exist; other properties follow the source."""

    publisher: str
    offer: str
    sku: str
    description: str | None = None


@dataclass(frozen=True)
class GalleryTarget:
    """A gallery version to create."""

    definition: ResourceId
    version: str
    #: Empty for the source's region only.
    regions: tuple[TargetRegion, ...] = ()
    #: Replicas in the source's region, if no regions are set.
    replicas: int = 1
    #: Values of the options in _model/gallery_properties; missing ones were not set.
    settings: Mapping[str, Any] = field(default_factory=dict)
    new_definition: NewDefinition | None = None
    #: Create the gallery if it does not exist.
    create_gallery: bool = False

    @property
    def gallery(self) -> ResourceId:
        """The gallery of the definition."""
        group = self.definition.resource_group
        return ResourceId(self.definition.subscription_id, group, GALLERY, self.definition.names[:1])

    @property
    def shallow(self) -> bool:
        """Whether it has one replica, in the region of its source."""
        return self.settings.get("replication_mode") == "shallow"

    @property
    def end_of_life_date(self) -> str | None:
        """Its end of life, as the task sets it."""
        return self.settings.get("end_of_life_date")

    @property
    def block_deletion_before_end_of_life(self) -> bool:
        """Whether it is protected from deletion until then."""
        return bool(self.settings.get("block_deletion_before_end_of_life"))
