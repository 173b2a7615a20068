# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shared and community galleries by their unique names."""

from __future__ import annotations

import re

from ..errors import error
from ..model import Call
from ..store import Resource

_ID = re.compile(
    r"^/(?P<kind>sharedgalleries|communitygalleries)/(?P<gallery>[^/]+)/images/(?P<image>[^/]+)"
    r"(/versions/(?P<version>[^/]+))?$",
    re.IGNORECASE,
)


def gallery_by_unique_name(call: Call, name: str, *, community: bool) -> Resource:
    """The gallery that was shared under a unique (or public) name; NotFound 404 otherwise."""
    for gallery in call.cloud.store.of_type("Microsoft.Compute/galleries"):
        names = _public_names(gallery) if community else [gallery.properties["identifier"]["uniqueName"]]
        shared = gallery.private.get("community") if community else shared_with(call, gallery)
        if shared and name.lower() in [candidate.lower() for candidate in names]:
            return gallery
    raise error("not_here")


def shared_with(call: Call, gallery: Resource, *kinds: str) -> bool:
    """Whether a gallery is shared with the subscription that asks, or with its tenant; kinds narrow that."""
    asking = {"subscriptions": call.path.subscription, "aadtenants": call.cloud.settings.tenant}
    return any(
        str(asking.get(entry["type"].lower())).lower() in map(str.lower, entry["ids"])
        for entry in gallery.private.get("groups") or []
        if not kinds or entry["type"].lower() in kinds
    )


def _public_names(gallery: Resource) -> list[str]:
    information = gallery.properties.get("sharingProfile", {}).get("communityGalleryInfo", {})
    return list(information.get("publicNames", []))


def shared_version(call: Call, id: str) -> Resource:
    """The version that /SharedGalleries/... or /CommunityGalleries/... means; no version means the latest."""
    match = _ID.match(id)
    if not match:
        raise error("invalid_parameter", reason=f"The value '{id}' of parameter imageReference is invalid.")
    community = match["kind"].lower().startswith("community")
    gallery = gallery_by_unique_name(call, match["gallery"], community=community)
    definition = f"{gallery.id}/images/{match['image']}"
    if match["version"] and match["version"].lower() != "latest":
        return call.find(f"{definition}/versions/{match['version']}", "gallery image version")
    versions = [
        version
        for version in call.cloud.store.of_type("Microsoft.Compute/galleries/images/versions", definition)
        if not version.properties["publishingProfile"].get("excludeFromLatest")
    ]
    if not versions:
        raise error("not_here")
    return max(versions, key=lambda version: tuple(int(part) for part in version.name.split(".")))
