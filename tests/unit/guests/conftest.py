# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests for the tests that boot one."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded_azure.guests import Machine, Provisioning
from embedded_azure.guests.nspawn import NspawnGuests, missing_requirements

REPOSITORY = Path(__file__).parents[3]
CACHE = REPOSITORY / ".cache" / "guests"
USER = "azureuser"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a guest where there can be none, saying why."""
    if not any(item.get_closest_marker("guest") for item in items):
        return
    missing = missing_requirements()
    if missing:
        for item in items:
            if item.get_closest_marker("guest"):
                item.add_marker(pytest.mark.skip(reason=" ".join(missing)))


@dataclass(frozen=True)
class Key:
    """An ssh key pair: path of the private half, text of the public one."""

    private: Path
    public: str


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Key:
    """Make a key to log in with."""
    path = tmp_path_factory.mktemp("key") / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return Key(path, path.with_suffix(".pub").read_text(encoding="utf-8").strip())


@pytest.fixture(scope="module")
def guests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NspawnGuests]:
    """Run a backend for the tests of a module, and make sure that nothing of it is left."""
    state = tmp_path_factory.mktemp("guests")
    with NspawnGuests(CACHE, state) as backend:
        yield backend
    assert not list(state.glob("*/*"))


def boot(guests: NspawnGuests, key: Key, name: str, source: str | None = None, user: str = USER) -> Machine:
    """Boot a provisioned machine, named like its disk, from the pristine root or from the disk of another one."""
    guests.create_disk(f"disks/{name}", f"disks/{source}" if source else None)
    machine = Machine(name, f"disks/{name}", name, Provisioning(user, (key.public,), name, None, f"instance-{name}"))
    guests.boot(machine)
    return machine


def must_run(guests: NspawnGuests, name: str, script: str) -> str:
    """Run a script as root in a guest and return what it says; it must succeed."""
    completed = guests.run(name, script, 60)
    assert completed.return_code == 0, completed
    return completed.stdout
