# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A task of fifty captures is ended at any of its requests: nothing goes on, and the next run completes it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS
from module_runs import run_main
from playbook_runs import PLAYBOOK_LIMIT, Playbooks

from embedded_azure import EmbeddedAzure

MANY = 50
THREADS = 4
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
#: Such a task sends some more.
REQUESTS = 150
#: Seconds in which all must have ended.
LIMIT = 30.0
OPTIONS = {
    "captures": [
        {"resource_group": "images", "source_vm": f"web-{each}", "image": f"golden-{each}", "generalize": True}
        for each in range(MANY)
    ],
    "max_concurrency": THREADS,
}


class EndedAt:
    """Ends a run at a request, and counts those that come after its end.

    The request is answered once the run has ended, or in a second: a worker that waits for an answer may take notice of a signal
    no sooner, if that came right before it began to wait.
    """

    def __init__(self, azure: EmbeddedAzure, number: int, end: signal.Signals) -> None:
        self.azure = azure
        self.number = number
        self.end = end
        self.process: Any = None
        self.seen = 0
        self.before_end: int | None = None
        self._check: Callable[[str | None], Any] = azure.entra.check

    def __call__(self, authorization: str | None) -> Any:
        """Called by Azure for each request to Resource Manager."""
        self.seen += 1
        if self.seen == self.number:
            self.process.send_signal(self.end)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
                self.before_end = self.seen
        return self._check(authorization)


def processes_of(directory: Path) -> list[int]:
    """The processes of a run, which has a home of its own."""
    home = f"HOME={directory}".encode()
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            if home in Path(f"/proc/{name}/environ").read_bytes().split(b"\0"):
                found.append(int(name))
        except OSError:
            continue
    return found


def ends(condition: Callable[[], bool], seconds: float = LIMIT) -> bool:
    """Whether something comes about in time."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def interrupted(azure: EmbeddedAzure, playbooks: Playbooks, number: int, end: signal.Signals, **variables: Any) -> int:
    """Start the task and end it.

    :returns: how many requests came after its end.
    """
    machines = [{"name": f"web-{each}", "group": "images", "power": "stopped"} for each in range(MANY)]
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": machines})
    playbook = playbooks.directory / "captures.yml"
    task = {"name": "Capture", "golden.azure.vm_image_capture": OPTIONS}
    python = {"ansible_python_interpreter": sys.executable, **variables}
    playbook.write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": python, "tasks": [task]}])
    )
    ending = EndedAt(azure, number, end)
    with mock.patch.object(azure.entra, "check", ending):
        ending.process = playbooks.started(playbook)
        assert ends(lambda: ending.seen >= number or ending.process.poll() is not None, PLAYBOOK_LIMIT)
        assert ends(lambda: ending.process.poll() is not None), "ansible-playbook has not ended"
        before = ending.seen if ending.before_end is None else ending.before_end
        assert ends(lambda: not processes_of(playbooks.directory)), "processes are left"
    assert ending.process.returncode != 0, "it was done before"
    return ending.seen - before


def completed(azure: EmbeddedAzure) -> None:
    with mock.patch.dict(os.environ, azure.environment()):
        result = run_main("vm_image_capture", OPTIONS, check=False)
    assert not result.get("failed"), result["msg"]
    images = {one["name"] for one in azure.resources().values() if one["type"].lower().endswith("/images")}
    assert images == {f"golden-{each}" for each in range(MANY)}


def chosen(seed: int) -> tuple[int, signal.Signals, bool]:
    """A request, a signal, and whether the task runs in the controller's process."""
    source = random.Random(seed)  # noqa: S311 - which moment it is, is no secret
    return source.randint(1, REQUESTS), source.choice(SIGNALS), source.random() < 0.8


#: One of each kind of run that is killed, and one that is interrupted while all captures go on.
CHEAP = (1, 3, 7)


@pytest.mark.parametrize(
    "seed", [pytest.param(one, marks=[] if one in CHEAP else pytest.mark.sweep) for one in range(60)]
)
def test_nothing_goes_on_and_the_next_run_completes(azure: EmbeddedAzure, playbooks: Playbooks, seed: int) -> None:
    number, end, in_process = chosen(seed)
    more = interrupted(azure, playbooks, number, end, golden_azure_in_process=in_process)
    # What each thread had sent before.
    assert more <= max(READERS, THREADS), (number, end, in_process)
    completed(azure)
