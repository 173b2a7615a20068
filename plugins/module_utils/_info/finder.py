# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Find images, and what contains them, in the sources in the options."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_VERSION,
    IMAGE,
    ResourceId,
    distinct,
    locate,
    normalized_location,
)
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._images.catalogue import Catalogue
from ansible_collections.golden.azure.plugins.module_utils._images.marketplace import Marketplace
from ansible_collections.golden.azure.plugins.module_utils._images.region_reader import RegionReader
from ansible_collections.golden.azure.plugins.module_utils._images.request_budget import RequestBudget
from ansible_collections.golden.azure.plugins.module_utils._images.sources import ImageReader, Scope, in_places
from ansible_collections.golden.azure.plugins.module_utils._images.usage_reader import read_usage
from ansible_collections.golden.azure.plugins.module_utils._info.request import is_latest, needs_age, needs_details
from ansible_collections.golden.azure.plugins.module_utils._model.families import latest_images

Json = dict[str, Any]


class Finder:
    """Finds images in the sources in the options."""

    def __init__(self, arm: ArmClient, options: Json, now: datetime) -> None:
        self.arm = arm
        self.options = options
        self.now = now
        self.subscriptions = distinct(options["subscriptions"] or (arm.subscription_id,))
        self.warnings: list[str] = []
        self.budget = RequestBudget(options["max_requests"])

    def find(self) -> list[Json]:
        """What the option 'level' names, of all sources, with the filters of the sources only."""
        read = self._of_source if self.options["level"] == "images" else self._level_of_source
        found = run_in_threads(read, self.options["source"], READERS)
        return [image for images in found for image in images]

    def add_usage(self, images: list[Json]) -> None:
        """Add the usage to each image."""
        if not images:
            return
        subscriptions = distinct(str(image["subscription_id"]) for image in images)
        usage = read_usage(self.arm, subscriptions, self.now)
        if usage.unreadable:
            unread = ", ".join(usage.unreadable)
            self.warnings.append(
                f"The usage of the images is incomplete: reading the {unread} is not allowed (permission denied)."
            )
        for image in images:
            image["used_by"] = [user.as_dict() for user in usage.of(str(image["id"]))]
            image["usage_complete"] = not usage.unreadable

    # -- sources ------------------------------------------------------------------------------------------------

    def _of_source(self, source: str) -> list[Json]:
        if source == "managed":
            return self._managed()
        if source == "gallery":
            return self._of_galleries()
        return self._offered(source)

    def _managed(self) -> list[Json]:
        reader = self._reader(by_graph=not needs_age(self.options))
        if self.options["name"]:
            return self._named(IMAGE, reader.one_managed)
        return self._noted(reader, reader.managed(whole=needs_details(self.options) or needs_age(self.options)))

    def _of_galleries(self) -> list[Json]:
        options = self.options
        reader = self._reader(by_graph=True)
        name, gallery, definition = options["name"], options["gallery"], options["definition"]
        if options["soft_deleted"]:
            found = reader.soft_deleted(gallery, definition)
            return [image for image in found if name in (None, image["name"], image["id"])]
        if is_latest(name):
            versions = self._noted(reader, reader.gallery_versions(gallery, definition))
            return latest_images(versions, options["location"])
        if not name:
            return self._noted(reader, reader.gallery_versions(gallery, definition))
        if "/" in name:
            return self._named(GALLERY_VERSION, reader.one_version)
        group = options["resource_group"]
        if not (gallery and definition and group):
            raise InvalidInput(
                f"Option 'name' names the image version '{name}' without its location: set 'resource_group', 'gallery' "
                "and 'definition', or the full resource id."
            )
        identities = [
            ResourceId(subscription, group, GALLERY_VERSION, (gallery, definition, name))
            for subscription in self.subscriptions
        ]
        return _each(reader.one_version, identities)

    def _offered(self, source: str) -> list[Json]:
        options = self.options
        version = options["name"]
        latest = is_latest(version)
        wanted = None if latest else version
        if source == "marketplace":
            market = self._market()
            found = market.images(options["publisher"], options["offer"], options["sku"], wanted, self.now)
        else:
            # Shared galleries depend on the subscription; community galleries do not.
            subscriptions = self.subscriptions if source == "shared" else self.subscriptions[:1]
            unique: dict[str, Json] = {}
            for subscription in subscriptions:
                offered = self._catalogue(subscription).offered(source, options["gallery"], options["definition"])
                unique.update({str(image["id"]).lower(): image for image in offered})
            found = [image for image in unique.values() if wanted in (None, image["name"])]
        return latest_images(found) if latest else found

    # -- what contains images -------------------------------------------------------------------------------------

    def _level_of_source(self, source: str) -> list[Json]:
        options, level = self.options, self.options["level"]
        if source == "marketplace":
            return self._market().places(level[:-1], options["publisher"], options["offer"], options["sku"])
        if source == "gallery":
            reader = self._reader(by_graph=True)
            if level == "galleries":
                return self._noted(reader, reader.gallery_facts(options["gallery"]))
            return self._noted(reader, reader.definition_facts(options["gallery"], options["definition"]))
        subscriptions = self.subscriptions if source == "shared" else self.subscriptions[:1]
        unique: dict[str, Json] = {}
        for subscription in subscriptions:
            catalogue = self._catalogue(subscription)
            found = (
                catalogue.galleries(source, options["gallery"])
                if level == "galleries"
                else catalogue.definitions(source, options["gallery"], options["definition"])
            )
            unique.update({str(row["id"]).lower(): row for row in found})
        return list(unique.values())

    # -- helpers ------------------------------------------------------------------------------------------------

    def _reader(self, by_graph: bool) -> ImageReader:
        by_graph = by_graph and self.options["query_backend"] == "graph"
        return ImageReader(self.arm, Scope(self.subscriptions, self.options["resource_group"], by_graph), self.now)

    def _noted(self, reader: ImageReader, images: list[Json]) -> list[Json]:
        self.warnings += reader.warnings
        return images

    def _market(self) -> Marketplace:
        """Azure Marketplace, which is the same for all subscriptions."""
        return Marketplace(self._region(self.subscriptions[0]), self.budget.take)

    def _catalogue(self, subscription: str) -> Catalogue:
        return Catalogue(self._region(subscription), self.now, self.budget.take)

    def _region(self, subscription: str) -> RegionReader:
        return RegionReader(self.arm, subscription, normalized_location(self.options["location"]))

    def _named(self, resource_type: str, read: Callable[[ResourceId], Json | None]) -> list[Json]:
        """An image by its full id, or by its name in each of the subscriptions."""
        name, group = self.options["name"], self.options["resource_group"]
        subscriptions = self.subscriptions[:1] if "/" in name else self.subscriptions
        return _each(read, [locate("name", name, resource_type, group, one) for one in subscriptions])


def _each(read: Callable[[ResourceId], Json | None], identities: list[ResourceId]) -> list[Json]:
    def found(identity: ResourceId) -> list[Json]:
        image = read(identity)
        return [image] if image else []

    return in_places(found, identities)
