# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run that keeps its token: one sign-in for its tasks, nothing of it in what is said, nothing left of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from embedded_azure import EmbeddedAzure

# Ansible's own folder for the run is its constant; the task that looks into it runs on the controller.
_LOOK = (
    "import os, stat, sys; folder = os.path.dirname(sys.argv[1]); "
    "print([oct(stat.S_IMODE(os.stat(os.path.join(base, name)).st_mode)) for base, _, names in os.walk(folder) "
    "for name in names if 'golden_azure_token' in name])"
)


def play(directory: Path, tasks: int, in_process: bool, **options: Any) -> Path:
    task = {"name": "Read", "golden.azure.vm_image_info": {"resource_group": "images", **options}}
    look = {
        "name": "Look into the folder of the run",
        "ansible.builtin.command": {"argv": [sys.executable, "-c", _LOOK, str(directory / "ansible" / "tmp" / "x")]},
        "changed_when": False,
    }
    playbook = directory / "token.yml"
    content = {
        "name": "Token",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"golden_azure_in_process": in_process, "ansible_python_interpreter": sys.executable},
        "tasks": [*[task] * tasks, look],
    }
    playbook.write_text(yaml.safe_dump([content]))
    return playbook


def sign_ins(azure: EmbeddedAzure) -> int:
    return sum(exchange.path.endswith("/oauth2/v2.0/token") for exchange in azure.requests)


@pytest.mark.parametrize(
    ("cache", "in_process", "expected"), [("run", True, 1), ("task", True, 3), ("run", False, 3), ("task", False, 3)]
)
def test_how_often_a_run_signs_in(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, cache: str, in_process: bool, expected: int
) -> None:
    azure.seed({"groups": {"images": "westeurope"}})
    finished = playbooks.run(play(tmp_path, 3, in_process, token_cache=cache), "-vvv")
    assert finished.returncode == 0, finished.stdout
    assert sign_ins(azure) == expected
    kept = cache == "run" and in_process
    # The token and its lock; for nobody but their user.
    assert ("['0o600', '0o600']" in finished.stdout) is kept
    # Every token begins so (it is a JSON Web Token).
    assert "eyJ" not in finished.stdout + finished.stderr
    left = [path for path in tmp_path.rglob("*") if "golden_azure" in path.name]
    assert left == []


def test_a_token_that_azure_refuses_is_not_used_by_the_next_task(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path
) -> None:
    azure.seed({"groups": {"images": "westeurope"}})
    azure.faults.add("*", "Microsoft.Compute/images", nth=2, times=2, status=401, code="InvalidAuthenticationToken")
    playbook = play(tmp_path, 3, True, token_cache="run")
    content = yaml.safe_load(playbook.read_text())
    content[0]["tasks"][1] = {**content[0]["tasks"][1], "register": "refused", "failed_when": "refused is not failed"}
    playbook.write_text(yaml.safe_dump(content))
    finished = playbooks.run(playbook)
    assert finished.returncode == 0, finished.stdout
    # The second task signs in again once, and is refused all the same.
    assert sign_ins(azure) == 3
