# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The look for identities of the table: what it finds in files and folders, and which machines it finds to have them alike."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from proof import known_script, shared_files


def look(rows: list[dict], *names: str) -> dict[str, list[str]]:
    program = known_script(rows, names)
    completed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return json.loads(completed.stdout)


def row(tmp_path: Path, identifier: str, pattern: str, **more: object) -> dict:
    return {"id": identifier, "paths": [f"{tmp_path}/{pattern}"], **more}


def test_files_folders_and_lines_are_told_by_what_is_in_them(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("secret")
    (tmp_path / "empty").write_text("")
    (tmp_path / "folder/deep").mkdir(parents=True)
    (tmp_path / "folder/deep/file").write_text("one")
    (tmp_path / "name").write_text("other\nweb.example.org\n")
    rows = [
        row(tmp_path, "key", "k*"),
        row(tmp_path, "empty", "empty"),
        row(tmp_path, "folder", "folder"),
        row(tmp_path, "named", "name", contains=r"^{hostname}(\.|$)"),
        row(tmp_path, "of-another", "name", contains=r"^nobody"),
        row(tmp_path, "not-here", "key", only_if="/no/such/file"),
        row(tmp_path, "excepted", "k*", exclude=[f"{tmp_path}/key"]),
    ]
    first = look(rows, "web")
    assert sorted(first) == ["folder", "key", "named"]
    (tmp_path / "folder/deep/file").write_text("two")
    (tmp_path / "name").write_text("another\nweb.example.org\n")
    second = look(rows, "web")
    assert shared_files(first, second) == {"key": [f"{tmp_path}/key"], "named": [f"{tmp_path}/name"]}


def test_what_only_one_machine_has_is_shared_by_none() -> None:
    one, other = {"key": ["/a 1", "/b 2"]}, {"key": ["/a 2", "/b 2"], "more": ["/c 3"]}
    assert shared_files(one, other, {}) == {"key": ["/b"]}
    assert shared_files(one, {}) == {}
