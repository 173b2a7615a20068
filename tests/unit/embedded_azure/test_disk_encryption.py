# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Azure Disk Encryption: what its extension does, and what comes of doing it in the wrong order."""

from __future__ import annotations

import time
from typing import Any

import pytest

from embedded_azure import DrivenClock, EmbeddedAzure
from embedded_azure.client import signed_in

GROUP = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/golden/providers/Microsoft.Compute"
VERSION = {"api-version": "2026-04-01"}
WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}
#: How often an operation that takes no time is asked for.
OPERATION_LIMIT = 100
ENABLED = {"EncryptionOperation": "EnableEncryption", "VolumeType": "All"}


class Machine:
    """An encrypted machine on an embedded Azure where decryption takes a minute."""

    def __init__(self, azure: EmbeddedAzure, clock: DrivenClock, kind: str) -> None:
        self.azure, self.clock, self.kind = azure, clock, kind
        self.session = signed_in(azure)

    def send(self, method: str, path: str = "", body: Any = None, **query: str) -> Any:
        url = f"{self.azure.url}{GROUP}/virtualMachines/source{path}"
        answer = self.session.request(method, url, params={**VERSION, **query}, json=body, timeout=10)
        operation = answer.headers.get("Azure-AsyncOperation")
        for _look in range(OPERATION_LIMIT):
            if not operation or self.session.get(operation, timeout=10).json()["status"] != "InProgress":
                break
            time.sleep(0.05)
        return answer

    def tell(self, **settings: str) -> Any:
        properties = {"publisher": "Microsoft.Azure.Security", "type": self.kind, "typeHandlerVersion": "2.2"}
        body = {"location": "westeurope", "properties": {**properties, "settings": settings}}
        return self.send("PUT", f"/extensions/{self.kind}", body)

    def disable(self, volumes: str = "All") -> Any:
        return self.tell(EncryptionOperation="DisableEncryption", VolumeType=volumes)

    def remove(self) -> Any:
        return self.send("DELETE", f"/extensions/{self.kind}")

    def states(self) -> list[str]:
        view = self.send("GET", **{"$expand": "instanceView"}).json()["properties"]["instanceView"]
        codes = [status["code"] for disk in view["disks"] for status in disk["statuses"]]
        return [code.partition("/")[2] for code in codes if code.startswith("EncryptionState/")]

    def message(self) -> str:
        path = f"/extensions/{self.kind}"
        view = self.send("GET", path, **{"$expand": "instanceView"}).json()["properties"]["instanceView"]
        return str(view["statuses"][0]["message"])


@pytest.fixture
def machine(request: pytest.FixtureRequest) -> Any:
    """A machine of the system named, Windows by default, with a data disk, encrypted."""
    system = getattr(request, "param", "Windows")
    kind = "AzureDiskEncryption" if system == "Windows" else "AzureDiskEncryptionForLinux"
    extension = {"name": kind, "publisher": "Microsoft.Azure.Security", "type": kind, "settings": ENABLED}
    made = {"name": "source", "group": "golden", "data_disks": [4], "extensions": [extension]}
    if system == "Windows":
        made |= {"os_type": "Windows", "image": WINDOWS}
    clock = DrivenClock()
    seed = {"groups": {"golden": "westeurope"}, "virtual_machines": [made]}
    with EmbeddedAzure(seed=seed, clock=clock, durations={"decrypt": 60}) as azure:
        yield Machine(azure, clock, kind)


def test_decryption_goes_on_in_the_background(machine: Machine) -> None:
    assert machine.states() == ["encrypted", "encrypted"]
    assert machine.disable().status_code == 200
    assert machine.states() == ["decryptionInProgress", "decryptionInProgress"]
    assert machine.message() == "Decryption is in progress"
    machine.clock.advance(60)
    assert machine.states() == ["notEncrypted", "notEncrypted"]
    assert machine.message() == "Disable Encryption completed successfully"
    assert machine.remove().status_code == 202
    assert machine.states() == ["notEncrypted", "notEncrypted"]


def test_an_extension_removed_first_leaves_the_disks_encrypted_and_comes_back(machine: Machine) -> None:
    machine.remove()
    machine.clock.advance(600)
    assert machine.states() == ["encrypted", "encrypted"]
    assert machine.disable().status_code == 201
    machine.clock.advance(60)
    assert machine.states() == ["notEncrypted", "notEncrypted"]
    assert machine.send("GET", f"/extensions/{machine.kind}").status_code == 200


def test_an_extension_removed_while_it_decrypts_breaks_that_off(machine: Machine) -> None:
    machine.disable()
    machine.remove()
    machine.clock.advance(600)
    assert machine.states() == ["encrypted", "encrypted"]


def test_data_volumes_alone(machine: Machine) -> None:
    machine.disable("Data")
    machine.clock.advance(60)
    assert machine.states() == ["encrypted", "notEncrypted"]


@pytest.mark.parametrize("machine", ["Linux"], indirect=True)
def test_linux_decrypts_nothing_while_the_systems_disk_is_encrypted(machine: Machine) -> None:
    refused = machine.disable("Data")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "OperationNotAllowed")
    assert machine.states() == ["encrypted", "encrypted"]


def test_extensions_change_only_while_the_machine_runs(machine: Machine) -> None:
    machine.send("POST", "/powerOff")
    assert machine.remove().status_code == 409
    assert machine.disable().status_code == 409
