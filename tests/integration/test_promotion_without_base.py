# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbook promote decides by the images alone: bases, roles and files are for who builds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from playbook_runs import Playbooks

from embedded_azure import EmbeddedAzure

SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"
GROUP = f"{SUBSCRIPTION}/resourceGroups/images"
#: Bases that are gone, each in its own way.
GONE: dict[str, dict[str, Any]] = {
    "marketplace": {"marketplace": {"publisher": "Debian", "offer": "debian-13", "sku": "no-such-sku"}},
    "managed": {"image": f"{GROUP}/providers/Microsoft.Compute/images/gone"},
    "gallery": {"gallery_version_id": f"{GROUP}/providers/Microsoft.Compute/galleries/gone/images/x/versions/latest"},
    "copy": {"source_vm": f"{GROUP}/providers/Microsoft.Compute/virtualMachines/gone"},
}
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/build/subnets/build"


def verified(name: str) -> dict[str, Any]:
    """A managed image that an earlier run has verified."""
    disk = {"osType": "Linux", "osState": "Generalized", "blobUri": "https://a.blob.core.windows.net/v/o.vhd"}
    tags = {"golden_image": name, "run": "earlier", "verified": "true"}
    return {
        "id": f"{GROUP}/providers/Microsoft.Compute/images/{name}-earlier",
        "location": "westeurope",
        "tags": {f"golden.azure.{key}": value for key, value in tags.items()},
        "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": disk}},
    }


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    hosts = {}
    for base, definition in GONE.items():
        for state in ("verified", "never"):
            hosts[f"{base}-{state}"] = {
                "golden_image_base": definition,
                "golden_image_resource_group": "images",
                "golden_image_location": "westeurope",
                "golden_image_subnet": SUBNET,
                "golden_image_isolated_subnet": SUBNET,
                "golden_image_roles": ["gone"],
                "golden_image_files": ["gone.txt"],
            }
    path = tmp_path / "inventory.json"
    path.write_text(json.dumps({"golden_images": {"hosts": hosts}}))
    return path


def test_a_base_that_is_gone_stops_no_promotion(
    azure: EmbeddedAzure, playbooks: Playbooks, inventory: Path, tmp_path: Path
) -> None:
    azure.seed({"groups": {"images": "westeurope"}, "resources": [verified(f"{base}-verified") for base in GONE]})
    reports = ("-e", f"golden_image_report_directory={tmp_path / 'reports'}", "-e", "golden_image_run=p")
    finished = playbooks.run("golden.azure.promote", "-i", str(inventory), *reports)
    assert finished.returncode == 0, finished.stdout[-5000:]
    report = json.loads((tmp_path / "reports" / "refresh-p.json").read_text())
    results = {image["name"]: (image["result"], image["reason_code"]) for image in report["images"]}
    assert results == {
        **{f"{base}-verified": ("promoted", "refresh_disabled") for base in GONE},
        **{f"{base}-never": ("skipped", "nothing_to_publish") for base in GONE},
    }
    paths = [one.path.lower() for one in azure.requests]
    assert not [
        path for path in paths if re.search(r"publishers|images/gone|galleries/gone|virtualmachines/gone", path)
    ]


@pytest.mark.sweep
def test_who_builds_needs_the_base_as_before(azure: EmbeddedAzure, playbooks: Playbooks, inventory: Path) -> None:
    azure.seed({"groups": {"images": "westeurope"}})
    hosts = json.loads(inventory.read_text())["golden_images"]["hosts"]
    for variables in hosts.values():
        variables.update(golden_image_roles=[], golden_image_files=[])
    inventory.write_text(
        yaml.safe_dump({"golden_images": {"hosts": {"marketplace-never": hosts["marketplace-never"]}}})
    )
    finished = playbooks.run("golden.azure.refresh", "-i", str(inventory), "--check")
    assert finished.returncode != 0
    assert "no-such-sku" in finished.stdout
