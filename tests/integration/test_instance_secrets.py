# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What nobody may read: passwords and data of a first boot, parameters of a script, addresses of serial logs."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from embedded_azure import EmbeddedAzure

NETWORK = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/network/providers/Microsoft.Network"
PASSWORD, CUSTOM_DATA, PARAMETER = "Passw0rd-of-nobody", "#cloud-config of-nobody", "parameter-of-nobody"
SECRETS = (PASSWORD, CUSTOM_DATA, base64.b64encode(CUSTOM_DATA.encode()).decode(), PARAMETER, "sig=embedded")


@pytest.mark.parametrize("in_process", [True, False], ids=["in process", "as module"])
@pytest.mark.parametrize("fault", [None, {"operation": "Failed"}], ids=["it works", "it fails"])
def test_no_secret_is_in_any_output(azure: EmbeddedAzure, playbooks: Any, tmp_path: Path, in_process, fault) -> None:
    subnets = [{"name": "build", "properties": {}}]
    network = {
        "id": f"{NETWORK}/virtualNetworks/build",
        "location": "westeurope",
        "properties": {"subnets": subnets},
    }
    azure.seed({"groups": {"network": "westeurope"}, "resources": [network]})
    if fault:
        azure.faults.add("PUT", "/virtualMachines/", **fault)
    named = {"name": "build", "resource_group": "build"}
    made = {
        **named,
        "create_resource_group": True,
        "marketplace": {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2"},
        "subnet": f"{NETWORK}/virtualNetworks/build/subnets/build",
        "admin_password": PASSWORD,
        "custom_data": CUSTOM_DATA,
        "serial_log": str(tmp_path / "serial.log"),
    }
    script = {
        "resource_group": "build",
        "vm_name": "build",
        "script": "true",
        "protected_parameters": {"PASSWORD": PARAMETER},
    }
    tasks = [
        {"name": "Make", "golden.azure.vm_image_instance": made},
        {"name": "Run", "golden.azure.vm_run_command": script},
    ]
    removal = {**named, "state": "absent", "serial_log": str(tmp_path / "serial.log")}
    play = {
        "name": "Play",
        "hosts": "localhost",
        "gather_facts": False,
        "vars": {"golden_azure_in_process": in_process},
        "tasks": [
            {
                "name": "Make and remove",
                "block": tasks,
                "always": [{"name": "Remove", "golden.azure.vm_image_instance": removal}],
            }
        ],
    }
    playbook = tmp_path / "play.yml"
    playbook.write_text(yaml.safe_dump([play]))
    finished = playbooks.run(playbook, "-vvv", "--diff")
    told = finished.stdout + finished.stderr
    assert finished.returncode == (2 if fault else 0), told[-5000:]
    assert ("AnsiballZ" in told) is not in_process
    assert not [secret for secret in SECRETS if secret in told]
    assert {id.split("/")[4] for id in azure.resources()} == {"network"}
