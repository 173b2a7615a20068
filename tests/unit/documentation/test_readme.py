# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The README is by Red Hat's template for certified collections, and what it and the tarball are made of fits together.

The template: https://access.redhat.com/articles/7068606; the rules: https://docs.ansible.com/projects/partner-certification-requirements.
"""

from __future__ import annotations

import fnmatch
import re
from typing import Any

import yaml
from packaging.requirements import Requirement
from repository import ROOT

README = (ROOT / "README.md").read_text()
GALAXY: dict[str, Any] = yaml.safe_load((ROOT / "galaxy.yml").read_text())
SECTIONS = [
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License Information",
]
REPOSITORY = "https://github.com/golden-azure/golden.azure"


def test_its_sections() -> None:
    assert re.findall(r"^# (.+)", README, re.MULTILINE)[0] == "golden.azure"
    assert re.findall(r"^## (.+)", README, re.MULTILINE) == SECTIONS


def test_its_links_are_whole_and_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", README)
    assert links and all(link.startswith("https://") for link in links)
    for link in links:
        found = re.fullmatch(rf"{REPOSITORY}/(?:blob|tree)/main/([^#]+)(#.+)?", link)
        assert not found or (ROOT / found[1]).exists(), link


def test_how_it_is_installed() -> None:
    installation = README.split("## Installation")[1].split("\n## ")[0]
    assert "ansible-galaxy collection install golden.azure\n" in installation
    # Execution environments bring Ansible.
    assert not re.search(r"pip install.*ansible", installation)


def test_every_module_role_and_playbook_is_named() -> None:
    names = [path.stem for folder in ("plugins/modules", "playbooks") for path in (ROOT / folder).glob("*.[py]*[yl]")]
    names += [path.name for path in (ROOT / "roles").iterdir()]
    assert len(names) > 15
    assert [name for name in names if f"`golden.azure.{name}`" not in README] == []


def test_what_the_collection_depends_on() -> None:
    assert GALAXY["dependencies"] == {"ansible.windows": ">=2.0.0"}
    for line in (ROOT / "requirements.txt").read_text().split():
        needed = Requirement(line)
        assert needed.name not in ("ansible", "ansible-core")
        assert {one.operator for one in needed.specifier} <= {">="}
    used = {
        found
        for folder in ("roles", "playbooks")
        for path in (ROOT / folder).rglob("*.yml")
        for found in re.findall(r"^\s+(?:- )?(\w+\.\w+)\.\w+:", path.read_text(), re.MULTILINE)
    }
    assert used - {"golden.azure", "ansible.builtin"} == set(GALAXY["dependencies"])


def carried(path: str) -> bool:
    """Whether the tarball has a file."""
    ways = [path, *(path[: match.start()] for match in re.finditer("/", path))]
    return not any(fnmatch.fnmatch(way, rule) for way in ways for rule in GALAXY["build_ignore"])


def test_what_the_tarball_has() -> None:
    for path in (
        "CHANGELOG.rst",
        "COPYING",
        "LICENSES/BSD-2-Clause.txt",
        "README.md",
        "bindep.txt",
        "requirements.txt",
    ):
        assert carried(path), path
    for path in (
        "docs/codes.md",
        "docs/docsite/links.yml",
        "extensions/audit/event_query.yml",
        "extensions/patterns/golden_image_refresh/meta/pattern.json",
        "meta/execution-environment.yml",
        "meta/runtime.yml",
        "playbooks/refresh.yml",
        "plugins/modules/vm_image_info.py",
        "roles/golden_image/README.md",
    ):
        assert carried(path) and (ROOT / path).exists(), path
    for path in (".github/CODEOWNERS", "Makefile", "pyproject.toml", "tests/foreground.py", "awx/project/refresh.yml"):
        assert not carried(path) and (ROOT / path).exists(), path
