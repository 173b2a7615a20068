# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people see while a capture takes its time, and what it costs those who look at nothing."""

from __future__ import annotations

from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.progress import silent
from driven import driven_azure, run_code

BASE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
SEED = {
    "groups": {"images": "westeurope"},
    "resources": [{"id": f"{BASE}/galleries/golden", "location": "westeurope"}],
    "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
}
OPTIONS = {
    "resource_group": "images",
    "source_vm": "web",
    "generalize": True,
    "gallery_versions": [
        {
            "gallery": "golden",
            "definition": "web",
            "target_regions": [{"name": "westeurope"}, {"name": "northeurope"}],
            "create_definition": {"publisher": "Example", "offer": "web", "sku": "debian-13"},
        }
    ],
}


def test_each_state_has_its_line_and_replication_its_shares():
    lines: list[str] = []
    with driven_azure(durations={"*": 200.0}) as azure:
        azure.seed(SEED)
        run_code(azure, capture.execute, capture_options.OPTIONS, progress=lines.append, **OPTIONS)
    steps = [line for line in lines if line.startswith("[")]
    assert [line.split("]")[0] for line in steps] == ["[1/4", "[2/4", "[3/4", "[4/4"]
    shares = [line for line in lines if "replicating" in line]
    assert len(shares) >= 2
    assert len(set(shares)) == len(shares), "no line is told twice"
    assert "image version 'golden/web/1.0.0'" in shares[0]
    assert "westeurope 17 %, northeurope" in shares[0]


def test_nobody_looks_for_nobody():
    with driven_azure(durations={"*": 200.0}) as azure:
        azure.seed(SEED)
        azure.clear_requests()
        run_code(azure, capture.execute, capture_options.OPTIONS, progress=silent, **OPTIONS)
        assert [exchange for exchange in azure.requests if "ReplicationStatus" in exchange.url] == []
