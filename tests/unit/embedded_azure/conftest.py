# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An embedded Azure for each test, the SDK's clients, and a plain way to send ARM requests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from azure.identity import ClientSecretCredential
from azure.mgmt.compute import ComputeManagementClient

from embedded_azure import DrivenClock, EmbeddedAzure
from embedded_azure.client import signed_in

SEED = {"groups": {"golden": "westeurope"}, "virtual_machines": [{"name": "source", "group": "golden"}]}


class Arm:
    """Sends requests with a good token to an embedded Azure; paths may leave out the subscription."""

    #: A network profile that brings an interface along.
    INTERFACE: ClassVar[dict[str, Any]] = {
        "networkApiVersion": "2020-11-01",
        "networkInterfaceConfigurations": [
            {"name": "nic", "properties": {"primary": True, "ipConfigurations": [{"name": "ip", "properties": {}}]}}
        ],
    }

    def __init__(self, azure: EmbeddedAzure) -> None:
        self.azure = azure
        self.session = signed_in(azure)

    def send(self, method: str, path: str, body: Any = None, version: str | None = None, **query: str) -> Any:
        """Send a request; a path without leading slash lies in the group golden, under Microsoft.Compute."""
        if path.startswith("https://"):
            return self.session.request(method, path, json=body, timeout=10)
        prefix = f"/subscriptions/{self.azure.settings.subscription}"
        whole = path if path.startswith("/") else f"{prefix}/resourceGroups/golden/providers/Microsoft.Compute/{path}"
        if version is None:
            version = "2026-03-02" if "/disks" in whole or "/snapshots" in whole else "2026-04-01"
            version = "2026-03-03" if "alleries" in whole else version
        parameters = {"api-version": version, **query} if version else query
        return self.session.request(method, self.azure.url + whole, params=parameters, json=body, timeout=10)

    def error(self, *arguments: Any, **query: Any) -> tuple[int, str, str]:
        """Send a request that is to be refused: status, code, message."""
        answer = self.send(*arguments, **query)
        refusal = answer.json()["error"]
        return answer.status_code, refusal["code"], refusal["message"]

    @staticmethod
    def machine(reference: dict[str, str], **properties: Any) -> dict[str, Any]:
        """The least body that makes a virtual machine from an image."""
        profile = {"computerName": "x", "adminUsername": "u"}
        made = {"storageProfile": {"imageReference": reference}, "osProfile": profile, "networkProfile": Arm.INTERFACE}
        return {"location": "westeurope", "properties": {**made, **properties}}

    def id(self, path: str) -> str:
        """The id of something in the group golden."""
        return f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/golden/providers/Microsoft.Compute/{path}"


@pytest.fixture
def arm_for() -> Callable[[EmbeddedAzure], Arm]:
    """Makes plain requests to any embedded Azure."""
    return Arm


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    """An embedded Azure with a group and a running machine, whose operations take no time."""
    with EmbeddedAzure(seed=SEED) as embedded:
        yield embedded


@pytest.fixture
def slow_azure() -> Iterator[EmbeddedAzure]:
    """The same with a clock to drive and operations of one minute."""
    with EmbeddedAzure(seed=SEED, clock=DrivenClock(), durations={"*": 60}) as embedded:
        yield embedded


@pytest.fixture
def arm(azure: EmbeddedAzure) -> Arm:
    """Plain requests to `azure`."""
    return Arm(azure)


@pytest.fixture
def slow_arm(slow_azure: EmbeddedAzure) -> Arm:
    """Plain requests to `slow_azure`."""
    return Arm(slow_azure)


@pytest.fixture
def compute(azure: EmbeddedAzure, monkeypatch: pytest.MonkeyPatch) -> Iterator[ComputeManagementClient]:
    """The SDK's client, signed in by azure-identity, over HTTPS."""
    for name, value in azure.environment().items():
        monkeypatch.setenv(name, value)
    settings = azure.settings
    credential = ClientSecretCredential(
        settings.tenant, settings.client, settings.secret, authority=azure.url, disable_instance_discovery=True
    )
    scope = f"{azure.url}/.default"
    with ComputeManagementClient(
        credential, settings.subscription, base_url=azure.url, credential_scopes=[scope]
    ) as client:
        yield client
    credential.close()
