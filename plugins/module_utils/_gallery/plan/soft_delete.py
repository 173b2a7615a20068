# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the policy for soft delete of a gallery; pure.

Source: https://learn.microsoft.com/azure/virtual-machines/soft-delete-gallery
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._gallery.request import (
    SOFT_DELETE_FEATURE,
    GalleryRequest,
    GalleryState,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

_ENABLED = "isSoftDeleteEnabled"
_PERIODS = {"retentionPeriodInDays": "retention", "gracePeriodInDays": "grace period"}


def soft_delete_blockers(request: GalleryRequest, state: GalleryState) -> Iterator[Finding]:
    """Blockers for a policy that Azure would refuse."""
    policy = request.soft_delete
    if policy is None:
        return
    label = request.gallery.label
    if not policy[_ENABLED] and any(policy.get(name) is not None for name in _PERIODS):
        yield Finding(
            "soft_delete_disabled",
            f"The {label} is to have a retention or grace period with soft delete disabled; set 'soft_delete: true', or "
            "omit the periods.",
        )
    if not policy[_ENABLED] or state.soft_deletes:
        return
    if state.soft_delete_registered is False:
        yield Finding(
            "soft_delete_not_registered",
            f"The subscription has not registered the feature {SOFT_DELETE_FEATURE}, without which Azure refuses soft "
            f"delete for the {label}; register it ('az feature register --namespace Microsoft.Compute --name "
            f"{SOFT_DELETE_FEATURE}'), and wait until it is registered.",
        )
    place = normalized_location(str((state.gallery or {}).get("location") or ""))
    elsewhere = [
        str(row.get("name"))
        for row in (*state.definitions, *state.versions)
        if normalized_location(str(row.get("location"))) != place
    ]
    if elsewhere:
        yield Finding(
            "contents_in_other_regions",
            f"The {label} contains definitions or versions in other regions than its own ({', '.join(elsewhere[:5])}), "
            "so that Azure refuses soft delete; use a gallery in the region of its contents.",
        )


def soft_delete_warnings(request: GalleryRequest, state: GalleryState) -> Iterator[Finding]:
    """A warning if versions can no longer be restored."""
    if state.soft_deleted:
        names = ", ".join(sorted(str(row.get("name")) for row in state.soft_deleted)[:5])
        yield Finding(
            "soft_deleted_versions_lost",
            f"The {request.gallery.label} has soft-deleted versions ({names}), which may no longer be restored once "
            "soft delete is disabled; restore those that are needed first.",
        )


def soft_delete_change(request: GalleryRequest, gallery: Json) -> tuple[Json | None, str]:
    """The policy to write and its description; None if it is as requested."""
    wanted = request.soft_delete
    present = machine.properties(gallery).get("softDeletePolicy") or {}
    if wanted is None or all((present.get(name) or False) == value for name, value in wanted.items()):
        return None, ""
    if not wanted[_ENABLED]:
        return dict(wanted), "disable soft delete"
    periods = [f"{label} of {wanted[name]} days" for name, label in _PERIODS.items() if name in wanted]
    described = f"soft delete{' with a ' if periods else ''}{' and a '.join(periods)}"
    return {**present, **wanted}, f"{'change' if present.get(_ENABLED) else 'enable'} {described}"
