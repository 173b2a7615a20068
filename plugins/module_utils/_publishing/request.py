# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request to change or restore a gallery version, from the options of vm_image_version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    DISK_ENCRYPTION_SET,
    GALLERY,
    GALLERY_DEFINITION,
    ResourceId,
    locate,
)
from ansible_collections.golden.azure.plugins.module_utils._images.reference import REFERENCE_OPTIONS, referenced_image
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_properties import (
    GALLERY_PROPERTIES,
    GalleryProperty,
)

Json = dict[str, Any]

_REGION: Json = {
    "name": {"type": "str", "required": True},
    "regional_replica_count": {"type": "int"},
    "storage_account_type": {"type": "str"},
    "disk_encryption_set": {"type": "str"},
    "exclude_from_latest": {"type": "bool"},
}

#: The properties that Azure allows to change after creation.
PROPERTIES: tuple[GalleryProperty, ...] = tuple(each for each in GALLERY_PROPERTIES if each.is_updatable)

OPTIONS: Json = {
    **{name: each for name, each in REFERENCE_OPTIONS.items() if name != "image"},
    "state": {"type": "str", "choices": ["present", "restored"], "default": "present"},
    "target_regions": {"type": "list", "elements": "dict", "options": _REGION},
    "purge_regions": {"type": "bool", "default": False},
    **{each.option: {"type": each.specification["type"]} for each in PROPERTIES},
}

RULES: Json = {
    "mutually_exclusive": [("gallery_version_id", "gallery_version")],
    "required_one_of": [("gallery_version_id", "gallery_version")],
    "required_together": [("gallery", "definition")],
}


@dataclass(frozen=True)
class RegionChange:
    """A region, as the task requests it; None for everything that it leaves as it is."""

    name: str
    replicas: int | None = None
    storage_account_type: str | None = None
    disk_encryption_set: str | None = None
    exclude_from_latest: bool | None = None


@dataclass(frozen=True)
class VersionRequest:
    """The request of the task."""

    version: ResourceId
    restored: bool = False
    regions: tuple[RegionChange, ...] = ()
    #: Whether the version is removed from all other regions.
    purge_regions: bool = False
    #: Values of the options in PROPERTIES that the task sets.
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def definition(self) -> ResourceId:
        """The definition of the version."""
        found = self.version
        return ResourceId(found.subscription_id, found.resource_group, GALLERY_DEFINITION, found.names[:2])

    @property
    def gallery(self) -> ResourceId:
        """The gallery of the version."""
        return ResourceId(self.version.subscription_id, self.version.resource_group, GALLERY, self.version.names[:1])


def version_request(options: Json, subscription_id: str) -> VersionRequest:
    """Read the options.

    :raises InvalidInput: for invalid options.
    """
    settings = {each.option: options[each.option] for each in PROPERTIES if options[each.option] is not None}
    restored = options["state"] == "restored"
    regions = options["target_regions"] or []
    given = [*settings, *(["target_regions"] if regions else []), *(["purge_regions"] * options["purge_regions"])]
    if restored and given:
        raise InvalidInput(
            f"Option '{given[0]}' cannot be set with 'state: restored', which restores a version as it was; change the version in "
            "another task."
        )
    if options["purge_regions"] and not regions:
        raise InvalidInput(
            "Option 'purge_regions' would remove the version from all its regions: set 'target_regions' to those to keep."
        )
    version = referenced_image({**options, "image": None}, subscription_id)
    return VersionRequest(
        version=version,
        restored=restored,
        regions=tuple(_region(region, options["resource_group"], subscription_id) for region in regions),
        purge_regions=options["purge_regions"],
        settings=settings,
    )


def _region(region: Json, group: str | None, subscription_id: str) -> RegionChange:
    encryption_set = region["disk_encryption_set"]
    if encryption_set is not None:
        encryption_set = str(locate("disk_encryption_set", encryption_set, DISK_ENCRYPTION_SET, group, subscription_id))
    return RegionChange(
        name=region["name"],
        replicas=region["regional_replica_count"],
        storage_account_type=region["storage_account_type"],
        disk_encryption_set=encryption_set,
        exclude_from_latest=region["exclude_from_latest"],
    )
