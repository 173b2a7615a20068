# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the control plane asks of the guests."""

from __future__ import annotations

from typing import Any

import pytest

from embedded_azure import EmbeddedAzure
from embedded_azure.guests import CompletedRun, Machine, NoGuests


class RecordingGuests(NoGuests):
    """Guests that write down what they are told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[Any, ...]] = []
        self.machines: dict[str, Machine] = {}

    def create_disk(self, disk_id: str, source_disk_id: str | None) -> None:
        self.told.append(("create", disk_id.rsplit("/", 1)[-1].split("_", maxsplit=1)[0], source_disk_id))

    def delete_disk(self, disk_id: str) -> None:
        self.told.append(("delete", disk_id.rsplit("/", 1)[-1].split("_", maxsplit=1)[0]))

    def boot(self, machine: Machine) -> None:
        super().boot(machine)
        self.machines[machine.vm_id.rsplit("/", 1)[-1]] = machine

    def run(self, vm_id: str, script: str, timeout: float) -> CompletedRun:
        return CompletedRun(3, f"ran {script}", "oops")


@pytest.fixture
def guests() -> RecordingGuests:
    return RecordingGuests()


@pytest.fixture
def arm(guests: RecordingGuests, arm_for: Any) -> Any:
    key = "ssh-ed25519 AAAA"
    machine = {"name": "Source", "group": "golden", "ssh_public_keys": [key], "custom_data": "aGVsbG8="}
    with EmbeddedAzure(seed={"virtual_machines": [machine]}, guests=guests) as azure:
        yield arm_for(azure)


def test_a_first_boot_is_provisioned(guests: RecordingGuests, arm: Any) -> None:
    machine = guests.machines["source"]
    assert machine.vm_id == arm.id("virtualMachines/source").lower()
    assert machine.provisioning is not None
    assert machine.provisioning.ssh_public_keys == ("ssh-ed25519 AAAA",)
    assert machine.provisioning.custom_data == b"hello"
    assert machine.provisioning.hostname == "Source"
    assert guests.told == [("create", "source", None)]


def test_later_boots_are_not(guests: RecordingGuests, arm: Any) -> None:
    arm.azure.act(arm.id("virtualMachines/source"), "deallocate")
    arm.azure.act(arm.id("virtualMachines/source"), "start")
    assert guests.machines["source"].provisioning is None


def test_a_clone_copies_the_image_which_copied_the_disk(guests: RecordingGuests, arm: Any) -> None:
    source = guests.machines["source"]
    arm.azure.act(arm.id("virtualMachines/source"), "deallocate")
    arm.azure.act(arm.id("virtualMachines/source"), "generalize")
    image = arm.id("images/i")
    properties = {"sourceVirtualMachine": {"id": arm.id("virtualMachines/Source")}}
    clone = {"name": "clone", "group": "golden", "image": image}
    arm.azure.seed({"resources": [{"id": image, "location": "westeurope", "properties": properties}]})
    arm.azure.seed({"virtual_machines": [clone]})
    assert guests.told[1:] == [("create", "i", source.disk_id), ("create", "clone", image.lower())]
    assert guests.machines["clone"].provisioning is not None
    assert guests.machines["clone"].provisioning.instance_id != source.provisioning.instance_id


def test_run_command_tells_how_it_ended(arm: Any) -> None:
    body = {"commandId": "RunShellScript", "script": ["false"], "parameters": [{"name": "a", "value": "1"}]}
    answer = arm.send("POST", "virtualMachines/source/runCommand", body)
    arm.azure.cloud.operations.hurry()
    message = arm.send("GET", answer.headers["Location"]).json()["value"][0]["message"]
    assert "exit status=3" in message
    assert "[stdout]\nran export a='1'\nfalse\n[stderr]\noops" in message


def test_managed_run_command(arm: Any) -> None:
    path = "virtualMachines/source/runCommands/c"
    arm.send("PUT", path, {"location": "westeurope", "properties": {"source": {"script": "true"}}})
    arm.azure.cloud.operations.hurry()
    view = arm.send("GET", path, **{"$expand": "instanceView"}).json()["properties"]["instanceView"]
    assert (view["executionState"], view["exitCode"], view["error"]) == ("Failed", 3, "oops")


def test_deleting_a_group_ends_its_guests(guests: RecordingGuests, arm: Any) -> None:
    arm.send("DELETE", f"/subscriptions/{arm.azure.settings.subscription}/resourceGroups/golden")
    arm.azure.cloud.operations.hurry()
    assert not guests.is_running(arm.id("virtualMachines/source").lower())
    assert ("delete", "source") in guests.told
