# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files that docs/architecture.md names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from repository import ROOT

TEXT = (ROOT / "docs" / "architecture.md").read_text()
MODULES = ROOT / "plugins" / "module_utils"
#: Words of a path that stand for one of many, and names that several files have.
PLACEHOLDERS = ("FEATURE", "ROLE", "NAME")
SHARED = ("argument_specs.yml", "plan.py")


def sections() -> list[tuple[Path, str]]:
    """Each section, and the directory that its paths are relative to."""
    found = []
    for section in re.split(r"^##+ ", TEXT, flags=re.MULTILINE)[1:]:
        stated = re.search(r"^Paths are relative to `([\w/]+)`", section, re.MULTILINE)
        found.append((ROOT / stated[1] if stated else ROOT, section))
    return found


def named() -> list[tuple[Path, str]]:
    """Each path that is named, and the directory that it is relative to."""
    return [
        (base, path)
        for base, section in sections()
        for path in re.findall(r"`([\w./]*/[\w./]*|\w+\.(?:py|yml|ps1))`", section)
    ]


@pytest.mark.parametrize(("base", "path"), sorted(set(named()), key=str))
def test_it_exists(base: Path, path: str) -> None:
    if any(word in path for word in PLACEHOLDERS) or path in SHARED:
        return
    # In running text, paths that begin with an underscore are those of module_utils, and of one of its features.
    places = [base, MODULES, MODULES / "_capture", ROOT]
    assert any((place / path).exists() for place in places), (
        f"{path} is neither in {base.relative_to(ROOT)} nor elsewhere"
    )


def test_paths_are_found() -> None:
    assert len(named()) > 100
    assert {base.relative_to(ROOT).as_posix() for base, _path in named()} == {
        ".",
        "plugins/module_utils",
        "tests/embedded_azure",
    }
