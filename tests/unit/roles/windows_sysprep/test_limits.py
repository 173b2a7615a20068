# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""No step of the role without an end: each remote task has a time-out, and each connection has a limit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.plugins import connection
from repository import ROOT

ROLE = ROOT / "roles" / "windows_sysprep"
TASKS = sorted((ROLE / "tasks").glob("*.yml"))
#: What reaches the guest, or Azure.
REMOTE = ("ansible.windows.", "ansible.builtin.wait_for_connection", "golden.azure.vm_")


def tasks_of(entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All tasks, those in blocks, too."""
    for entry in entries:
        if "block" in entry:
            for part in ("block", "rescue", "always"):
                yield from tasks_of(entry.get(part, []))
        else:
            yield entry


def remote_tasks() -> list[Any]:
    found = []
    for path in TASKS:
        for task in tasks_of(yaml.safe_load(path.read_text(encoding="utf-8"))):
            if any(key.startswith(REMOTE) for key in task):
                found.append(pytest.param(task, id=f"{path.stem}: {task['name']}"))
    return found


@pytest.mark.parametrize("task", remote_tasks())
def test_each_remote_task_has_a_time_out(task: dict[str, Any]) -> None:
    assert any(
        name in task["timeout"]
        for name in (
            "__windows_sysprep_step_seconds",
            "__windows_sysprep_remaining",
            "__windows_sysprep_log_timeout",
            "windows_sysprep_step_timeout",
            "windows_sysprep_timeout",
        )
    )
    if "until" in task:
        assert "__windows_sysprep_max_polls" in task["retries"]
    assert "loop" not in task or "until" not in task


def test_there_are_remote_tasks() -> None:
    assert len(remote_tasks()) >= 12


def test_each_kind_of_connection_has_a_limit() -> None:
    """The variables are those that Ansible's connection plugins document."""
    documented = "".join(
        (Path(connection.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        for name in ("ssh", "psrp", "winrm")
    )
    main = yaml.safe_load((ROLE / "tasks/main.yml").read_text(encoding="utf-8"))
    (block,) = [entry for entry in main if "block" in entry]
    variables = block["vars"]
    assert {name.split("_")[1] for name in variables} == {"ssh", "psrp", "winrm"}
    for name, value in variables.items():
        assert f"name: {name}\n" in documented
        assert "windows_sysprep_connection_timeout" in value


def test_a_connection_is_dropped_without_templates() -> None:
    """ansible-core 2.16 reads the variables of a connection as they are written when it drops it."""
    main = yaml.safe_load((ROLE / "tasks/main.yml").read_text(encoding="utf-8"))
    (block,) = [entry for entry in main if "block" in entry]
    dropping = [
        task
        for path in TASKS
        for task in tasks_of(yaml.safe_load(path.read_text(encoding="utf-8")))
        if task.get("ansible.builtin.meta") == "reset_connection"
    ]
    assert dropping
    for task in dropping:
        assert set(task["vars"]) == set(block["vars"])
        assert all(isinstance(value, int) for value in task["vars"].values())
