# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a managed run command says is written to append blobs, as Azure's handler does it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from counting_guests import CountingGuests, WaitingGuests

from embedded_azure import DrivenClock, EmbeddedAzure
from embedded_azure.guests import CompletedRun, GuestBackend

COMMAND = "virtualMachines/linux/runCommands/command"
URL = "https://logs.blob.core.windows.net/said"
MIB = 1024 * 1024
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
SEED = {
    "groups": {"golden": "westeurope"},
    "storage_accounts": [
        {"name": "logs", "group": "golden", "containers": {"said": {}}},
        {"name": "pages", "group": "golden", "sku": "Premium_LRS", "containers": {"said": {}}},
    ],
    "virtual_machines": [{"name": "linux", "group": "golden"}],
}


def started(guests: GuestBackend) -> EmbeddedAzure:
    return EmbeddedAzure(seed=SEED, guests=guests, clock=DrivenClock())


@pytest.fixture
def guests() -> CountingGuests:
    return CountingGuests()


@pytest.fixture
def arm(guests: CountingGuests, arm_for: Any) -> Iterator[Any]:
    with started(guests) as azure:
        yield arm_for(azure)


def sas(arm: Any, name: str, permissions: str = "racw", account: str = "logs") -> str:
    address: str = arm.azure.cloud.accounts.sas(account, "said", name, permissions, 3600)
    return address


def send(arm: Any, script: str = "true", **properties: Any) -> Any:
    body = {"location": "westeurope", "properties": {"source": {"script": script}, **properties}}
    return arm.send("PUT", COMMAND, body).json()


def put(arm: Any, script: str = "true", **properties: Any) -> dict[str, Any]:
    send(arm, script, **properties)
    arm.azure.cloud.operations.hurry()
    return view(arm)


def view(arm: Any) -> dict[str, Any]:
    shown: dict[str, Any] = arm.send("GET", COMMAND, **{"$expand": "instanceView"}).json()["properties"]["instanceView"]
    return shown


def content(arm: Any, name: str) -> bytes:
    """The blob, as somebody with a SAS reads it through the proxy."""
    answer = requests.get(
        sas(arm, name, "r"),
        proxies={"https": arm.azure.proxy_url},
        verify=str(arm.azure.certificate_authority),
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return answer.content


def blob(arm: Any, name: str) -> Any:
    return arm.azure.cloud.accounts.blob("logs", "said", name)


def test_both_streams_are_written_whole(arm: Any, guests: CountingGuests) -> None:
    guests.answer = CompletedRun(3, "o" * 10000, "trouble")
    shown = put(arm, outputBlobUri=sas(arm, "out"), errorBlobUri=sas(arm, "err"))
    assert (content(arm, "out"), content(arm, "err")) == (b"o" * 10000, b"trouble")
    assert blob(arm, "out").kind == blob(arm, "err").kind == "AppendBlob"
    # The view holds the last 4,096 bytes of each, as without blobs.
    assert (shown["output"], shown["error"], shown["exitCode"]) == ("o" * 4096, "trouble", 3)


def test_the_signature_is_told_to_nobody(arm: Any) -> None:
    address = sas(arm, "out")
    properties = send(arm, outputBlobUri=address)["properties"]
    assert properties["outputBlobUri"] == f"{URL}/out"
    signature = address.rpartition("sig=")[2]
    assert signature not in str([entry.as_line() for entry in arm.azure.requests])
    # The same once more is no change, another signature is one.
    send(arm, outputBlobUri=address)
    assert arm.azure.cloud.store.get(arm.id(COMMAND)).private["sequence"] == 0
    send(arm, outputBlobUri=sas(arm, "out", "acw"))
    assert arm.azure.cloud.store.get(arm.id(COMMAND)).private["sequence"] == 1


def test_a_blob_that_is_there_is_replaced(arm: Any, guests: CountingGuests) -> None:
    guests.answer = CompletedRun(0, "first, and long", "")
    put(arm, outputBlobUri=sas(arm, "out"))
    guests.answer = CompletedRun(0, "second", "")
    put(arm, "other", outputBlobUri=sas(arm, "out"))
    assert content(arm, "out") == b"second"


def test_a_script_that_says_nothing_leaves_an_empty_blob(arm: Any) -> None:
    put(arm, outputBlobUri=sas(arm, "out"))
    assert content(arm, "out") == b"" and blob(arm, "out").appended_blocks == 0


@pytest.mark.parametrize(
    ("address", "code"),
    [
        (lambda arm: sas(arm, "out", "r"), "AuthorizationPermissionMismatch"),
        (lambda arm: sas(arm, "out").replace("sig=", "sig=x"), "AuthenticationFailed"),
        (lambda arm: f"{URL}/out", "invalid_request"),
        (lambda arm: sas(arm, "out").replace("//logs", "//nowhere"), "NoSuchHost"),
        (lambda arm: sas(arm, "out", account="pages"), "BlobTypeNotSupported"),
    ],
)
def test_without_its_blob_a_script_is_not_run(arm: Any, guests: CountingGuests, address: Any, code: str) -> None:
    shown = put(arm, outputBlobUri=address(arm))
    assert guests.scripts == []
    assert (shown["executionState"], shown["exitCode"]) == ("Failed", -101)
    assert shown["executionMessage"].startswith("Execution failed: Error creating AppendBlob 'https://")
    assert code in shown["executionMessage"] and "sig=" not in shown["executionMessage"]
    # The operation succeeds: the handler was reached.
    assert arm.send("GET", COMMAND).json()["properties"]["provisioningState"] == "Succeeded"


def test_the_identity_of_the_machine_writes_where_there_is_no_sas(arm: Any, guests: CountingGuests) -> None:
    arm.azure.change(arm.id("virtualMachines/linux"), {"identity": {"type": "SystemAssigned"}})
    guests.answer = CompletedRun(0, "said", "")
    assert put(arm, outputBlobUri=f"{URL}/out", outputBlobManagedIdentity={})["executionState"] == "Succeeded"
    assert content(arm, "out") == b"said"
    # So it does where the SAS is refused.
    assert put(arm, "again", outputBlobUri=sas(arm, "out", "r"))["executionState"] == "Succeeded"
    arm.azure.settings.rights = [{"scope": "/", "actions": ["*"]}]
    shown = put(arm, "third", outputBlobUri=f"{URL}/out")
    assert (shown["executionState"], shown["exitCode"]) == ("Failed", -101)
    assert "AuthorizationPermissionMismatch" in shown["executionMessage"]


@pytest.mark.parametrize("identity", [{"objectId": "1"}, {"clientId": "of somebody else"}])
def test_an_identity_that_the_machine_does_not_have(arm: Any, identity: dict[str, str]) -> None:
    arm.azure.change(arm.id("virtualMachines/linux"), {"identity": {"type": "SystemAssigned"}})
    shown = put(arm, outputBlobUri=f"{URL}/out", outputBlobManagedIdentity=identity)
    assert (shown["executionState"], shown["exitCode"]) == ("Failed", -101)


def test_more_than_a_block_is_not_appended(arm: Any, guests: CountingGuests) -> None:
    """With a SAS, the handler uses a version of 2018, whose blocks have 4 MiB; the failure is only in its log."""
    guests.answer = CompletedRun(0, "x" * (4 * MIB + 1), "")
    assert put(arm, outputBlobUri=sas(arm, "out"))["executionState"] == "Succeeded"
    assert content(arm, "out") == b""
    arm.azure.change(arm.id("virtualMachines/linux"), {"identity": {"type": "SystemAssigned"}})
    put(arm, "again", outputBlobUri=f"{URL}/out")
    assert len(content(arm, "out")) == 4 * MIB + 1


# -- while it runs ------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(arm_for: Any) -> Iterator[tuple[Any, WaitingGuests]]:
    guests = WaitingGuests()
    with started(guests) as azure:
        yield arm_for(azure), guests
        guests.end()


def test_every_15_seconds_what_is_new_is_appended(waiting: tuple[Any, WaitingGuests]) -> None:
    arm, guests = waiting
    send(arm, outputBlobUri=sas(arm, "out"), errorBlobUri=sas(arm, "err"), asyncExecution=True)
    guests.begun.wait(10)
    guests.said, guests.said_of_errors = "one\n", "trouble\n"
    assert content(arm, "out") == b""
    arm.azure.clock.advance(15)
    assert (content(arm, "out"), content(arm, "err")) == (b"one\n", b"trouble\n")
    guests.said += "two\n"
    arm.azure.clock.advance(14)
    assert content(arm, "out") == b"one\n"
    arm.azure.clock.advance(1)
    assert content(arm, "out") == b"one\ntwo\n"
    assert (blob(arm, "out").appended_blocks, blob(arm, "err").appended_blocks) == (2, 1)
    guests.answer = CompletedRun(0, "one\ntwo\nend\n", "trouble\n")
    guests.end()
    arm.azure.cloud.store.get(arm.id(COMMAND)).private["running"].result(10)
    assert content(arm, "out") == b"one\ntwo\nend\n"
    assert view(arm)["executionState"] == "Succeeded"


def test_what_could_not_be_appended_is_tried_again(waiting: tuple[Any, WaitingGuests]) -> None:
    arm, guests = waiting
    send(arm, outputBlobUri=sas(arm, "out"), asyncExecution=True)
    guests.begun.wait(10)
    guests.said = "one\n"
    blob(arm, "out").leased = True
    arm.azure.clock.advance(15)
    assert content(arm, "out") == b""
    blob(arm, "out").leased = False
    guests.said += "two\n"
    arm.azure.clock.advance(15)
    assert content(arm, "out") == b"one\ntwo\n"
    assert blob(arm, "out").appended_blocks == 1


def test_a_handler_that_is_killed_appends_nothing_more(waiting: tuple[Any, WaitingGuests]) -> None:
    arm, guests = waiting
    send(arm, outputBlobUri=sas(arm, "out"), asyncExecution=True)
    guests.begun.wait(10)
    guests.said = "one\n"
    arm.azure.clock.advance(15)
    assert content(arm, "out") == b"one\n"
    running = arm.azure.cloud.store.get(arm.id(COMMAND)).private["running"]
    arm.send("DELETE", COMMAND)
    guests.answer = CompletedRun(-1, "one\ntwo\n", "")
    guests.end()
    running.result(10)
    arm.azure.cloud.operations.hurry()
    assert content(arm, "out") == b"one\n"
