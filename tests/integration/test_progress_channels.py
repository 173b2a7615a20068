# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of progress as people get them: beside what callbacks print, at once without a terminal, and under ansible-runner."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from playbook_runs import Playbooks
from repository import ROOT, TESTS

from clients.environments import install, once
from embedded_azure import EmbeddedAzure

CALLBACKS = TESTS / "support" / "callbacks"
CAPTURE = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True}
#: Of each step; a stage is not told by its words.
LINES = ["localhost: [1/3] ", "localhost: [2/3] ", "localhost: [3/3] "]
LIMIT = 60


@pytest.fixture
def playbook(azure: EmbeddedAzure, tmp_path: Path) -> Path:
    azure.seed(
        {
            "groups": {"images": "westeurope"},
            "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
        }
    )
    folder = tmp_path / "project"
    folder.mkdir()
    path = folder / "capture.yml"
    python = {"ansible_python_interpreter": sys.executable}
    task = {"name": "Capture", "golden.azure.vm_image_capture": CAPTURE}
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": python, "tasks": [task]}]))
    return path


def of_steps(text: str) -> list[str]:
    return [line[: len(LINES[0])] for line in text.splitlines() if line.startswith("localhost: [")]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("in_process", [True, False])
def test_a_callback_that_prints_json_prints_json(
    playbooks: Playbooks, playbook: Path, check: bool, in_process: bool
) -> None:
    finished = playbooks.run(
        playbook,
        *(["--check"] if check else []),
        "-e",
        json.dumps({"golden_azure_in_process": in_process}),
        ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
        ANSIBLE_STDOUT_CALLBACK="one_document",
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    [result] = json.loads(finished.stdout)
    assert result["changed"]
    assert of_steps(finished.stderr) == (LINES if in_process and not check else [])


@pytest.mark.parametrize(
    "variables",
    [
        {"ANSIBLE_STDOUT_CALLBACK": "minimal"},
        {"ANSIBLE_STDOUT_CALLBACK": "default", "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml"},
    ],
    ids=["minimal", "yaml"],
)
@pytest.mark.sweep
def test_other_callbacks(playbooks: Playbooks, playbook: Path, variables: dict[str, str]) -> None:
    finished = playbooks.run(playbook, **variables)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert of_steps(finished.stderr) == LINES
    assert of_steps(finished.stdout) == []


class ReadFirst:
    """Has Azure wait with an answer until a line of progress has been read."""

    def __init__(self, azure: EmbeddedAzure) -> None:
        self.read = threading.Event()
        self.in_time = False
        self._check = azure.entra.check
        self._seen: list[str] = []
        self._azure = azure

    def __call__(self, authorization: str | None) -> Any:
        """Called by Azure for each request, before it is carried out."""
        if any(one.path.lower().endswith("/deallocate") for one in self._azure.requests) and not self.in_time:
            self.in_time = self.read.wait(LIMIT)
        return self._check(authorization)


def test_a_line_comes_at_once_without_a_terminal(azure: EmbeddedAzure, playbooks: Playbooks, playbook: Path) -> None:
    waiting = ReadFirst(azure)
    with mock.patch.object(azure.entra, "check", waiting):
        process = subprocess.Popen(
            ["ansible-playbook", str(playbook)],
            env=playbooks._environment({}),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            for line in process.stderr or ():
                if line.startswith(LINES[0]):
                    waiting.read.set()
    assert process.returncode == 0
    assert waiting.in_time


def test_ansible_runner_takes_lines_for_what_they_are(playbooks: Playbooks, playbook: Path, tmp_path: Path) -> None:
    finished = subprocess.run(
        ["ansible-runner", "run", str(tmp_path), "-p", playbook.name, "-i", "job"],
        env=playbooks._environment({}),
        capture_output=True,
        text=True,
        timeout=LIMIT * 4,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    events = [json.loads(file.read_text()) for file in (tmp_path / "artifacts" / "job" / "job_events").glob("*.json")]
    events.sort(key=lambda event: event["counter"])
    kinds = [event["event"] for event in events]
    # No warning of what a worker has printed.
    assert not {"warning", "error", "deprecated"} & set(kinds)
    assert of_steps("\n".join(event["stdout"] for event in events if event["event"] == "verbose")) == LINES
    assert kinds.index("verbose") < kinds.index("runner_on_ok")


def test_no_worker_writes_past_ansible(playbooks: Playbooks, playbook: Path) -> None:
    """As under ansible-runner 2.4.0 and 2.4.1, whose display writes in whatever process it is called."""
    for in_process, arguments in ((True, []), (False, ["--check", "--diff"])):
        finished = playbooks.run(
            playbook,
            *arguments,
            "-e",
            json.dumps({"golden_azure_in_process": in_process}),
            ANSIBLE_CALLBACK_PLUGINS=str(CALLBACKS),
            ANSIBLE_CALLBACKS_ENABLED="writing_display",
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        # Those of the main process are what ansible-runner makes an event of.
        assert "written by the main process" in finished.stdout + finished.stderr
        assert "written by a worker" not in finished.stdout + finished.stderr


@pytest.mark.sweep
@pytest.mark.parametrize("release", ["2.4.0", "2.4.1"])
def test_releases_of_ansible_runner(release: str, playbooks: Playbooks, playbook: Path, tmp_path: Path) -> None:
    folder = ROOT / ".cache" / "runners" / release
    with once(folder, release) as wanted:
        if wanted:
            install(
                release,
                ["uv", "pip", "install", "--no-deps", "--target", folder, f"ansible-runner=={release}"],
            )
    # The plan of a task that ran as a module is shown by the worker itself.
    for number, line in enumerate(("--check -e golden_azure_in_process=false", "-e golden_azure_in_process=true")):
        job = f"job{number}"
        finished = subprocess.run(
            [
                sys.executable,
                "-m",
                "ansible_runner",
                "run",
                str(tmp_path),
                "-p",
                playbook.name,
                "-i",
                job,
                f"--cmdline={line}",
            ],
            env={**playbooks._environment({}), "PYTHONPATH": str(folder)},
            capture_output=True,
            text=True,
            timeout=LIMIT * 4,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        output = (tmp_path / "artifacts" / job / "stdout").read_text()
        assert "errantly" not in output
        assert of_steps(output) == ([] if "--check" in line else LINES)
        # A worker that writes by itself leaves events that are never completed.
        events = (tmp_path / "artifacts" / job / "job_events").glob("*.json")
        assert all("counter" in json.loads(event.read_text()) for event in events)
