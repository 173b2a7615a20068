# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The integration targets, each on an embedded Azure of its own, seeded as its seed.yml says."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from predicted_writes import assert_as_predicted, is_write, recording
from repository import ROOT

from embedded_azure import EmbeddedAzure

TARGETS = sorted((Path(__file__).parent / "targets").iterdir())
MODULES = {path.stem for path in (ROOT / "plugins" / "modules").glob("*.py")}
#: The target that is tried as a module, too; all the others are by make sweep.
EVERY_MODULE = "every_module"


def _cases() -> Iterator[Any]:
    for target in TARGETS:
        yield pytest.param(target, True, id=f"{target.name}-in_process")
        marks = [] if target.name == EVERY_MODULE else [pytest.mark.sweep]
        yield pytest.param(target, False, id=f"{target.name}-as_module", marks=marks)


def test_each_module_has_a_target() -> None:
    assert {target.name for target in TARGETS} >= MODULES
    tasks = (Path(__file__).parent / "targets" / EVERY_MODULE / "tasks" / "main.yml").read_text()
    assert [module for module in MODULES if f"golden.azure.{module}:" not in tasks] == []


@pytest.mark.parametrize(("target", "in_process"), list(_cases()))
def test_target(target, in_process, azure: EmbeddedAzure, playbooks, tmp_path):
    azure.seed(yaml.safe_load((target / "seed.yml").read_text()))
    azure.clear_requests()
    record = tmp_path / "plans"
    playbooks.environment.update(recording(record))
    finished = playbooks.role(target.name, "-vvv", **_way(in_process))
    assert finished.returncode == 0, finished.stdout[-9000:] + finished.stderr[-2000:]
    assert ("AnsiballZ" in finished.stdout) is not in_process
    assert azure.settings.secret not in finished.stdout + finished.stderr
    assert_as_predicted(record, azure.requests)


def _way(in_process: bool) -> dict[str, Any]:
    """Variables of a run; MODULE_PYTHON is the Python that modules run on, where it is another one (make matrix)."""
    other = {} if in_process else {"ansible_python_interpreter": os.environ.get("MODULE_PYTHON", sys.executable)}
    return {"golden_azure_in_process": in_process, **other}


def test_check_mode_sends_no_write(azure: EmbeddedAzure, playbooks, tmp_path):
    azure.seed(
        {
            "groups": {"images": "westeurope"},
            "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
        }
    )
    azure.clear_requests()
    playbook = tmp_path / "check.yml"
    capture = {"source_vm": "web", "image": "golden", "resource_group": "images", "generalize": True}
    tasks = [
        {"name": "Capture", "golden.azure.vm_image_capture": capture},
        {"name": "Remove", "golden.azure.vm_image_remove": {"name": "golden", "resource_group": "images"}},
    ]
    playbook.write_text(
        yaml.safe_dump([{"name": "Check", "hosts": "localhost", "gather_facts": False, "tasks": tasks}])
    )
    finished = playbooks.run(playbook, "--check", "--diff")
    assert finished.returncode == 0, finished.stdout
    assert "mark the virtual machine 'web' in resource group 'images' as generalized (irreversible)" in finished.stdout
    writes = [exchange for exchange in azure.requests if is_write(exchange)]
    assert writes == []
