# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a capture asks of Azure, request by request."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from driven import arm_requests, driven_azure, run_code
from predicted_writes import is_write

SEED = {
    "groups": {"images": "westeurope"},
    "virtual_machines": [{"name": "web", "group": "images", "power": "stopped", "data_disks": [4, 8]}],
}
OPTIONS = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True}
DISKS = 3


def shown(exchange: Any) -> str:
    """A request, short enough for a line."""
    return f"{exchange.method:6} {exchange.path.split('/providers/', 1)[-1]}"


def test_a_capture_takes_three_writes_two_questions_and_at_most_six_reads_and_one_for_each_disk(record_property: Any):
    with driven_azure() as azure:
        azure.seed(SEED)
        azure.clear_requests()
        run_code(azure, capture.execute, capture_options.OPTIONS, **OPTIONS)
        requests = arm_requests(azure)
    written = [exchange for exchange in requests if is_write(exchange)]
    writes = [shown(exchange) for exchange in written]
    # What the identity may do in the group, and what Azure Policy says of the image: once each.
    questions = [one for one in requests if one.path.lower().endswith(("/permissions", "/checkpolicyrestrictions"))]
    reads = [exchange for exchange in requests if exchange not in written and exchange not in questions]
    record_property("table", "requests of a capture into a managed image\n" + "\n".join(map(shown, requests)))
    assert [write.split("/")[-1] for write in writes] == ["deallocate", "generalize", "golden"]
    assert len(questions) == 2
    # The machine, the image (twice), the locks, what the marketplace says of its base, and the group it goes into.
    assert len(reads) <= 6 + DISKS
    before = requests[: requests.index(written[0])]
    assert len({exchange.url.lower() for exchange in before}) == len(before), "none is repeated"
    assert [shown(exchange).split("/")[-1] for exchange in reads if exchange not in before] == ["golden"]
