# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Those who are measured: this collection, azure.azcollection, the Azure CLI; all see the public cloud, through the proxy."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from clients.azcollection import AzureCollection
from clients.azure_cli import AzureCli
from clients.environments import install as install_packages
from clients.environments import once
from clients.session import GROUP, LOCATION, Session
from embedded_azure import EmbeddedAzure

from .measure import Measured, run

LIMIT = 540.0
_ROOT = Path(__file__).resolve().parents[2]
_ANSIBLE = {
    "ANSIBLE_LOCALHOST_WARNING": "false",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
    "ANSIBLE_DEPRECATION_WARNINGS": "false",
    # A playbook that is measured is not to be slowed down by what it prints.
    "ANSIBLE_DISPLAY_OK_HOSTS": "false",
}

Task = dict[str, Any]


@dataclass(frozen=True)
class Programs:
    """Where those who are measured are installed."""

    collections: Path
    ours: Path
    azcollection: Path
    azure_cli: Path


def install(cache: Path) -> Programs:
    """Install the peers, once, as `make clients` does, and what users of this collection install."""
    places = [_own_environment(cache / "clients" / "own" / "environment")]
    for client in (AzureCollection(), AzureCli()):
        place = cache / "clients" / client.name
        place.mkdir(parents=True, exist_ok=True)
        client.install(place)
        places.append(place / "environment")
    return Programs(cache / "collections", *places)


def _own_environment(environment: Path) -> Path:
    """ansible-core and the two packages, in the releases that are tested; no user has what the tests need besides."""
    lock, requirements = _ROOT / "requirements-dev.lock", _ROOT / "requirements.txt"
    with once(environment, lock.read_text(encoding="utf-8"), requirements.read_text(encoding="utf-8")) as wanted:
        if wanted:
            install_packages(
                "golden.azure", ["uv", "venv", "--quiet", "--allow-existing", "--python", sys.executable, environment]
            )
            add = ["uv", "pip", "install", "--quiet", "--python", environment / "bin" / "python"]
            packages = ["ansible-core", "--requirements", requirements, "--constraints", lock]
            install_packages("golden.azure", [*add, *packages])
    return environment


@dataclass
class Bench:
    """One embedded Azure, and those who are measured on it."""

    azure: EmbeddedAzure
    programs: Programs
    directory: Path
    _playbooks: int = field(default=0)

    def ours(self, tasks: Sequence[Task], **settings: Any) -> Measured:
        """Run tasks of this collection in a playbook."""
        programs = self.programs.ours / "bin"
        environment = {**self._base(programs), "ANSIBLE_COLLECTIONS_PATH": str(self.programs.collections)}
        return self._play(programs, environment, tasks, **settings)

    def azcollection(self, tasks: Sequence[Task], **settings: Any) -> Measured:
        """Run tasks of azure.azcollection in a playbook."""
        programs = self.programs.azcollection / "bin"
        environment = {
            **self._base(programs),
            "ANSIBLE_COLLECTIONS_PATH": str(self.programs.azcollection / "collections"),
        }
        return self._play(programs, environment, tasks, **settings)

    def az(self, *words: str) -> Measured:
        """Run one command of the Azure CLI, which has logged in before."""
        environment = {
            **self._session().environment(),
            "AZURE_CONFIG_DIR": str(self.directory / "azure"),
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_ONLY_SHOW_ERRORS": "yes",
        }
        az = self.programs.azure_cli / "bin" / "az"
        return run([az, *words, "--output", "json"], environment, self.directory, LIMIT)

    def az_login(self) -> None:
        """Log the Azure CLI in."""
        settings = self.azure.settings
        self.az("login", "--service-principal", "-u", settings.client, "-p", settings.secret, "-t", settings.tenant)

    def _session(self) -> Session:
        return Session(self.azure, self.directory, self.directory)

    def _base(self, programs: Path) -> dict[str, str]:
        settings = self.azure.settings
        inherited = self._session().environment()
        return {
            **inherited,
            **_ANSIBLE,
            "PATH": f"{programs}:{inherited['PATH']}",
            "ANSIBLE_HOME": str(self.directory / "ansible"),
            "ANSIBLE_PYTHON_INTERPRETER": str(programs / "python"),
            "AZURE_TENANT": settings.tenant,
            "AZURE_CLIENT_ID": settings.client,
            "AZURE_SECRET": settings.secret,
            "AZURE_SUBSCRIPTION_ID": settings.subscription,
        }

    def _play(
        self,
        programs: Path,
        environment: Mapping[str, str],
        tasks: Sequence[Task],
        hosts: Sequence[str] = (),
        forks: int = 5,
        memory: bool = False,
        variables: Mapping[str, str] | None = None,
    ) -> Measured:
        """Run a playbook of these tasks, on the controller or on hosts that are it; variables are the environment's."""
        self._playbooks += 1
        playbook = self.directory / f"bench-{self._playbooks}.yml"
        play = {"name": "Bench", "hosts": "all" if hosts else "localhost", "gather_facts": False, "tasks": list(tasks)}
        playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
        command = [programs / "ansible-playbook", playbook, "--forks", str(forks)]
        if hosts:
            inventory = self.directory / f"bench-{self._playbooks}-hosts.yml"
            here = {"ansible_connection": "local", "ansible_python_interpreter": str(programs / "python")}
            inventory.write_text(
                yaml.safe_dump({"all": {"hosts": dict.fromkeys(hosts), "vars": here}}), encoding="utf-8"
            )
            command += ["--inventory", inventory]
        return run(command, {**environment, **(variables or {})}, self.directory, LIMIT, memory)


@contextmanager
def bench(programs: Programs, directory: Path, seed: dict[str, Any], **settings: Any) -> Iterator[Bench]:
    """An embedded Azure with these resources, to measure on."""
    place = directory / f"azure-{len(list(directory.iterdir()))}"
    place.mkdir()
    with EmbeddedAzure(retry_after=1, **settings) as azure:
        azure.seed({"groups": {GROUP: LOCATION}, **seed})
        azure.clear_requests()
        yield Bench(azure, programs, place)


def images(number: int) -> dict[str, Any]:
    """A seed with that many images."""
    group = f"/subscriptions/{EmbeddedAzure().settings.subscription}/resourceGroups/{GROUP}"
    disk = {
        "osType": "Linux",
        "osState": "Generalized",
        "blobUri": "https://store.blob.core.windows.net/vhds/golden.vhd",
    }
    return {
        "resources": [
            {
                "id": f"{group}/providers/Microsoft.Compute/images/golden-{each:05d}",
                "location": LOCATION,
                "created": f"2025-{each % 12 + 1:02d}-{each // 12 % 28 + 1:02d}T00:00:00Z",
                "tags": {"family": f"family-{each % 10}"},
                "properties": {"hyperVGeneration": "V2", "storageProfile": {"osDisk": disk}},
            }
            for each in range(number)
        ]
    }


def machines(number: int) -> dict[str, Any]:
    """A seed with that many machines whose guests have shut down."""
    return {
        "virtual_machines": [{"name": f"web-{each:04d}", "group": GROUP, "power": "stopped"} for each in range(number)]
    }


def processors() -> int:
    """How many there are for us."""
    return len(os.sched_getaffinity(0))
