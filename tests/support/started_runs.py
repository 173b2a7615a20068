# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the playbook refresh that are ended from outside, or held while others go on."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from fleet.runs import LIMIT, Fleet

#: Seconds after which people press the keys again.
_PATIENCE = 20


def wait_until(reached: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until a run has come so far.

    :raises AssertionError: when it ends before, or does not come so far in time.
    """
    limit = time.monotonic() + LIMIT
    while process.poll() is None and time.monotonic() < limit and not reached():
        time.sleep(0.05)
    assert process.poll() is None, process.communicate()[0][-5000:]
    assert reached()


def has_asked(fleet: Fleet, method: str, part: str, times: int = 1) -> Callable[[], bool]:
    """Whether a request has been sent so often; part is in lower case."""
    return lambda: sum(one.method == method and part in one.path.lower() for one in fleet.azure.requests) >= times


def end(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Send a signal to a run and to all that it has started, as a terminal does.

    :returns: what it has said.
    """
    os.killpg(process.pid, number)
    try:
        return process.communicate(timeout=_PATIENCE)[0]
    except subprocess.TimeoutExpired:
        # Where it comes at a bad moment, Ansible takes notice of the second one only.
        os.killpg(process.pid, number)
        return process.communicate(timeout=60)[0]


class Hold:
    """Tasks that a machine is customised by, which wait in the middle of it until they are let go."""

    def __init__(self, directory: Path) -> None:
        self._reached = directory / "held"
        self._let_go = directory / "let-go"
        self._file = directory / "hold.yml"
        here = {"delegate_to": "localhost", "become": False, "vars": {"ansible_connection": "local"}}
        python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}", "ansible_shell_type": "sh"}
        here["vars"] = {"ansible_connection": "local", **python}
        touch = {"path": str(self._reached), "state": "touch", "mode": "0600"}
        tasks = [
            {"name": "Tell", "ansible.builtin.file": touch, **here},
            {"name": "Wait", "ansible.builtin.wait_for": {"path": str(self._let_go), "timeout": LIMIT}, **here},
        ]
        self._file.write_text(yaml.safe_dump(tasks))

    @property
    def variables(self) -> dict[str, Any]:
        """Variables of a run that is to be held."""
        return {"golden_image_tasks": [str(self._file)]}

    def is_reached(self) -> bool:
        """Whether the run waits."""
        return self._reached.exists()

    def let_go(self) -> None:
        """Let it go on."""
        self._let_go.touch()
