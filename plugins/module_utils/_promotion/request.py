# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The request of a promotion, from the options of vm_image_promote."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.replicas import planned_replicas
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY_VERSION, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._images.reference import (
    REFERENCE_OPTIONS,
    REFERENCE_RULES,
    referenced_image,
)
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_target import TargetRegion
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import read_tags

_REGION: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "regional_replica_count": {"type": "int"},
    "storage_account_type": {"type": "str"},
    "disk_encryption_set": {"type": "str"},
}

OPTIONS: dict[str, Any] = {
    **REFERENCE_OPTIONS,
    "target_regions": {"type": "list", "elements": "dict", "options": _REGION},
    "concurrent_deployments": {"type": "int"},
    "deployments_per_replica": {"type": "int", "default": 20},
    "tags": {"type": "dict"},
    "previous_version_grace_days": {"type": "int"},
    "allow_unverified": {"type": "bool", "default": False},
}
RULES = REFERENCE_RULES

#: Options that apply only to gallery image versions.
_GALLERY_OPTIONS = ("target_regions", "concurrent_deployments", "previous_version_grace_days")


@dataclass(frozen=True)
class PromotionRequest:
    """The request of the task."""

    image: ResourceId
    regions: tuple[TargetRegion, ...] = ()
    #: The minimum number of replicas in every region.
    replicas: int = 1
    tags: dict[str, str] = field(default_factory=dict)
    #: Days until the end of life of the previous version; None to leave it unchanged.
    previous_version_grace_days: int | None = None
    allow_unverified: bool = False

    @property
    def in_gallery(self) -> bool:
        """Whether it is a gallery image version; otherwise it is a managed image."""
        return self.image.resource_type == GALLERY_VERSION


def promotion_request(options: dict[str, Any], subscription_id: str) -> PromotionRequest:
    """Read the options.

    :raises InvalidInput: for invalid options.
    """
    for region in options["target_regions"] or []:
        if region["regional_replica_count"] is not None and region["regional_replica_count"] < 1:
            raise InvalidInput(
                f"The region '{region['name']}' has {region['regional_replica_count']} replicas: set 1 or more.",
                code="replicas_not_valid",
            )
    if options["image"] is not None:
        for name in _GALLERY_OPTIONS:
            if options[name] is not None:
                raise InvalidInput(f"Option '{name}' applies only to gallery versions; omit it for a managed image.")
    replicas = planned_replicas(options["concurrent_deployments"], options["deployments_per_replica"])
    return PromotionRequest(
        image=referenced_image(options, subscription_id),
        regions=tuple(_region(region, replicas) for region in options["target_regions"] or []),
        replicas=replicas,
        tags=read_tags(options["tags"]),
        previous_version_grace_days=options["previous_version_grace_days"],
        allow_unverified=options["allow_unverified"],
    )


def _region(region: dict[str, Any], replicas: int) -> TargetRegion:
    stated = region["regional_replica_count"]
    return TargetRegion(
        name=region["name"],
        replicas=replicas if stated is None else stated,
        storage_account_type=region["storage_account_type"],
        disk_encryption_set=region["disk_encryption_set"],
        replicas_set=stated is not None,
    )
