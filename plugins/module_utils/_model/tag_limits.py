# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Validate tags; pure.

Limits: https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId

MAX_TAGS = 50
MAX_NAME_LENGTH = 512
MAX_VALUE_LENGTH = 256
_NOT_IN_NAMES = re.compile(r"[<>%&\\?/\x00-\x1f\x7f]")
_TEXT = (str, bool, int, float)
_MAX_SHOWN = 40


def tag_blockers(tags: Any) -> Iterator[Finding]:
    """A blocker for each invalid tag, and for too many tags.

    :param tags: as a task sets them; names and values may be of any type.
    """
    named: dict[str, str] = {}
    for key, value in (tags or {}).items():
        name = str(key)
        yield from _name_blockers(name)
        yield from _value_blockers(_short(name), value)
        # Azure compares the names of tags without regard to case.
        other = named.setdefault(name.lower(), name)
        if other != name:
            yield Finding(
                "tag_named_twice",
                f"The tags '{_short(other)}' and '{_short(name)}' differ only in case, and Azure treats them as the "
                "same; remove one of them.",
            )
    if len(tags or {}) > MAX_TAGS:
        yield Finding("too_many_tags", f"There are {len(tags)} tags: Azure supports at most {MAX_TAGS}.")


def tag_count_blockers(resource: ResourceId, tags: Mapping[str, Any]) -> Iterator[Finding]:
    """A blocker if a resource would have more tags than Azure supports.

    :param tags: all of them: those of the task, those of this collection, and existing ones.
    """
    count = len({name.lower() for name in tags})
    if count > MAX_TAGS:
        yield Finding(
            "too_many_tags",
            f"The {resource.label} would have {count} tags, those of golden.azure included, and Azure supports at most "
            f"{MAX_TAGS}; set fewer tags.",
        )


def _name_blockers(name: str) -> Iterator[Finding]:
    if not name.strip():
        yield Finding("tag_without_name", "A tag has no name: set a name, or remove the tag.")
    elif len(name) > MAX_NAME_LENGTH:
        yield Finding(
            "tag_name_too_long",
            f"The name of the tag '{_short(name)}' has {len(name)} characters: Azure supports at most "
            f"{MAX_NAME_LENGTH}.",
        )
    elif _NOT_IN_NAMES.search(name):
        yield Finding(
            "tag_name_not_valid",
            f"The tag '{_short(name)}' contains a character that is not allowed in the name of a tag: < > % & \\ ? / "
            "or a control character.",
        )


def _value_blockers(name: str, value: Any) -> Iterator[Finding]:
    if value is None:
        yield Finding("tag_without_value", f"The tag '{name}' has no value: set a value, or remove the tag.")
    elif not isinstance(value, _TEXT):
        yield Finding(
            "tag_value_not_text", f"The value of the tag '{name}' is a {_kind(value)}, not a string: set a string."
        )
    elif len(str(value)) > MAX_VALUE_LENGTH:
        yield Finding(
            "tag_value_too_long",
            f"The value of the tag '{name}' has {len(str(value))} characters: Azure supports at most "
            f"{MAX_VALUE_LENGTH}.",
        )


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return "dictionary"
    return "list" if isinstance(value, (list, tuple, set)) else type(value).__name__


def _short(name: str) -> str:
    return name if len(name) <= _MAX_SHOWN else f"{name[:_MAX_SHOWN]}..."
