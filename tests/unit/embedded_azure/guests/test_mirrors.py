# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mirrors read from apt's own sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedded_azure.guests import GuestError, rootfs
from embedded_azure.guests.mirrors import Source, debian_sources, one_line, parse_deb822, parse_one_line

DEB822 = """\
# The main archive
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/old
Suites: trixie
Components: main
Enabled: no

Types: deb
URIs: http://third.example/apt
Suites: stable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
"""


def test_one_line_format() -> None:
    text = """
# deb http://mirror.example/commented bookworm main
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib # why
deb http://mirror.example/debian-security bookworm-security main
"""
    assert parse_one_line(text) == [
        Source("http://mirror.example/debian", "bookworm", ("main", "contrib"), "/k.gpg"),
        Source("http://mirror.example/debian-security", "bookworm-security", ("main",), None),
    ]


def test_deb822_format_leaves_out_what_is_disabled_and_keys_written_inline() -> None:
    sources = parse_deb822(DEB822)
    assert [(source.address, source.suite) for source in sources] == [
        ("http://mirror.example/debian", "trixie"),
        ("http://mirror.example/debian", "trixie-updates"),
        ("http://third.example/apt", "stable"),
    ]
    assert sources[0].signed_by == "/usr/share/keyrings/debian-archive-keyring.gpg"
    assert sources[2].signed_by is None


def test_the_mirrors_of_another_release_serve_the_guests_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GUEST_SUITE", raising=False)
    directory = tmp_path / "sources.list.d"
    directory.mkdir()
    (directory / "debian.sources").write_text(DEB822, encoding="utf-8")
    (tmp_path / "sources.list").write_text(
        "deb http://security.example/debian-security trixie-security main\n"
        "deb http://mirror.example/backports trixie-backports main\n",
        encoding="utf-8",
    )
    assert [one_line(source) for source in debian_sources(tmp_path)] == [
        "deb http://security.example/debian-security bookworm-security main",
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian bookworm main",
        "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://mirror.example/debian"
        " bookworm-updates main",
    ]


def test_a_machine_without_debian_mirrors_has_no_sources(tmp_path: Path) -> None:
    (tmp_path / "sources.list").write_text("deb http://archive.example/ubuntu noble main\n", encoding="utf-8")
    assert debian_sources(tmp_path) == []


def test_the_release_of_the_guests_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sources.list").write_text(
        "deb http://mirror.example/debian bookworm main\ndeb http://security.example/debian-security bookworm-security main\n",
        encoding="utf-8",
    )
    monkeypatch.setenv("GUEST_SUITE", "trixie")
    assert [source.suite for source in debian_sources(tmp_path)] == ["trixie", "trixie-security"]
    assert rootfs.root_path(tmp_path).name.startswith("debian-13-")
    monkeypatch.setenv("GUEST_SUITE", "sid")
    assert [source.suite for source in debian_sources(tmp_path)] == ["sid"]
    monkeypatch.setenv("GUEST_SUITE", "")
    assert rootfs.root_path(tmp_path).name.startswith("debian-12-")
    assert rootfs.root_path(tmp_path) != rootfs.root_path(tmp_path, "trixie")
    monkeypatch.setenv("GUEST_SUITE", "warty")
    with pytest.raises(GuestError, match="GUEST_SUITE=warty is no release of Debian"):
        debian_sources(tmp_path)
