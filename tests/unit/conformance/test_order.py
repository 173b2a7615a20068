# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The order of a recording is what its answers tell, and its operations run for as long as it finds them running."""

from __future__ import annotations

from typing import Any

from conformance.order import chronological
from conformance.platform_images import seeds
from conformance.timing import agent_delay, deletion_delay, running_until
from conformance.traffic import Recorded

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.Compute"
LOCATION = "/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Compute/locations/westus"


def exchange(seq: int, method: str, path: str, status: int = 200, answer: Any = None, operation: str = "") -> Recorded:
    headers = (
        {"azure-asyncoperation": f"https://host{LOCATION}/operations/{operation}?api-version=1"} if operation else {}
    )
    op = "GET Compute:locations/{n}/operations/{id}" if "/operations/" in path else f"{method} Compute:x/{{n}}"
    return Recorded("s", seq, op, method, path, None, status, headers, answer)


def poll(seq: int, operation: str, status: str) -> Recorded:
    return exchange(seq, "GET", f"{LOCATION}/operations/{operation}?api-version=1", answer={"status": status})


def order(*scenario: Recorded) -> list[int]:
    return [each.seq for each in chronological(list(scenario))]


def test_a_second_write_comes_after_the_polls_that_find_the_first_running() -> None:
    disk = f"{GROUP}/disks/d"
    writes = [exchange(0, "PUT", disk, 202, operation="one"), exchange(1, "PUT", disk, 202, operation="two")]
    polls = [poll(2, "one", "InProgress"), poll(3, "one", "Succeeded"), poll(4, "two", "Succeeded")]
    assert order(*writes, *polls) == [0, 2, 3, 1, 4]
    assert order(*writes, poll(2, "one", "Succeeded"), poll(3, "two", "Succeeded")) == [0, 1, 2, 3]


def test_a_read_comes_after_what_it_shows() -> None:
    disk, machine = f"{GROUP}/disks/d", f"{GROUP}/virtualMachines/m"
    absent = exchange(0, "GET", disk, 404)
    deletion = exchange(1, "DELETE", disk, 202, operation="gone")
    made = exchange(3, "PUT", disk, 202)
    assert order(made, absent, deletion, poll(2, "gone", "Succeeded")) == [3, 1, 2, 0]
    assert order(absent, made, deletion, poll(2, "gone", "Succeeded")) == [0, 3, 1, 2]
    open_disk = exchange(0, "GET", disk, answer={"properties": {"diskState": "ActiveSAS"}})
    assert order(open_disk, exchange(1, "POST", f"{disk}/beginGetAccess", 202)) == [1, 0]
    waiting = exchange(0, "GET", disk, answer={"managedBy": machine, "properties": {"diskState": "Reserved"}})
    made = exchange(1, "PUT", machine, 201, operation="made")
    assert order(waiting, made, poll(2, "made", "Succeeded")) == [1, 0, 2]


def test_how_long_an_operation_runs() -> None:
    scenario = [poll(0, "one", "InProgress"), poll(1, "one", "InProgress"), poll(2, "one", "Succeeded")]
    assert running_until(scenario) == {"one": 1}


def test_what_an_answer_tells_of_agents_and_deletions() -> None:
    silent = {"vmAgent": {"statuses": [{"code": "ProvisioningState/Unavailable"}]}}
    assert agent_delay(exchange(0, "GET", "/x", answer=silent)) > 0
    assert agent_delay(exchange(0, "GET", "/x", answer={"properties": {"instanceView": silent}})) > 0
    assert agent_delay(exchange(0, "GET", "/x", answer={"value": []})) == 0
    assert deletion_delay(exchange(0, "GET", "/x", 404)) > 0
    named = Recorded("s", 0, "GET x", "GET", "/x", None, 404, {"x-ms-failure-cause": "gateway"}, None)
    assert deletion_delay(named) == 0


def test_a_version_1_0_0_is_no_filler() -> None:
    image = {"publisher": "p", "offer": "o", "sku": "s"}
    bodies = [{"imageReference": {**image, "version": version}} for version in ("1.0.0", "2.0.0", "latest")]
    found = seeds([exchange(number, "GET", "/x", answer=body) for number, body in enumerate(bodies)])
    assert sorted(each["version"] for each in found) == ["1.0.0", "2.0.0"]
    (only,) = seeds([exchange(0, "GET", "/x", answer=bodies[2])])
    assert only["version"] == "1.0.0"
