# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table of findings: nothing is missing from it, it is not stale, and the tests it names are there."""

from __future__ import annotations

import subprocess
import sys

import pytest
from repository import ROOT

from windows_guest import findings
from windows_guest.cases import ENDLESS, WRONG

WRITE = "PYTHONPATH=tests:.cache/collections python -m windows_guest.findings"


def test_the_table_is_not_stale() -> None:
    assert findings.TABLE.read_text(encoding="utf-8") == findings.render(), f"Run: {WRITE}"


@pytest.mark.parametrize(
    ("name", "rows", "least"),
    [
        ("sysprep_blockers", [*findings.blocker_rows(), *findings.warning_rows()], 25),
        ("sysprep_progress", findings.hang_rows(), 11),
    ],
)
def test_every_code_of_the_filters_has_a_row(name: str, rows: list[findings.Row], least: int) -> None:
    codes = findings.codes_of(name)
    assert len(codes) >= least
    assert {row.finding for row in rows} == codes


def test_every_run_of_the_role_that_fails_has_a_row() -> None:
    tests = [test for row in [*findings.hang_rows(), *findings.wait_rows()] for test in row.tests]
    for name in (*WRONG, *ENDLESS):
        assert any(test.endswith(f"[{name}]") for test in tests)


def test_the_tests_that_are_named_are_there() -> None:
    files = ["tests/unit/plugins/filter", "tests/integration/test_windows_sysprep.py"]
    options = ["--collect-only", "-q", "-p", "no:cacheprovider"]
    collected = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout.splitlines()
    rows = [*findings.blocker_rows(), *findings.warning_rows(), *findings.hang_rows(), *findings.wait_rows()]
    assert {test for row in rows for test in row.tests} - set(collected) == set()
