# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A gallery with versions in two regions, for tests of what happens to them later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
GALLERY = f"{COMPUTE}/galleries/golden"
DEFINITION = f"{GALLERY}/images/web"
VERSION = f"{DEFINITION}/versions/1.0.0"
_BLOB = {"uri": "https://store.blob.core.windows.net/vhds/web.vhd", "storageAccountId": "/store"}


def version_seed(regions: Sequence[str] = ("westeurope", "northeurope"), number: str = "1.0.0") -> Json:
    """A version in some regions."""
    return {
        "id": f"{DEFINITION}/versions/{number}",
        "location": "westeurope",
        "properties": {
            "publishingProfile": {"targetRegions": [{"name": region} for region in regions]},
            "storageProfile": {"osDiskImage": {"source": _BLOB}},
        },
    }


def gallery_seed(**properties: Any) -> Json:
    """A gallery with a definition and a version."""
    return {
        "groups": {"images": "westeurope"},
        "resources": [
            {"id": GALLERY, "location": "westeurope", "properties": properties},
            {
                "id": DEFINITION,
                "location": "westeurope",
                "properties": {
                    "osType": "Linux",
                    "osState": "Generalized",
                    "hyperVGeneration": "V2",
                    "architecture": "x64",
                    "features": [],
                    "identifier": {"publisher": "Example", "offer": "web", "sku": "1"},
                },
            },
            version_seed(),
        ],
    }


SEED = gallery_seed()


def region_names(azure: EmbeddedAzure) -> list[tuple[str, int]]:
    """The regions of the version, with their replicas."""
    profile = azure.resources()[VERSION]["properties"]["publishingProfile"]
    return [(region["name"], region["regionalReplicaCount"]) for region in profile["targetRegions"]]
