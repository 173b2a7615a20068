# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Create galleries and image definitions, on their own or for a captured version; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import container_tags
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, parent, same_id
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine

Json = dict[str, Any]

IDENTIFIER = ("publisher", "offer", "sku")
#: Longest offer and SKU: https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#image-definitions
MAX_IDENTIFIER = 64
#: What the features are called in messages.
_FEATURE_LABELS = {
    "SecurityType": "security type",
    "DiskControllerTypes": "disk controllers",
    "IsAcceleratedNetworkSupported": "accelerated networking",
    "IsHibernateSupported": "hibernation",
}


def gallery_step(
    gallery: ResourceId, location: str, properties: Json, tags: Mapping[str, str] | None, **more: Any
) -> Step:
    """The step that creates a gallery.

    :param more: further parts of its body, such as its identity.
    """
    return Step(
        actions.CREATE_GALLERY,
        gallery,
        f"create the {gallery.label} in {location}",
        method="PUT",
        path=str(gallery),
        body={"location": location, "properties": properties, **more, **container_tags(tags)},
    )


def definition_step(definition: ResourceId, location: str, properties: Json, tags: Mapping[str, str] | None) -> Step:
    """The step that creates an image definition.

    :param properties: complete: newer api-versions would set V2 with TrustedLaunchSupported where they name neither generation nor
        features.
    """
    identifier = ", ".join(f"{name} {properties['identifier'][name]}" for name in IDENTIFIER)
    return Step(
        actions.CREATE_DEFINITION,
        definition,
        f"create the {definition.label} ({identifier}) for {properties['osType']}, {properties['osState'].lower()}, "
        f"{_described(properties)}",
        method="PUT",
        path=str(definition),
        body={"location": location, "properties": properties, **container_tags(tags)},
    )


def in_progress_step(action: Action, resource: ResourceId, present: Json) -> Step | None:
    """The step that waits for another process that creates or changes a gallery or definition; None if there is none."""
    state = machine.provisioning_state(present)
    verb = {"Creating": "created", "Updating": "changed"}.get(state)
    return Step(action, resource, f"wait for the {resource.label}, which is being {verb}") if verb else None


def _described(properties: Json) -> str:
    """Generation, architecture and features of a definition, for messages."""
    features = [
        _FEATURE_LABELS.get(feature["name"], feature["name"])
        + ("" if feature["value"] == "True" else f" {feature['value']}")
        for feature in properties["features"]
        if feature["value"] != "False"
    ]
    return ", ".join([f"generation {properties['hyperVGeneration']}", properties["architecture"], *features])


def default_identifier(definition: ResourceId) -> dict[str, str]:
    """Publisher, offer and SKU of a definition for which the task sets none."""
    gallery, name = definition.names
    # Shorter than the maximum of a definition's name; a trailing period is not allowed.
    short = name[:MAX_IDENTIFIER].rstrip(".")
    return {"publisher": gallery, "offer": short, "sku": short}


def identifier_taken_blockers(
    definition: ResourceId, identifier: Mapping[str, str], definitions: Iterable[Json]
) -> Iterator[Finding]:
    """A blocker if another definition of the gallery has the same publisher, offer and SKU.

    Azure: "Gallery image: ... identified by (publisher:..., offer:..., sku:...) already exists."
    https://learn.microsoft.com/troubleshoot/azure/virtual-machines/troubleshooting-shared-images

    :param definitions: those of the gallery.
    """
    wanted = tuple(str(identifier[name]).lower() for name in IDENTIFIER)
    for other in definitions:
        if same_id(other.get("id"), str(definition)):
            continue
        theirs = machine.properties(other).get("identifier") or {}
        if tuple(str(theirs.get(name)).lower() for name in IDENTIFIER) == wanted:
            yield Finding(
                "identifier_taken",
                f"The image definition '{other.get('name')}' of {parent(definition).label} has the publisher, offer "
                f"and SKU {identifier['publisher']}, {identifier['offer']} and {identifier['sku']} already; choose "
                "others, or use that definition.",
            )
