# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_info: options -> read the sources -> filter -> usage -> requested properties."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_VERSION,
    IMAGE,
    ResourceId,
    distinct,
    locate,
)
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._images.catalogue import Catalogue
from ansible_collections.golden.azure.plugins.module_utils._images.filters import Properties, selection
from ansible_collections.golden.azure.plugins.module_utils._images.sources import ImageReader, Scope, in_places
from ansible_collections.golden.azure.plugins.module_utils._images.usage_reader import read_usage
from ansible_collections.golden.azure.plugins.module_utils._info.request import (
    OPTIONS,
    check,
    needs_age,
    needs_details,
    nothing_found,
)
from ansible_collections.golden.azure.plugins.module_utils._model.families import family_of, latest_images, newest

__all__ = ["OPTIONS", "execute"]

Json = dict[str, Any]


def execute(invocation: Invocation) -> dict[str, Any]:
    """Find the images that match the options; the list may be empty.

    :raises Failure: if they cannot be read, or the resource group does not exist.
    """
    options = {**invocation.options, "source": list(dict.fromkeys(invocation.options["source"]))}
    check(options)
    # The region for the latest version is that of the deployment, not of the version.
    chosen = selection({**options, "location": None} if _is_latest(options["name"]) else options)
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        finder = _Finder(arm, options, datetime.now(timezone.utc))
        all_images = finder.find()
        images = [image for image in all_images if chosen(image)]
        findings = list(nothing_found(options, len(all_images))) if not images else []
        for finding in findings:
            invocation.progress(finding.message)
        if options["newest_per_family"]:
            images = newest(images, options["newest_per_family"], options["family_tag"])
        if options["include_usage"]:
            finder.add_usage(images)
        for image in images:
            image["family"] = family_of(image, options["family_tag"])
        properties = Properties.of(options["properties"])
        result = {
            "changed": False,
            "images": [properties.of_image(image) for image in images],
            "findings": [finding.as_dict() for finding in findings],
            "account": arm.account,
        }
        return {**result, "warnings": finder.warnings} if finder.warnings else result
    finally:
        arm.close()


class _Finder:
    """Finds images in the sources in the options."""

    def __init__(self, arm: ArmClient, options: Json, now: datetime) -> None:
        self.arm = arm
        self.options = options
        self.now = now
        self.subscriptions = distinct(options["subscriptions"] or (arm.subscription_id,))
        self.warnings: list[str] = []

    def find(self) -> list[Json]:
        """All images of the sources, with the filters of the sources only."""
        found = run_in_threads(self._of_source, self.options["source"], READERS)
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
        if _is_latest(name):
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
        latest = _is_latest(version)
        wanted = None if latest else version
        if source == "marketplace":
            catalogue = self._catalogue(self.subscriptions[0])
            found = catalogue.marketplace(options["publisher"], options["offer"], options["sku"], wanted)
        else:
            # Shared galleries depend on the subscription; community galleries do not.
            subscriptions = self.subscriptions if source == "shared" else self.subscriptions[:1]
            unique: dict[str, Json] = {}
            for subscription in subscriptions:
                offered = self._catalogue(subscription).offered(source, options["gallery"], options["definition"])
                unique.update({str(image["id"]).lower(): image for image in offered})
            found = [image for image in unique.values() if wanted in (None, image["name"])]
        return latest_images(found) if latest else found

    # -- helpers ------------------------------------------------------------------------------------------------

    def _reader(self, by_graph: bool) -> ImageReader:
        by_graph = by_graph and self.options["query_backend"] == "graph"
        return ImageReader(self.arm, Scope(self.subscriptions, self.options["resource_group"], by_graph), self.now)

    def _noted(self, reader: ImageReader, images: list[Json]) -> list[Json]:
        self.warnings += reader.warnings
        return images

    def _catalogue(self, subscription: str) -> Catalogue:
        location = self.options["location"].replace(" ", "").lower()
        return Catalogue(self.arm, subscription, location, self.now)

    def _named(self, resource_type: str, read: Callable[[ResourceId], Json | None]) -> list[Json]:
        """An image by its full id, or by its name in each of the subscriptions."""
        name, group = self.options["name"], self.options["resource_group"]
        subscriptions = self.subscriptions[:1] if "/" in name else self.subscriptions
        return _each(read, [locate("name", name, resource_type, group, one) for one in subscriptions])


def _is_latest(name: str | None) -> bool:
    """Whether a name refers to the latest version."""
    return str(name).lower() == "latest"


def _each(read: Callable[[ResourceId], Json | None], identities: list[ResourceId]) -> list[Json]:
    def found(identity: ResourceId) -> list[Json]:
        image = read(identity)
        return [image] if image else []

    return in_places(found, identities)
