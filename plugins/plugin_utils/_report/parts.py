# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The details of an image on a report's page, other than its sentences and its timeline; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.plugin_utils.formatting import InvalidTimestamp, format_time, listed

#: Tags of this collection that contain a timestamp.
_MOMENTS = re.compile(r"golden\.azure\.\w+_at")


@dataclass(frozen=True)
class PlanEntry:
    """A line of a plan; without a label it is a title."""

    label: str
    text: str
    title: bool


def plan_entries(plan: Mapping[str, Any]) -> list[PlanEntry]:
    """The lines that show a plan, from a record."""
    blockers, warnings, steps = (list(plan.get(name) or []) for name in ("blockers", "warnings", "steps"))
    entries = [PlanEntry("", str(plan["title"]), True)] if plan.get("title") else []
    entries += [PlanEntry("BLOCKED", _finding(blocker), False) for blocker in blockers]
    entries += [PlanEntry("warning", _finding(warning), False) for warning in warnings]
    entries += [PlanEntry(f"{number}.", str(step.get("description")), False) for number, step in enumerate(steps, 1)]
    if not blockers and not steps:
        entries.append(PlanEntry("", "nothing to do", False))
    return entries


def _finding(finding: Mapping[str, Any]) -> str:
    return f"{finding.get('message')} [{finding.get('code')}]"


def sizes(image: Mapping[str, Any]) -> str:
    """The sizes of the disks of an image, and their total; in GB of 1024^3 bytes, as in Azure."""
    system, data = image.get("size_gb"), list(image.get("data_disks_gb") or [])
    if not data:
        return f"{system} GB" if system else ""
    parts = [f"system disk {system} GB"] if system else []
    parts.append(f"data disk{'s' if len(data) > 1 else ''} {listed([f'{size} GB' for size in data])}")
    return f"{', '.join(parts)}; {_total([system, *data])} GB in total"


def total_size(images: Iterable[Mapping[str, Any]]) -> int:
    """The total size of all disks of all images, in GB."""
    return sum(_total([image.get("size_gb"), *(image.get("data_disks_gb") or [])]) for image in images)


def tags(image: Mapping[str, Any]) -> dict[str, str]:
    """The tags of an image, with formatted timestamps."""
    return {str(name): _shown_tag(str(name), str(value)) for name, value in (image.get("tags") or {}).items()}


def facts(record: Mapping[str, Any]) -> dict[str, list[str]]:
    """The inputs of an image, each a list of words; empty ones are omitted."""
    found = {name: str(value) for name, value in (record.get("facts") or {}).items() if value}
    inputs = found.pop("inputs", "").split()
    roles = [role for role in found.pop("roles", "").split(", ") if role]
    shown = {name: [value] for name, value in found.items()}
    shown.update({name: words for name, words in (("roles", roles), ("inputs", inputs)) if words})
    return shown


def regions(image: Mapping[str, Any]) -> list[str]:
    """The regions of an image, in the spelling of Azure's API: westeurope, not West Europe."""
    names = image.get("regions") or [image.get("location")]
    return list(dict.fromkeys(normalized_location(str(name)) for name in names if name))


def warnings(record: Mapping[str, Any]) -> list[str]:
    """The warnings of an image, each once: the plan contains its own, and the failure its cause."""
    planned = {str(warning.get("message")) for warning in (record.get("plan") or {}).get("warnings") or []}
    cause = str((record.get("failure") or {}).get("message") or "")
    found = [*(record.get("warnings") or []), *((record.get("verification") or {}).get("warnings") or [])]
    return list(dict.fromkeys(str(one) for one in found if str(one) not in planned and str(one) != cause))


def short_name(resource_id: str) -> str:
    """The short name of a resource id: web/1.0.3 of a version, the last part of anything else."""
    version = re.search(r"/images/([^/]+)/versions/([^/]+)$", resource_id, re.IGNORECASE)
    return f"{version[1]} {version[2]}" if version else resource_id.rstrip("/").rsplit("/", 1)[-1]


def _total(found: Iterable[Any]) -> int:
    return sum(size for size in found if isinstance(size, int))


def _shown_tag(name: str, value: str) -> str:
    if not _MOMENTS.fullmatch(name):
        return value
    try:
        return format_time(value)
    except InvalidTimestamp:
        return value
