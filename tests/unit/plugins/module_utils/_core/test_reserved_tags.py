# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tags by which this collection knows its own: refused everywhere, before anything is read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._core import reserved_tags
from ansible_collections.golden.azure.plugins.module_utils._core.tags import PREFIX
from repository import ROOT

ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute"
LEASE = {"name": "n", "image": "i", "run": "r", "holder": "h", "resource_group": "g"}
#: Of each option that takes tags, a task with it.
PLACES: dict[str, tuple[str, Any]] = {
    "capture": ("vm_image_capture", lambda tags: {"source_vm": "v", "image": "i", "resource_group": "g", "tags": tags}),
    "captures": (
        "vm_image_capture",
        lambda tags: {"captures": [{"source_vm": "v", "image": "i", "resource_group": "g", "tags": tags}]},
    ),
    "tag": ("vm_image_tag", lambda tags: {"image": "i", "resource_group": "g", "tags": tags}),
    "promote": ("vm_image_promote", lambda tags: {"image": "i", "resource_group": "g", "tags": tags}),
    "instance": (
        "vm_image_instance",
        lambda tags: {"name": "n", "resource_group": "g", "image": f"{ID}/images/i", "subnet": "s", "tags": tags},
    ),
    "lease": ("vm_image_lease", lambda tags: {**LEASE, "tags": tags}),
    "gallery": ("vm_image_gallery", lambda tags: {"gallery": "g", "resource_group": "g", "tags": tags}),
    "definition": (
        "vm_image_definition",
        lambda tags: {"definition": "d", "gallery": "g", "resource_group": "g", "tags": tags},
    ),
}
#: What is somebody's to give there, besides what is everybody's.
ALLOWED = {
    "capture": reserved_tags.IMAGE_TAGS,
    "captures": reserved_tags.IMAGE_TAGS,
    "tag": reserved_tags.TEST_TAGS,
    "promote": (),
    "instance": reserved_tags.VM_TAGS,
    "lease": reserved_tags.LEASE_TAGS,
    "gallery": (),
    "definition": (),
}


def used_tags() -> set[str]:
    """Every tag of this collection that stands in its code as a name."""
    found = set()
    for path in (ROOT / "plugins").rglob("*.py"):
        found |= set(re.findall(r'"(?:golden\.azure\.|\{PREFIX\})([a-z_]+)"', path.read_text()))
    return {f"{PREFIX}{name}" for name in found}


def test_there_are_such_tags() -> None:
    assert {f"{PREFIX}source_vm_id", f"{PREFIX}created_at", f"{PREFIX}lease", f"{PREFIX}promoted_at"} <= used_tags()


@pytest.mark.parametrize("place", PLACES)
def test_they_are_refused_before_anything_is_read(wire: Any, run: Any, place: str) -> None:
    module, task = PLACES[place]
    allowed = {*reserved_tags.USER_TAGS, *ALLOWED[place]}
    names = {*used_tags(), f"{PREFIX}of_tomorrow"} - allowed
    assert len(names) > 15
    for name in sorted(names):
        for spelled in (name, name.title(), f" {name}"):
            result = run(module, **task({"mine": "1", spelled: "x"}))
            assert result["rc"] == 1
            assert result["error"]["code"] == reserved_tags.CODE, (place, spelled, result["msg"])
    assert wire.asked == []


@pytest.mark.parametrize("place", PLACES)
def test_others_are_not(place: str) -> None:
    allowed = (*reserved_tags.USER_TAGS, *ALLOWED[place])
    tags = {"golden": "1", "golden.azurex": "1", **dict.fromkeys(allowed, "1")}
    assert reserved_tags.reserved_tags(tags, ALLOWED[place]) == []
