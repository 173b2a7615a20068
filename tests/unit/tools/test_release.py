# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""make release: what it refuses, and what it makes of a clone."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from repository import ROOT

LIMIT = 300


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, timeout=60)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of what lies here, changes that are not committed included, as it is before the first release."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=60,
    )
    folder = tmp_path / "clone"
    for name in listed.stdout.decode().split("\0"):
        # Of the tests, only what releases are made with.
        if name and (not name.startswith("tests/") or name.startswith("tests/tools/")) and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / "changelogs" / "changelog.yaml").unlink(missing_ok=True)
    (folder / "changelogs" / "fragments" / "news.yml").write_text(
        "---\nminor_changes:\n  - what is new.\n", encoding="utf-8"
    )
    galaxy = folder / "galaxy.yml"
    galaxy.write_text(
        re.sub(r"(?m)^version: .+$", "version: 0.1.0", galaxy.read_text(encoding="utf-8")), encoding="utf-8"
    )
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "All")
    return folder


def release(folder: Path, version: str) -> subprocess.CompletedProcess[str]:
    command = ["tests/tools/release.sh", version]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT, check=False)


def test_a_release(clone: Path) -> None:
    made = release(clone, "1.0.0")
    assert made.returncode == 0, made.stdout + made.stderr
    assert yaml.safe_load((clone / "galaxy.yml").read_text())["version"] == "1.0.0"
    assert 'COLLECTION_VERSION = "1.0.0"' in (clone / "plugins/module_utils/_core/version.py").read_text()
    assert list((clone / "changelogs" / "fragments").glob("*.yml")) == []
    (entry,) = [yaml.safe_load((clone / "changelogs" / "changelog.yaml").read_text())["releases"]["1.0.0"]]
    # As ansible-lint wants lists, with which collections are certified.
    assert not re.search(r"(?m)^( *)[a-z_]+:\n\1- ", (clone / "changelogs" / "changelog.yaml").read_text())
    # All that is there is new in the first release.
    modules = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
    assert {one["name"] for one in entry["modules"]} == modules
    assert {one["name"] for one in entry["plugins"]["lookup"]} == {
        path.stem for path in (ROOT / "plugins/lookup").glob("*.py")
    }
    assert {one["name"] for one in entry["objects"]["role"]} == {path.name for path in (ROOT / "roles").iterdir()}
    assert re.search(r"^v1\.0\.0\n=+$", (clone / "CHANGELOG.rst").read_text(), re.MULTILINE)
    # The same one again, and with changes in the way.
    again = release(clone, "1.0.0")
    assert again.returncode == 2 and "are not committed" in again.stderr
    git(clone, "add", ".")
    git(clone, "commit", "--quiet", "--message", "Release 1.0.0")
    for version, reason in (
        ("1.0.0", "is in the changelog already"),
        ("0.9.0", "comes before 1.0.0"),
        ("1.1.0", "no fragment"),
    ):
        refused = release(clone, version)
        assert refused.returncode == 2 and reason in refused.stderr, refused.stderr
    state = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, check=True, timeout=60)
    assert state.stdout == b""


@pytest.mark.parametrize("version", ["", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0; true"])
def test_what_is_no_version(version: str) -> None:
    refused = release(ROOT, version)
    assert (refused.returncode, refused.stderr) == (2, "say which release: make release VERSION=1.0.0\n")


def test_everything_is_new_in_the_first_release() -> None:
    added = {
        found
        for folder in ("plugins", "roles")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".py", ".yml")
        for found in re.findall(r"version_added: [\"']?([\d.]+)", path.read_text())
    }
    assert added == {"1.0.0"}
