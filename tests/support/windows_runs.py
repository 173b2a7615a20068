# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the role windows_sysprep on stand-in guests, several at once, each with an end of its own."""

from __future__ import annotations

import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible_runs
from windows_guest import Guest, Guests
from windows_guest import playbooks as stand_in
from windows_guest.cases import Case

#: Seconds after which a run of ansible-playbook is taken for hung.
LIMIT = 900
#: How many guests at once: each remote step costs some CPU.
AT_ONCE = 4

#: How Ansible says which limit has ended a step: since ansible-core 2.19, and before.
_STEP_LIMIT = re.compile(r"Timed out after (\d+) second|in the expected time frame \((\d+)\)")

_OUTCOME = {"result": "{{ windows_sysprep_result | default({}) }}"}


def _write(**outcome: Any) -> dict[str, Any]:
    path = "{{ outcomes }}/{{ inventory_hostname }}"
    return {
        "name": "Write the outcome",
        "ansible.builtin.copy": {"content": "{{ outcome | to_json }}", "dest": path, "mode": "0600"},
        "vars": {"outcome": {**_OUTCOME, **outcome}},
        "delegate_to": "localhost",
        "check_mode": False,
    }


_ROLE = "golden.azure.windows_sysprep"


@dataclass
class Outcome:
    """How the role ended on a guest."""

    guest: Guest
    failed: bool
    message: str
    result: dict[str, Any]
    #: The seconds that steps had which did not end by themselves; of all guests of the run, as Ansible printed them.
    limits: list[int]

    @property
    def kinds(self) -> list[str]:
        """The steps that reached the guest, in order."""
        return [call["kind"] for call in self.guest.calls if call["kind"] != "connection"]

    def kept_to(self, deadline: int) -> bool:
        """Say whether no step and no series of looks was given more than the role's time, however slow the machine is.

        :param deadline: seconds of the role's time; with a look each second at most, one more than that fits into it, and
            another two come before and after.
        """
        looks = [kind for kind in self.kinds if kind in ("facts", "state")]
        return max(self.limits, default=0) <= deadline and len(looks) <= deadline + 3


@dataclass
class Runs:
    """Runs the role, and keeps what came of it."""

    directory: Path
    #: Which tasks file of the role.
    tasks_from: str = "main"
    printed: str = ""

    def __post_init__(self) -> None:
        self.guests = Guests(self.directory / "guests")

    def run(
        self,
        cases: dict[str, Case],
        *arguments: str,
        anew: bool = True,
        connections: dict[str, str] | None = None,
        **variables: Any,
    ) -> dict[str, Outcome]:
        """Run the role on guests, by name.

        :param connections: kinds of connections by the names of guests; ssh by default.
        :param anew: make the guests; otherwise go on with those that are there.
        :param variables: for all of them; they win over a case's own.
        """
        hosts = {}
        for name, case in cases.items():
            if anew:
                self.guests.guest(name).create(case.scenario, **case.facts)
            reached = stand_in.variables_for((connections or {}).get(name, "ssh"), self.guests, name)
            hosts[name] = {**reached, "windows_sysprep_poll": 1, **case.variables}
        inventory = {"all": {"hosts": hosts}}
        outcomes = self.directory / "outcomes"
        outcomes.mkdir(exist_ok=True)
        for old in outcomes.iterdir():
            old.unlink()
        values = {"outcomes": str(outcomes), **variables}
        self.printed = self._play(inventory, *arguments, "-e", json.dumps(values))
        return {name: self._outcome(name, outcomes) for name in cases}

    def _play(self, inventory: dict[str, Any], *arguments: str) -> str:
        (self.directory / "inventory.json").write_text(json.dumps(inventory))
        include = {"name": _ROLE, "tasks_from": self.tasks_from}
        role = {"name": "Run the role", "ansible.builtin.include_role": include}
        success = _write(failed=False, message="")
        failure = _write(failed=True, message="{{ ansible_failed_result.msg | default('no reason given') }}")
        block = {"name": "Try", "block": [role, success], "rescue": [failure]}
        play = {
            "name": "Try",
            "hosts": "all",
            "gather_facts": False,
            "serial": AT_ONCE,
            "strategy": "free",
            "tasks": [block],
        }
        (self.directory / "play.yml").write_text(json.dumps([play]))
        # While it waits for a guest, Ansible looks a thousand times a second by default.
        (self.directory / "ansible.cfg").write_text("[defaults]\ninternal_poll_interval = 0.02\n")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AZURE_"))},
            **stand_in.environment(self.guests),
            "ANSIBLE_HOME": str(self.directory / "ansible"),
            "ANSIBLE_CONFIG": str(self.directory / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        finished = ansible_runs.run(
            ["-i", "inventory.json", "play.yml", *arguments], environment, self.directory, LIMIT
        )
        return finished.stdout + finished.stderr

    def _outcome(self, name: str, outcomes: Path) -> Outcome:
        written = outcomes / name
        limits = [int(since or before) for since, before in _STEP_LIMIT.findall(self.printed)]
        unreachable = re.search(rf"^fatal: \[{re.escape(name)}\]: UNREACHABLE! => (.*)$", self.printed, re.MULTILINE)
        if unreachable and not written.exists():
            return Outcome(self.guests.guest(name), True, unreachable.group(1), {}, limits)
        assert written.exists(), f"No outcome of {name}:\n{self.printed[-4000:]}"
        outcome = json.loads(written.read_text())
        message = outcome["message"]
        text = message if isinstance(message, str) else json.dumps(message)
        return Outcome(self.guests.guest(name), outcome["failed"], text, outcome["result"], limits)
