# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""With whom a gallery is shared, and the rules of Azure for that; pure.

Sources: https://learn.microsoft.com/azure/virtual-machines/share-gallery-direct,
https://learn.microsoft.com/azure/virtual-machines/share-gallery-community,
https://learn.microsoft.com/rest/api/compute/gallery-sharing-profile/update
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

PRIVATE, GROUPS, COMMUNITY = "Private", "Groups", "Community"
SUBSCRIPTIONS, TENANTS = "Subscriptions", "AADTenants"
#: Security types whose versions contain the state of one guest; only private galleries support them:
#: https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#image-definitions
PRIVATE_SECURITY_TYPES = ("trustedlaunch", "confidentialvm")

#: How many groups of each type a gallery can be shared with.
_MAX_GROUPS = {SUBSCRIPTIONS: 30, TENANTS: 5}
_GROUP_LABELS = {SUBSCRIPTIONS: ("subscriptions", "subscription"), TENANTS: ("tenants", "tenant")}
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
#: hashicorp/terraform-provider-azurerm, validation of sharing.community_gallery.prefix of azurerm_shared_image_gallery.
_PREFIX = re.compile(r"[A-Za-z0-9]{5,16}")


def profile_of(gallery: Json | None) -> Json:
    """The sharing profile of a gallery."""
    return machine.properties(gallery).get("sharingProfile") or {}


def permissions_of(gallery: Json | None) -> str:
    """Private, Groups or Community; a gallery without a sharing profile is private."""
    return str(profile_of(gallery).get("permissions") or PRIVATE)


def community_of(gallery: Json | None) -> Json:
    """The publisher's facts of a community gallery; empty for other galleries."""
    return profile_of(gallery).get("communityGalleryInfo") or {}


def is_public(gallery: Json | None) -> bool:
    """Whether all users of Azure can use the images of a gallery."""
    return bool(community_of(gallery).get("communityGalleryEnabled"))


def group_ids(gallery: Json | None, kind: str) -> list[str]:
    """The ids of the subscriptions or tenants that a gallery is shared with."""
    groups = profile_of(gallery).get("groups") or []
    return sorted({str(one) for group in groups if group.get("type") == kind for one in group.get("ids") or []})


def group_blockers(label: str, kind: str, ids: Sequence[str]) -> Iterator[Finding]:
    """Blockers for subscriptions or tenants that a gallery cannot be shared with.

    :param ids: all of them: those of the task, and existing ones.
    """
    several, one = _GROUP_LABELS[kind]
    for each in ids:
        if not _ID.fullmatch(each):
            yield Finding(
                "sharing_group_not_valid",
                f"'{each[:80]}' in '{several}' is not the id of a {one}: set an id such as "
                "00000000-0000-0000-0000-000000000000.",
            )
    limit = _MAX_GROUPS[kind]
    if len(ids) > limit:
        yield Finding(
            "too_many_sharing_groups",
            f"The {label} would be shared with {len(ids)} {several}, and Azure supports at most {limit}; share it with "
            "a tenant instead of its subscriptions, or use a community gallery or role assignments.",
        )


def prefix_blockers(prefix: str | None) -> Iterator[Finding]:
    """A blocker for a prefix that a public name cannot have."""
    if prefix is not None and not _PREFIX.fullmatch(prefix):
        yield Finding(
            "public_name_prefix_not_valid",
            f"'{prefix[:80]}' is not a valid 'public_name_prefix': it has 5 to 16 letters and digits; choose another.",
        )


def reset_step(gallery: ResourceId) -> Step:
    """End all sharing of a gallery; Azure deletes a public one only afterwards.

    Source: https://learn.microsoft.com/azure/virtual-machines/share-gallery-community#start-sharing-publicly
    """
    return Step(
        actions.RESET_SHARING,
        gallery,
        f"reset the sharing of {gallery.label}, which makes it private (irreversible)",
        method="POST",
        path=f"{gallery}/share",
        body={"operationType": "Reset"},
    )
