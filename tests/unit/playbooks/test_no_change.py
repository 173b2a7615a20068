# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only looks, and what is written of a run, is no change: a second run ends with changed=0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from repository import ROOT

FILES = sorted([*ROOT.glob("playbooks/*.yml"), *ROOT.glob("roles/*/tasks/*.yml")])
#: What is written for people into files, by what it is written from.
REPORTS = ("report", "refresh_page", "capture_result", "prune_result")


def tasks_of(entries: Any) -> Iterator[dict[str, Any]]:
    """The tasks of a file, be they in plays or blocks."""
    for entry in entries or []:
        if isinstance(entry, dict):
            yield entry
            for part in ("tasks", "pre_tasks", "post_tasks", "block", "rescue", "always"):
                yield from tasks_of(entry.get(part))


def all_tasks() -> Iterator[Any]:
    """All tasks, by the names of their files and their own."""
    for path in FILES:
        for task in tasks_of(yaml.safe_load(path.read_text())):
            yield pytest.param(task, id=f"{path.relative_to(ROOT)}: {task.get('name')}")


LOOKING = [task for task in all_tasks() if task.values[0].get("check_mode") is True]
WRITING = [
    task
    for task in all_tasks()
    if any(word in str((task.values[0].get("ansible.builtin.copy") or {}).get("content")) for word in REPORTS)
]


@pytest.mark.parametrize("task", LOOKING)
def test_a_plan_that_only_looks_is_no_change(task: dict[str, Any]) -> None:
    stated = task.get("changed_when")
    assert stated is False or str(stated).startswith("ansible_check_mode and ")
    # Ansible shows no diff of what has not changed; the module shows its plan where Ansible is not to.
    assert task.get("diff") in (False, "{{ ansible_check_mode }}")


@pytest.mark.parametrize("task", WRITING)
def test_a_report_is_no_change(task: dict[str, Any]) -> None:
    assert task.get("changed_when") is False


def test_they_are_seen() -> None:
    assert len(LOOKING) >= 8
    assert len(WRITING) == 5
