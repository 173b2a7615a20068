# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Debian packages: what an interrupted run has left is completed, and what fails is told in two lines; stand-ins play dpkg and apt."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from repository import TESTS

SCRIPT = TESTS / "tools" / "install_debian_packages.sh"
PROGRAMS = {
    "dpkg-query": "exit 1",
    "id": "echo 0",
    "dpkg": "rm -f half; echo noise",
    # As apt does after dpkg was interrupted.
    "apt-get": """[ -e half ] && { echo "E: dpkg was interrupted, you must manually run 'dpkg --configure -a'" >&2; exit 100; }
echo "apt-get $*" >>calls; echo noise; [ "$1" != install ] || { cat message >&2; exit "$(cat status)"; }""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "programs").mkdir()
    for name, text in PROGRAMS.items():
        path = tmp_path / "programs" / name
        path.write_text(f"#!/bin/bash\n{text}\n")
        path.chmod(0o755)
    fail(tmp_path, "", 0)
    return tmp_path


def fail(folder: Path, message: str, status: int = 100) -> None:
    (folder / "message").write_text(message)
    (folder / "status").write_text(str(status))


def install(folder: Path) -> tuple[int, str, str]:
    environment = {"PATH": f"{folder}/programs:/usr/bin:/bin"}
    command = ["/bin/bash", str(SCRIPT), "some", "other"]
    finished = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert finished.stdout == "installing Debian packages (once): some other\n"
    return finished.returncode, (folder / "calls").read_text() if (folder / "calls").exists() else "", finished.stderr


@pytest.mark.parametrize("interrupted", [False, True])
def test_they_are_installed_also_after_an_interruption(folder: Path, interrupted: bool) -> None:
    if interrupted:
        (folder / "half").touch()
    code, calls, said = install(folder)
    assert (code, said) == (0, "")
    assert calls.splitlines()[-1].split()[-2:] == ["some", "other"]


def test_a_full_disk_says_what_is_needed(folder: Path) -> None:
    fail(folder, "dpkg: error: cannot copy: No space left on device\nE: Sub-process returned an error\n")
    code, _calls, said = install(folder)
    assert code == 0
    assert len(said.splitlines()) == 2
    assert "500 MB" in said


def test_another_failure_is_told_by_its_last_error(folder: Path) -> None:
    fail(folder, "E: first\nE: no such package\nnoise\n")
    said = install(folder)[2].splitlines()
    assert said[0] == "E: no such package"
    assert len(said) == 2
