# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Images of others: the marketplace, community galleries, and shared galleries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound
from ansible_collections.golden.azure.plugins.module_utils._core.name_patterns import is_pattern, matches
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._images.community import list_community_galleries
from ansible_collections.golden.azure.plugins.module_utils._images.marketplace import Marketplace
from ansible_collections.golden.azure.plugins.module_utils._images.request_budget import RequestBudget
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
    """The images that are offered in one region to one subscription.

    :param location: the normalized name of the region.
    """

    arm: ArmClient
    subscription_id: str
    location: str
    now: datetime
    budget: RequestBudget = field(default_factory=RequestBudget)

    @property
    def _place(self) -> str:
        return f"/subscriptions/{self.subscription_id}/providers/Microsoft.Compute/locations/{quote(self.location, safe='')}"

    @property
    def market(self) -> Marketplace:
        """Azure Marketplace in the region."""
        return Marketplace(self._listed, self.location, self.budget)

    def marketplace(self, publisher: str | None, offer: str | None, sku: str | None, version: str | None) -> list[Json]:
        """Versions of marketplace images, see :meth:`Marketplace.images`."""
        return self.market.images(publisher, offer, sku, version, self.now)

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
        path = f"{self._place}/{_COLLECTIONS[source]}/{quote(gallery, safe='')}"
        self.budget.take(1, f"the {source} gallery '{gallery}'")
        try:
            return [self.arm.read(path, "galleries", f"Reading the {source} gallery '{gallery}' in {self.location}")]
        except NotFound as missing:
            return _nothing(missing)

    def _gallery_rows(self, source: str, reach: str) -> list[Json]:
        self.budget.take(1, f"the {source} galleries in {self.location}")
        if source == "community":
            return list_community_galleries(self.arm, self.location)
        return self._listed(_COLLECTIONS[source], f"the {source} galleries of {self.location}", reach)

    def _definitions(self, source: str, gallery: str | None, definition: str | None) -> list[_Definition]:
        found: list[_Definition] = []
        for reach in _REACHES[source]:
            names = self._names(source, gallery, reach)
            self.budget.take(len(names), f"the {len(names)} {source} galleries in {self.location}")
            pairs = [pair for pairs in self._each(source, names, definition, reach) for pair in pairs]
            self.budget.take(len(pairs), f"the {len(pairs)} image definitions of {source} galleries in {self.location}")
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
            what = f"the image definitions of the {source} gallery '{gallery}' in {self.location}"
            rows = self._listed(f"{_COLLECTIONS[source]}/{quote(gallery, safe='')}/images", what, reach)
            return [(gallery, row) for row in rows if matches(definition, row.get("name"))]

        return run_in_threads(read, names, READERS)

    def _with_versions(self, source: str, reach: str, pair: tuple[str, Json]) -> _Definition:
        gallery, row = pair
        name = str(row["name"])
        path = f"{_COLLECTIONS[source]}/{quote(gallery, safe='')}/images/{quote(name, safe='')}/versions"
        what = f"the versions of '{name}' in the {source} gallery '{gallery}' in {self.location}"
        return _Definition(gallery, row, self._listed(path, what, reach))

    def _listed(self, path: str, what: str, more: str = "") -> list[Json]:
        """A listing; it is empty if nothing is offered in the region."""
        kind = "compute" if path.startswith("publishers") else "galleries"
        try:
            return [row for page in self.arm.pages(f"{self._place}/{path}", kind, what, more) for row in page]
        except NotFound as missing:
            return _nothing(missing)


def _nothing(missing: NotFound) -> list[Json]:
    """No rows, unless it is the subscription or the region that does not exist."""
    if missing.code in ("SubscriptionNotFound", "NoRegisteredProviderForLocation"):
        raise missing
    return []


def _distinct(rows: Iterable[Json]) -> list[Json]:
    """What is shared with the subscription and with its tenant counts once."""
    return list({str(row["id"]).lower(): row for row in rows}.values())
