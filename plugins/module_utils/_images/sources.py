# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read images: one reader per source; each returns the documented facts.

Complete subscriptions are listed by Resource Graph if that is allowed and requested, else by Resource Manager.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Callable, TypeVar

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.resource_graph import (
    GraphIncomplete,
    GraphNotAllowed,
    query_graph,
    unanswered,
)
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound
from ansible_collections.golden.azure.plugins.module_utils._core.name_patterns import matches
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY,
    GALLERY_DEFINITION,
    GALLERY_VERSION,
    ResourceId,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._model import facts
from ansible_collections.golden.azure.plugins.module_utils._model.container_facts import definition_facts, gallery_facts

Json = dict[str, Any]
Place = TypeVar("Place")

_COLUMNS = "id, name, type, location, tags"


@dataclass(frozen=True)
class Scope:
    """The scope of a search.

    :param subscriptions: at least one.
    :param resource_group: None for complete subscriptions.
    :param by_graph: whether complete subscriptions may be listed by Resource Graph.
    """

    subscriptions: tuple[str, ...]
    resource_group: str | None = None
    by_graph: bool = True

    def paths(self) -> list[tuple[str, str]]:
        """The ARM scopes to list, each with its name for messages."""
        if self.resource_group:
            group = self.resource_group
            return [
                (f"/subscriptions/{one}/resourceGroups/{group}", f"resource group '{group}'")
                for one in self.subscriptions
            ]
        return [(f"/subscriptions/{one}", _subscription(one, self.subscriptions)) for one in self.subscriptions]


def _subscription(one: str, among: Sequence[str]) -> str:
    return f"subscription '{one}'" if len(among) > 1 else "the subscription"


def in_places(read: Callable[[Place], list[Json]], places: Sequence[Place]) -> list[Json]:
    """Read in several subscriptions; a resource group needs to exist only in one of them.

    :raises NotFound: if the resource group is in none of them.
    """
    missing: list[NotFound] = []

    def attempt(place: Place) -> list[Json]:
        try:
            return read(place)
        except NotFound as failure:
            if failure.code != "ResourceGroupNotFound":
                raise
            missing.append(failure)
            return []

    rows = [row for rows in run_in_threads(attempt, places, READERS) for row in rows]
    if missing and len(missing) == len(places):
        raise missing[0]
    return rows


class ImageReader:
    """Reads images in the own subscriptions.

    :param now: the time with which end-of-life dates are compared.
    """

    def __init__(self, arm: ArmClient, scope: Scope, now: datetime) -> None:
        self.arm = arm
        self.scope = scope
        self.now = now
        #: Warnings about the way of reading.
        self.warnings: list[str] = []

    # -- managed images -----------------------------------------------------------------------------------------

    def managed(self, whole: bool = True) -> list[Json]:
        """All managed images.

        :param whole: False if name, location and tags are sufficient.
        """
        columns = f"{_COLUMNS}, properties" if whole else _COLUMNS
        rows = self._graph(f"resources | where type =~ 'microsoft.compute/images' | project {columns}", "images")
        if rows is None:
            rows = self._list("Microsoft.Compute/images", "images", "images")
        return [facts.image_facts(row) if whole else facts.image_place(row) for row in rows]

    # -- galleries ----------------------------------------------------------------------------------------------

    def gallery_versions(self, gallery: str | None, definition: str | None) -> list[Json]:
        """All gallery versions, or those of galleries and definitions of a name."""
        definitions, versions = self._definitions_and_versions(gallery, definition)
        return [
            facts.gallery_version_facts(version, definitions.get(_definition_key(version)), self.now)
            for version in versions
        ]

    def definition_facts(self, gallery: str | None, definition: str | None) -> list[Json]:
        """All image definitions, with and without versions, or those of galleries and definitions of a name."""
        definitions, versions = self._definitions_and_versions(gallery, definition)
        counts = Counter(map(_definition_key, versions))
        return [definition_facts(row, counts[key]) for key, row in definitions.items()]

    def gallery_facts(self, gallery: str | None) -> list[Json]:
        """All galleries, or those of a name."""
        rows = self._graph(f"resources | where type =~ '{GALLERY}' | project {_COLUMNS}, properties", "galleries")
        if rows is None:
            rows = self.galleries()
        return [gallery_facts(row) for row in rows if _lies_in(row, gallery, None)]

    def _definitions_and_versions(
        self, gallery: str | None, definition: str | None
    ) -> tuple[dict[str, Json], list[Json]]:
        """Image definitions by their ids in lower case, and their versions."""
        rows = self._graph(
            f"resources | where type in~ ('{GALLERY_DEFINITION}', '{GALLERY_VERSION}') | project {_COLUMNS}, "
            "properties",
            "gallery versions",
        )
        if rows is None:
            definitions = {str(row["id"]).lower(): row for row in self.definitions(gallery, definition)}
            return definitions, self.versions_of(definitions.values())
        found = [row for row in rows if _lies_in(row, gallery, definition)]
        definitions = {str(row["id"]).lower(): row for row in found if _kind(row) == GALLERY_DEFINITION.lower()}
        return definitions, [row for row in found if _kind(row) == GALLERY_VERSION.lower()]

    def definitions(self, gallery: str | None, definition: str | None) -> list[Json]:
        """Image definitions as ARM JSON, always by Resource Manager."""
        galleries = [row for row in self.galleries() if _lies_in(row, gallery, None)]
        return [row for row in self.definitions_of(galleries) if _lies_in(row, gallery, definition)]

    def definitions_of(self, galleries: Iterable[Json]) -> list[Json]:
        """The image definitions of galleries as ARM JSON, always by Resource Manager."""
        listed = run_in_threads(partial(self._below, "images", "image definitions"), galleries, READERS)
        return [row for rows in listed for row in rows]

    def galleries(self) -> list[Json]:
        """Galleries as ARM JSON, always by Resource Manager."""
        return self._list("Microsoft.Compute/galleries", "galleries", "galleries")

    def versions_of(self, definitions: Iterable[Json]) -> list[Json]:
        """The versions of definitions as ARM JSON, always by Resource Manager."""
        listed = run_in_threads(partial(self._below, "versions", "versions"), definitions, READERS)
        return [row for rows in listed for row in rows]

    def soft_deleted(self, gallery: str | None, definition: str | None) -> list[Json]:
        """Soft-deleted versions of galleries."""

        def read(row: Json) -> list[Json]:
            found = parse(str(row["id"]))
            if found is None:
                return []
            path = f"{found.group_id}/providers/Microsoft.Compute/galleries/{found.names[0]}"
            path = f"{path}/softDeletedArtifactTypes/Images/artifacts/{found.name}/versions"
            return list(self.arm.list(path, "galleries", f"the soft-deleted versions of {found.label}"))

        # Galleries without soft delete return an error.
        keeping = {
            str(row["id"]).lower()
            for row in self.galleries()
            if ((row.get("properties") or {}).get("softDeletePolicy") or {}).get("isSoftDeleteEnabled")
        }
        wanted = [
            row
            for row in self.definitions(gallery, definition)
            if str(row["id"]).lower().rsplit("/images/", 1)[0] in keeping
        ]
        return [facts.soft_deleted_facts(item) for items in run_in_threads(read, wanted, READERS) for item in items]

    # -- single images ------------------------------------------------------------------------------------------

    def one_managed(self, image: ResourceId) -> Json | None:
        """One managed image, by Resource Manager."""
        found = self.arm.get(image)
        return facts.image_facts(found) if found else None

    def one_version(self, version: ResourceId) -> Json | None:
        """One gallery version, by Resource Manager."""
        found = self.arm.get(version)
        if not found:
            return None
        definition = ResourceId(version.subscription_id, version.resource_group, GALLERY_DEFINITION, version.names[:2])
        return facts.gallery_version_facts(found, self.arm.get(definition), self.now)

    # -- requests -----------------------------------------------------------------------------------------------

    def _graph(self, query: str, what: str) -> list[Json] | None:
        """Rows from Resource Graph; None if Resource Manager is to be used instead."""
        if self.scope.resource_group or not self.scope.by_graph:
            return None
        subscriptions = self.scope.subscriptions
        operation_label = f"Listing the {what} of {' and '.join(name for _path, name in self.scope.paths())}"
        try:
            rows = query_graph(self.arm, query, subscriptions, operation_label)
        except GraphNotAllowed:
            return None
        except GraphIncomplete as incomplete:
            self.warnings.append(
                f"{incomplete.message.split(';')[0]}; they were listed through Resource Manager instead."
            )
            return None
        for subscription in unanswered(rows, subscriptions):
            # An empty result may mean missing permissions: only Resource Manager distinguishes the two.
            self.arm.read(f"/subscriptions/{subscription}", "subscriptions", f"Reading subscription '{subscription}'")
        return rows

    def _list(self, collection: str, kind: str, what: str) -> list[Json]:
        def read(place: tuple[str, str]) -> list[Json]:
            path, name = place
            return list(self.arm.list(f"{path}/providers/{collection}", kind, f"the {what} of {name}"))

        return in_places(read, self.scope.paths())

    def _below(self, collection: str, what: str, row: Json) -> list[Json]:
        found = parse(str(row["id"]))
        label = found.label if found else str(row["id"])
        return list(self.arm.list(f"{row['id']}/{collection}", "galleries", f"the {what} of {label}"))


def _kind(row: Json) -> str:
    return str(row.get("type")).lower()


def _definition_key(version: Json) -> str:
    """The id of the definition of a version, in lower case."""
    return str(version["id"]).lower().rsplit("/versions/", 1)[0]


def _lies_in(row: Json, gallery: str | None, definition: str | None) -> bool:
    """Whether a gallery, or something in one, has these names, which may be patterns."""
    found = parse(str(row["id"]))
    return found is not None and all(matches(text, own) for text, own in zip((gallery, definition), found.names))
