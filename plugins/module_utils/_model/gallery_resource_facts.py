# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The facts of galleries and image definitions, in the words of the options of vm_image_gallery and vm_image_definition."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import (
    DEFINITION_PROPERTIES,
    features_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.facts import as_option, image_place
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_sharing import (
    SUBSCRIPTIONS,
    TENANTS,
    community_of,
    group_ids,
    is_public,
    permissions_of,
)

Json = dict[str, Any]


def gallery_facts(gallery: Json) -> Json:
    """The facts of a gallery; keys always exist, with None for missing values.

    :param gallery: read with the groups that it is shared with.
    """
    properties = machine.properties(gallery)
    policy = properties.get("softDeletePolicy") or {}
    identity = gallery.get("identity") or {}
    information = community_of(gallery)
    return {
        **_placed(gallery),
        "gallery": gallery.get("name"),
        "provisioning_state": properties.get("provisioningState"),
        "description": properties.get("description"),
        "unique_name": (properties.get("identifier") or {}).get("uniqueName"),
        "identity": identity_facts(identity),
        "principal_id": identity.get("principalId"),
        "tenant_id": identity.get("tenantId"),
        "sharing": as_option(permissions_of(gallery)),
        "subscriptions": group_ids(gallery, SUBSCRIPTIONS),
        "tenants": group_ids(gallery, TENANTS),
        "public_name_prefix": information.get("publicNamePrefix"),
        "publisher_uri": information.get("publisherUri"),
        "publisher_contact": information.get("publisherContact"),
        "eula": information.get("eula"),
        "public": is_public(gallery),
        "public_names": information.get("publicNames") or [],
        "soft_delete": bool(policy.get("isSoftDeleteEnabled")),
        "retention_period_in_days": policy.get("retentionPeriodInDays"),
        "grace_period_in_days": policy.get("gracePeriodInDays"),
    }


def _placed(resource: Json) -> Json:
    return {
        **image_place(resource),
        "source": "gallery",
        "created_at": (resource.get("systemData") or {}).get("createdAt"),
    }


def identity_facts(identity: Json) -> Json:
    """The identities of a resource, as the option sets them."""
    return {
        "system_assigned": "systemassigned" in str(identity.get("type") or "").lower(),
        "user_assigned": sorted(identity.get("userAssignedIdentities") or {}),
    }


def definition_facts(definition: Json) -> Json:
    """The facts of an image definition; keys always exist, with None for missing values."""
    properties = machine.properties(definition)
    found = parse(str(definition.get("id") or ""))
    features = features_of(definition).values()
    return {
        **_placed(definition),
        "gallery": found.names[0] if found else None,
        "definition": definition.get("name"),
        "provisioning_state": properties.get("provisioningState"),
        **{each.fact: each.present(definition) for each in DEFINITION_PROPERTIES},
        "features": {str(feature.get("name")): feature.get("value") for feature in features},
        "feature_start_versions": {
            str(feature["name"]): feature["startsAtVersion"] for feature in features if feature.get("startsAtVersion")
        },
    }
