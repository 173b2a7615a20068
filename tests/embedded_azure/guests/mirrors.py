# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Debian mirrors this machine already uses, read from its own apt sources.

The root of the guests comes from there: no address of a mirror stands in the project. Both formats of apt are read, the
one-line one and deb822 (sources.list(5)). Sources of others than Debian are left alone, told by their suites.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .base import GuestError

#: The release of the guests, unless the environment variable GUEST_SUITE names another one.
DEFAULT_SUITE = "bookworm"
APT_DIRECTORY = Path("/etc/apt")
#: Each with its number.
RELEASES = {"bullseye": "11", "bookworm": "12", "trixie": "13", "forky": "14", "sid": "sid"}
SUITE_ENDINGS = ("", "-updates", "-security")


@dataclass(frozen=True)
class Source:
    """One address of packages: `suite` is a name such as bookworm-updates, `signed_by` a path of a keyring."""

    address: str
    suite: str
    components: tuple[str, ...]
    signed_by: str | None


def guest_suite() -> str:
    """Return the release of the guests.

    Raises:
        GuestError: GUEST_SUITE names none.
    """
    suite = os.environ.get("GUEST_SUITE") or DEFAULT_SUITE
    if suite not in RELEASES:
        raise GuestError(f"GUEST_SUITE={suite} is no release of Debian: set it to one of {', '.join(RELEASES)}.")
    return suite


def debian_sources(apt_directory: Path = APT_DIRECTORY, suite: str | None = None) -> list[Source]:
    """Return the sources of the guests' Debian release on the mirrors the machine uses; empty when it uses none.

    A machine of another Debian release has the same mirrors with another suite: the suite is exchanged, its ending
    (-updates, -security) kept; sid has none of those.
    """
    wanted_suite = suite or guest_suite()
    found: list[Source] = []
    for source in _read_all(apt_directory):
        release, ending = _split_suite(source.suite)
        if release not in RELEASES or ending not in SUITE_ENDINGS or "main" not in source.components:
            continue
        if wanted_suite == "sid" and ending:
            continue
        wanted = Source(source.address, wanted_suite + ending, ("main",), source.signed_by)
        if wanted not in found:
            found.append(wanted)
    return found


def one_line(source: Source) -> str:
    """Write a source in the one-line format."""
    options = f"[signed-by={source.signed_by}] " if source.signed_by else ""
    return f"deb {options}{source.address} {source.suite} {' '.join(source.components)}"


def parse_one_line(text: str) -> list[Source]:
    """Read the one-line format; deb-src and comments are left out."""
    found = []
    for line in text.splitlines():
        match = re.match(
            r"^\s*deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<address>\S+)\s+(?P<suite>\S+)\s*(?P<rest>[^#]*)", line
        )
        if match:
            signed_by = re.search(r"signed-by=(\S+)", match["options"] or "")
            components = tuple(match["rest"].split())
            found.append(Source(match["address"], match["suite"], components, signed_by[1] if signed_by else None))
    return found


def parse_deb822(text: str) -> list[Source]:
    """Read the deb822 format; disabled stanzas and those without `Types: deb` are left out, inline keys are ignored."""
    found = []
    for stanza in re.split(r"\n\s*\n", text):
        fields = _fields(stanza)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in ("no", "false"):
            continue
        signed_by = fields.get("signed-by", "")
        for address in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                found.append(
                    Source(
                        address,
                        suite,
                        tuple(fields.get("components", "").split()),
                        signed_by if signed_by.startswith("/") else None,
                    )
                )
    return found


def _fields(stanza: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in stanza.splitlines():
        if line.startswith("#") or not line.strip():
            continue
        if line[0].isspace() and name:
            fields[name] += " " + line.strip()
        else:
            name, separator, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip() if separator else ""
    return fields


def _read_all(apt_directory: Path) -> list[Source]:
    found: list[Source] = []
    directory = apt_directory / "sources.list.d"
    for path in [apt_directory / "sources.list", *sorted(directory.glob("*.list"))]:
        if path.is_file():
            found += parse_one_line(path.read_text(encoding="utf-8", errors="replace"))
    for path in sorted(directory.glob("*.sources")):
        found += parse_deb822(path.read_text(encoding="utf-8", errors="replace"))
    return found


def _split_suite(suite: str) -> tuple[str, str]:
    release, separator, ending = suite.rstrip("/").partition("-")
    return release, separator + ending
