# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook for the real Azure, which nobody runs here on the real one, on embedded Azure."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from repository import TESTS
from windows_captures import GROUP, Machines

from windows_guest.facts import HEALTHY, VM_ID

REAL = TESTS / "azure" / "windows.yml"


@pytest.mark.sweep
def test_the_playbook_for_the_real_azure(windows_machines: Machines, tmp_path: Path) -> None:
    """Which nobody runs here on the real one: on embedded Azure it must go all the way, and clean up."""
    windows_machines.boot("web")
    with windows_machines.guests.guest("web").change() as state:
        state["facts"]["user"]["name"] = "WEB1\\somebody"
        state["facts"]["appx_packages"][0]["users"] = ["WEB1\\somebody S-1-5-21-397955417-626881126-188441444-500"]
    network = f"/subscriptions/{windows_machines.azure.settings.subscription}/resourceGroups/{GROUP}/providers/Microsoft.Network"
    subnets = [{"name": "build", "properties": {"addressPrefix": "10.9.0.0/24"}}]
    properties = {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": subnets}
    wide = {"id": f"{network}/virtualNetworks/wide", "location": "westeurope", "properties": properties}
    windows_machines.azure.seed({"resources": [wide]})
    given = {
        "real_azure": True,
        "capture_source_vm": "web",
        "capture_image_name": "golden-web",
        "capture_guest_address": "web",
        "subnet": f"{network}/virtualNetworks/wide/subnets/build",
        "clone_name": "clone-1",
        "clone_password": "not-a-secret-1A!",
        "windows_sysprep_actions": ["extensions"],
        "record": str(tmp_path / "record.json"),
    }
    finished = windows_machines.capture_all({"web": {}}, playbook=str(REAL), **given)
    assert finished.returncode == 0, finished.stdout[-5000:] + finished.stderr[-2000:]
    assert "The clone is a machine of its own" in finished.stdout
    assert windows_machines.image("web") is not None
    assert not any(identity.endswith("/clone-1") for identity in windows_machines.azure.resources())
    recorded = json.loads((tmp_path / "record.json").read_text())
    assert recorded["recorded"]
    assert set(recorded["facts"]) == set(HEALTHY)
    assert recorded["facts"]["appx_packages"][0]["users"] == ["GUEST\\azureuser S-1-5-21-1-2-3-500"]
    text = json.dumps(recorded).lower()
    assert not [word for word in ("web1", "somebody", "397955417") if word in text]
    assert recorded["facts"]["machine"]["id"] == VM_ID


def test_the_playbook_for_the_real_azure_wants_consent(windows_machines: Machines) -> None:
    finished = windows_machines.capture_all(
        {"web": {}}, playbook=str(REAL), capture_source_vm="web", capture_image_name="golden-web"
    )
    assert finished.returncode == 2
    assert "-e real_azure=true" in finished.stdout
