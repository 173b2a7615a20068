# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of vm_image_definition, the request that they describe, and the state that the plan depends on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY,
    GALLERY_DEFINITION,
    ResourceId,
    child,
    locate,
    parent,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import DEFINITION_PROPERTIES
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import read_tags

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {
    "definition": {"type": "str", "required": True, "aliases": ["name", "gallery_image_name"]},
    "gallery": {"type": "str", "aliases": ["gallery_name"]},
    "resource_group": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "location": {"type": "str"},
    **{each.option: each.specification for each in DEFINITION_PROPERTIES},
    "allow_update_image": {"type": "bool", "default": False},
    "starts_at_version": {"type": "str"},
    "tags": {"type": "dict"},
}
RULES: dict[str, Any] = {"required_if": [("allow_update_image", True, ("starts_at_version",))]}


@dataclass(frozen=True)
class DefinitionRequest:
    """The request of the task."""

    definition: ResourceId
    absent: bool = False
    location: str | None = None
    #: Values of the options in _model/definition_properties; None for those that are not set.
    settings: Mapping[str, Any] = field(default_factory=dict)
    #: Change features of an existing definition, for versions from this number on.
    allow_update_image: bool = False
    starts_at_version: str | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def gallery(self) -> ResourceId:
        """Its gallery."""
        return parent(self.definition)


@dataclass(frozen=True)
class DefinitionState:
    """The current state; None for what does not exist, or was not needed."""

    definition: Json | None
    gallery: Json | None = None
    #: The definitions of the gallery, if the definition is created.
    definitions: list[Json] = field(default_factory=list)
    regions: Regions | None = None
    usages: dict[str, list[Json]] = field(default_factory=dict)
    #: Its versions and its soft-deleted versions, if it is deleted.
    versions: list[Json] = field(default_factory=list)
    soft_deleted: list[Json] = field(default_factory=list)
    #: A warning for each failed read.
    unread: tuple[Finding, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether it exists, or is being created; one whose creation failed is created again."""
        return machine.exists_or_in_progress(self.definition)


def parse_request(options: Json, subscription_id: str) -> DefinitionRequest:
    """Read the options.

    :raises InvalidInput: for invalid ones.
    """
    return DefinitionRequest(
        definition=_definition(options, subscription_id),
        absent=options["state"] == "absent",
        location=options["location"],
        settings={each.option: options[each.option] for each in DEFINITION_PROPERTIES},
        allow_update_image=options["allow_update_image"],
        starts_at_version=options["starts_at_version"],
        tags=read_tags(options["tags"]),
    )


def _definition(options: Json, subscription_id: str) -> ResourceId:
    """The definition: a name in a gallery, or a full id.

    :raises InvalidInput: if it is neither.
    """
    group, name = options["resource_group"], options["definition"]
    if "/" in name:
        return locate("definition", name, GALLERY_DEFINITION, group, subscription_id)
    if not options["gallery"]:
        raise InvalidInput(
            f"Option 'definition' names the image definition '{name}' without its gallery: set 'gallery', or the full "
            "resource id."
        )
    gallery = locate("gallery", options["gallery"], GALLERY, group, subscription_id)
    # A name that would change the meaning of a URL is refused as every other one.
    locate("definition", name, GALLERY_DEFINITION, gallery.resource_group, subscription_id)
    return child(gallery, GALLERY_DEFINITION, name)
