# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The properties of gallery versions that a capture can set: one row for each.

A row defines a property completely: its option, its path in Azure, its comparison, and the handling of a difference.
Regions, replicas and disks are not plain values and are handled elsewhere.
Source: https://learn.microsoft.com/rest/api/compute/gallery-image-versions/create-or-update, which documents for each property whether
it is "updatable".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import normalize_timestamp, parse_timestamp

Json = dict[str, Any]


class Difference(Enum):
    """The handling of a property that differs from the task's value."""

    #: It cannot be changed after creation: a blocker.
    FIXED = "fixed"
    #: It was not caused by a capture: a warning.
    KEPT = "kept"
    #: It is changed.
    CHANGED = "changed"


@dataclass(frozen=True)
class GalleryProperty:
    """A property of gallery versions."""

    #: The option of an item of gallery_versions, and its specification.
    option: str
    specification: Json
    #: Its path below the properties of a version.
    path: tuple[str, str]
    #: The handling of a difference between the requested and the actual value; None if they are equal.
    difference: Callable[[Any, Any], Difference | None]
    #: The code of the blocker or warning, and its sentence after "The version ...", from both values.
    code: str = ""
    sentence: Callable[[Any, Any], str] = lambda wanted, has: ""
    #: The description of its change in a step, from the option's value.
    change: Callable[[Any], str] = lambda value: ""
    #: The value to write at creation, from the option's value; None to write nothing.
    written: Callable[[Any], Any] = lambda value: value
    #: The value to write to an existing version, from the option's value.
    updated: Callable[[Any], Any] = lambda value: value
    #: The description of its change in an existing version, from the option's value; empty if Azure does not allow it.
    update: Callable[[Any], str] = lambda value: ""

    def present(self, version: Mapping[str, Any]) -> Any:
        """The value of a version; None if it is not set."""
        section, name = self.path
        return ((version.get("properties") or {}).get(section) or {}).get(name)

    def write(self, properties: Json, value: Any) -> None:
        """Set it in the properties of a version that is written."""
        written = self.written(value)
        if written is not None:
            section, name = self.path
            properties[section] = {**(properties.get(section) or {}), name: written}

    @property
    def is_updatable(self) -> bool:
        """Whether Azure allows its change after creation."""
        return bool(self.update(None))

    def differs(self, value: Any, version: Mapping[str, Any]) -> bool:
        """Whether a version has another value than the one that a task sets explicitly."""
        wanted, has = self.updated(value), self.present(version)
        if isinstance(wanted, bool):
            return wanted != bool(has)
        moment = parse_timestamp(wanted)
        return moment is None or moment != parse_timestamp(has)

    def set(self, properties: Json, value: Any) -> None:
        """Set it in the properties of an existing version, false included."""
        section, name = self.path
        properties[section] = {**(properties.get(section) or {}), name: self.updated(value)}

    def compare(self, value: Any, version: Mapping[str, Any]) -> Difference | None:
        """The handling of the difference between an option's value and that of a version."""
        return self.difference(self.written(value), self.present(version))


def _changed_if_given(wanted: Any, has: Any) -> Difference | None:
    differs = wanted is not None and parse_timestamp(wanted) != parse_timestamp(has)
    return Difference.CHANGED if differs else None


def _changed_if_set(wanted: Any, has: Any) -> Difference | None:
    if bool(wanted) == bool(has):
        return None
    return Difference.CHANGED if wanted else Difference.KEPT


GALLERY_PROPERTIES = (
    GalleryProperty(
        option="exclude_from_latest",
        specification={"type": "bool", "default": False},
        path=("publishingProfile", "excludeFromLatest"),
        difference=lambda wanted, has: None if bool(wanted) == bool(has) else Difference.KEPT,
        code="exclude_from_latest_differs",
        sentence=lambda wanted, has: (
            f"is {'excluded from' if has else 'offered as'} latest, and is not changed; use "
            "golden.azure.vm_image_promote, golden.azure.vm_image_remove or golden.azure.vm_image_version to change that."
        ),
        update=lambda value: "exclude it from latest" if value else "offer it as latest",
    ),
    GalleryProperty(
        option="end_of_life_date",
        specification={"type": "str"},
        path=("publishingProfile", "endOfLifeDate"),
        difference=_changed_if_given,
        change=lambda value: f"set its end of life to {value}",
        written=lambda value: normalize_timestamp(value) if value else None,
        updated=normalize_timestamp,
        update=lambda value: f"set its end of life to {value}",
    ),
    GalleryProperty(
        option="block_deletion_before_end_of_life",
        specification={"type": "bool", "default": False},
        path=("safetyProfile", "blockDeletionBeforeEndOfLife"),
        difference=_changed_if_set,
        code="deletion_block_differs",
        sentence=lambda wanted, has: "cannot be deleted before its end of life, and this is not changed.",
        change=lambda value: "block its deletion before its end of life",
        written=lambda value: True if value else None,
        update=lambda value: f"{'block' if value else 'allow'} its deletion before its end of life",
    ),
    GalleryProperty(
        option="allow_deletion_of_replicated_locations",
        specification={"type": "bool"},
        path=("safetyProfile", "allowDeletionOfReplicatedLocations"),
        difference=lambda wanted, has: None if wanted is None or wanted == bool(has) else Difference.CHANGED,
        change=lambda value: f"{'allow' if value else 'forbid'} its removal from single regions",
        update=lambda value: f"{'allow' if value else 'forbid'} its removal from single regions",
    ),
    GalleryProperty(
        option="replication_mode",
        specification={"type": "str", "choices": ["full", "shallow"], "default": "full"},
        path=("publishingProfile", "replicationMode"),
        difference=lambda wanted, has: None if wanted == str(has or "Full").capitalize() else Difference.FIXED,
        code="replication_mode_differs",
        sentence=lambda wanted, has: f"exists with the replication mode {has or 'Full'}, not {wanted}",
        written=lambda value: str(value or "full").capitalize(),
    ),
)
