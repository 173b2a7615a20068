# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wheels are downloaded by what has a pip, never by an environment that has none: uv makes those."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from repository import TESTS

SCRIPT = TESTS / "tools" / "download_wheel.sh"


def program(folder: Path, name: str, pip: bool = True) -> str:
    """Make a program that says how it was called; asked for a module, it has it or not."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    asked = "exit 0" if pip else "exit 1"
    path.write_text(f'#!/bin/bash\n[ "$1" = -c ] && {asked}\necho "{folder.name} {name} $*"\n')
    path.chmod(0o755)
    return str(folder)


def download(*folders: str) -> subprocess.CompletedProcess[str]:
    """Run the script with these folders on PATH, and the programs that it needs."""
    environment = {"PATH": ":".join(folders)}
    command = ["/bin/bash", str(SCRIPT), "some==1.0", "there"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def system(tmp_path: Path) -> str:
    folder = tmp_path / "system"
    folder.mkdir()
    (folder / "dirname").symlink_to("/usr/bin/dirname")
    return str(folder)


def test_uv_comes_first(tmp_path: Path, system: str) -> None:
    found = download(program(tmp_path / "bare", "python3", pip=False), program(tmp_path / "uv", "uvx"), system)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("uv uvx --quiet pip download ")
    assert found.stdout.split()[-3:] == ["--dest", "there", "some==1.0"]


def test_without_uv_it_is_the_first_python_with_pip(tmp_path: Path, system: str) -> None:
    bare = program(tmp_path / "bare", "python3", pip=False)
    found = download(bare, program(tmp_path / "other", "python3"), program(tmp_path / "third", "python3"), system)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("other python3 -m pip download ")


def test_without_either_it_says_what_to_do(tmp_path: Path, system: str) -> None:
    found = download(program(tmp_path / "bare", "python3", pip=False), system)
    assert found.returncode == 1
    assert (found.stdout, len(found.stderr.splitlines())) == ("", 1)
