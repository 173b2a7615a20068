# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_info: options -> read the source -> choose -> what uses them -> the properties asked for."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils.families import family_of, newest
from ansible_collections.golden.azure.plugins.module_utils.image_catalogue import Catalogue
from ansible_collections.golden.azure.plugins.module_utils.image_filters import FILTER_OPTIONS, Properties, selection
from ansible_collections.golden.azure.plugins.module_utils.image_sources import ImageReader, Scope
from ansible_collections.golden.azure.plugins.module_utils.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils.resource_id import (
    GALLERY_VERSION,
    IMAGE,
    ResourceId,
    locate,
)
from ansible_collections.golden.azure.plugins.module_utils.usage_reading import read_usage

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {
    "source": {
        "type": "str",
        "choices": ["managed", "gallery", "marketplace", "community", "shared"],
        "default": "managed",
    },
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
    "soft_deleted": {"type": "bool", "default": False},
    "newest": {"type": "int"},
    "properties": {"type": "list", "elements": "str"},
    "usage": {"type": "bool", "default": False},
    "listing": {"type": "str", "choices": ["graph", "arm"], "default": "graph"},
}

#: What Resource Graph tells of a managed image without its properties.
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
    "usage_known",
    "used_by",
    "version",
    "zone_resilient",
}
_NEEDED = {
    "gallery": {},
    "managed": {},
    "marketplace": {"location": "where to look", "publisher": "whose images"},
    "community": {"location": "where to look", "gallery": "its public name"},
    "shared": {"location": "where to look"},
}


def execute(invocation: Invocation) -> dict[str, Any]:
    """Find the images that the options describe; none found is an empty list.

    :raises Failure: when they cannot be read, or the resource group is not there.
    """
    options = invocation.options
    _check(options)
    chosen = selection(options)
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        finder = _Finder(arm, options, datetime.now(timezone.utc))
        images = [image for image in finder.find() if chosen(image)]
        if options["newest"]:
            images = newest(images, options["newest"], options["family_tag"])
        if options["usage"]:
            finder.add_usage(images)
        for image in images:
            image["family"] = family_of(image, options["family_tag"])
        properties = Properties.of(options["properties"])
        result = {
            "changed": False,
            "images": [properties.of_image(image) for image in images],
            "account": arm.account,
        }
        return {**result, "warnings": finder.warnings} if finder.warnings else result
    finally:
        arm.close()


def _check(options: Json) -> None:
    source = options["source"]
    for name, meaning in _NEEDED[source].items():
        if not options[name]:
            raise InvalidInput(f"Option '{name}' is missing: with 'source: {source}' give {meaning}.")
    if options["newest"] is not None and options["newest"] < 1:
        raise InvalidInput("Option 'newest' is below 1: give how many images of each family are wanted.")
    unknown = Properties.of(options["properties"]).top_level - _KNOWN
    if unknown:
        raise InvalidInput(
            f"Option 'properties' names what no image has: {', '.join(sorted(unknown))}; there are "
            f"{', '.join(sorted(_KNOWN))}."
        )
    if options["soft_deleted"] and source != "gallery":
        raise InvalidInput("Option 'soft_deleted' is for 'source: gallery': only galleries keep what was deleted.")
    if options["usage"] and source not in ("managed", "gallery"):
        raise InvalidInput(f"Option 'usage' is for images of your own: who uses those of a {source} is not told.")


class _Finder:
    """Finds images in the source that the options name."""

    def __init__(self, arm: Arm, options: Json, now: datetime) -> None:
        self.arm = arm
        self.options = options
        self.now = now
        self.subscriptions = tuple(dict.fromkeys(options["subscriptions"] or (arm.subscription_id,)))
        self.reader = ImageReader(arm, Scope(self.subscriptions, options["resource_group"], self._by_graph()), now)
        self.warnings: list[str] = self.reader.warnings

    def find(self) -> list[Json]:
        """All images of the source, before any filter but those that it has itself."""
        source, name = self.options["source"], self.options["name"]
        if source == "managed":
            return self._named(IMAGE, self.reader.one_managed) if name else self.reader.managed(self._whole())
        if source == "gallery":
            return self._of_galleries()
        return self._offered()

    def add_usage(self, images: list[Json]) -> None:
        """Add to each image who uses it."""
        subscriptions = tuple({str(image["subscription_id"]).lower(): None for image in images})
        if not images:
            return
        usage, warnings = read_usage(self.arm, subscriptions, self.now)
        self.warnings += warnings
        for image in images:
            image["used_by"] = [user.as_dict() for user in usage.of(str(image["id"]))]
            image["usage_known"] = not usage.unreadable

    # -- plumbing -----------------------------------------------------------------------------------------------

    def _by_graph(self) -> bool:
        """Resource Graph does not tell when a managed image was made; whoever asks for that asks Resource Manager."""
        options = self.options
        aged = options["created_after"] or options["created_before"] or options["newest"]
        aged = aged or "created_at" in (options["properties"] or ())
        return options["listing"] == "graph" and not (aged and options["source"] == "managed")

    def _whole(self) -> bool:
        """Whether more is wanted of managed images than where they are and their tags."""
        options = self.options
        wanted = Properties.of(options["properties"]).top_level
        plain_filters = {"name_pattern", "tags", "family", "family_tag"}
        filters = {name for name in (*FILTER_OPTIONS, "publisher", "offer", "sku") if options[name] is not None}
        return not wanted or not wanted <= _PLAIN or not filters <= plain_filters or options["usage"]

    def _named(self, resource_type: str, read: Any) -> list[Json]:
        options = self.options
        found = []
        for subscription in self.subscriptions:
            identity = locate("name", options["name"], resource_type, options["resource_group"], subscription)
            image = read(identity)
            if image:
                found.append(image)
            if "/" in options["name"]:
                break
        return found

    def _of_galleries(self) -> list[Json]:
        options = self.options
        name, gallery, definition = options["name"], options["gallery"], options["definition"]
        if options["soft_deleted"]:
            found = self.reader.soft_deleted(gallery, definition)
            return [image for image in found if name in (None, image["name"], image["id"])]
        if not name:
            return self.reader.gallery_versions(gallery, definition)
        if "/" in name:
            return self._named(GALLERY_VERSION, self.reader.one_version)
        if not (gallery and definition and options["resource_group"]):
            raise InvalidInput(
                f"Option 'name' names the image version '{name}' without saying where it is: give 'resource_group', "
                "'gallery' and 'definition', or the full resource id."
            )
        group = options["resource_group"]
        identities = [
            ResourceId(subscription, group, GALLERY_VERSION, (gallery, definition, name))
            for subscription in self.subscriptions
        ]
        return [image for image in map(self.reader.one_version, identities) if image]

    def _offered(self) -> list[Json]:
        options = self.options
        catalogue = Catalogue(self.arm, self.subscriptions[0], options["location"].replace(" ", "").lower(), self.now)
        version = options["name"]
        latest = str(version).lower() == "latest"
        if options["source"] == "marketplace":
            found = catalogue.marketplace(
                options["publisher"], options["offer"], options["sku"], None if latest else version
            )
        else:
            source = options["source"]
            galleries = [options["gallery"]] if options["gallery"] else catalogue.galleries(source)
            found = [image for one in galleries for image in catalogue.versions(source, one, options["definition"])]
            found = [image for image in found if version is None or latest or image["name"] == version]
        return newest([image for image in found if not image["deprecated"]], 1, None) if latest else found
