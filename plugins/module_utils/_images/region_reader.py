# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read what is offered in a region to a subscription."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound

Json = dict[str, Any]


@dataclass(frozen=True)
class RegionReader:
    """Reads listings and single items below locations/REGION of Microsoft.Compute.

    :param location: the normalized name of the region.
    """

    arm: ArmClient
    subscription_id: str
    location: str

    def listed(self, path: str, what: str, more: str = "") -> list[Json]:
        """A listing; it is empty if nothing is offered in the region.

        :param path: below the region, as in "publishers".
        :param what: for messages.
        :param more: further parameters of the URL.
        :raises Failure: if it cannot be read.
        """
        kind = "compute" if path.startswith("publishers") else "galleries"
        try:
            return [row for page in self.arm.pages(f"{self._place}/{path}", kind, what, more) for row in page]
        except NotFound as missing:
            return _nothing(missing)

    def one(self, path: str, what: str) -> list[Json]:
        """A gallery of others, or nothing.

        :raises Failure: if it cannot be read.
        """
        try:
            return [self.arm.read(f"{self._place}/{path}", "galleries", what)]
        except NotFound as missing:
            return _nothing(missing)

    @property
    def _place(self) -> str:
        return f"/subscriptions/{self.subscription_id}/providers/Microsoft.Compute/locations/{quote(self.location, safe='')}"


def _nothing(missing: NotFound) -> list[Json]:
    """No rows, unless it is the subscription or the region that does not exist."""
    if missing.code in ("SubscriptionNotFound", "NoRegisteredProviderForLocation"):
        raise missing
    return []
