# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for Windows itself: what it does not know fails, and so do arguments that the documentation does not have."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

import ansible_runs
from windows_guest import Guests
from windows_guest import playbooks as stand_in


@pytest.fixture
def guests(tmp_path: Path) -> Guests:
    guests = Guests(tmp_path / "guests")
    guests.guest("web").create({"commands": ["Write-Output 1"]})
    return guests


def run_tasks(guests: Guests, inventory: dict[str, Any], *tasks: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """Run tasks on the guests of the inventory."""
    directory = guests.folder.parent
    (directory / "inventory.json").write_text(json.dumps(inventory))
    named = [{"name": "Try", **task} for task in tasks]
    play = {"name": "Try", "hosts": "all", "gather_facts": False, "tasks": named}
    (directory / "play.yml").write_text(json.dumps([play]))
    environment = {
        **os.environ,
        **stand_in.environment(guests),
        "WINDOWS_GUEST": "web",
        "ANSIBLE_HOME": str(directory / "ansible"),
        "ANSIBLE_NOCOLOR": "1",
        "PATH": stand_in.path_for_local(directory),
    }
    return ansible_runs.run(["-i", "inventory.json", "play.yml"], environment, directory, 120)


@pytest.mark.parametrize(
    "inventory", [stand_in.inventory("web"), stand_in.local_inventory("web")], ids=["ssh", "local"]
)
def test_it_is_reached_by_either_connection(guests: Guests, inventory: dict[str, Any]) -> None:
    finished = run_tasks(guests, inventory, {"ansible.windows.win_powershell": {"script": "Write-Output 1"}})
    assert finished.returncode == 0, finished.stdout
    assert guests.guest("web").calls[-1]["kind"] == "command"


#: Tasks that must fail, by the name of the guest that each is for, and what must be said.
UNKNOWN: dict[str, tuple[dict[str, Any], str]] = {
    "module": (
        {"ansible.windows.win_hostname": {"name": "x"}},
        "does not know the module ansible.windows.win_hostname",
    ),
    "script": ({"ansible.windows.win_powershell": {"script": "Get-Date"}}, "does not know this script"),
    "option": ({"ansible.windows.win_powershell": {"skript": "Get-Date"}}, "skript"),
    "choice": (
        {"ansible.windows.win_powershell": {"script": "Write-Output 1", "error_action": "halt"}},
        "error_action",
    ),
    "command": ({"ansible.windows.win_command": {"argv": ["format.exe"]}}, "does not know the command"),
    "state": ({"ansible.windows.win_file": {"path": "C:\\x", "state": "gone"}}, "state"),
    "required": ({"ansible.windows.win_file": {"state": "absent"}}, "path"),
    # Before ansible-core 2.18 this is a script of PowerShell, too, and since then it comes as it is.
    "raw": ({"ansible.builtin.raw": "Get-Date"}, "The stand-in"),
}


def test_what_it_does_not_know_fails(guests: Guests) -> None:
    for name in UNKNOWN:
        guests.guest(name).create({"commands": ["Write-Output 1"]})
    tasks = [{**task, "when": f"inventory_hostname == '{name}'"} for name, (task, _said) in UNKNOWN.items()]
    finished = run_tasks(guests, stand_in.inventory(*UNKNOWN), *tasks)
    assert finished.returncode == 2
    fatal = finished.stdout.split("\nfatal: ")[1:]
    assert len(fatal) == len(UNKNOWN), finished.stdout
    for name, (_task, said) in UNKNOWN.items():
        (line,) = [line for line in fatal if line.startswith(f"[{name}]")]
        assert said in line


def test_a_guest_that_does_not_run_is_unreachable(guests: Guests) -> None:
    with guests.guest("web").change() as state:
        state["running"] = False
    finished = run_tasks(
        guests, stand_in.inventory("web"), {"ansible.windows.win_powershell": {"script": "Write-Output 1"}}
    )
    assert finished.returncode == 4
    assert "UNREACHABLE" in finished.stdout
