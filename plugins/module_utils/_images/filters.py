# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Select images and their properties; pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput
from ansible_collections.golden.azure.plugins.module_utils._core.name_patterns import matches
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import same_id
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model.families import family_of

Json = dict[str, Any]
Condition = Callable[[Json], bool]

#: Options that are compared with the property of the same name, regardless of case.
EQUALITIES = (
    "os_type",
    "os_state",
    "hyper_v_generation",
    "architecture",
    "security_type",
    "publisher",
    "offer",
    "sku",
    "location",
)

#: Those of them that may be patterns with * and ?.
PATTERNS = ("publisher", "offer", "sku")

#: The options of all modules that select images.
FILTER_OPTIONS: dict[str, Any] = {
    "name_pattern": {"type": "str"},
    "tags": {"type": "dict"},
    "os_type": {"type": "str", "choices": ["linux", "windows"]},
    "os_state": {"type": "str", "choices": ["generalized", "specialized"]},
    "hyper_v_generation": {"type": "str", "choices": ["V1", "V2"]},
    "architecture": {"type": "str", "choices": ["x64", "Arm64"]},
    "security_type": {"type": "str"},
    "source_vm": {"type": "str"},
    "created_after": {"type": "str"},
    "created_before": {"type": "str"},
    "has_data_disks": {"type": "bool"},
    "deprecated": {"type": "bool"},
    "family": {"type": "str"},
    "family_tag": {"type": "str"},
}


def matches_tags(tags: dict[str, Any] | None, wanted: dict[str, Any]) -> bool:
    """Whether all tags exist; a value of None matches any value."""
    if not wanted:
        return True
    present = {name.lower(): value for name, value in (tags or {}).items()}
    return all(
        name.lower() in present and (value is None or present[name.lower()] == str(value))
        for name, value in wanted.items()
    )


def selection(options: dict[str, Any]) -> Condition:
    """Combine all filters that are set.

    :param options: a module's options; missing ones count as not set.
    :raises InvalidInput: for an invalid timestamp.
    """
    conditions = [*_conditions(options), *_conditions_of_state(options)]
    return lambda facts: all(condition(facts) for condition in conditions)


def _conditions(options: dict[str, Any]) -> Iterable[Condition]:
    for name in EQUALITIES:
        if options.get(name):
            yield _equal(name, _folded(name, options[name]))
    if options.get("tags"):
        wanted = {str(name): value for name, value in options["tags"].items()}
        yield lambda facts: matches_tags(facts["tags"], wanted)
    if options.get("name_pattern"):
        yield lambda facts: matches(options["name_pattern"], facts["name"])
    if options.get("source_vm"):
        yield _from_vm(options["source_vm"])
    if options.get("family"):
        yield _of_family(options["family"], options.get("family_tag"))


def _conditions_of_state(options: dict[str, Any]) -> Iterable[Condition]:
    for name, earlier in (("created_after", False), ("created_before", True)):
        if options.get(name):
            yield _created(name, options[name], earlier)
    if options.get("has_data_disks") is not None:
        yield lambda facts: bool(facts["data_disks"]) is options["has_data_disks"]
    if options.get("deprecated") is not None:
        yield lambda facts: facts["deprecated"] is options["deprecated"]


def _folded(name: str, value: Any) -> str:
    text = str(value).lower()
    return text.replace(" ", "") if name == "location" else text


def _equal(name: str, wanted: str) -> Condition:
    if name in PATTERNS:
        return lambda facts: matches(wanted, facts.get(name))
    return lambda facts: _folded(name, facts.get(name) or "") == wanted


def _from_vm(wanted: str) -> Condition:
    if "/" in wanted:
        return lambda facts: same_id(facts["source_vm"], wanted)
    return lambda facts: str(facts["source_vm"] or "").rsplit("/", 1)[-1].lower() == wanted.lower()


def _created(option: str, text: str, earlier: bool) -> Condition:
    limit = parse_timestamp(text)
    if limit is None:
        raise InvalidInput(
            f"Option '{option}' is not a valid timestamp: '{text}'; use one such as 2026-01-31T12:00:00Z."
        )

    def condition(facts: Json) -> bool:
        created = parse_timestamp(facts["created_at"])
        # An image without creation date matches neither.
        return created is not None and (created < limit if earlier else created > limit)

    return condition


def _of_family(wanted: str, family_tag: str | None) -> Condition:
    if family_tag:
        return lambda facts: family_of(facts, family_tag) == wanted
    folded = wanted.lower()

    def condition(facts: Json) -> bool:
        words = ":".join(str(facts.get(word)) for word in ("publisher", "offer", "sku"))
        names = (family_of(facts, None), facts.get("definition"), words)
        return folded in {str(name).lower() for name in names if name}

    return condition


@dataclass(frozen=True)
class Properties:
    """Which properties are returned: dotted paths such as os_disk.size_gb; all of them if none is set."""

    paths: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, names: Iterable[str] | None) -> Properties:
        """Read the option."""
        return cls(tuple(tuple(name.split(".")) for name in names or ()))

    @property
    def top_level(self) -> set[str]:
        """The names of the required top-level properties."""
        return {path[0] for path in self.paths}

    def of_image(self, facts: Json) -> Json:
        """An image with only these properties."""
        if not self.paths:
            return facts
        return {".".join(path): _dig(facts, path) for path in self.paths}


def _dig(node: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if isinstance(node, list):
            node = [item.get(name) if isinstance(item, dict) else None for item in node]
        elif isinstance(node, dict):
            node = node.get(name)
        else:
            return None
    return node
