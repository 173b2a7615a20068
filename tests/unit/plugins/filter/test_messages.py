# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Messages for people: findings with their codes, options as variables, and lists that are counted."""

from __future__ import annotations

import pytest
from ansible_collections.golden.azure.plugins.filter.counted_lines import counted_lines
from ansible_collections.golden.azure.plugins.filter.findings_message import findings_message
from ansible_collections.golden.azure.plugins.filter.variable_message import variable_message

VARIABLES = {"max_removals": "prune_max_removals", "rules.family_tag": "prune_family_tag", "source": "prune_source"}


def test_each_finding_has_its_code() -> None:
    findings = [{"code": "a", "message": "One. "}, {"code": "b", "message": "Two."}]
    assert findings_message(findings) == "One. (a) Two. (b)"
    assert findings_message([]) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Increase 'max_removals'.", "Increase 'prune_max_removals'."),
        ("Set 'rules.family_tag' to the tag.", "Set 'prune_family_tag' to the tag."),
        ("It requires 'source: gallery'.", "It requires 'prune_source: gallery'."),
        ("Option 'source' is missing.", "Variable 'prune_source' is missing."),
        ("The group 'images' and the option 'names' stay.", "The group 'images' and the option 'names' stay."),
    ],
)
def test_options_become_variables(text: str, shown: str) -> None:
    assert variable_message(text, VARIABLES) == shown


def test_a_result_has_its_codes_at_the_end() -> None:
    blocked = {
        "msg": "Set 'source'.",
        "plan": {"blockers": [{"code": "locked"}, {"code": "locked"}, {"code": "in_use"}]},
    }
    assert variable_message(blocked, VARIABLES) == "Set 'prune_source'. (locked) (in_use)"
    assert variable_message({"msg": "No.", "error": {"code": "denied"}}, {}) == "No. (denied)"
    assert variable_message({"msg": "No (denied).", "error": {"code": "denied"}}, {}) == "No (denied)."
    assert variable_message({}, {}) == "(unknown)"


def test_entries_of_one_kind_are_one_line() -> None:
    entries = ["log: /a", "key: /k1", "log: /b", "swap"]
    assert counted_lines(entries) == ["log (2): /a, /b", "key: /k1", "swap"]


def test_long_lists_are_counted() -> None:
    (line,) = counted_lines(f"log: /{number}" for number in range(300))
    assert line.startswith("log (300): /0, /1, ") and line.endswith(", /7 and 292 more")
