# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A machine that has taken the name of the one that was prepared is not captured in its stead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from driven import driven_azure, run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure

Json = dict[str, Any]

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
OPTIONS = {"resource_group": "images", "source_vm": "web", "image": "golden", "generalize": True}
ANOTHER = "22222222-2222-4222-8222-222222222222"


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(
            {
                "groups": {"images": "westeurope"},
                "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
            }
        )
        running.clear_requests()
        yield running


def run(azure: EmbeddedAzure, check: bool = False, **options: Any) -> Json:
    return run_code(azure, capture.execute, capture_options.OPTIONS, check, **{**OPTIONS, **options})


def vm_id(azure: EmbeddedAzure) -> str:
    return str(azure.resources()[f"{GROUP}/virtualMachines/web"]["properties"]["vmId"])


def test_the_machine_that_was_meant_is_captured_in_whatever_case_its_id_is_written(azure: EmbeddedAzure) -> None:
    meant = vm_id(azure).upper()
    assert run(azure, check=True, source_vm_id=meant)["changed"]
    assert not sent_writes(azure.requests)
    assert run(azure, source_vm_id=meant)["image"]["name"] == "golden"
    for check in (False, True):
        assert not run(azure, check=check, source_vm_id=meant)["changed"]


@pytest.mark.parametrize("several", [False, True], ids=["alone", "among several"])
@pytest.mark.parametrize("guest_prepared", [True, False])
@pytest.mark.parametrize("check", [True, False], ids=["check", "run"])
def test_another_machine_is_not(azure: EmbeddedAzure, check: bool, guest_prepared: bool, several: bool) -> None:
    wanted = {"source_vm_id": ANOTHER, "guest_prepared": guest_prepared}
    with pytest.raises(Failure) as failure:
        if several:
            run_code(azure, capture.execute, capture_options.OPTIONS, check, captures=[{**OPTIONS, **wanted}])
        else:
            run(azure, check, **wanted)
    details = failure.value.details
    plan = details["results"][0]["plan"] if several else details["plan"]
    assert "source_is_another_machine" in {blocker["code"] for blocker in plan["blockers"]}
    assert not sent_writes(azure.requests)


def test_what_is_no_machine_has_no_such_id(azure: EmbeddedAzure) -> None:
    with pytest.raises(Failure, match="'source_vm_id' applies only to 'source_vm'"):
        run(azure, source_vm=None, source_disk="system", os_state="generalized", generalize=False, source_vm_id=ANOTHER)
    assert not sent_writes(azure.requests)
