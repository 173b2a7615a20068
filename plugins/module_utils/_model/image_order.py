# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The definitions of "newest" and "latest", for all modules; pure.

Newest: versions of one definition (or one SKU) are compared by their numbers; other images by their age.
Latest: what Azure uses when the latest version of a definition is requested: the highest number among the versions that
are complete and not excluded from latest, in the region in question. Soft-deleted versions do not count. End-of-life
dates are informational only. Sources: https://learn.microsoft.com/azure/virtual-machines/shared-image-galleries#image-versions and
https://learn.microsoft.com/azure/virtual-machines/azure-compute-gallery#replication
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, TypeVar

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location

Json = dict[str, Any]
Image = TypeVar("Image")

_NEVER = datetime.min.replace(tzinfo=timezone.utc)
_DIGITS = re.compile(r"\d+")
#: States in which a version can be deployed; one that is being replicated further is usable in its other regions.
_COMPLETE_STATES = ("succeeded", "updating")


def version_key(version: Any) -> tuple[int, ...]:
    """Order versions by their numbers: 10.0.0 is newer than 9.0.0."""
    return tuple(int(part) for part in _DIGITS.findall(str(version or "")))


# -- newest ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rank:
    """The sort key of an image.

    :param numbering: the scope of its version numbers: a definition, or a SKU of the marketplace; empty if there is none.
    :param created: None for an image of unknown age, which is treated as the oldest.
    """

    identity: str
    created: datetime | None
    numbering: tuple[str, ...] = ()
    number: tuple[int, ...] = ()


def newest_first(images: Iterable[Image], rank_of: Callable[[Image], Rank]) -> list[Image]:
    """Order the images of one family from the newest to the oldest."""
    ranked = [(rank_of(image), image) for image in images]
    numberings = {rank.numbering for rank, _image in ranked}
    by_number = len(numberings) == 1 and numberings != {()}

    def key(entry: tuple[Rank, Image]) -> tuple[Any, ...]:
        rank = entry[0]
        age = rank.created or _NEVER
        return (rank.number, age, rank.identity) if by_number else (age, rank.number, rank.identity)

    return [image for _rank, image in sorted(ranked, key=key, reverse=True)]


# -- latest ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GalleryVersion:
    """The properties of a version that "latest" depends on.

    :param identity: in lower case, without a slash at its end.
    :param regions: its normalized regions, and whether it is excluded from latest there; empty if unknown.
    """

    identity: str
    state: str
    excluded: bool = False
    regions: Mapping[str, bool] = field(default_factory=dict)

    @property
    def definition(self) -> str:
        """The id of its definition."""
        return self.identity.rpartition("/versions/")[0]

    @property
    def is_complete(self) -> bool:
        """Whether it can be deployed."""
        return self.state.lower() in _COMPLETE_STATES

    def is_offered(self, region: str | None) -> bool:
        """Whether "latest" may refer to it.

        :param region: None for any region.
        """
        if self.excluded:
            return False
        if not self.regions:
            return True
        if region is None:
            return not all(self.regions.values())
        return self.regions.get(normalized_location(region)) is False

    @property
    def rank(self) -> Rank:
        """Versions are distinguished by their numbers."""
        number = version_key(self.identity.rpartition("/")[2])
        return Rank(self.identity, None, (self.definition,), number)


def version_of(resource: Json) -> GalleryVersion:
    """A version from ARM JSON."""
    properties = resource.get("properties") or {}
    profile = properties.get("publishingProfile") or {}
    regions = [(one.get("name"), one.get("excludeFromLatest")) for one in profile.get("targetRegions") or []]
    return _version(resource.get("id"), properties.get("provisioningState"), profile.get("excludeFromLatest"), regions)


def version_of_facts(facts: Json) -> GalleryVersion:
    """A version from facts."""
    regions = [(one.get("name"), one.get("exclude_from_latest")) for one in facts.get("regions") or []]
    # The state of a version in a gallery of others is not returned; such a version is complete.
    state = facts.get("provisioning_state") or "Succeeded"
    return _version(facts.get("id"), state, facts.get("exclude_from_latest"), regions)


def _version(identity: Any, state: Any, excluded: Any, regions: Iterable[tuple[Any, Any]]) -> GalleryVersion:
    return GalleryVersion(
        str(identity or "").rstrip("/").lower(),
        str(state or "Unknown"),
        bool(excluded),
        {normalized_location(str(name)): bool(without) for name, without in regions},
    )


def latest(versions: Iterable[GalleryVersion], region: str | None = None) -> GalleryVersion | None:
    """The version of one definition that "latest" refers to.

    :param region: where a virtual machine would be created; None for any region.
    """
    fitting = [version for version in versions if version.is_complete and version.is_offered(region)]
    return next(iter(newest_first(fitting, lambda version: version.rank)), None)


def latest_anywhere(versions: Iterable[GalleryVersion]) -> set[str]:
    """The ids of all versions that "latest" refers to, for each definition and region."""
    definitions: dict[str, list[GalleryVersion]] = {}
    for version in versions:
        definitions.setdefault(version.definition, []).append(version)
    found = set()
    for members in definitions.values():
        regions = {region for version in members for region in version.regions}
        found |= {one.identity for one in (latest(members, region) for region in (None, *regions)) if one}
    return found
