# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same capture with the strategies, callbacks and becomes that people have configured; none has a terminal here."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
#: Stands for sudo, which not every machine has: it drops its options and runs the rest as who calls it.
SUDO = '#!/bin/sh\nwhile [ "$1" != "-u" ]; do shift; done\nshift 2\nexec "$@"\n'
AS_RUN: dict[str, tuple[str, dict[str, str]]] = {
    "free": ("golden.azure.capture_linux", {"ANSIBLE_STRATEGY": "free"}),
    "host_pinned, minimal, become": (
        "golden.azure.capture_windows",
        {"ANSIBLE_STRATEGY": "host_pinned", "ANSIBLE_STDOUT_CALLBACK": "minimal", "ANSIBLE_BECOME": "true"},
    ),
    "host_pinned, yaml, as modules": (
        "golden.azure.capture_linux",
        {
            "ANSIBLE_STRATEGY": "host_pinned",
            "ANSIBLE_CALLBACK_RESULT_FORMAT": "yaml",
            "golden_azure_in_process": "false",
        },
    ),
}


@pytest.fixture
def sudo(tmp_path: Path) -> str:
    """The path of what stands for sudo."""
    path = tmp_path / "stand_in_sudo"
    path.write_text(SUDO)
    path.chmod(0o755)
    return str(path)


def stopped(azure: EmbeddedAzure, name: str, system: str = "Linux") -> None:
    """A machine whose guest was prepared and has shut itself down: there is none to be reached."""
    machine = {"name": name, "group": "images", "power": "stopped", "os_type": system}
    azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": [machine]})


@pytest.mark.parametrize(
    "way", [pytest.param(way, marks=pytest.mark.sweep if "as modules" in way else []) for way in AS_RUN]
)
def test_a_capture_planned_done_and_done_again(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, sudo: str, way: str
) -> None:
    playbook, environment = AS_RUN[way][0], dict(AS_RUN[way][1])
    stopped(azure, "web", "Windows" if "windows" in playbook else "Linux")
    report = tmp_path / "report.json"
    variables = {
        "capture_source_vm": "web",
        "capture_guest_address": "192.0.2.1",
        "resource_group": "images",
        "capture_image_name": "golden",
        "capture_generalize": True,
        "capture_guest_prepared": True,
        "capture_report_file": str(report),
        "ansible_become_exe": sudo,
        "golden_azure_in_process": environment.pop("golden_azure_in_process", True),
    }

    def run(*arguments: str) -> str:
        azure.clear_requests()
        finished = playbooks.run(playbook, "-e", json.dumps(variables), *arguments, **environment)
        printed: str = finished.stdout + finished.stderr
        assert finished.returncode == 0, printed[-4000:]
        return printed

    planned = run("--check")
    assert "as generalized (irreversible)" in planned
    assert sent_writes(azure.requests) == []
    assert not report.exists()
    run()
    writes = [path.rsplit("/", 1)[-1] for _method, path in sent_writes(azure.requests)]
    assert writes == ["deallocate", "generalize", "golden"]
    assert json.loads(report.read_text())["image"]["name"] == "golden"
    again = run()
    assert sent_writes(azure.requests) == []
    assert "nothing to do" in again
    # The callback minimal counts nothing, and says CHANGED.
    assert "CHANGED" not in again
    assert "changed=1" not in again


def play(tmp_path: Path, *tasks: dict[str, Any], **keywords: Any) -> Path:
    """A playbook of one play on the controller."""
    path = tmp_path / "play.yml"
    entry = {"name": "Own", "hosts": "localhost", "gather_facts": False, "tasks": list(tasks), **keywords}
    path.write_text(yaml.safe_dump([entry]))
    return path


@pytest.mark.parametrize(
    ("way", "diff"), [("become", False), pytest.param("as a module", True, marks=pytest.mark.sweep)]
)
def test_check_mode_shows_the_plan_of_what_runs_as_a_module(
    azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, sudo: str, way: str, diff: bool
) -> None:
    stopped(azure, "web")
    capture = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True}
    remove = {"resource_group": "images", "rules": {"keep_newest": 1, "single_family": True}}
    path = play(
        tmp_path,
        {"name": "Capture", "golden.azure.vm_image_capture": capture},
        {"name": "Remove", "golden.azure.vm_image_remove": remove},
        {"name": "Hide", "golden.azure.vm_image_capture": {**capture, "image": "hidden"}, "no_log": True},
        {
            "name": "Stay silent",
            "golden.azure.vm_image_remove": {**remove, "resource_group": "other"},
            "vars": {"golden_azure_progress": False},
        },
        become=way == "become",
        vars={
            "ansible_python_interpreter": sys.executable,
            "ansible_become_exe": sudo,
            "golden_azure_in_process": way != "as a module",
        },
    )
    azure.seed({"groups": {"other": "westeurope"}})
    finished = playbooks.run(path, "--check", *(["--diff"] if diff else []))
    printed = finished.stdout + finished.stderr
    assert finished.returncode == 0, printed[-4000:]
    # Once: by Ansible as a diff, or by the collection.
    assert printed.count("as generalized (irreversible)") == 1, printed
    assert ("planned changes" in printed) is not diff
    # Of what would not change, Ansible shows no diff.
    assert printed.count("no changes planned\nRemoval of images by rules\n") == 1, printed
    assert printed.count("[nothing_matched]") == 1, printed
    assert "hidden" not in printed


def test_a_purge_shows_why_each_image_stays(azure: EmbeddedAzure, playbooks: Any) -> None:
    disk = {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
    image = {
        "id": f"{COMPUTE}/images/web",
        "location": "westeurope",
        "tags": {"golden.azure.run_id": "1", "family": "web"},
        "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": disk}},
    }
    azure.seed({"groups": {"images": "westeurope"}, "resources": [image]})
    finished = playbooks.run(
        "golden.azure.prune", "--check", "-e", "prune_family_tag=family", "-e", "prune_keep_newest=1"
    )
    assert finished.returncode == 0, finished.stdout
    assert ": the newest of 'web'" in finished.stdout + finished.stderr, finished.stdout
