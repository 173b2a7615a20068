# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The integration targets, each on an embedded Azure of its own, seeded as its seed.yml says."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from predicted_writes import assert_as_predicted, is_write, recording

from embedded_azure import EmbeddedAzure

TARGETS = sorted((Path(__file__).parent / "targets").iterdir())


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as module"])
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_target(target, in_process, azure: EmbeddedAzure, playbooks, tmp_path):
    azure.seed(yaml.safe_load((target / "seed.yml").read_text()))
    azure.clear_requests()
    record = tmp_path / "plans"
    playbooks.environment.update(recording(record))
    finished = playbooks.role(target.name, "-vvv", golden_azure_in_process=in_process)
    assert finished.returncode == 0, finished.stdout[-9000:] + finished.stderr[-2000:]
    assert ("AnsiballZ" in finished.stdout) is not in_process
    assert azure.settings.secret not in finished.stdout + finished.stderr
    assert_as_predicted(record, azure.requests)


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
    assert "mark the virtual machine 'web' in resource group 'images' as generalized, for good" in finished.stdout
    writes = [exchange for exchange in azure.requests if is_write(exchange)]
    assert writes == []
