# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hosts by patterns where Ansible's own lookup cannot be called: by the documented variable `groups`."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.plugin_utils._ansible import inventory

GROUPS = {"all": ["web-1", "web-2", "db"], "web": ["web-1", "web-2"], "old": ["web-2"], "empty": []}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["web"], ["web-1", "web-2"]),
        (["db"], ["db"]),
        (["db,web-1"], ["web-1", "db"]),
        (["web-*"], ["web-1", "web-2"]),
        (["web:!old"], ["web-1"]),
        (["!old", "all"], ["web-1", "db"]),
        (["all:&old"], ["web-2"]),
        (["empty"], []),
        (["typo"], []),
    ],
)
@pytest.mark.parametrize("loader", [None, object()], ids=["gone", "otherwise"])
def test_without_ansibles_lookup(
    monkeypatch: pytest.MonkeyPatch, loader: Any, patterns: list[str], expected: list[str]
) -> None:
    monkeypatch.setattr(inventory, "lookup_loader", loader)
    assert inventory.matching_hosts(object(), patterns, {"groups": GROUPS}) == expected
