# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests on real guests share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from repository import ROOT

from embedded_azure.guests import Machine, Provisioning
from embedded_azure.guests.local_guests import LocalGuests

REPOSITORY = ROOT
CACHE = REPOSITORY / ".cache" / "guests"
USER = "azureuser"


@dataclass(frozen=True)
class Key:
    """An ssh key pair: path of the private half, text of the public one."""

    private: Path
    public: str


def boot(
    guests: LocalGuests, key: Key, name: str, source: str | None = None, user: str = USER, uuid: str | None = None
) -> Machine:
    """Boot a provisioned machine, named like its disk, from the pristine root or from the disk of another one."""
    guests.create_disk(f"disks/{name}", f"disks/{source}" if source else None)
    provisioning = Provisioning(user, (key.public,), name, None, f"instance-{name}")
    machine = Machine(name, f"disks/{name}", name, provisioning, uuid)
    guests.boot(machine)
    return machine


def must_run(guests: LocalGuests, name: str, script: str) -> str:
    """Run a script as root in a guest and return what it says; it must succeed."""
    completed = guests.run(name, script, 60)
    assert completed.return_code == 0, completed
    return completed.stdout
