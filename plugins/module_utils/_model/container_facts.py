# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The documented return values of what contains images: galleries, image definitions, and places in Azure Marketplace.

Keys always exist, with None for values that Azure does not return. Source of Azure's properties: the OpenAPI files of galleries,
https://learn.microsoft.com/rest/api/compute/galleries, .../gallery-images, .../community-galleries, .../shared-galleries
"""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import (
    DEFINITION_PROPERTIES,
    features_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.facts import as_option, placed

Json = dict[str, Any]

_LEVELS = ("publisher", "offer", "sku")


def marketplace_place(names: tuple[str, ...], row: Json) -> Json:
    """A publisher, an offer or a SKU.

    :param names: the names of publisher, offer and SKU, as far as they lead to it.
    """
    return {
        "id": row.get("id"),
        "name": row.get("name"),
        "source": "marketplace",
        "location": row.get("location"),
        **dict(zip(_LEVELS, names)),
    }


def gallery_facts(gallery: Json) -> Json:
    """A gallery in an own subscription."""
    properties = gallery.get("properties") or {}
    sharing = properties.get("sharingProfile") or {}
    community = sharing.get("communityGalleryInfo") or {}
    return {
        **placed(gallery, "gallery"),
        "provisioning_state": properties.get("provisioningState"),
        "description": properties.get("description"),
        "unique_name": (properties.get("identifier") or {}).get("uniqueName"),
        "sharing": as_option(sharing.get("permissions")) or "private",
        "soft_delete": bool((properties.get("softDeletePolicy") or {}).get("isSoftDeleteEnabled")),
        **_publisher(community),
    }


def offered_gallery_facts(gallery: Json, source: str) -> Json:
    """A gallery of others.

    :param gallery: as Azure returns it by its name or in the listing of shared galleries, or a row of Resource Graph, whose identifier
        is among its properties.
    :param source: community or shared.
    """
    properties = gallery.get("properties") or {}
    identifier = gallery.get("identifier") or properties.get("identifier") or {}
    return {
        "id": identifier.get("uniqueId"),
        "name": gallery.get("name"),
        "source": source,
        "resource_group": None,
        "subscription_id": None,
        "location": gallery.get("location"),
        "tags": properties.get("artifactTags") or {},
        "provisioning_state": None,
        "description": None,
        "unique_name": gallery.get("name") if source == "shared" else None,
        "sharing": {"community": "community", "shared": "groups"}[source],
        "soft_delete": None,
        **_publisher(properties.get("communityMetadata") or {}),
    }


def _publisher(community: Json) -> Json:
    return {
        "public_names": community.get("publicNames") or [],
        "publisher_uri": community.get("publisherUri"),
        "publisher_contact": community.get("publisherContact"),
        "eula": community.get("eula"),
        "privacy_statement_uri": community.get("privacyStatementUri"),
    }


def definition_facts(definition: Json, versions: int) -> Json:
    """An image definition in a gallery of an own subscription.

    :param versions: the number of its versions.
    """
    found = parse(str(definition.get("id") or ""))
    return {
        **placed(definition, "gallery"),
        "gallery": found.names[0] if found else None,
        "provisioning_state": (definition.get("properties") or {}).get("provisioningState"),
        "version_count": versions,
        **definition_values(definition),
    }


def offered_definition_facts(definition: Json, gallery: str, source: str, versions: int) -> Json:
    """An image definition in a community gallery or a shared gallery."""
    properties = definition.get("properties") or {}
    return {
        "id": (definition.get("identifier") or {}).get("uniqueId"),
        "name": definition.get("name"),
        "source": source,
        "resource_group": None,
        "subscription_id": None,
        "location": definition.get("location"),
        "tags": properties.get("artifactTags") or {},
        "gallery": gallery,
        "provisioning_state": None,
        "version_count": versions,
        **definition_values(definition),
    }


def definition_values(definition: Json) -> Json:
    """What a definition says of its images, in the words of the options of vm_image_definition."""
    features = features_of(definition).values()
    return {
        **{each.fact: each.present(definition) for each in DEFINITION_PROPERTIES},
        "features": {str(feature.get("name")): feature.get("value") for feature in features},
    }
