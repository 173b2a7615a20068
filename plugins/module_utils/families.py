# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Which images belong together, and which of them is the newest; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.image_tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils.moments import read_moment

Json = dict[str, Any]

_NEVER = datetime.min.replace(tzinfo=timezone.utc)
_DIGITS = re.compile(r"\d+")


def family_of(facts: Json, family_tag: str | None) -> str | None:
    """The family of an image, for people.

    It is the value of the tag, if one is named; else the definition of a gallery version (gallery/definition), or the
    publisher:offer:sku of a marketplace image. Managed images have no other family than their tag's.

    :returns: None for an image of no family.
    """
    if family_tag:
        return tag_value(facts.get("tags"), family_tag)
    if facts.get("definition"):
        return f"{facts['gallery']}/{facts['definition']}"
    if facts.get("source") == "marketplace":
        return f"{facts['publisher']}:{facts['offer']}:{facts['sku']}"
    return None


def family_key(facts: Json, family_tag: str | None) -> tuple[str, ...]:
    """What tells families apart: galleries of one name in two groups, and definitions in any case."""
    family = family_of(facts, family_tag)
    if family is None:
        return ()
    return (family,) if family_tag else (*_place(facts), family.lower())


def version_key(version: Any) -> tuple[int, ...]:
    """Order versions by their numbers: 10.0.0 is newer than 9.0.0."""
    return tuple(int(part) for part in _DIGITS.findall(str(version or "")))


def age_key(facts: Json) -> tuple[datetime, tuple[int, ...], str]:
    """Order images from the oldest to the newest; one of unknown age counts as older than all."""
    return (
        read_moment(facts.get("created_at")) or _NEVER,
        version_key(facts.get("version")),
        str(facts.get("id") or "").lower(),
    )


def number_key(facts: Json) -> tuple[Any, ...]:
    """Order as Azure understands "latest": by the version's number."""
    moment, number, identity = age_key(facts)
    return (number, moment, identity)


def newest(images: Iterable[Json], count: int, family_tag: str | None) -> list[Json]:
    """The newest of each family, newest first; families in the order in which they were met.

    Versions of one definition (or of one SKU) are compared by their numbers. Where a tag brings together what is
    numbered apart, or not at all, only the age can tell.
    """
    families: dict[tuple[str, ...], list[Json]] = {}
    for image in images:
        families.setdefault(family_key(image, family_tag), []).append(image)
    return [image for members in families.values() for image in _newest_first(members)[:count]]


def latest_of_definitions(images: Iterable[Json]) -> set[str]:
    """The ids, in lower case, of the gallery versions with the highest number among those that are whole and offered."""
    highest: dict[tuple[str, ...], Json] = {}
    for image in images:
        whole = str(image.get("provisioning_state")).lower() == "succeeded"
        if image.get("source") == "gallery" and whole and not image.get("exclude_from_latest"):
            numbering = _numbering(image)
            highest[numbering] = max(highest.get(numbering, image), image, key=number_key)
    return {str(image["id"]).lower() for image in highest.values()}


def _newest_first(family: list[Json]) -> list[Json]:
    numbered = all(image.get("version") for image in family)
    together = len({_numbering(image) for image in family}) == 1
    return sorted(family, key=number_key if numbered and together else age_key, reverse=True)


def _numbering(facts: Json) -> tuple[str, ...]:
    """What counts its versions: a definition, or a SKU of the marketplace."""
    return (str(facts.get("source")), *_place(facts), str(family_of(facts, None)).lower())


def _place(facts: Json) -> tuple[str, ...]:
    return tuple(str(facts.get(name) or "").lower() for name in ("subscription_id", "resource_group"))
