# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a community gallery tells everybody of its publisher."""

from __future__ import annotations

from ..model import Body, picked
from ..store import Resource


def _information(gallery: Resource) -> Body:
    found: Body = (gallery.properties.get("sharingProfile") or {}).get("communityGalleryInfo") or {}
    return found


def public_names(gallery: Resource) -> list[str]:
    """The names under which everybody finds the gallery."""
    return list(_information(gallery).get("publicNames", []))


def metadata(gallery: Resource) -> Body:
    """properties.communityMetadata, as the OpenAPI file of galleries describes it (CommunityGalleryMetadata)."""
    return picked(_information(gallery), "publisherUri", "publisherContact", "eula", "publicNames")
