# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A play that needs its hosts in step says so itself: users set ANSIBLE_STRATEGY for plays of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from repository import ROOT

PLAYBOOKS = sorted(
    path
    for pattern in ("playbooks/*.yml", "extensions/molecule/**/*.yml", "tests/azure/*.yml", "awx/**/*.yml")
    for path in ROOT.glob(pattern)
)
#: Free strategies refuse these modules, and carry run_once out for every host:
#: https://docs.ansible.com/ansible/latest/collections/ansible/builtin/free_strategy.html
IN_STEP_MODULES = ("ansible.builtin.add_host", "ansible.builtin.group_by")
#: What one host does for all of them; without steps in common, the others may be past it.
FOR_ALL_HOSTS = ("clear_host_errors", "end_play", "end_batch", "refresh_inventory")
INCLUDES = ("ansible.builtin.include_role", "ansible.builtin.import_role")
FILES = ("ansible.builtin.include_tasks", "ansible.builtin.import_tasks")


def plays() -> Iterator[tuple[str, dict[str, Any]]]:
    """All plays, by the names of their files and their own."""
    for path in PLAYBOOKS:
        for entry in yaml.safe_load(path.read_text()) or []:
            if isinstance(entry, dict) and "hosts" in entry:
                yield f"{path.relative_to(ROOT)}: {entry['name']}", entry


def tasks_of(entries: Any, folder: Path | None, seen: set[Path]) -> Iterator[dict[str, Any]]:
    """All tasks of a list, those of its blocks, of the collection's roles and of files that it includes, too.

    :param seen: files that were read already: a watch includes itself.
    """
    for task in entries or []:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_of(task.get(part), folder, seen)
        for path in included_files(task, folder):
            if path not in seen:
                seen.add(path)
                yield from tasks_of(yaml.safe_load(path.read_text()), path.parent, seen)


def included_files(task: dict[str, Any], folder: Path | None) -> Iterator[Path]:
    """The files of tasks that a task includes, as far as they are this collection's and named."""
    for include in INCLUDES:
        named = task.get(include) or {}
        if str(named.get("name", "")).startswith("golden.azure."):
            tasks = ROOT / "roles" / named["name"].rsplit(".", 1)[-1] / "tasks"
            yield tasks / f"{named.get('tasks_from', 'main')}.yml"
    for include in FILES:
        value = task.get(include)
        file = value.get("file") if isinstance(value, dict) else value
        if file and folder and "{{" not in file:
            yield folder / file


def tasks_of_play(play: dict[str, Any]) -> list[dict[str, Any]]:
    """All tasks of a play, and of the collection's roles in it."""
    roles = [role if isinstance(role, str) else role.get("role", role.get("name")) for role in play.get("roles") or []]
    entries = [{INCLUDES[0]: {"name": role}} for role in roles]
    for part in ("pre_tasks", "tasks", "post_tasks", "handlers"):
        entries += play.get(part) or []
    return list(tasks_of(entries, None, set()))


def needs_step(task: dict[str, Any]) -> bool:
    """Whether the task is carried out wrongly, or not at all, where each host goes its way."""
    return (
        any(module in task for module in IN_STEP_MODULES)
        or bool(task.get("run_once"))
        or task.get("ansible.builtin.meta") in FOR_ALL_HOSTS
    )


@pytest.mark.parametrize("play", [pytest.param(play, id=name) for name, play in plays()])
def test_a_play_that_needs_a_strategy_names_it(play: dict[str, Any]) -> None:
    if any(map(needs_step, tasks_of_play(play))) or play.get("any_errors_fatal"):
        assert play.get("strategy") == "ansible.builtin.linear"
    strategy = play.get("strategy", "ansible.builtin.linear")
    assert strategy.startswith("ansible.builtin."), "a short name may be another collection's"


def test_the_plays_that_need_one_are_seen() -> None:
    needing = {name for name, play in plays() if any(map(needs_step, tasks_of_play(play)))}
    assert {
        "playbooks/capture_linux.yml: Determine the machines",
        "playbooks/capture_windows.yml: Determine the machines",
        "playbooks/capture_linux.yml: Validate the variables of all hosts",
        "playbooks/refresh.yml: Compare the targets of all golden images",
        "playbooks/refresh.yml: Continue with lost hosts",
        "playbooks/refresh.yml: Report",
    } <= needing
