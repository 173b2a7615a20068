# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Two controllers that capture the same machines at once: each image is made once, and who comes second says by whom."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.golden.azure.plugins.module_utils._capture import options as capture_options
from ansible_collections.golden.azure.plugins.module_utils._capture import run as capture
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation, full_specification
from driven import driven_azure, run_code
from predicted_writes import sent_writes

from embedded_azure import EmbeddedAzure
from embedded_azure.client import signed_in

Json = dict[str, Any]

COMPUTE = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/images/providers/Microsoft.Compute"
MACHINE, IMAGE = f"{COMPUTE}/virtualMachines/web", f"{COMPUTE}/images/golden"
NEW = {"publisher": "Example", "offer": "web", "sku": "debian"}
TARGETS: dict[str, Json] = {
    "image": {"image": "golden"},
    "version": {"gallery_versions": [{"gallery": "golden", "definition": "web", "create_definition": NEW}]},
}
LOST = "captured_by_another_run"


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    with driven_azure(durations={"PUT Microsoft.Compute/images": 90.0, "*": 20.0}) as running:
        running.seed(
            {
                "groups": {"images": "westeurope"},
                "resources": [{"id": f"{COMPUTE}/galleries/golden", "location": "westeurope"}],
                "virtual_machines": [{"name": "web", "group": "images", "power": "stopped"}],
            }
        )
        running.clear_requests()
        yield running


@pytest.fixture(params=[False, True], ids=["alone", "among several"])
def several(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


def options(run_id: str, **more: Any) -> Json:
    return {"resource_group": "images", "source_vm": "web", "generalize": True, "run_id": run_id, **more}


def run(
    azure: EmbeddedAzure,
    several: bool,
    check: bool = False,
    progress: Callable[[str], None] = lambda line: None,
    **wanted: Any,
) -> Json:
    given = {"captures": [wanted]} if several else wanted
    whole: Json = run_code(azure, capture.execute, capture_options.OPTIONS, check, progress, **given)
    return {**whole["results"][0], "changed": whole["changed"]} if several else whole


class Other:
    """Another controller, which sends what its plan holds at a moment of the test's choosing."""

    def __init__(self, azure: EmbeddedAzure, **wanted: Any) -> None:
        planned = run(azure, False, check=True, **options("other", **wanted))
        self.writes = [step["write"] for step in planned["plan"]["steps"] if "write" in step]
        self.session = signed_in(azure)
        self.azure = azure

    def send(self, count: int) -> None:
        """Send its last writes."""
        for write in self.writes[-count:]:
            version = "2026-03-03" if "/galleries/" in write["path"] else "2026-04-01"
            address = f"{self.azure.url}{write['path']}?api-version={version}"
            answer = self.session.request(write["method"], address, json=write["body"], timeout=10)
            assert answer.status_code < 300, answer.text

    def at(self, mark: str, count: int) -> Callable[[str], None]:
        """Something to be told of progress that sends its last writes once, when a line holds the mark."""
        told: list[str] = []

        def progress(line: str) -> None:
            if mark in line and not told:
                told.append(line)
                self.send(count)

        return progress


def lost(result: Json) -> list[str]:
    return [warning["run"] for warning in result["plan"]["warnings"] if warning["code"] == LOST]


@pytest.mark.parametrize("target", TARGETS)
def test_who_comes_second_to_a_target_waits_for_it_and_says_whose_it_is(
    azure: EmbeddedAzure, several: bool, target: str
) -> None:
    other = Other(azure, **TARGETS[target])
    mark = "create the image 'golden'" if target == "image" else "create the image version"
    result = run(azure, several, progress=other.at(mark, 1), **options("own", **TARGETS[target]))
    assert lost(result) == ["other"]
    assert result["provenance"]["run_id"] == "other"
    # It has stopped and marked the machine itself.
    assert result["changed"] is True
    assert [step["action"] for step in result["steps"]][-1] == f"wait_for_{target}"
    again = run(azure, several, **options("own", **TARGETS[target]))
    assert again["changed"] is False
    assert lost(again) == []


def test_who_comes_second_leaves_the_tags_of_the_first(azure: EmbeddedAzure, several: bool) -> None:
    for number, target in enumerate(TARGETS):
        azure.seed({"virtual_machines": [{"name": f"web{number}", "group": "images", "power": "stopped"}]})
        wanted = {**TARGETS[target], "source_vm": f"web{number}"}
        other = Other(azure, **wanted, tags={"team": "other"})
        mark = "create the image 'golden'" if target == "image" else "create the image version"
        mine = {**options("own"), **wanted, "tags": {"team": "own"}}
        result = run(azure, several, progress=other.at(mark, 1), **mine)
        assert lost(result) == ["other"]
        made = result["image"] or result["gallery_versions"][0]
        assert made["tags"]["team"] == "other"
        # Once it is there, it is an image like any other, whose tags a task may set.
        assert [step["action"] for step in run(azure, several, **mine)["steps"]] in (["update_tags"], ["merge_tags"])


def test_a_deallocation_by_somebody_else_is_said_to_be_so_until_it_is_known_by_whom(
    azure: EmbeddedAzure, several: bool
) -> None:
    other = Other(azure, image="golden")
    other.writes, rest = other.writes[:1], other.writes[1:]
    other.send(1)
    codes = [
        each["code"] for each in run(azure, several, check=True, **options("own", image="golden"))["plan"]["warnings"]
    ]
    assert codes == ["deallocation_under_way"]
    other.writes = rest
    result = run(azure, several, progress=other.at("create the image", 1), **options("own", image="golden"))
    assert [each["code"] for each in result["plan"]["warnings"]] == [LOST]


def test_a_target_that_another_run_is_making_is_named_in_check_mode(azure: EmbeddedAzure, several: bool) -> None:
    azure.seed({"actions": [{"id": MACHINE, "action": "deallocate"}, {"id": MACHINE, "action": "generalize"}]})
    Other(azure, image="golden").send(1)
    azure.clear_requests()
    planned = run(azure, several, check=True, **options("own", image="golden"))
    assert lost(planned) == ["other"]
    assert planned["plan"]["warnings"][0]["holder"]
    assert [step["action"] for step in planned["plan"]["steps"]] == ["wait_for_image"]
    result = run(azure, several, **options("own", image="golden"))
    assert result["changed"] is False
    assert sent_writes(azure.requests) == []


def test_a_machine_that_another_run_has_captured_and_deleted(azure: EmbeddedAzure, several: bool) -> None:
    other = Other(azure, image="golden")

    def captured_and_deleted(line: str) -> None:
        if "as generalized" in line and IMAGE not in azure.resources():
            other.send(2)
            azure.cloud.operations.hurry()
            azure.cloud.store.remove(MACHINE)

    result = run(azure, several, progress=captured_and_deleted, **options("own", image="golden", delete_source_vm=True))
    assert not result.get("failed")
    assert result["image"]["provisioning_state"] == "Succeeded"
    assert MACHINE not in azure.resources()


def test_a_conflict_with_anybody_else_is_told_as_azure_tells_it(azure: EmbeddedAzure, several: bool) -> None:
    azure.faults.add("PUT", "/images/golden", status=409, code="Conflict", times=0)
    with pytest.raises(Failure) as raised:
        run(azure, several, **options("own", image="golden"))
    assert raised.value.code == "Conflict"
    # Looked at once more, and no second time.
    assert sum(one.method == "PUT" for one in azure.requests) == 1


def test_two_runs_at_once_make_each_image_once() -> None:
    number = 4
    machines = [{"name": f"web-{each}", "group": "images", "power": "stopped"} for each in range(number)]
    durations = {"deallocate": 0.5, "PUT Microsoft.Compute/images": 1.0}
    results: dict[str, Json] = {}

    def start(name: str) -> None:
        items = [
            {**options(name), "source_vm": machine["name"], "image": f"golden-{machine['name']}"}
            for machine in machines
        ]
        checked = ArgumentSpecValidator(full_specification(capture_options.OPTIONS)).validate({"captures": items})
        results[name] = capture.execute(Invocation(checked.validated_parameters, check_mode=False))

    with EmbeddedAzure(durations=durations, retry_after=1) as azure, mock.patch.dict(os.environ, azure.environment()):
        azure.seed({"groups": {"images": "westeurope"}, "virtual_machines": machines})
        threads = [threading.Thread(target=start, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        made = Counter(one.path for one in azure.requests if one.method == "PUT" and one.status == 201)
        assert sorted(results) == ["one", "two"]
        assert set(made.values()) == {1} and len(made) == number
        azure.clear_requests()
        start("one")
        assert results["one"]["changed"] is False
        assert sent_writes(azure.requests) == []
