# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Windows itself: what it does not know fails, and so do arguments that the documentation does not have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from windows_guest import Guests
from windows_guest import playbooks as stand_in


@pytest.fixture
def guests(tmp_path: Path) -> Guests:
    guests = Guests(tmp_path / "guests")
    guests.guest("web").create({"commands": ["Write-Output 1"]})
    return guests


def run_task(guests: Guests, inventory: dict[str, Any], task: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run one task on the guest."""
    directory = guests.folder.parent
    (directory / "inventory.json").write_text(json.dumps(inventory))
    play = {"name": "Try", "hosts": "web", "gather_facts": False, "tasks": [{"name": "Try", **task}]}
    (directory / "play.yml").write_text(json.dumps([play]))
    environment = {
        **os.environ,
        **stand_in.environment(guests),
        "WINDOWS_GUEST": "web",
        "ANSIBLE_HOME": str(directory / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "PATH": f"{stand_in.PROGRAMS}:{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    command = ["ansible-playbook", "-i", "inventory.json", "play.yml"]
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize(
    "inventory", [stand_in.inventory("web"), stand_in.local_inventory("web")], ids=["ssh", "local"]
)
def test_it_is_reached_by_either_connection(guests: Guests, inventory: dict[str, Any]) -> None:
    finished = run_task(guests, inventory, {"ansible.windows.win_powershell": {"script": "Write-Output 1"}})
    assert finished.returncode == 0, finished.stdout
    assert guests.guest("web").calls[-1]["kind"] == "command"


@pytest.mark.parametrize(
    ("task", "said"),
    [
        ({"ansible.windows.win_hostname": {"name": "x"}}, "does not know the module ansible.windows.win_hostname"),
        ({"ansible.windows.win_powershell": {"script": "Get-Date"}}, "does not know this script"),
        ({"ansible.windows.win_powershell": {"skript": "Get-Date"}}, "skript"),
        ({"ansible.windows.win_powershell": {"script": "Write-Output 1", "error_action": "halt"}}, "error_action"),
        ({"ansible.windows.win_command": {"argv": ["format.exe"]}}, "does not know the command"),
        ({"ansible.windows.win_file": {"path": "C:\\x", "state": "gone"}}, "state"),
        ({"ansible.windows.win_file": {"state": "absent"}}, "path"),
        ({"ansible.builtin.raw": "Get-Date"}, "runs PowerShell only"),
    ],
)
def test_what_it_does_not_know_fails(guests: Guests, task: dict[str, Any], said: str) -> None:
    finished = run_task(guests, stand_in.inventory("web"), task)
    assert finished.returncode == 2
    assert said in finished.stdout


def test_a_guest_that_does_not_run_is_unreachable(guests: Guests) -> None:
    with guests.guest("web").change() as state:
        state["running"] = False
    finished = run_task(
        guests, stand_in.inventory("web"), {"ansible.windows.win_powershell": {"script": "Write-Output 1"}}
    )
    assert finished.returncode == 4
    assert "UNREACHABLE" in finished.stdout
