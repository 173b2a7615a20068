# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Azure's handler of run commands keeps in a guest, and what that does to machines made of its image."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from guest_machines import GROUP, GuestMachines
from guest_support import CACHE, Key, boot, must_run

from embedded_azure import EmbeddedAzure
from embedded_azure.client import signed_in
from embedded_azure.guests.nspawn import NspawnGuests
from embedded_azure.guests.run_command_handler import HandlerCommand, with_parameters

DOWNLOADS = "/var/lib/waagent/run-command-handler/download"
STATE = "/var/lib/waagent/Microsoft.CPlat.Core.RunCommandHandlerLinux-1.3.28"


def test_parameters_come_before_a_script() -> None:
    text = with_parameters((("FIRST", "it's $HOME"), ("EMPTY", ""), ("", "nameless")), 'echo "$FIRST"')
    assert "EMPTY" not in text
    assert "nameless" not in text
    completed = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True, timeout=60)
    assert completed.stdout == "it's $HOME\n"


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GuestMachines]:
    directory = tmp_path_factory.mktemp("guests")
    guests = NspawnGuests(CACHE, directory / "state")
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}})
        booted = GuestMachines(azure, guests, directory)
        booted.boot("web")
        yield booted


def send(machines: GuestMachines, method: str, name: str, **properties: Any) -> dict[str, Any]:
    url = f"{machines.azure.url}{machines.id_of('web')}/runCommands/{name}?api-version=2026-04-01"
    body = {"location": "westeurope", "properties": properties} if properties else None
    azure = signed_in(machines.azure)
    azure.request(method, url, json=body, timeout=60).raise_for_status()
    machines.azure.cloud.operations.hurry()
    if method == "DELETE":
        return {}
    view = azure.request("GET", f"{url}&$expand=instanceView", timeout=60).json()
    return view["properties"]["instanceView"]


@pytest.mark.guest
def test_a_command_runs_in_its_directory_where_things_stay(machines: GuestMachines) -> None:
    script = 'pwd; echo "$SHOWN $HIDDEN $#$1$2"; [ -t 0 ] || cat; stat -c "%n %a" *; wc -l < stdout; id -u; echo trouble >&2; exit 3'
    view = send(
        machines,
        "PUT",
        "command",
        source={"script": script},
        parameters=[{"name": "SHOWN", "value": "it's"}, {"name": "", "value": "one two"}],
        protectedParameters=[{"name": "HIDDEN", "value": "there"}],
    )
    # Its outputs lie beside it while it runs, too.
    beside = ["script.sh 500", "stderr 600", "stdout 600", "5", "0"]
    assert view["output"].splitlines() == [f"{DOWNLOADS}/command/0", "it's there 2onetwo", *beside]
    assert (view["executionState"], view["exitCode"]) == ("Failed", 3)
    vm_id = machines.id_of("web").lower()
    listing = must_run(machines.guests, vm_id, f"cat {STATE}/command.mrseq; ls {DOWNLOADS}/command/0 {STATE}/status")
    for name in ("script.sh", "stdout", "stderr", "command.0.status"):
        assert name in listing
    kept = must_run(machines.guests, vm_id, f"cat {DOWNLOADS}/command/0/stdout {DOWNLOADS}/command/0/stderr")
    assert kept == f"{view['output']}{view['error']}"

    # A change has the next number, and the directory of the one before goes.
    assert send(machines, "PUT", "command", source={"script": "pwd"})["output"].strip() == f"{DOWNLOADS}/command/1"
    assert must_run(machines.guests, vm_id, f"ls {DOWNLOADS}/command").split() == ["1"]

    # Once it is deleted, one of the same name is not run, and nothing is known of it.
    send(machines, "DELETE", "command")
    assert "command" not in must_run(machines.guests, vm_id, f"ls {STATE}/status")
    assert send(machines, "PUT", "command", source={"script": "touch /run/again"}) == {"executionState": "Unknown"}
    assert machines.guests.run(vm_id, "test -e /run/again", 30).return_code == 1


@pytest.mark.guest
def test_a_clone_reports_what_the_source_said(machines: GuestMachines, key: Key) -> None:
    guests = machines.guests

    def command(script: str, sequence: int = 0) -> HandlerCommand:
        return HandlerCommand("setup", sequence, f"{script}#{sequence}", script, (), 60.0)

    assert isinstance(guests, NspawnGuests)
    boot(guests, key, "source")
    first = guests.run_command("source", command("hostname"))
    assert first is not None and first.stdout.strip() == "source"
    guests.power_off("source")
    boot(guests, key, "clone", "source", user="newuser")
    assert guests.run_command("clone", command("touch /run/ran; hostname")) == first
    assert guests.run("clone", "test -e /run/ran", 30).return_code == 1
    later = guests.run_command("clone", command("hostname", 1))
    assert later is not None and later.stdout.strip() == "clone"


@pytest.mark.guest
def test_a_script_that_removes_its_directory_is_told_to_its_end(machines: GuestMachines, key: Key) -> None:
    """As the one that deprovisions the agent does: its outputs are open files."""
    guests = machines.guests
    assert isinstance(guests, NspawnGuests)
    boot(guests, key, "short")
    script = "echo before; rm -r /var/lib/waagent; echo after"
    gone = guests.run_command("short", HandlerCommand("gone", 0, "gone", script, (), 60.0))
    assert gone is not None and (gone.return_code, gone.stdout) == (0, "before\nafter\n")
    assert guests.run("short", "test -e /var/lib/waagent", 30).return_code == 1
    # Nothing is known any more of what was run: it runs again.
    again = guests.run_command("short", HandlerCommand("gone", 0, "gone", "echo again", (), 60.0))
    assert again is not None and again.stdout == "again\n"
