# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in Windows machines of embedded Azure: clones of what was generalized, and of what was not."""

from __future__ import annotations

from pathlib import Path

import pytest

from embedded_azure.guests import GuestError, Machine, Provisioning
from embedded_azure.guests.windows import COMPLETE, GENERALIZED, StandInWindows


def machine(name: str, provisioned: bool = True) -> Machine:
    provisioning = Provisioning("azureuser", (), name, None, f"{name}-1")
    return Machine(f"/vms/{name}", f"/disks/{name}", name, provisioning if provisioned else None)


@pytest.fixture
def windows(tmp_path: Path) -> StandInWindows:
    """Machines, of which one has been made and shut down."""
    machines = StandInWindows(tmp_path)
    machines.create_disk("/disks/source", None)
    machines.boot(machine("source"))
    machines.power_off("/vms/source")
    return machines


def set_image_state(windows: StandInWindows, state: str) -> None:
    with windows.guest("source").change() as memory:
        memory["facts"]["image_state"] = state


def test_a_clone_of_a_generalized_disk_is_a_machine_of_its_own(windows: StandInWindows) -> None:
    set_image_state(windows, GENERALIZED)
    windows.create_disk("/disks/clone", "/disks/source")
    windows.boot(machine("clone"))
    source, clone = (windows.guest(name).read() for name in ("source", "clone"))
    assert clone["running"]
    assert clone["facts"]["image_state"] == COMPLETE
    assert clone["identity"]["sid"] != source["identity"]["sid"]
    assert source["facts"]["image_state"] == GENERALIZED


def test_a_clone_of_an_unprepared_disk_is_never_provisioned(windows: StandInWindows) -> None:
    windows.create_disk("/disks/clone", "/disks/source")
    with pytest.raises(GuestError, match="not generalized"):
        windows.boot(machine("clone"))


def test_a_specialized_copy_stays_the_same_machine(windows: StandInWindows) -> None:
    windows.create_disk("/disks/copy", "/disks/source")
    windows.boot(machine("copy", provisioned=False))
    assert windows.guest("copy").read()["identity"] == windows.guest("source").read()["identity"]


def test_power(windows: StandInWindows) -> None:
    assert not windows.is_running("/vms/source")
    with pytest.raises(GuestError, match="not running"):
        windows.restart("/vms/source")
    windows.boot(machine("source", provisioned=False))
    assert windows.is_running("/vms/source")
    windows.delete_machine("/vms/source")
    assert not windows.is_running("/vms/source")
    with pytest.raises(GuestError, match="no disk"):
        windows.create_disk("/disks/other", "/disks/unheard-of")
