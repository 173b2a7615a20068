# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long-running operations by a driven clock: how they announce themselves, how they end."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import DrivenClock, EmbeddedAzure
from embedded_azure.guests import GuestError, Machine, NoGuests

DISK = {"location": "westeurope", "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8}}
GALLERY = {"location": "westeurope"}


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "headers", "family"),
    [
        ("POST", "virtualMachines/source/deallocate", None, 202, {"azure-asyncoperation", "location"}, "operations"),
        ("DELETE", "virtualMachines/source", None, 202, {"azure-asyncoperation", "location"}, "operations"),
        ("PUT", "disks/d", DISK, 202, {"azure-asyncoperation", "location"}, "DiskOperations"),
        ("PUT", "galleries/g", GALLERY, 201, {"azure-asyncoperation"}, "capsOperations"),
    ],
)
def test_how_operations_announce_themselves(
    slow_arm: Any, method: str, path: str, body: Any, status: int, headers: set[str], family: str
) -> None:
    answer = slow_arm.send(method, path, body)
    assert answer.status_code == status
    assert {name.lower() for name in answer.headers} & {"azure-asyncoperation", "location"} == headers
    assert f"/{family}/" in answer.headers["Azure-AsyncOperation"]


def test_an_operation_ends_when_its_time_has_come(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    answer = slow_arm.send("POST", "virtualMachines/source/deallocate")
    assert answer.headers["Retry-After"] == "10"
    status, result = answer.headers["Azure-AsyncOperation"], answer.headers["Location"]
    assert slow_arm.send("GET", status).json()["status"] == "InProgress"
    assert slow_arm.send("GET", result).status_code == 202
    slow_azure.clock.advance(59)
    assert slow_arm.send("GET", status).json()["status"] == "InProgress"
    slow_azure.clock.advance(1)
    ended = slow_arm.send("GET", status)
    assert ended.json()["status"] == "Succeeded"
    assert "endTime" in ended.json()
    assert "Retry-After" not in ended.headers
    assert slow_arm.send("GET", result).status_code == 200


def test_provisioning_state_follows(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    assert slow_arm.send("PUT", "galleries/g", GALLERY).json()["properties"]["provisioningState"] == "Creating"
    slow_azure.clock.advance(60)
    assert slow_arm.send("GET", "galleries/g").json()["properties"]["provisioningState"] == "Succeeded"


def test_a_second_write_is_a_conflict_and_deallocation_preempts(slow_arm: Any) -> None:
    first = slow_arm.send("PATCH", "virtualMachines/source", {"tags": {"a": "1"}})
    assert slow_arm.error("PATCH", "virtualMachines/source", {"tags": {}})[:2] == (409, "Conflict")
    slow_arm.send("POST", "virtualMachines/source/deallocate")
    ended = slow_arm.send("GET", first.headers["Azure-AsyncOperation"]).json()
    assert (ended["status"], ended["error"]["code"]) == ("Canceled", "OperationPreempted")


def test_a_group_is_polled_by_location_alone(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    group = f"/subscriptions/{slow_azure.settings.subscription}/resourceGroups/golden"
    answer = slow_arm.send("DELETE", group)
    assert answer.status_code == 202
    assert answer.headers["Retry-After"] == "15"
    assert "Azure-AsyncOperation" not in answer.headers
    assert slow_arm.error("PUT", "galleries/g", GALLERY)[:2] == (409, "ResourceGroupBeingDeleted")
    poll = answer.headers["Location"]
    assert slow_arm.send("GET", poll).status_code == 202
    slow_azure.clock.advance(60)
    done = slow_arm.send("GET", poll)
    assert (done.status_code, done.content) == (200, b"")
    assert slow_azure.resources() == {}


def test_an_unknown_operation_is_404(arm: Any) -> None:
    place = f"/subscriptions/{arm.azure.settings.subscription}/providers/Microsoft.Compute/locations/westeurope"
    assert arm.error("GET", f"{place}/operations/x")[0] == 404


def test_a_second_delete_joins_the_first(slow_azure: EmbeddedAzure, slow_arm: Any) -> None:
    first = slow_arm.send("DELETE", "virtualMachines/source")
    second = slow_arm.send("DELETE", "virtualMachines/source")
    assert second.status_code == 202
    slow_azure.clock.advance(60)
    for answer in (first, second):
        assert slow_arm.send("GET", answer.headers["Azure-AsyncOperation"]).json()["status"] == "Succeeded"
    assert slow_arm.send("DELETE", "virtualMachines/source").status_code == 204


def test_an_empty_answer_has_no_content_type(slow_arm: Any) -> None:
    assert "Content-Type" not in slow_arm.send("POST", "virtualMachines/source/deallocate").headers


class BrokenGuests(NoGuests):
    """Guests which never come up."""

    def boot(self, machine: Machine) -> None:
        """Fail."""
        raise GuestError(f"The machine {machine.vm_id} did not boot.")


def test_a_guest_that_does_not_boot_fails_the_operation(arm_for: Any) -> None:
    with EmbeddedAzure(seed={"groups": {"golden": "westeurope"}}, guests=BrokenGuests(), clock=DrivenClock()) as azure:
        arm = arm_for(azure)
        reference = {"publisher": "Debian", "offer": "debian-13", "sku": "13-gen2", "version": "latest"}
        body = arm.machine(reference)
        answer = arm.send("PUT", "virtualMachines/x", body)
        azure.cloud.operations.hurry()
        ended = arm.send("GET", answer.headers["Azure-AsyncOperation"]).json()
        assert ended["status"] == "Failed"
        assert "did not boot" in ended["error"]["message"]
        assert arm.send("GET", "virtualMachines/x").json()["properties"]["provisioningState"] == "Failed"
