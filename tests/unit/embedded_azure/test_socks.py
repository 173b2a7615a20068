# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of machines lead to their guests."""

from __future__ import annotations

import shlex
import socket
import sys
from collections.abc import Iterator

import pytest

from embedded_azure import EmbeddedAzure
from embedded_azure.guests import GuestError, NoGuests, SshAccess

GREET = bytes((5, 1, 0))
GUEST = "import sys; line = sys.stdin.readline(); print('guest heard', line, end='', flush=True)"


class TalkingGuests(NoGuests):
    """A running guest answers one line and closes."""

    def ssh_access(self, vm_id: str) -> SshAccess:
        if not self.is_running(vm_id):
            raise GuestError(f"The machine {vm_id} is not running.")
        return SshAccess("guest", 22, shlex.join([sys.executable, "-c", GUEST]))


@pytest.fixture
def azure() -> Iterator[EmbeddedAzure]:
    seed = {"virtual_machines": [{"name": name, "group": "golden"} for name in ("one", "two")]}
    with EmbeddedAzure(seed=seed, guests=TalkingGuests()) as running:
        yield running


def address_of(azure: EmbeddedAzure, name: str) -> str:
    """The private address of a machine, as a client finds it."""
    resources = azure.resources().values()
    (nic,) = [
        resource
        for resource in resources
        if resource["type"].endswith("/networkInterfaces")
        and resource["properties"]["virtualMachine"]["id"].endswith(f"/{name}")
    ]
    return str(nic["properties"]["ipConfigurations"][0]["properties"]["privateIPAddress"])


def connect(azure: EmbeddedAzure, address: str, port: int = 22, by_name: bool = False) -> tuple[int, socket.socket]:
    """Ask the proxy for a connection: its answer's code, and the socket."""
    connection = socket.create_connection(("127.0.0.1", azure.socks_port), 10)
    connection.sendall(GREET)
    assert connection.recv(2) == bytes((5, 0))
    target = bytes((3, len(address))) + address.encode() if by_name else b"\1" + socket.inet_aton(address)
    connection.sendall(bytes((5, 1, 0)) + target + port.to_bytes(2, "big"))
    answer = connection.recv(10)
    assert (answer[0], len(answer)) == (5, 10)
    return answer[1], connection


@pytest.mark.parametrize("by_name", [False, True])
@pytest.mark.parametrize("machine", ["", "One"], ids=["address", "name"])
def test_an_address_or_name_leads_to_the_guest_until_it_closes(
    azure: EmbeddedAzure, machine: str, by_name: bool
) -> None:
    code, connection = connect(azure, machine or address_of(azure, "one"), by_name=by_name or bool(machine))
    with connection:
        assert code == 0
        connection.sendall(b"hello\n")
        heard = b""
        while data := connection.recv(100):
            heard += data
    assert heard == b"guest heard hello\n"


def test_a_connection_that_is_open_at_the_end_is_cut_in_silence(
    azure: EmbeddedAzure, caplog: pytest.LogCaptureFixture
) -> None:
    code, connection = connect(azure, "one", by_name=True)
    with connection:
        assert code == 0
        azure.stop()
        assert connection.recv(10) == b""
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == []


def test_what_is_not_there_is_refused(azure: EmbeddedAzure) -> None:
    codes = []
    for address, port in (("203.0.113.250", 22), (address_of(azure, "one"), 80)):
        code, connection = connect(azure, address, port)
        connection.close()
        codes.append(code)
    assert codes == [4, 5]


def test_a_machine_that_does_not_run_is_not_there(azure: EmbeddedAzure) -> None:
    address = address_of(azure, "two")
    (vm_id,) = [id for id in azure.resources() if id.endswith("/virtualMachines/two")]
    azure.act(vm_id, "deallocate")
    code, connection = connect(azure, address)
    connection.close()
    assert code == 4


def test_no_machine_gets_an_address_which_another_has(azure: EmbeddedAzure) -> None:
    (first,) = [id for id in azure.resources() if "/networkInterfaces/one-" in id]
    azure.forget(first)
    azure.seed({"virtual_machines": [{"name": "three", "group": "golden"}]})
    assert address_of(azure, "three") != address_of(azure, "two")


def test_anything_but_socks_is_hung_up_on(azure: EmbeddedAzure) -> None:
    with socket.create_connection(("127.0.0.1", azure.socks_port), 10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert connection.recv(10) == b""
