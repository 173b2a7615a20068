# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The facts of galleries and image definitions, in the words of the options of vm_image_gallery and vm_image_definition."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import parse
from ansible_collections.golden.azure.plugins.module_utils._model import container_facts
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import features_of
from ansible_collections.golden.azure.plugins.module_utils._model.facts import placed
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_sharing import (
    SUBSCRIPTIONS,
    TENANTS,
    community_of,
    group_ids,
    is_public,
)

Json = dict[str, Any]


def gallery_facts(gallery: Json) -> Json:
    """The facts of a gallery; keys always exist, with None for missing values.

    :param gallery: read with the groups that it is shared with.
    """
    policy = machine.properties(gallery).get("softDeletePolicy") or {}
    identity = gallery.get("identity") or {}
    return {
        **container_facts.gallery_facts(gallery),
        "created_at": _created_at(gallery),
        "gallery": gallery.get("name"),
        "identity": identity_facts(identity),
        "principal_id": identity.get("principalId"),
        "tenant_id": identity.get("tenantId"),
        "subscriptions": group_ids(gallery, SUBSCRIPTIONS),
        "tenants": group_ids(gallery, TENANTS),
        "public_name_prefix": community_of(gallery).get("publicNamePrefix"),
        "public": is_public(gallery),
        "retention_period_in_days": policy.get("retentionPeriodInDays"),
        "grace_period_in_days": policy.get("gracePeriodInDays"),
    }


def _created_at(resource: Json) -> Any:
    return (resource.get("systemData") or {}).get("createdAt")


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
        **placed(definition, "gallery"),
        "created_at": _created_at(definition),
        "gallery": found.names[0] if found else None,
        "definition": definition.get("name"),
        "provisioning_state": properties.get("provisioningState"),
        **container_facts.definition_values(definition),
        "feature_start_versions": {
            str(feature["name"]): feature["startsAtVersion"] for feature in features if feature.get("startsAtVersion")
        },
    }
