# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Workflows call the commands that people type, may no more than they need, and are described. `make lint` runs actionlint on them."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from repository import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TARGETS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)) | {"setup"}
TABLE = (ROOT / "CONTRIBUTING.md").read_text().split("## What runs on a change")[1].split("\n## ")[0]


def read(path: Any) -> dict[str, Any]:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow(path: Any) -> None:
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        for step in job.get("steps", []):
            assert set(re.findall(r"\bmake ([a-z]+)", step.get("run", ""))) <= TARGETS
            # What others may say is no part of a command.
            assert "${{ github.event" not in step.get("run", "")
        assert "uses" in job or job["timeout-minutes"] <= 90


def test_what_runs_on_a_change_is_described() -> None:
    called = {
        target
        for path in WORKFLOWS
        for target in re.findall(r"^\s+(?:run: |\s*)make ([a-z]+)", path.read_text(), re.MULTILINE)
    } - {"setup"}
    assert {"build", "docs", "lint", "matrix", "sweep", "test"} <= called
    described = set(re.findall(r"`make ([a-z]+)", TABLE))
    assert called <= described <= TARGETS


def test_each_python_and_core_that_is_promised_is_tried() -> None:
    (tests,) = [read(path) for path in WORKFLOWS if path.stem == "tests"]
    assert tests["jobs"]["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.13"]
    cores = [one["core"] for one in tests["jobs"]["matrix"]["strategy"]["matrix"]["include"]]
    oldest = read(ROOT / "meta" / "runtime.yml")["requires_ansible"].removeprefix(">=").rpartition(".")[0]
    assert cores[0] == oldest and cores[-1] == "newest"
