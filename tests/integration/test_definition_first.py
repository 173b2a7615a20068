# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image definition is made before the machine is changed for good; what is left of a run serves the next one."""

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

BASE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
DEFINITION = f"{BASE}/galleries/golden/images/web"
NEW = {"publisher": "Example", "offer": "web", "sku": "debian"}
VERSIONS = [{"gallery": "golden", "definition": "web", "create_definition": NEW}]
OPTIONS = {"resource_group": "images", "source_vm": "web", "generalize": True, "gallery_versions": VERSIONS}
SEED = {
    "groups": {"images": "westeurope"},
    "resources": [{"id": f"{BASE}/galleries/golden", "location": "westeurope"}],
    "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
}
ORDER = ["create_definition", "deallocate", "generalize", "create_version"]


@pytest.fixture(params=[False, True], ids=["alone", "among several"])
def several(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure() as running:
        running.seed(SEED)
        running.clear_requests()
        yield running


def run(azure: EmbeddedAzure, several: bool, check: bool = False, **options: Any) -> Json:
    wanted = {**OPTIONS, **options}
    if not several:
        return run_code(azure, capture.execute, capture_options.OPTIONS, check, **wanted)
    whole = run_code(azure, capture.execute, capture_options.OPTIONS, check, captures=[wanted])
    return {**whole["results"][0], "changed": whole["changed"]}


def failed(azure: EmbeddedAzure, several: bool) -> Json:
    with pytest.raises(Failure) as failure:
        run(azure, several)
    details = failure.value.details
    return {**(details["results"][0] if several else details), "message": failure.value.message}


def test_the_four_cases(azure: EmbeddedAzure, several: bool) -> None:
    assert [step["action"] for step in run(azure, several, check=True)["plan"]["steps"]] == ORDER
    assert sent_writes(azure.requests) == []
    assert [step["action"] for step in run(azure, several)["steps"]] == ORDER
    assert run(azure, several)["changed"] is False
    assert run(azure, several, check=True)["changed"] is False


@pytest.mark.parametrize("broken", ["/deallocate", "/generalize", "/galleries/golden/images/web/versions/"])
def test_a_run_that_stops_says_what_it_left_and_the_next_one_uses_it(
    azure: EmbeddedAzure, several: bool, broken: str
) -> None:
    azure.faults.add(path=broken, status=409, code="Conflict", message="Something else is going on.")
    told = failed(azure, several)
    assert told["left"] == [DEFINITION]
    assert told["changed"] is True
    assert told["steps"][0]["action"] == "create_definition"
    azure.clear_requests()
    assert "create_definition" not in [step["action"] for step in run(azure, several)["steps"]]
    made = [path for method, path in sent_writes(azure.requests) if method == "PUT"]
    assert made == [f"{DEFINITION}/versions/1.0.0".lower()]


def test_a_refused_definition_leaves_the_machine_as_it_is(azure: EmbeddedAzure, several: bool) -> None:
    before = azure.resources()
    azure.faults.add("PUT", "/galleries/golden/images/web", status=409, code="Conflict", message="The SKU is taken.")
    told = failed(azure, several)
    assert "left" not in told
    assert told["changed"] is False
    assert azure.resources() == before


def test_before_the_guest_is_prepared_the_definition_is_what_can_be_made(azure: EmbeddedAzure, several: bool) -> None:
    azure.seed({"virtual_machines": [{"name": "runs", "group": "images"}]})
    early = {"source_vm": "runs", "guest_prepared": False, "run_id": "own"}
    planned = run(azure, several, check=True, **early)
    assert [step["action"] for step in planned["plan"]["steps"]][:3] == ["claim_vm", "create_definition", "prepare"]
    made = run(azure, several, **early)
    assert [step["action"] for step in made["steps"]] == ["claim_vm", "create_definition"]
    assert azure.resources()[DEFINITION]["properties"]["provisioningState"] == "Succeeded"
    assert run(azure, several, check=True, **early)["plan"]["steps"][0]["action"] == "prepare"
    # Nothing is left that comes before: a role has to prepare the guest.
    failed_again = pytest.raises(Failure, match="run the role that prepares the guest")
    with failed_again:
        run(azure, several, **early)


def test_two_captures_into_one_new_definition(azure: EmbeddedAzure) -> None:
    azure.seed({"virtual_machines": [{"name": "web2", "group": "images", "power": "stopped"}]})
    captures = [{**OPTIONS, "source_vm": name} for name in ("web", "web2")]
    captures[1]["gallery_versions"] = [{**VERSIONS[0], "version": "2.0.0"}]
    result = run_code(azure, capture.execute, capture_options.OPTIONS, captures=captures)
    assert [each["failed"] for each in result["results"]] == [False, False]
