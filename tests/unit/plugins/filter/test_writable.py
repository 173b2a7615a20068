# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports that cannot be written are refused before anything is done, also for users other than root."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.azure.plugins.filter.writable import writable

NOBODY = 65534


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that others may enter, unlike those of pytest, with one that they may write to."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        (path / "open").mkdir()
        (path / "open").chmod(0o777)
        (path / "file").write_text("")
        yield path


@pytest.fixture
def nobody(place: Path) -> Iterator[None]:
    """The effective user is not root."""
    if os.geteuid() == 0:
        os.seteuid(NOBODY)
        yield
        os.seteuid(0)
    else:
        (place / "file").chmod(0o444)
        place.chmod(0o555)
        yield
        place.chmod(0o755)


CASES = {
    ("file", "open/new.json"): True,
    ("file", "open"): False,
    ("file", "open/no/directory/new.json"): False,
    ("file", "new.json"): False,
    ("file", "file"): False,
    ("directory", "open"): True,
    ("directory", "open/to/be/created"): True,
    ("directory", "reports"): False,
    ("directory", "file"): False,
    ("directory", "file/below"): False,
}


@pytest.mark.parametrize(("kind", "name"), CASES)
@pytest.mark.usefixtures("nobody")
def test_as_a_user(place: Path, kind: str, name: str) -> None:
    before = sorted(place.rglob("*"))
    assert writable(str(place / name), kind) is CASES[kind, name]
    assert sorted(place.rglob("*")) == before


def test_the_owner(place: Path) -> None:
    assert writable(str(place / "file"))
    assert writable(str(place / "new.json"))
    assert writable(str(place / "reports"), "directory")
    assert not writable(str(place / "file"), "directory")


def test_another_kind(place: Path) -> None:
    with pytest.raises(AnsibleFilterError):
        writable(str(place), "socket")
