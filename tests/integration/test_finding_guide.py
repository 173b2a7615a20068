# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guide on finding images: each of its commands is typed, and prints what stands below it."""

from __future__ import annotations

import re
import shlex

import pytest
import yaml
from playbook_runs import Playbooks
from repository import ROOT

from embedded_azure import EmbeddedAzure

PAGE = ROOT / "docs" / "guides" / "finding.md"
#: A command, and what the page says that it prints.
_SHOWN = re.compile(
    r"^```console\n(?P<command>ansible .*?)\n```\n\n```text\n(?P<output>.*?)^```", re.MULTILINE | re.DOTALL
)


def shown() -> list[tuple[str, str]]:
    return [(found["command"], found["output"]) for found in _SHOWN.finditer(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def seeded():
    with EmbeddedAzure(retry_after=1) as azure:
        azure.seed(yaml.safe_load((ROOT / "docs" / "seed_images.yml").read_text()))
        yield azure


def test_each_command_is_followed_by_what_it_prints() -> None:
    assert len(shown()) == PAGE.read_text(encoding="utf-8").count("```console") > 0


@pytest.mark.parametrize(("command", "output"), shown(), ids=[command[50:110] for command, _output in shown()])
def test_what_the_guide_prints(seeded: EmbeddedAzure, playbooks: Playbooks, command: str, output: str) -> None:
    seeded.clear_requests()
    typed = playbooks.typed(shlex.split(command), **seeded.environment())
    assert typed.returncode == 0, typed.stdout[-4000:] + typed.stderr[-2000:]
    assert typed.stdout == output
    assert [one.path for one in seeded.requests if one.method not in ("GET", "POST")] == []
