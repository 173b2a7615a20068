# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The documentation names each distribution that is tested, how, and with what result; tests on guests hold theirs against it."""

from __future__ import annotations

import family_table
import pytest
from family_table import Seen
from role_files import ROLE
from spoofed_families import FAMILIES, OTHER_FAMILIES, WARNED_PATHS


def test_the_documentation_has_the_table_of_what_is_tested() -> None:
    assert family_table.written() == family_table.expected()


def test_what_a_test_sees_must_be_in_the_documentation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(family_table.WRITE, raising=False)
    row = family_table.of_family("rhel-9")
    family_table.hold(row)
    for other in (
        Seen(row.title, row.tested, "Suse", row.agent, row.stays, row.clones),
        Seen(row.title, row.tested, row.recognised, "works", row.stays, row.clones),
        Seen(row.title, row.tested, row.recognised, row.agent, [], row.clones),
        Seen(row.title, row.tested, row.recognised, row.agent, row.stays, "share ['machine-id']"),
    ):
        with pytest.raises(AssertionError):
            family_table.hold(other)


def test_a_line_is_written_in_its_place(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    readme = tmp_path / "README.md"
    lines = [*family_table.expected()]
    readme.write_text("\n".join(["before", "", *lines[:3], "", "after"]) + "\n", encoding="utf-8")
    monkeypatch.setattr(family_table, "README", readme)
    monkeypatch.setenv(family_table.WRITE, "1")
    family_table.hold(family_table.of_family("rhel-9"))
    family_table.hold(family_table.of_suite("trixie"))
    assert readme.read_text(encoding="utf-8").splitlines() == [
        *("before", "", *lines[:4], family_table.of_family("rhel-9").line(), "", "after")
    ]


def test_each_vars_file_is_tried_on_a_guest() -> None:
    families = {**FAMILIES, **OTHER_FAMILIES}
    assert {family.recognised for family in families.values()} == {
        path.stem for path in (ROLE / "vars").glob("[A-Z]*.yml")
    }
    assert len({family.title for family in families.values()}) == len(families)
    assert {entry for family in families.values() for entry in family.warned} <= set(WARNED_PATHS)
