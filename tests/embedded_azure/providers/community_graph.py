# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table CommunityGalleryResources of Resource Graph: the only place in which Azure lists community galleries.

Resource Manager reads one gallery by its public name and has no listing (Azure/azure-cli#21470, #22222); `az sig list-community` asks
this table, and reads location (in lower case), name, properties.communityMetadata and properties.identifier of its rows. Nobody
recorded their ids. The table has types for definitions and versions, too, whose rows nobody recorded: they are left out.
"""

from __future__ import annotations

from .. import locations
from ..model import Call
from ..store import Resource
from .community_metadata import metadata, public_names
from .kusto import Row

TABLE = "communitygalleryresources"
_TYPE = "microsoft.compute/locations/communitygalleries"


def rows(call: Call) -> list[Row]:
    """A row for each public name in each region in which a gallery has something; whoever asks sees them all."""
    return [
        _row(call, gallery, name, region)
        for gallery in call.cloud.store.of_type("Microsoft.Compute/galleries")
        if gallery.private.get("community")
        for name in public_names(gallery)
        for region in _regions(call, gallery)
    ]


def _regions(call: Call, gallery: Resource) -> list[str]:
    versions = call.cloud.store.of_type("Microsoft.Compute/galleries/images/versions", gallery.id)
    found = {region for version in versions for region in version.private["regions"]}
    return sorted(found | {locations.canonical(str(gallery.location))})


def _row(call: Call, gallery: Resource, name: str, region: str) -> Row:
    return {
        "id": f"/subscriptions/{call.cloud.settings.subscription}/providers/Microsoft.Compute/locations/{region}/communityGalleries/{name}",
        "name": name,
        "type": _TYPE,
        "location": region,
        "tags": None,
        "properties": {
            "communityMetadata": metadata(gallery),
            "identifier": {"uniqueId": f"/CommunityGalleries/{name}"},
        },
    }
