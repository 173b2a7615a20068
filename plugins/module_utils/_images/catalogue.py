# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Images of others: the marketplace, community galleries, and shared galleries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._model.facts import marketplace_facts, offered_version_facts

Json = dict[str, Any]

_COLLECTIONS = {"community": "communityGalleries", "shared": "sharedGalleries"}
#: Galleries are shared with subscriptions or with tenants, which are listed separately
#: (https://learn.microsoft.com/rest/api/compute/shared-galleries/list).
_REACHES = {"community": ("",), "shared": ("", "&sharedTo=tenant")}


@dataclass(frozen=True)
class Catalogue:
    """The images that are offered in one region to one subscription."""

    arm: ArmClient
    subscription_id: str
    location: str
    now: datetime

    @property
    def _place(self) -> str:
        return f"/subscriptions/{self.subscription_id}/providers/Microsoft.Compute/locations/{quote(self.location, safe='')}"

    def marketplace(self, publisher: str, offer: str | None, sku: str | None, version: str | None) -> list[Json]:
        """Versions of marketplace images.

        :param publisher: case-insensitive.
        :param offer: None for all offers of the publisher.
        :param sku: None for all SKUs of the offer.
        :param version: None for all versions.
        """
        offers = (
            [offer]
            if offer
            else self._names(f"publishers/{quote(publisher, safe='')}/artifacttypes/vmimage/offers", publisher)
        )
        read_skus = partial(self._skus, publisher, sku)
        pairs = [pair for pairs in run_in_threads(read_skus, offers, READERS) for pair in pairs]
        listed = run_in_threads(partial(self._versions, publisher), pairs, READERS)
        return [facts for versions in listed for facts in versions if version is None or facts["version"] == version]

    def _names(self, path: str, what: str) -> list[str]:
        return [str(item["name"]) for item in self._listed(path, f"the marketplace images of {what}")]

    def _skus(self, publisher: str, sku: str | None, offer: str) -> list[tuple[str, str]]:
        if sku:
            return [(offer, sku)]
        path = f"publishers/{quote(publisher, safe='')}/artifacttypes/vmimage/offers/{quote(offer, safe='')}/skus"
        return [(offer, name) for name in self._names(path, f"{publisher}:{offer}")]

    def _versions(self, publisher: str, pair: tuple[str, str]) -> list[Json]:
        offer, sku = pair
        place = f"publishers/{quote(publisher, safe='')}/artifacttypes/vmimage/offers/{quote(offer, safe='')}"
        path = f"{place}/skus/{quote(sku, safe='')}/versions"
        rows = self._listed(path, f"the marketplace images of {publisher}:{offer}:{sku}", "&$expand=properties")
        return [marketplace_facts(row, publisher, offer, sku) for row in rows]

    def offered(self, source: str, gallery: str | None, definition: str | None) -> list[Json]:
        """Versions in galleries of others.

        :param source: community or shared.
        :param gallery: its public or unique name; None for all that are shared with the subscription or its tenant.
        :param definition: None for all.
        """
        found: dict[str, Json] = {}
        for reach in _REACHES[source]:
            for name in [gallery] if gallery else self._galleries(source, reach):
                versions = self._versions_in(source, name, definition, reach)
                found.update({str(version["id"]).lower(): version for version in versions})
        return list(found.values())

    def _galleries(self, source: str, reach: str) -> list[str]:
        rows = self._listed(_COLLECTIONS[source], f"the {source} galleries of {self.location}", reach)
        return [str(row["name"]) for row in rows]

    def _versions_in(self, source: str, gallery: str, definition: str | None, reach: str) -> list[Json]:
        base = f"{_COLLECTIONS[source]}/{quote(gallery, safe='')}/images"
        what = f"the {source} gallery '{gallery}' in {self.location}"
        definitions = [
            row
            for row in self._listed(base, f"the image definitions of {what}", reach)
            if definition is None or str(row["name"]).lower() == definition.lower()
        ]

        def read(row: Json) -> list[Json]:
            name = str(row["name"])
            versions = self._listed(
                f"{base}/{quote(name, safe='')}/versions", f"the versions of '{name}' in {what}", reach
            )
            return [offered_version_facts(version, row, gallery, source, self.now) for version in versions]

        return [facts for rows in run_in_threads(read, definitions, READERS) for facts in rows]

    def _listed(self, path: str, what: str, more: str = "") -> list[Json]:
        """A listing; it is empty if nothing is offered in the region."""
        kind = "compute" if path.startswith("publishers/") else "galleries"
        try:
            return [row for page in self.arm.pages(f"{self._place}/{path}", kind, what, more) for row in page]
        except NotFound as missing:
            if missing.code in ("SubscriptionNotFound", "NoRegisteredProviderForLocation"):
                raise
            return []
