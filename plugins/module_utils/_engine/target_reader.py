# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the state that is used to detect refusals in advance: a read that is not allowed does not fail the task."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, normalized_location
from ansible_collections.golden.azure.plugins.module_utils._engine.gallery_contents import (
    definitions_in,
    soft_deleted_in,
)
from ansible_collections.golden.azure.plugins.module_utils._model.purchase_plan import (
    agreement_path,
    describe_plan,
)
from ansible_collections.golden.azure.plugins.module_utils._model.quota import usage_key
from ansible_collections.golden.azure.plugins.module_utils._model.regions import Regions
from ansible_collections.golden.azure.plugins.module_utils._model.size_offers import SizeOffer, size_offers

Json = dict[str, Any]
Result = TypeVar("Result")

_GROUP_ABSENT = "ResourceGroupNotFound"


class TargetReader:
    """Reads the resources that targets refer to, each once, and records failed reads.

    :param arm: the connection, or the cached reader of several captures.
    """

    def __init__(self, arm: ArmReader) -> None:
        self._arm = arm
        #: A warning for each failed read.
        self.unread: list[Finding] = []

    def regions(self, subscription_id: str) -> Regions | None:
        """The regions of a subscription; None if they could not be read."""
        return self._unless_refused(
            "regions_unknown",
            "the regions of the subscription, so that the specified regions are not checked",
            lambda: read_regions(self._arm, subscription_id),
        )

    def usages(self, places: Iterable[tuple[str, str]]) -> dict[str, list[Json]]:
        """The quota usages of subscriptions in regions, by usage_key; without those that could not be read."""
        found = {}
        for subscription_id, region in {usage_key(*place): place for place in places}.values():
            place = quote(normalized_location(region), safe="")
            path = f"/subscriptions/{subscription_id}/providers/Microsoft.Compute/locations/{place}/usages"
            rows = self._unless_refused(
                "quota_unknown",
                f"the quota usage of the subscription in {region}",
                partial(self._listed, path, f"the quotas of the region {region}"),
            )
            if rows is not None:
                found[usage_key(subscription_id, region)] = rows
        return found

    def accepted_terms(self, subscription_id: str, plan: Json) -> bool | None:
        """Whether a subscription has accepted the terms of a purchase plan; None if that could not be read."""
        path = agreement_path(subscription_id, plan)
        what = f"whether the terms of the purchase plan '{describe_plan(plan)}' were accepted"
        agreement = self._unless_refused(
            "terms_unknown",
            f"{what}, so that it is not checked",
            lambda: self._arm.read(path, "marketplace_ordering", f"Reading {what}"),
        )
        accepted = ((agreement or {}).get("properties") or {}).get("accepted")
        return accepted if isinstance(accepted, bool) else None

    def feature(self, subscription_id: str, name: str) -> bool | None:
        """Whether a subscription has registered a feature of Microsoft.Compute; None if that could not be read.

        Source: https://learn.microsoft.com/rest/api/resources/features/get
        """
        path = (
            f"/subscriptions/{subscription_id}/providers/Microsoft.Features/providers/Microsoft.Compute/features/{name}"
        )
        feature = self._unless_refused(
            "features_unknown",
            f"whether the subscription has registered the feature {name}, so that it is not checked",
            lambda: self._arm.read(path, "features", f"Reading the feature {name}"),
        )
        state = ((feature or {}).get("properties") or {}).get("state")
        return str(state).lower() == "registered" if state else None

    def sizes(self, subscription_id: str, region: str) -> dict[str, SizeOffer] | None:
        """The VM sizes in a region, by their names in lower case; None if they could not be read.

        Source: https://learn.microsoft.com/rest/api/compute/resource-skus/list
        """
        path = f"/subscriptions/{subscription_id}/providers/Microsoft.Compute/skus"
        wanted = quote(f"location eq '{normalized_location(region)}'", safe="'")
        rows = self._unless_refused(
            "sizes_unknown",
            f"the VM sizes in {region}, so that the size is not checked",
            lambda: list(self._arm.list(path, "skus", f"the VM sizes in {region}", filter=wanted)),
        )
        return None if rows is None else size_offers(rows)

    def definitions(self, gallery: ResourceId) -> list[Json] | None:
        """The image definitions of a gallery; None if they could not be read."""
        return self._unless_refused(
            "definitions_unknown",
            f"the image definitions of {gallery.label}, so that a conflict of publisher, offer and SKU is not detected",
            lambda: definitions_in(self._arm, gallery),
        )

    def galleries(self, subscription_id: str) -> list[Json] | None:
        """The galleries of a subscription; None if they could not be read."""
        path = f"/subscriptions/{subscription_id}/providers/Microsoft.Compute/galleries"
        return self._unless_refused(
            "galleries_unknown",
            "the galleries of the subscription, so that another gallery with the same name is not detected",
            lambda: list(self._arm.list(path, "galleries", "the galleries of the subscription")),
        )

    def soft_deleted(self, definition: ResourceId) -> list[Json]:
        """The soft-deleted versions of a definition; none if they could not be read."""
        rows = self._unless_refused(
            "soft_deleted_unknown",
            f"the soft-deleted versions of {definition.label}",
            lambda: soft_deleted_in(self._arm, definition),
        )
        return rows or []

    def resources(self, code: str, wanted: Iterable[ResourceId | None]) -> dict[str, Json | None]:
        """Resources by their ids in lower case, None for those that do not exist; without those that could not be read.

        :param code: the code of the warning about those.
        """
        found: dict[str, Json | None] = {}
        for resource in {str(each).lower(): each for each in wanted if each is not None}.values():
            missing: list[bool] = []
            read = self._unless_refused(code, f"the {resource.label}", partial(self._get, resource, missing))
            if read is not None or missing:
                found[str(resource).lower()] = read
        return found

    def _listed(self, path: str, what: str) -> list[Json]:
        return list(self._arm.list(path, "compute", what))

    def _get(self, resource: ResourceId, missing: list[bool]) -> Json | None:
        """Read a resource; record whether it, or its group, does not exist."""
        read = get_or_none(self._arm, resource)
        if read is None:
            missing.append(True)
        return read

    def _unless_refused(self, code: str, what: str, read: Callable[[], Result]) -> Result | None:
        try:
            return read()
        except (Refused, NotFound) as refused:
            self.unread.append(Finding(code, f"Azure does not allow reading {what} ({refused.code})."))
            return None


#: The first API version whose regions show their availability zones:
#: https://learn.microsoft.com/rest/api/resources/subscriptions/list-locations
_ZONES_SHOWN = "2022-12-01"


def get_or_none(arm: ArmReader, resource: ResourceId, **query: str) -> Json | None:
    """A resource, or None if it, or its resource group, does not exist.

    :raises Failure: if it cannot be read.
    """
    try:
        return arm.get(resource, **query)
    except NotFound as missing:
        if missing.code != _GROUP_ABSENT:
            raise
        return None


def read_regions(arm: ArmReader, subscription_id: str) -> Regions:
    """Read the regions of a subscription.

    :raises Failure: if they cannot be read.
    """
    path = f"/subscriptions/{subscription_id}/locations"
    rows = list(arm.list(path, "locations", "the regions of the subscription"))
    shows_zones = arm.api_versions.of("locations") >= _ZONES_SHOWN
    return Regions(
        {
            str(row.get("name")).lower(): bool(row.get("availabilityZoneMappings")) if shows_zones else None
            for row in rows
            # Logical regions such as Europe and Asia are listed as well, but cannot contain resources.
            if str((row.get("metadata") or {}).get("regionType") or "Physical").lower() == "physical"
        }
    )
