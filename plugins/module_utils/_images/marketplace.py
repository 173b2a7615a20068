# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Search Azure Marketplace from its publishers downwards: offers, SKUs and versions.

Azure lists one level at a time, each without pages: https://learn.microsoft.com/rest/api/compute/virtual-machine-images
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Callable
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.module_utils._core.name_patterns import is_pattern, matches
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._images.region_reader import RegionReader
from ansible_collections.golden.azure.plugins.module_utils._model.container_facts import marketplace_place
from ansible_collections.golden.azure.plugins.module_utils._model.facts import marketplace_facts

Json = dict[str, Any]
#: Called with the number of requests before they are sent, and with what requires them; it may refuse them.
Take = Callable[[int, str], None]
#: The names that lead to a place: publisher, offer, SKU.
Place = tuple[str, ...]

_LEVELS = ("publisher", "offer", "sku")
_COLLECTIONS = ("publishers", "artifacttypes/vmimage/offers", "skus", "versions")


class Marketplace:
    """The marketplace in one region.

    :param take: bounds the number of requests; None for no bound.
    """

    def __init__(self, region: RegionReader, take: Take | None = None) -> None:
        self._region = region
        self._take = take

    def places(self, level: str, publisher: str | None, offer: str | None, sku: str | None) -> list[Json]:
        """The publishers, offers or SKUs that match.

        :param level: publisher, offer or sku: what is returned.
        :param publisher: a name, or a pattern with * and ?, regardless of case; None for all. Likewise offer and sku.
        :raises InvalidInput: if it would need more requests than allowed.
        """
        depth = _LEVELS.index(level)
        wanted = (publisher, offer, sku)[: depth + 1]
        parents = self._names(wanted[:-1])
        rows = self._below(parents, wanted[-1])
        return [marketplace_place((*place, str(row["name"])), row) for place, row in rows]

    def images(
        self, publisher: str | None, offer: str | None, sku: str | None, version: str | None, now: datetime
    ) -> list[Json]:
        """Versions of images, with their properties.

        :param version: None for all versions.
        :raises InvalidInput: if it would need more requests than allowed.
        """
        places = self._names((publisher, offer, sku))
        rows = self._below(places, None, "&$expand=properties")
        found = [marketplace_facts(row, *place) for place, row in rows]
        return [facts for facts in found if version is None or facts["version"] == version]

    def _names(self, wanted: tuple[str | None, ...]) -> list[Place]:
        """The places that match; a name that is no pattern is taken without reading whether it exists."""
        places: list[Place] = [()]
        for text in wanted:
            if text is not None and not is_pattern(text):
                places = [(*place, text) for place in places]
            else:
                places = [(*place, str(row["name"])) for place, row in self._below(places, text)]
        return places

    def _below(self, places: list[Place], text: str | None, more: str = "") -> list[tuple[Place, Json]]:
        """What lies below each of the places, and matches; each place costs one request."""
        if self._take is not None:
            self._take(len(places), self._reason(places))

        def read(place: Place) -> list[tuple[Place, Json]]:
            return [(place, row) for row in self._region.listed(_path(place), self._label(place), more)]

        found = [pair for pairs in run_in_threads(read, places, READERS) for pair in pairs]
        return [(place, row) for place, row in found if matches(text, row.get("name"))]

    def _reason(self, places: list[Place]) -> str:
        depth = len(places[0]) if places else 0
        if depth == 0:
            return f"the publishers in {self._region.location}"
        what = ("publishers", "offers", "SKUs")[depth - 1]
        return f"the {len(places)} {what} that match in {self._region.location}"

    def _label(self, place: Place) -> str:
        return f"the marketplace images of {':'.join(place)}" if place else f"the publishers in {self._region.location}"


def _path(place: Place) -> str:
    parts = [part for pair in zip(_COLLECTIONS, (quote(name, safe="") for name in place)) for part in pair]
    return "/".join([*parts, _COLLECTIONS[len(place)]])
