# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of the tests are together all of them, none twice, and none without the tests that it shares something with."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from parts import Part

TESTS = """
import pytest

pytestmark = []

@pytest.mark.parametrize("number", range(60))
def test_alone(number):
    pass

@pytest.mark.xdist_group("shared")
@pytest.mark.parametrize("number", range(20))
def test_together(number):
    pass
"""


def collected(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "--collect-only",
        "-q",
        "-p",
        "no:cacheprovider",
        *arguments,
        str(folder),
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tests of their own, under the configuration of all."""
    ours = Path(__file__).parents[2]
    (tmp_path / "conftest.py").write_text((ours / "conftest.py").read_text())
    (tmp_path / "pytest.ini").write_text(
        f"[pytest]\npythonpath = {ours} {ours / 'support'}\nmarkers =\n    xdist_group(name): a group\n"
    )
    (tmp_path / "test_some.py").write_text(TESTS)
    return tmp_path


def test_parts_are_the_whole(folder: Path) -> None:
    names = [
        {line for line in collected(folder, "--part", f"{number}/3").stdout.splitlines() if "::" in line}
        for number in (1, 2, 3)
    ]
    whole = {line for line in collected(folder).stdout.splitlines() if "::" in line}
    assert len(whole) == 80
    assert set().union(*names) == whole
    assert sum(map(len, names)) == len(whole)
    assert all(names)
    grouped = defaultdict(set)
    for number, part in enumerate(names):
        for name in part:
            grouped[name.split("[")[0]].add(number)
    assert len(grouped["test_some.py::test_together"]) == 1
    assert len(grouped["test_some.py::test_alone"]) == 3


@pytest.mark.parametrize("words", ["", "3", "0/3", "4/3", "1/0", "-1/3", "1/3/3", "one/3"])
def test_what_is_no_part_is_refused(words: str, folder: Path) -> None:
    with pytest.raises(ValueError, match="say one as 1/3"):
        Part.parse(words)
    refused = collected(folder, f"--part={words}")
    assert refused.returncode == 4
    assert "say one as 1/3" in refused.stderr
