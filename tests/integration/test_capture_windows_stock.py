# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stock Windows machines of the marketplace, captured by the playbook with nothing but the names that it needs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playbook_runs import Playbooks

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import COMPLETE, GENERALIZED, StandInWindows
from windows_guest import playbooks as stand_in
from windows_guest.stock import NAMES, stock

GROUP = "images"
PLAYBOOK = "golden.azure.capture_windows"
IMAGE = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}


@pytest.mark.sweep
def test_stock_machines_are_captured_with_defaults(tmp_path: Path) -> None:
    """In check mode nothing is touched; then all are captured; then nothing is left to do; and clones are machines of their own."""
    guests = StandInWindows(tmp_path / "windows", {name: ({}, stock(name)) for name in NAMES})
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}})
        for name in NAMES:
            boot(azure, name, IMAGE)
        playbooks = Playbooks(tmp_path, azure.environment())
        checked = capture(playbooks, guests, "--check")
        assert checked.returncode == 0, checked.stdout[-5000:]
        assert all(guests.guest(name).read()["facts"]["panther"] for name in NAMES)
        captured = capture(playbooks, guests)
        assert captured.returncode == 0, captured.stdout[-5000:]
        for name in NAMES:
            assert guests.guest(name).read()["facts"]["image_state"] == GENERALIZED
        again = capture(playbooks, guests)
        assert again.returncode == 0, again.stdout[-5000:]
        assert again.stdout.count("changed=0") >= len(NAMES)
        subscription = f"/subscriptions/{azure.settings.subscription}/resourceGroups/{GROUP}"
        for clone in ("clone-1", "clone-2"):
            boot(azure, clone, f"{subscription}/providers/Microsoft.Compute/images/golden-windows-11")
        first, second = (guests.guest(clone).read() for clone in ("clone-1", "clone-2"))
        assert first["facts"]["image_state"] == COMPLETE
        assert first["identity"]["sid"] != second["identity"]["sid"]
        # What was on the source is on none of them.
        for facts in (first["facts"], second["facts"]):
            assert (facts["panther"], facts["answer_files"], facts["leftovers"]) == (False, [], [])


def boot(azure: EmbeddedAzure, name: str, image: Any) -> None:
    """Make a machine."""
    azure.seed({"virtual_machines": [{"name": name, "group": GROUP, "image": image, "os_type": "Windows"}]})


def capture(playbooks: Playbooks, guests: StandInWindows, *arguments: str) -> Any:
    """Run the playbook on all of them."""
    hosts = {name: stand_in.variables_for("ssh", guests.guests, name) for name in NAMES}
    inventory = playbooks.directory / "inventory.json"
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}))
    values = {
        "target": "all",
        "resource_group": GROUP,
        "capture_image_name": "golden-{{ inventory_hostname }}",
        "capture_generalize": True,
        "windows_sysprep_poll": 1,
    }
    environment = {**stand_in.environment(guests.guests), "ANSIBLE_FORKS": str(len(NAMES))}
    return playbooks.run(PLAYBOOK, "-i", str(inventory), "-e", json.dumps(values), *arguments, **environment)
