# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files that signing in cannot use, and bugs: one sentence with the place, and nothing of what was in hand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible_collections.golden.azure.plugins.module_utils._azure import tls
from ansible_collections.golden.azure.plugins.module_utils._core.internal_error import INTERNAL_ERROR
from ansible_collections.golden.azure.plugins.module_utils._local.secret_files import (
    FILE_IS_A_FOLDER,
    FILE_MISSING,
    FILE_UNREADABLE,
)
from az_login import az_login
from module_runs import run_main
from playbook_runs import Playbooks
from unusable_files import CONTENT, Unusable, unusable_files

from embedded_azure import EmbeddedAzure

OPTIONS = {"resource_group": "images", "image": "golden", "tags": {"a": "b"}}


@pytest.fixture
def files(azure: EmbeddedAzure, tmp_path: Path) -> list[Unusable]:
    # The Azure CLI is there, and would give a token, were its files whole.
    path = az_login(azure, tmp_path / "bin")["PATH"]
    found = [
        Unusable(one.name, one.path, {"HOME": str(tmp_path), **one.environment, "PATH": path}, one.code)
        for one in unusable_files(azure, tmp_path)
    ]
    assert len(found) == len({one.name for one in found})
    return found


def wrong(one: Unusable, result: dict[str, Any]) -> str:
    """What is wrong with what a task says of a file; empty when nothing is."""
    # The code stands behind the sentence.
    message, _space, code = result.get("msg", "").rpartition(" ")
    if not result.get("failed") or code != f"({one.code})":
        return f"{one.name}: {one.code} is not the code of {result.get('msg')}"
    if f"'{one.path}'" not in message or not message.endswith(".") or ". " in message or "\n" in message:
        return f"{one.name}: no sentence with its path: {message}"
    shown = json.dumps(result)
    return f"{one.name}: content is shown in {shown}" if CONTENT in shown else ""


def test_modules_name_each_file_in_each_state(files: list[Unusable]) -> None:
    problems = []
    for one in files:
        with mock.patch.dict(os.environ, one.environment):
            problems.append(wrong(one, run_main("vm_image_tag", {**OPTIONS, "_ansible_verbosity": 4}, check=False)))
    assert [problem for problem in problems if problem] == []


@pytest.mark.parametrize("states", ["latin", pytest.param("", marks=pytest.mark.sweep)])
def test_tasks_in_the_controllers_process_name_each_file_in_each_state(
    files: list[Unusable], playbooks: Playbooks, tmp_path: Path, states: str
) -> None:
    files = [one for one in files if one.name.endswith(states)]
    # In one loop, which one worker goes through.
    task = {
        "name": "Try",
        "golden.azure.vm_image_tag": OPTIONS,
        "environment": "{{ item }}",
        "loop": [one.environment for one in files],
        "register": "tried",
        "ignore_errors": True,
    }
    content = {"content": "{{ tried.results | to_json }}", "dest": str(tmp_path / "results.json"), "mode": "0600"}
    keep = {"name": "Keep", "ansible.builtin.copy": content}
    python = {"ansible_python_interpreter": sys.executable}
    play = {"hosts": "localhost", "gather_facts": False, "vars": python, "tasks": [task, keep]}
    playbook = tmp_path / "files.yml"
    playbook.write_text(yaml.safe_dump([play]))
    finished = playbooks.run(playbook, "-vvvv")
    assert finished.returncode == 0, finished.stdout[-4000:]
    assert "EXEC /bin/sh" not in finished.stdout.partition("TASK [Keep]")[0], "they ran as modules"
    results = json.loads((tmp_path / "results.json").read_text())
    assert [problem for problem in map(wrong, files, results) if problem] == []
    assert CONTENT not in finished.stdout + finished.stderr


OF_PROCESSES = {
    "AZURE_X509_CERTIFICATE_PATH": {"AZURE_SECRET": ""},
    "AZURE_FEDERATED_TOKEN_FILE": {"AZURE_SECRET": ""},
    "REQUESTS_CA_BUNDLE": {},
    "CURL_CA_BUNDLE": {"REQUESTS_CA_BUNDLE": ""},
}


@pytest.mark.parametrize("variable", OF_PROCESSES)
@pytest.mark.parametrize("state", ["filled", "open", "elsewhere"])
def test_what_can_be_read_once_only_is_refused_with_what_to_do(azure: EmbeddedAzure, variable: str, state: str) -> None:
    """A shell's "<(...)" is a pipe: with its content, still to come, or in a process that does not have it."""
    reading, writing = os.pipe()
    try:
        os.write(writing, CONTENT.encode())
        if state != "open":
            os.close(writing)
        path = f"/dev/fd/{reading if state != 'elsewhere' else 999}"
        one = Unusable(state, Path(path), {}, FILE_MISSING if state == "elsewhere" else FILE_UNREADABLE)
        with mock.patch.dict(os.environ, {**azure.environment(), **OF_PROCESSES[variable], variable: path}):
            result = run_main("vm_image_tag", {**OPTIONS, "_ansible_verbosity": 4}, check=False)
        assert wrong(one, result) == ""
        assert "write its content to a file" in result["msg"]
    finally:
        os.close(reading)
        if state == "open":
            os.close(writing)


SUBSTITUTION = f"""ansible-playbook "$1" -vvvv -e "certificate="<(echo {CONTENT})"""


@pytest.mark.parametrize("in_process", [True, False])
def test_a_process_substitution_ends_the_task_with_its_path(
    azure: EmbeddedAzure, playbooks: Playbooks, tmp_path: Path, in_process: bool
) -> None:
    task = {
        "name": "Try",
        "golden.azure.vm_image_tag": OPTIONS,
        "environment": {"AZURE_X509_CERTIFICATE_PATH": "{{ certificate }}"},
    }
    variables = {"ansible_python_interpreter": sys.executable, "golden_azure_in_process": in_process}
    playbook = tmp_path / "pipe.yml"
    playbook.write_text(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [task]}])
    )
    environment = playbooks._environment({"AZURE_SECRET": ""})
    finished = subprocess.run(
        ["bash", "-c", SUBSTITUTION, "bash", str(playbook)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    told = finished.stdout + finished.stderr
    assert finished.returncode == 2, told
    assert re.search(r"The certificate '/dev/fd/\d+',.*write its content to a file", told)
    assert CONTENT not in told


def test_a_log_of_keys_that_cannot_be_written_is_named(
    azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {**azure.environment(), "SSLKEYLOGFILE": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    # As a process begins, that has read nothing yet.
    tls._context.cache_clear()
    one = Unusable("keys", tmp_path, {}, FILE_IS_A_FOLDER)
    assert wrong(one, run_main("vm_image_tag", OPTIONS, check=False)) == ""


class Bug(Exception):
    """Repeats what was in hand, as many do."""

    def __repr__(self) -> str:
        return f"Bug({CONTENT})"

    __str__ = __repr__


@pytest.mark.parametrize("verbosity", [0, 4])
def test_a_bug_is_told_by_its_kind_and_place(
    monkeypatch: pytest.MonkeyPatch, verbosity: int, azure: EmbeddedAzure
) -> None:
    def fail(*_arguments: Any) -> None:
        raise Bug

    for name, value in azure.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(
        "ansible_collections.golden.azure.plugins.module_utils._azure.client.choose_credential_options", fail
    )
    result = run_main("vm_image_tag", {**OPTIONS, "_ansible_verbosity": verbosity}, check=False)
    assert (result["error"]["code"], result["failed"]) == (INTERNAL_ERROR, True)
    assert "Bug at module_utils/_azure/client.py, line " in result["msg"]
    assert CONTENT not in json.dumps(result)
    assert "Traceback" not in json.dumps(result)
