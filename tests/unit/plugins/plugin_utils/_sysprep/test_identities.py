# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Agents, registrations and profiles of a Windows guest: which are removed, and which stay with a warning."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.filter.sysprep_blockers import sysprep_blockers

from windows_guest.cases import KNOWN, identity
from windows_guest.facts import healthy

#: Entries of the role's table that the action removes.
REQUEST = [id for id, entry in KNOWN.items() if entry["removal"] == "request"]


@pytest.mark.parametrize("id", KNOWN)
def test_each_entry_says_what_it_is_and_where_that_is_known_from(id: str) -> None:
    entry = KNOWN[id]
    assert set(entry) == {"id", "what", "paths", "services", "removal", "advice", "source"}
    assert re.fullmatch(r"[a-z0-9_]+", id)
    assert entry["removal"] in ("request", "warn")
    assert entry["source"]
    assert entry["advice"] == entry["advice"].rstrip(". ")
    # Without a sign, nobody would find it; without a path, nothing could be removed.
    assert entry["paths"] or entry["services"]
    assert entry["paths"] or entry["removal"] == "warn"
    for path in entry["paths"]:
        assert re.match(r"(%\w+(\(x86\))?%|HKLM:)\\", path), path


@pytest.mark.parametrize("id", KNOWN)
def test_each_entry_is_warned_of_until_it_is_removed(id: str) -> None:
    facts = healthy(known_identities=[identity(id)])
    (warning,) = sysprep_blockers(facts)["warnings"]
    assert warning["code"] == "agent_with_identity"
    assert KNOWN[id]["what"] in warning["message"]
    asked = sysprep_blockers(facts, actions=["known_agents"])
    removed = id in REQUEST
    assert asked["actions"] == ["known_agents"] * removed
    assert [each["path"] for each in asked["removals"]] == [f"C:\\{id}"] * removed
    assert len(asked["warnings"]) == (not removed)
    if removed:
        assert asked["removals"][0]["services"] == KNOWN[id]["services"]
        assert asked["removals"][0]["source"] == KNOWN[id]["source"]
        assert KNOWN[id]["advice"] in asked["removals"][0]["reason"]


def test_there_are_entries_of_both_kinds() -> None:
    assert len(REQUEST) > 10
    assert len(KNOWN) - len(REQUEST) > 20


PROFILES: list[dict[str, Any]] = [
    {"path": "C:\\Users\\azureuser", "sid": "S-1-5-21-1-2-3-500", "loaded": True},
    {"path": "C:\\Users\\packer", "sid": "S-1-5-21-1-2-3-1001", "loaded": False},
    {"path": "C:\\Users\\packer2", "sid": "S-1-5-21-1-2-3-1002", "loaded": False},
]


def test_only_profiles_that_are_named_go() -> None:
    decision = sysprep_blockers(healthy(user_profiles=PROFILES), remove_profiles=["Packer", "nobody"])
    assert decision["blockers"] == []
    (removal,) = decision["removals"]
    assert (removal["path"], removal["what"], removal["late"]) == ("C:\\Users\\packer", "profile", False)
    assert sysprep_blockers(healthy(user_profiles=PROFILES))["removals"] == []


def test_a_profile_in_use_is_told_before_anything_is_changed() -> None:
    decision = sysprep_blockers(healthy(user_profiles=PROFILES), remove_profiles=["azureuser"])
    assert [each["code"] for each in decision["blockers"]] == ["profile_in_use"]


def test_scheduled_tasks_are_not_deleted_as_files() -> None:
    facts = healthy(leftovers=[{"kind": "scheduled_tasks", "path": "\\packer-1"}])
    (removal,) = sysprep_blockers(facts, actions=["scheduled_tasks"])["removals"]
    assert removal["what"] == "task"
