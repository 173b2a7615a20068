# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The options of a search for images, and their validation; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._images.filters import FILTER_OPTIONS, Properties

Json = dict[str, Any]

#: What is returned -> the sources that have it.
LEVELS = {
    "images": ("managed", "gallery", "marketplace", "community", "shared"),
    "definitions": ("gallery", "community", "shared"),
    "galleries": ("gallery", "community", "shared"),
    "publishers": ("marketplace",),
    "offers": ("marketplace",),
    "skus": ("marketplace",),
    "targets": (),
}
#: Level -> the options that select what is returned, apart from those that say where it is searched.
_SELECTING: dict[str, tuple[str, ...]] = {
    "definitions": (
        "name_pattern",
        "tags",
        "os_type",
        "os_state",
        "hyper_v_generation",
        "architecture",
        "security_type",
        "has_versions",
        "gallery",
        "definition",
        "publisher",
        "offer",
        "sku",
    ),
    "galleries": ("name_pattern", "tags", "gallery"),
    "publishers": ("name_pattern", "publisher"),
    "offers": ("name_pattern", "publisher", "offer"),
    "skus": ("name_pattern", "publisher", "offer", "sku"),
    "targets": ("source_vm",),
}

_OF_IMAGES = ("name", "newest_per_family", "soft_deleted", "include_usage")
_SELECTING_ALL = {*FILTER_OPTIONS, *_OF_IMAGES, *_SELECTING["definitions"]}
_SELECTING["images"] = tuple(_SELECTING_ALL - {"has_versions"})

OPTIONS: dict[str, Any] = {
    "source": {
        "type": "list",
        "elements": "str",
        "choices": ["managed", "gallery", "marketplace", "community", "shared"],
        "default": ["managed"],
    },
    "level": {"type": "str", "choices": list(LEVELS), "default": "images"},
    "name": {"type": "str"},
    "resource_group": {"type": "str"},
    "subscriptions": {"type": "list", "elements": "str"},
    "gallery": {"type": "str"},
    "definition": {"type": "str"},
    "location": {"type": "str"},
    "publisher": {"type": "str"},
    "offer": {"type": "str"},
    "sku": {"type": "str"},
    **FILTER_OPTIONS,
    "has_versions": {"type": "bool"},
    "soft_deleted": {"type": "bool", "default": False},
    "newest_per_family": {"type": "int"},
    "properties": {"type": "list", "elements": "str"},
    "include_usage": {"type": "bool", "default": False},
    "page_size": {"type": "int"},
    "page": {"type": "int", "default": 1},
    "max_requests": {"type": "int", "default": 500},
    "query_backend": {"type": "str", "choices": ["graph", "arm"], "default": "graph"},
}

#: The facts of a managed image that Resource Graph returns without its properties.
_PLAIN = {"id", "name", "source", "resource_group", "subscription_id", "location", "tags", "family"}
#: Properties of the images of at least one source.
_KNOWN = _PLAIN | {
    "architecture",
    "block_deletion_before_end_of_life",
    "created_at",
    "data_disks",
    "definition",
    "deprecated",
    "deprecated_at",
    "deprecation_state",
    "end_of_life",
    "exclude_from_latest",
    "gallery",
    "hyper_v_generation",
    "offer",
    "os_disk",
    "os_state",
    "os_type",
    "provisioning_state",
    "publisher",
    "purchase_plan",
    "regions",
    "replication_mode",
    "security_type",
    "sku",
    "soft_deleted_at",
    "source_image",
    "source_vm",
    "urn",
    "usage_complete",
    "used_by",
    "version",
    "zone_resilient",
}
_SINGULAR = {
    "images": "image",
    "definitions": "image definition",
    "galleries": "gallery",
    "publishers": "publisher",
    "offers": "offer",
    "skus": "SKU",
}
_NEEDED = {
    "gallery": {},
    "managed": {},
    "marketplace": {"location": "the region to search"},
    "community": {"location": "the region to search"},
    "shared": {"location": "the region to search"},
}
_WITH_GALLERIES = ("gallery", "community", "shared")
#: Sources of own images, for which usage is available.
_OWN = ("managed", "gallery")


def check(options: Json) -> None:
    """Validate the options.

    :raises InvalidInput: for invalid options.
    """
    sources, level = options["source"], options["level"]
    if not sources:
        raise InvalidInput("Option 'source' is empty: set at least one source.")
    _check_level(options, sources)
    if level == "targets":
        return
    for source in sources:
        for name, meaning in _NEEDED[source].items():
            if not options[name]:
                raise InvalidInput(f"Option '{name}' is missing: with 'source: {source}' set it to {meaning}.")
    _check_places(options, sources)
    if level == "images":
        _check_images(options, sources)


def _check_images(options: Json, sources: list[str]) -> None:
    """What only images have: documented properties, deletion, usage."""
    unknown = Properties.of(options["properties"]).top_level - _KNOWN
    if unknown:
        raise InvalidInput(
            f"Option 'properties' contains unknown properties: {', '.join(sorted(unknown))}; supported are "
            f"{', '.join(sorted(_KNOWN))}."
        )
    if options["soft_deleted"] and sources != ["gallery"]:
        raise InvalidInput("Option 'soft_deleted' requires 'source: gallery': only galleries support soft delete.")
    foreign = [source for source in sources if source not in _OWN]
    if options["include_usage"] and foreign:
        raise InvalidInput(
            f"Option 'include_usage' applies only to images in your subscriptions: the usage of {foreign[0]} images is "
            "not available."
        )


def _check_level(options: Json, sources: list[str]) -> None:
    """What is not an image has only some of the sources, and of the options that select images."""
    level = options["level"]
    if level == "targets" and not options["source_vm"]:
        raise InvalidInput("Option 'source_vm' is missing: with 'level: targets' set it to the virtual machine.")
    foreign = [source for source in sources if source not in LEVELS[level]]
    if foreign and level != "targets":
        raise InvalidInput(
            f"Option 'level' is {level}, which the source '{foreign[0]}' does not have: set 'source' to "
            f"{' or '.join(LEVELS[level])}."
        )
    for name in sorted(_SELECTING_ALL - set(_SELECTING[level])):
        # False is a wish, too, where it is not the default.
        if options[name] not in (None, OPTIONS[name].get("default")):
            raise InvalidInput(f"Option '{name}' does not apply to 'level: {level}': omit it.")


def _check_places(options: Json, sources: list[str]) -> None:
    """Locations must be unambiguous: a gallery has its own name, and names under which it is shared."""
    if options["name"] and len(sources) > 1:
        raise InvalidInput("Option 'name' requires a single source: set one 'source', or use 'name_pattern' instead.")
    places = [source for source in sources if source in _WITH_GALLERIES]
    for name in ("gallery", "definition"):
        if options[name] and not places:
            raise InvalidInput(f"Option '{name}' applies only to the sources {', '.join(_WITH_GALLERIES)}.")
    if options["gallery"] and len(places) > 1:
        raise InvalidInput(
            f"Option 'gallery' has a different meaning for each of {', '.join(places)}: set only one of these sources."
        )


def nothing_found(options: Json, searched: int) -> Iterator[Finding]:
    """Warnings if no image is returned: none exists, or none matches the filters, which may be misspelled.

    :param searched: the number of images before the filters were applied.
    """
    if not searched:
        narrowing = [
            name
            for name in ("name", "gallery", "definition", "resource_group", "publisher", "offer", "sku")
            if options[name]
        ]
        where = ", ".join(f"{name} '{options[name]}'" for name in narrowing) or "the subscription"
        yield Finding(
            "nothing_found", f"No {_SINGULAR[options['level']]} was found ({', '.join(options['source'])}: {where})."
        )
        return
    what = {"definitions": "image definitions", "skus": "SKUs"}.get(options["level"], options["level"])
    names = (*FILTER_OPTIONS, "has_versions")
    filters = ", ".join(f"'{name}'" for name in names if options[name] is not None and name != "family_tag")
    yield Finding(
        "nothing_matched",
        f"None of the {searched} {what} found matches {filters or 'the request'}: check the filters if an image was "
        "expected.",
    )


def is_latest(name: str | None) -> bool:
    """Whether a name refers to the latest version."""
    return str(name).lower() == "latest"


def needs_age(options: Json) -> bool:
    """Whether creation dates are needed, which Resource Graph does not return for managed images."""
    aged = options["created_after"] or options["created_before"] or options["newest_per_family"]
    return bool(aged) or "created_at" in (options["properties"] or ())


def needs_details(options: Json) -> bool:
    """Whether more properties of managed images are required than their names, locations and tags."""
    wanted = Properties.of(options["properties"]).top_level
    plain_filters = {"name_pattern", "tags", "family", "family_tag"}
    filters = {name for name in (*FILTER_OPTIONS, "publisher", "offer", "sku") if options[name] is not None}
    return not wanted or not wanted <= _PLAIN or not filters <= plain_filters or options["include_usage"]
