# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""capture_windows with a copy: sysprep runs on the copy, and the virtual machine itself is not touched."""

from __future__ import annotations

import json
from pathlib import Path

from predicted_writes import sent_writes

from fleet.runs import GROUP, Fleet


def test_sysprep_runs_on_the_copy(fleet: Fleet, tmp_path: Path) -> None:
    """Check mode, the run, and again."""
    report = tmp_path / "report.json"
    image = {"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2022-datacenter-g2"}
    machine = {"name": "desk", "group": GROUP, "image": {**image, "version": "latest"}, "os_type": "Windows"}
    fleet.azure.seed({"virtual_machines": [machine]})
    fleet.azure.clear_requests()
    values = {
        "target": "win-desk",
        "capture_source_vm": "desk",
        "resource_group": GROUP,
        "capture_image_name": "golden-desk",
        "capture_generalize": True,
        "capture_report_file": str(report),
        "capture_copy_subnet": fleet.variables["fleet_subnet"],
    }
    planned = fleet.run("planned", "--check", playbook="golden.azure.capture_windows", **values)
    assert planned.status == 0, planned.output[-5000:]
    assert sent_writes(fleet.azure.requests) == []
    made = fleet.run("made", playbook="golden.azure.capture_windows", **values)
    assert made.status == 0, made.output[-5000:]
    assert {one.rsplit("/", 1)[-1] for one in made.came} == {"golden-desk"}
    assert not made.went
    assert fleet.windows.guest("desk").calls == []
    # The guest of the copy is gone with it; what is known of it is in the report.
    result = json.loads(report.read_text())
    assert result["source"]["id"].endswith(
        "/resourceGroups/desk-copy/providers/Microsoft.Compute/virtualMachines/desk-copy"
    )
    assert result["source"]["power_state"] == "stopped", "sysprep has shut it down"
    assert result["source"]["copy_of"].endswith("/virtualMachines/desk")
    again = fleet.run("again", playbook="golden.azure.capture_windows", **values)
    assert again.status == 0, again.output[-5000:]
    assert not again.came | again.went
    assert "changed=1" not in again.output
