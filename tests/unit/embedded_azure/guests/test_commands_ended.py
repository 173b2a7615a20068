# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run commands that are deleted while their script runs in a guest: the script ends, as Azure's handler has it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from guest_machines import GROUP, GuestMachines
from repository import ROOT

from embedded_azure import EmbeddedAzure
from embedded_azure.client import signed_in
from embedded_azure.guests.nspawn import NspawnGuests

pytestmark = pytest.mark.guest


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuestMachines]:
    directory = tmp_path_factory.mktemp("guests")
    guests = NspawnGuests(ROOT / ".cache" / "guests", directory / "state")
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}})
        booted = GuestMachines(azure, guests, directory)
        booted.boot("web")
        yield booted


def send(machines: GuestMachines, method: str, script: str = "", name: str = "command") -> None:
    url = f"{machines.azure.url}{machines.id_of('web')}/runCommands/{name}?api-version=2026-04-01"
    body = {"location": "westeurope", "properties": {"source": {"script": script}}} if script else None
    signed_in(machines.azure).request(method, url, json=body, timeout=10).raise_for_status()


def runs(machines: GuestMachines, sleeps: str) -> bool:
    return machines.guests.run(machines.id_of("web").lower(), f"pgrep -f 'sleep {sleeps}'", 10).return_code == 0


def begin(machines: GuestMachines, name: str) -> None:
    send(machines, "PUT", "sleep 291 & sleep 292", name)
    while not runs(machines, "29[2]"):
        time.sleep(0.1)


def test_a_deleted_command_ends_its_script(machines: GuestMachines) -> None:
    begin(machines, "deleted")
    send(machines, "DELETE", name="deleted")
    machines.azure.cloud.operations.hurry()
    assert not runs(machines, "29[12]")
    assert not any("/runCommands/" in id for id in machines.azure.resources())


def test_what_a_finished_script_has_left_goes_on(machines: GuestMachines) -> None:
    send(machines, "PUT", "sleep 293 & true", "finished")
    machines.azure.cloud.operations.hurry()
    send(machines, "DELETE", name="finished")
    machines.azure.cloud.operations.hurry()
    assert runs(machines, "29[3]")
