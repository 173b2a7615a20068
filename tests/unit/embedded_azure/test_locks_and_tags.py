# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Locks forbid, tags merge."""

from __future__ import annotations

from typing import Any

import pytest

LOCKS = "providers/Microsoft.Authorization/locks"
TAGS = "providers/Microsoft.Resources/tags/default"
VM = "virtualMachines/source"


def group(arm: Any) -> str:
    return f"/subscriptions/{arm.azure.settings.subscription}/resourceGroups/golden"


def lock(arm: Any, scope: str, level: str) -> str:
    id = f"{scope}/{LOCKS}/l"
    assert arm.send("PUT", id, {"properties": {"level": level}}, version="2016-09-01").status_code == 201
    return id


@pytest.mark.parametrize("at_group", [True, False])
def test_cannotdelete_allows_writes(arm: Any, at_group: bool) -> None:
    scope = group(arm) if at_group else arm.id(VM)
    id = lock(arm, scope, "CanNotDelete")
    assert arm.send("PATCH", VM, {"tags": {"a": "1"}}).status_code == 200
    assert arm.error("DELETE", VM) == (
        409,
        "ScopeLocked",
        f"The scope '{arm.id(VM)}' cannot perform delete operation because following scope(s) are locked: '{scope}'. "
        "Please remove the lock and try again.",
    )
    assert arm.error("DELETE", group(arm))[1] == "ScopeLocked"
    assert arm.send("DELETE", id, version="2016-09-01").status_code == 200
    assert arm.send("DELETE", VM).status_code == 202


def test_readonly_forbids_writes_and_actions(arm: Any) -> None:
    lock(arm, group(arm), "ReadOnly")
    assert arm.error("PATCH", VM, {"tags": {}})[1] == "ScopeLocked"
    assert arm.error("POST", f"{VM}/deallocate")[1] == "ScopeLocked"
    assert arm.error("PUT", "galleries/g", {"location": "westeurope"})[1] == "ScopeLocked"
    assert arm.send("GET", VM).status_code == 200


def test_locks_are_listed_with_those_above(arm: Any) -> None:
    lock(arm, group(arm), "CanNotDelete")
    lock(arm, arm.id("disks/none"), "ReadOnly")
    listed = arm.send("GET", f"{arm.id(VM)}/{LOCKS}", version="2016-09-01").json()["value"]
    assert [item["properties"]["level"] for item in listed] == ["CanNotDelete"]
    listed = arm.send("GET", f"{group(arm)}/{LOCKS}", version="2016-09-01").json()["value"]
    assert len(listed) == 2


def test_tags_merge(arm: Any) -> None:
    path = f"{arm.id(VM)}/{TAGS}"
    for operation, tags, after in (
        ("Merge", {"a": "1", "b": "2"}, {"a": "1", "b": "2"}),
        ("Merge", {"b": "3"}, {"a": "1", "b": "3"}),
        ("Delete", {"a": "1"}, {"b": "3"}),
        ("Replace", {"c": "4"}, {"c": "4"}),
    ):
        answer = arm.send("PATCH", path, {"operation": operation, "properties": {"tags": tags}}, version="2021-04-01")
        assert answer.json()["properties"]["tags"] == after
    assert arm.send("GET", VM).json()["tags"] == {"c": "4"}
    assert arm.error("PATCH", path, {"operation": "Merge", "properties": {"tags": {"x": "y" * 257}}})[0] == 400
