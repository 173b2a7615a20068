# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/comparison.md: what it says exists, and it is whole."""

from __future__ import annotations

from comparison import COMMAND, PAGE, faults, load, page

ROWS = load()


def test_what_is_named_exists() -> None:
    assert list(faults(ROWS)) == []


def test_each_row_is_there_once() -> None:
    wanted = [*map(str, range(1, 80)), *(f"S{number}" for number in range(1, 26))]
    assert [row["row"] for row in ROWS] == wanted


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(ROWS), f"write it anew: {COMMAND}"


def test_what_does_not_exist_is_found() -> None:
    row = {
        "row": "0",
        "options": ["vm_image_info.nothing"],
        "test": "tests/unit/documentation/test_comparison.py::test_nothing",
        "document": "docs/nothing.md",
    }
    assert len(list(faults([row]))) == 3
    assert len(list(faults([{**row, "options": []}]))) == 3
