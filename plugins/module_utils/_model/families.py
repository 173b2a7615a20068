# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Group images into families, and determine the newest of each; pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model.image_order import (
    Rank,
    latest_anywhere,
    newest_first,
    version_key,
    version_of_facts,
)

Json = dict[str, Any]


def family_of(facts: Json, family_tag: str | None) -> str | None:
    """The family of an image, for messages.

    It is the value of the family tag, if one is set; else the definition of a gallery version (gallery/definition), or the
    publisher:offer:sku of a marketplace image. Managed images have no other family than their tag's.

    :returns: None for an image without a family.
    """
    if family_tag:
        return tag_value(facts.get("tags"), family_tag)
    if facts.get("definition"):
        return f"{facts['gallery']}/{facts['definition']}"
    if facts.get("source") == "marketplace":
        return f"{facts['publisher']}:{facts['offer']}:{facts['sku']}"
    return None


def family_key(facts: Json, family_tag: str | None) -> tuple[str, ...]:
    """The key of a family, which distinguishes galleries of the same name in two groups; case is ignored."""
    family = family_of(facts, family_tag)
    if family is None:
        return ()
    return (family,) if family_tag else (*_place(facts), family.lower())


def rank_of(facts: Json) -> Rank:
    """The sort key of an image."""
    return Rank(
        identity=str(facts.get("id") or "").lower(),
        created=parse_timestamp(facts.get("created_at")),
        numbering=numbering_of(facts),
        number=version_key(facts.get("version")),
    )


def newest(images: Iterable[Json], count: int, family_tag: str | None) -> list[Json]:
    """The newest of each family, newest first (see image_order); families in the order of their first images."""
    families: dict[tuple[str, ...], list[Json]] = {}
    for image in images:
        families.setdefault(family_key(image, family_tag), []).append(image)
    return [image for members in families.values() for image in newest_first(members, rank_of)[:count]]


def latest_images(images: Iterable[Json], region: str | None = None) -> list[Json]:
    """The version that "latest" refers to, for each definition or SKU (see image_order).

    :param region: where a virtual machine would be created; None for any region.
    """
    return newest((image for image in images if _may_be_latest(image, region)), 1, None)


def _may_be_latest(image: Json, region: str | None) -> bool:
    if image.get("source") == "managed":
        return False
    if image.get("source") == "marketplace":
        # Versions scheduled for deprecation are still offered.
        return str(image.get("deprecation_state") or "Active").lower() != "deprecated"
    version = version_of_facts(image)
    return version.is_complete and version.is_offered(region)


def latest_of_definitions(images: Iterable[Json]) -> set[str]:
    """The ids, in lower case, of the gallery versions that "latest" refers to in any region."""
    return latest_anywhere(version_of_facts(image) for image in images if image.get("source") == "gallery")


def numbering_of(facts: Json) -> tuple[str, ...]:
    """The scope of its version numbers: a definition, or a SKU of the marketplace; empty if there is none."""
    if not facts.get("version"):
        return ()
    return (str(facts.get("source")), *_place(facts), str(family_of(facts, None)).lower())


def _place(facts: Json) -> tuple[str, ...]:
    return tuple(str(facts.get(name) or "").lower() for name in ("subscription_id", "resource_group"))
