# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Windows machines that the playbook capture_windows must not capture, and a shutdown that nobody confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playbook_runs import Playbooks
from windows_captures import ENCRYPTION, GROUP, MONITOR, REPAIRS, Machines

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import StandInWindows
from windows_guest import playbooks as stand_in
from windows_guest.facts import HEALTHY, PER_USER_PACKAGE

#: The role's time on machines with a wait that never ends: many times what it takes to get there, on a busy machine, too.
DEADLINE = 60


@dataclass(frozen=True)
class Unhappy:
    """A machine that must not be captured."""

    #: What must be said of it.
    said: str
    #: The steps that may have reached the guest; None for any.
    kinds: tuple[str, ...] | None = None
    scenario: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    extensions: tuple[dict[str, Any], ...] = ()
    variables: dict[str, Any] = field(default_factory=dict)
    connection: str = "ssh"


def endless(*repairs: str) -> dict[str, Any]:
    """Variables of a machine with a wait from the Azure side that never ends."""
    return {"windows_sysprep_actions": list(repairs), "windows_sysprep_timeout": DEADLINE}


def stubborn(connection: str | None = None) -> Unhappy:
    """A machine that does not shut down; whose answer is lost if it is reached over a connection of a kind."""
    lost = {"lose_answer": {"shutdown": -1}} if connection else {}
    return Unhappy(
        "is still running 3 s after its guest should have shut down",
        scenario={"shutdown": "never", **lost},
        variables={"capture_shutdown_timeout": 3},
        connection=connection or "ssh",
    )


UNHAPPY = {
    "packaged": Unhappy("NotepadPlusPlus", ("facts",), facts={"appx_packages": [PER_USER_PACKAGE]}),
    "failing": Unhappy("exit_code", scenario={"sysprep": "exit_1"}),
    "stubborn": stubborn(),
    # The connection is lost at the shutdown, as it is when that works; but Azure does not agree.
    **{f"stubborn-{connection}": stubborn(connection) for connection in stand_in.CONNECTIONS},
    "encrypted": Unhappy("(disk_encryption)", (), extensions=(ENCRYPTION,)),
    "bitlocker": Unhappy(
        "turn off BitLocker",
        ("facts",),
        facts={"volumes": [{**HEALTHY["volumes"][0], "conversion_status": 1}]},
        variables={"windows_sysprep_actions": REPAIRS},
    ),
}

#: Those with a wait that never ends, whose time must not go into preparing others.
ENDLESS = {
    "never-decrypted": Unhappy(
        "decryptionInProgress) did not complete within the time limit",
        extensions=(ENCRYPTION,),
        variables=endless("disk_encryption"),
    ),
    "never-removed": Unhappy("The extensions were not removed", extensions=(MONITOR,), variables=endless("extensions")),
    "never-back": Unhappy(
        "The extensions were not removed", scenario={"lose": {"win_ping": -1}}, variables=endless("extensions")
    ),
}


@pytest.fixture(scope="module")
def unhappy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machines, Any]]:
    """The machines that must not be captured, and the run that tried."""
    yield from tried(tmp_path_factory.mktemp("unhappy"), UNHAPPY)


@pytest.fixture(scope="module")
def endless_waits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machines, Any]]:
    """Those with a wait that never ends."""
    yield from tried(tmp_path_factory.mktemp("endless"), ENDLESS)


def tried(directory: Path, unhappy: dict[str, Unhappy]) -> Iterator[tuple[Machines, Any]]:
    """Try to capture machines at once; decryption and removals take an hour."""
    guests = StandInWindows(
        directory / "windows", {name: (machine.scenario, machine.facts) for name, machine in unhappy.items()}
    )
    durations = {"decrypt": 3600, "DELETE Microsoft.Compute/virtualMachines/extensions": 3600}
    with EmbeddedAzure(guests=guests, retry_after=1, durations=durations) as azure:
        azure.seed({"groups": {GROUP: "westeurope"}})
        machines = Machines(azure, guests, Playbooks(directory, azure.environment()))
        for name, machine in unhappy.items():
            machines.boot(name, extensions=machine.extensions)
        finished = machines.capture_all(
            {name: machine.variables for name, machine in unhappy.items()},
            connections={name: machine.connection for name, machine in unhappy.items()},
        )
        yield machines, finished


@pytest.mark.sweep
@pytest.mark.parametrize("name", UNHAPPY)
def test_a_machine_that_must_not_be_captured(unhappy: tuple[Machines, Any], name: str) -> None:
    assert_not_captured(*unhappy, name, UNHAPPY[name])


@pytest.mark.sweep
@pytest.mark.parametrize("name", ENDLESS)
def test_a_machine_with_a_wait_that_never_ends(endless_waits: tuple[Machines, Any], name: str) -> None:
    assert_not_captured(*endless_waits, name, ENDLESS[name])


def assert_not_captured(machines: Machines, finished: Any, name: str, unhappy: Unhappy) -> None:
    """Make sure that it was told why a machine is not captured, and that it was not."""
    fatal = [line for line in finished.stdout.split("\nfatal: ")[1:] if line.startswith(f"[{name}")]
    assert any(unhappy.said in line for line in fatal), finished.stdout[-9000:]
    assert machines.image(name) is None
    assert machines.guests.is_running(name)
    if unhappy.kinds is not None:
        assert tuple(machines.kinds(name)) == unhappy.kinds


@pytest.mark.sweep
def test_a_shutdown_without_an_answer_counts_if_azure_agrees(windows_machines: Machines) -> None:
    """Over each kind of connection; and when sysprep shuts down itself, so that nobody sees how it ends."""
    names = {connection: connection for connection in stand_in.CONNECTIONS}
    for name in (*names, "itself"):
        windows_machines.boot(name)
        with windows_machines.guests.guest(name).change() as state:
            state["scenario"] = {"looks": 2} if name == "itself" else {"lose_answer": {"shutdown": -1}}
    own: dict[str, dict[str, Any]] = {name: {} for name in names}
    itself = {"windows_sysprep_end": "shutdown", "__windows_sysprep_connection_lost_limit": 2}
    finished = windows_machines.capture_all({**own, "itself": itself}, connections=names)
    assert finished.returncode == 0, finished.stdout[-5000:]
    for name in (*names, "itself"):
        assert windows_machines.image(name) is not None
        assert not windows_machines.guests.is_running(name)
    assert finished.stdout.count("shutdown was not confirmed") >= 1
