# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults by rule, and token buckets."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from embedded_azure import DrivenClock, EmbeddedAzure

VM = "virtualMachines/source"


def test_a_status_on_the_nth_match(arm: Any) -> None:
    arm.azure.faults.add("GET", "virtualMachines/source", nth=2, status=500, code="Oops", message="Broken.")
    assert arm.send("GET", VM).status_code == 200
    assert arm.error("GET", VM) == (500, "Oops", "Broken.")
    assert arm.send("GET", VM).status_code == 200


def test_throttling_says_when_to_come_back(arm: Any) -> None:
    arm.azure.faults.add("POST", "deallocate", status=429, retry_after=7, times=0)
    answer = arm.send("POST", f"{VM}/deallocate")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.json()["error"]["code"] == "OperationNotAllowed"


@pytest.mark.parametrize(("moment", "there"), [("before", False), ("after", True)])
def test_a_dropped_connection(arm: Any, moment: str, there: bool) -> None:
    arm.azure.faults.add("PUT", "galleries/g", drop=moment)
    with pytest.raises(requests.exceptions.ConnectionError):
        arm.send("PUT", "galleries/g", {"location": "westeurope"})
    assert (arm.id("galleries/g") in arm.azure.resources()) is there
    assert [exchange.status for exchange in arm.azure.requests if exchange.method == "PUT"] == [None]


@pytest.mark.parametrize("end", ["Failed", "Canceled"])
def test_an_operation_that_does_not_succeed(arm: Any, end: str) -> None:
    arm.azure.faults.add("PUT", "galleries/g", operation=end, code="InternalOperationError", message="No.")
    answer = arm.send("PUT", "galleries/g", {"location": "westeurope"})
    ended = arm.send("GET", answer.headers["Azure-AsyncOperation"]).json()
    assert (ended["status"], ended["error"]["code"]) == (end, "InternalOperationError")
    assert arm.send("GET", "galleries/g").json()["properties"]["provisioningState"] == "Failed"


def test_a_lost_poll_url(arm: Any) -> None:
    arm.azure.faults.add("PUT", "galleries/g", operation="lost")
    answer = arm.send("PUT", "galleries/g", {"location": "westeurope"})
    assert arm.send("GET", answer.headers["Azure-AsyncOperation"]).status_code == 404
    assert arm.send("GET", "galleries/g").json()["properties"]["provisioningState"] == "Succeeded"


def test_rules_are_checked(azure: EmbeddedAzure) -> None:
    with pytest.raises(ValueError, match="no field wrong"):
        azure.faults.add("GET", "x", wrong=1)
    with pytest.raises(ValueError, match="at least 1"):
        azure.faults.add("GET", "x", status=429, retry_after=0)


def test_rules_through_the_control_api(arm: Any) -> None:
    url = f"{arm.azure.url}/embedded/faults"
    assert arm.session.post(url, json={"method": "GET", "path": "source", "status": 503}, timeout=10).json() == {
        "added": True
    }
    assert arm.send("GET", VM).status_code == 503
    assert arm.session.post(url, json={"nonsense": 1}, timeout=10).status_code == 400


def test_token_buckets_refill_by_the_clock(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    slow_azure.seed({"settings": {"throttling": True}})
    answers = [slow_arm.send("GET", VM) for _number in range(37)]
    assert [answer.status_code for answer in answers] == [200] * 36 + [429]
    refused = answers[-1]
    assert refused.headers["Retry-After"] == "5"
    assert refused.json()["error"]["details"][0]["code"] == "TooManyRequests"
    clock = slow_azure.clock
    assert isinstance(clock, DrivenClock)
    clock.advance(5)
    assert slow_arm.send("GET", VM).status_code == 200


def test_answers_say_what_is_left(arm: Any) -> None:
    left = arm.send("GET", VM).headers["x-ms-ratelimit-remaining-resource"]
    assert left == "Microsoft.Compute/LowCostGetSubscriptionMaximum;23999,Microsoft.Compute/LowCostGetResource;35"


def test_arm_itself_throttles_writes(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    slow_azure.seed({"settings": {"throttling": True}})
    path = f"{slow_arm.id(VM)}/providers/Microsoft.Resources/tags/default"
    body = {"operation": "Merge", "properties": {"tags": {"a": "1"}}}
    answers = [slow_arm.send("PATCH", path, body) for _number in range(201)]
    assert {answer.status_code for answer in answers[:-1]} == {200}
    assert (answers[-1].status_code, answers[-1].json()["error"]["code"]) == (429, "TooManyRequests")
    assert answers[0].headers["x-ms-ratelimit-remaining-subscription-writes"] == "199"
