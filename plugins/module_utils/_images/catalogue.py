# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Images of others: community galleries, and shared galleries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.module_utils._core.name_patterns import is_pattern, matches
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._images.community import list_community_galleries
from ansible_collections.golden.azure.plugins.module_utils._images.marketplace import Take
from ansible_collections.golden.azure.plugins.module_utils._images.region_reader import RegionReader
from ansible_collections.golden.azure.plugins.module_utils._model.container_facts import (
    offered_definition_facts,
    offered_gallery_facts,
)
from ansible_collections.golden.azure.plugins.module_utils._model.facts import offered_version_facts

Json = dict[str, Any]

_COLLECTIONS = {"community": "communityGalleries", "shared": "sharedGalleries"}
#: Galleries are shared with subscriptions or with tenants, which are listed separately
#: (https://learn.microsoft.com/rest/api/compute/shared-galleries/list).
_REACHES = {"community": ("",), "shared": ("", "&sharedTo=tenant")}


@dataclass(frozen=True)
class _Definition:
    """An image definition of others, with its versions."""

    gallery: str
    body: Json
    versions: list[Json]


@dataclass(frozen=True)
class Catalogue:
    """The galleries of others in one region.

    :param take: called with the number of requests before they are sent, and with what requires them.
    """

    region: RegionReader
    now: datetime
    take: Take

    def galleries(self, source: str, gallery: str | None) -> list[Json]:
        """The galleries of others.

        :param source: community or shared.
        :param gallery: its public or unique name, or a pattern with * and ?; None for all.
        """
        if gallery is not None and not is_pattern(gallery):
            rows = self._one_gallery(source, gallery)
        else:
            listed = [row for reach in _REACHES[source] for row in self._gallery_rows(source, reach)]
            rows = [row for row in listed if matches(gallery, row.get("name"))]
        return _distinct(offered_gallery_facts(row, source) for row in rows)

    def definitions(self, source: str, gallery: str | None, definition: str | None) -> list[Json]:
        """The image definitions in galleries of others, with the number of their versions."""
        return _distinct(
            offered_definition_facts(found.body, found.gallery, source, len(found.versions))
            for found in self._definitions(source, gallery, definition)
        )

    def offered(self, source: str, gallery: str | None, definition: str | None) -> list[Json]:
        """Versions in galleries of others.

        :param source: community or shared.
        :param gallery: its public or unique name, or a pattern with * and ?; None for all galleries in the region.
        :param definition: None for all.
        """
        return _distinct(
            offered_version_facts(version, found.body, found.gallery, source, self.now)
            for found in self._definitions(source, gallery, definition)
            for version in found.versions
        )

    def _one_gallery(self, source: str, gallery: str) -> list[Json]:
        self.take(1, f"the {source} gallery '{gallery}'")
        path = f"{_COLLECTIONS[source]}/{quote(gallery, safe='')}"
        return self.region.one(path, f"Reading the {source} gallery '{gallery}' in {self.region.location}")

    def _gallery_rows(self, source: str, reach: str) -> list[Json]:
        self.take(1, f"the {source} galleries in {self.region.location}")
        if source == "community":
            return list_community_galleries(self.region.arm, self.region.location)
        return self.region.listed(_COLLECTIONS[source], f"the {source} galleries of {self.region.location}", reach)

    def _definitions(self, source: str, gallery: str | None, definition: str | None) -> list[_Definition]:
        found: list[_Definition] = []
        for reach in _REACHES[source]:
            names = self._names(source, gallery, reach)
            self.take(len(names), f"the {len(names)} {source} galleries in {self.region.location}")
            pairs = [pair for pairs in self._each(source, names, definition, reach) for pair in pairs]
            self.take(len(pairs), f"the {len(pairs)} image definitions of {source} galleries in {self.region.location}")
            found += run_in_threads(partial(self._with_versions, source, reach), pairs, READERS)
        return found

    def _names(self, source: str, gallery: str | None, reach: str) -> list[str]:
        if gallery is not None and not is_pattern(gallery):
            return [gallery]
        listed = [str(row["name"]) for row in self._gallery_rows(source, reach)]
        return [name for name in listed if matches(gallery, name)]

    def _each(self, source: str, names: list[str], definition: str | None, reach: str) -> list[list[tuple[str, Json]]]:
        """The definitions of each gallery, with the gallery's name."""

        def read(gallery: str) -> list[tuple[str, Json]]:
            what = f"the image definitions of the {source} gallery '{gallery}' in {self.region.location}"
            rows = self.region.listed(f"{_COLLECTIONS[source]}/{quote(gallery, safe='')}/images", what, reach)
            return [(gallery, row) for row in rows if matches(definition, row.get("name"))]

        return run_in_threads(read, names, READERS)

    def _with_versions(self, source: str, reach: str, pair: tuple[str, Json]) -> _Definition:
        gallery, row = pair
        name = str(row["name"])
        path = f"{_COLLECTIONS[source]}/{quote(gallery, safe='')}/images/{quote(name, safe='')}/versions"
        what = f"the versions of '{name}' in the {source} gallery '{gallery}' in {self.region.location}"
        return _Definition(gallery, row, self.region.listed(path, what, reach))


def _distinct(rows: Iterable[Json]) -> list[Json]:
    """What is shared with the subscription and with its tenant counts once."""
    return list({str(row["id"]).lower(): row for row in rows}.values())
