# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of ansible-playbook of which each failure is known with its code."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from predicted_writes import CALLBACKS

Json = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """A run that has ended, and its failures."""

    status: int
    output: str
    failures: list[Json]

    def of(self, host: str) -> list[Json]:
        """The failures of a host."""
        return [failure for failure in self.failures if failure["host"] == host]

    @property
    def codes(self) -> list[str]:
        """The codes of all failures."""
        return [code for failure in self.failures for code in failure["codes"]]


def run_recorded(playbooks: Any, playbook: Path | str, *arguments: str) -> Recorded:
    """Run a playbook with what records failures."""
    record = playbooks.directory / "failures.jsonl"
    record.unlink(missing_ok=True)
    finished: subprocess.CompletedProcess[str] = playbooks.run(
        playbook,
        *arguments,
        ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
        ANSIBLE_CALLBACKS_ENABLED="failure_recorder",
        ANSIBLE_FORKS="8",
        FAILURE_RECORD=str(record),
    )
    lines = record.read_text().splitlines() if record.exists() else []
    return Recorded(finished.returncode, finished.stdout + finished.stderr, [json.loads(line) for line in lines])


def write_inventory(directory: Path, hosts: dict[str, Json], group: str = "machines") -> str:
    """An inventory of one group; its hosts' addresses lead nowhere."""
    path = directory / "inventory.yml"
    nowhere = {"ansible_host": "127.0.0.1", "ansible_port": 1, "ansible_ssh_common_args": "-o ConnectTimeout=2"}
    members = {name: {**nowhere, **variables} for name, variables in hosts.items()}
    path.write_text(yaml.safe_dump({group: {"hosts": members}, "nobody": {"hosts": {}}}))
    return str(path)
