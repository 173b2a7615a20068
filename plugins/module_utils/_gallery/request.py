# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of vm_image_gallery, and the request that they describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY,
    MANAGED_IDENTITY,
    ResourceId,
    distinct,
    locate,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_sharing import (
    COMMUNITY,
    GROUPS,
    SUBSCRIPTIONS,
    TENANTS,
)
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import read_tags

Json = dict[str, Any]

#: Option of the publisher's facts -> its property in Azure.
COMMUNITY_PROPERTIES = {
    "public_name_prefix": "publicNamePrefix",
    "publisher_uri": "publisherUri",
    "publisher_contact": "publisherContact",
    "eula": "eula",
}
_SOFT_DELETE_PROPERTIES = {
    "soft_delete": "isSoftDeleteEnabled",
    "retention_period_in_days": "retentionPeriodInDays",
    "grace_period_in_days": "gracePeriodInDays",
}
_GROUP_OPTIONS = {"subscriptions": SUBSCRIPTIONS, "tenants": TENANTS}

#: The feature of a subscription without which Azure refuses soft delete:
#: https://learn.microsoft.com/azure/virtual-machines/soft-delete-gallery
SOFT_DELETE_FEATURE = "SIGSoftDelete"

OPTIONS: dict[str, Any] = {
    "gallery": {"type": "str", "required": True, "aliases": ["name", "gallery_name"]},
    "resource_group": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "location": {"type": "str"},
    "description": {"type": "str"},
    "identity": {
        "type": "dict",
        "options": {
            "system_assigned": {"type": "bool", "default": False},
            "user_assigned": {"type": "list", "elements": "str", "default": []},
        },
    },
    "sharing": {"type": "str", "choices": ["private", "groups", "community"], "aliases": ["permissions"]},
    "subscriptions": {"type": "list", "elements": "str"},
    "tenants": {"type": "list", "elements": "str"},
    "exact_sharing": {"type": "bool", "default": False},
    "public_name_prefix": {"type": "str"},
    "publisher_uri": {"type": "str"},
    "publisher_contact": {"type": "str"},
    "eula": {"type": "str"},
    "public": {"type": "bool"},
    "soft_delete": {"type": "bool"},
    "retention_period_in_days": {"type": "int"},
    "grace_period_in_days": {"type": "int"},
    "tags": {"type": "dict"},
}
RULES: dict[str, Any] = {}


@dataclass(frozen=True)
class Identity:
    """The identities that a gallery is to have, and no others."""

    system_assigned: bool
    user_assigned: tuple[ResourceId, ...]

    def body(self) -> Json:
        """As Azure writes it."""
        kinds = [
            *(["SystemAssigned"] if self.system_assigned else []),
            *(["UserAssigned"] if self.user_assigned else []),
        ]
        body: Json = {"type": ", ".join(kinds) or "None"}
        if self.user_assigned:
            body["userAssignedIdentities"] = {str(each): {} for each in self.user_assigned}
        return body


@dataclass(frozen=True)
class GalleryRequest:
    """The request of the task; None for what it does not set."""

    gallery: ResourceId
    absent: bool = False
    location: str | None = None
    description: str | None = None
    identity: Identity | None = None
    #: In Azure's spelling.
    permissions: str | None = None
    #: The ids to share with, by Azure's type of group.
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exact_sharing: bool = False
    #: The publisher's facts, by Azure's properties.
    community: Mapping[str, str] = field(default_factory=dict)
    #: Whether the gallery is to be public.
    public: bool | None = None
    #: The policy in Azure's properties.
    soft_delete: Json | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class GalleryState:
    """The current state; None for what does not exist, or was not needed."""

    #: With the groups that it is shared with.
    gallery: Json | None
    #: Its resource group, if the gallery is created.
    group: Json | None = None
    #: The galleries of the subscription, if it is created.
    galleries: list[Json] = field(default_factory=list)
    regions: Regions | None = None
    usages: dict[str, list[Json]] = field(default_factory=dict)
    #: Its image definitions, and the versions in them, if the plan depends on them.
    definitions: list[Json] = field(default_factory=list)
    versions: list[Json] = field(default_factory=list)
    soft_deleted: list[Json] = field(default_factory=list)
    #: Whether the subscription has registered soft delete; None if that is unknown.
    soft_delete_registered: bool | None = None
    #: A warning for each failed read.
    unread: tuple[Finding, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether it exists, or is being created; one whose creation failed is created again."""
        return machine.exists_or_in_progress(self.gallery)

    @property
    def soft_deletes(self) -> bool:
        """Whether its versions are soft-deleted."""
        return bool((machine.properties(self.gallery).get("softDeletePolicy") or {}).get("isSoftDeleteEnabled"))


def parse_request(options: Json, subscription_id: str) -> GalleryRequest:
    """Read the options.

    :raises InvalidInput: for invalid or contradictory ones.
    """
    gallery = locate("gallery", options["gallery"], GALLERY, options["resource_group"], subscription_id)
    _check_sharing(options)
    sharing = options["sharing"]
    return GalleryRequest(
        gallery=gallery,
        absent=options["state"] == "absent",
        location=options["location"],
        description=options["description"],
        identity=_identity(options["identity"], gallery, subscription_id),
        permissions=sharing.capitalize() if sharing else None,
        groups={kind: distinct(options[name]) for name, kind in _GROUP_OPTIONS.items() if options[name] is not None},
        exact_sharing=options["exact_sharing"],
        community={azure: options[name] for name, azure in COMMUNITY_PROPERTIES.items() if options[name] is not None},
        public=options["public"],
        soft_delete=_soft_delete(options),
        tags=read_tags(options["tags"]),
    )


def _check_sharing(options: Json) -> None:
    needed = {**dict.fromkeys(_GROUP_OPTIONS, GROUPS), **dict.fromkeys((*COMMUNITY_PROPERTIES, "public"), COMMUNITY)}
    for name, permissions in needed.items():
        # What vm_image_gallery returns can be given to it: an empty list shares with nobody.
        if options[name] and options["sharing"] != permissions.lower():
            raise InvalidInput(
                f"Option '{name}' requires 'sharing: {permissions.lower()}', which determines how the gallery is "
                "shared; set it, or omit the option."
            )


def _identity(given: Json | None, gallery: ResourceId, subscription_id: str) -> Identity | None:
    if given is None:
        return None
    identities = tuple(
        locate("identity.user_assigned", each, MANAGED_IDENTITY, gallery.resource_group, subscription_id)
        for each in given["user_assigned"] or []
    )
    return Identity(bool(given["system_assigned"]), identities)


def _soft_delete(options: Json) -> Json | None:
    given = {azure: options[name] for name, azure in _SOFT_DELETE_PROPERTIES.items() if options[name] is not None}
    if given and "isSoftDeleteEnabled" not in given:
        raise InvalidInput(
            "Options 'retention_period_in_days' and 'grace_period_in_days' require 'soft_delete', which determines "
            "whether versions are soft-deleted; set it, or omit them."
        )
    return given or None
