# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection azure.azcollection, taken alone from the Python package `ansible`, with its own requirements."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from .client import Client
from .environments import install, once, python_environment
from .session import GROUP, LOCATION, STEP_SECONDS, ClientError, Session

LOCK = Path(__file__).with_name("azcollection.lock")
PLAYBOOK = Path(__file__).with_name("azcollection.yml")
WHEEL = "ansible==12.3.0"
DOWNLOAD = Path(__file__).resolve().parents[1] / "tools" / "download_wheel.sh"
_COLLECTION = "ansible_collections/azure/azcollection/"
_TASK = re.compile(r"^TASK \[(?P<name>.*?)\]")
_DONE = re.compile(r"^(ok|changed): ")


def task_names() -> tuple[str, ...]:
    """The tasks of the playbook."""
    (play,) = yaml.safe_load(PLAYBOOK.read_text(encoding="utf-8"))
    return tuple(task["name"] for task in play["tasks"])


def tasks_done(output: str) -> list[str]:
    """The tasks which a run of a playbook says it has done (not those it skipped)."""
    done: list[str] = []
    task = ""
    for line in output.splitlines():
        started = _TASK.match(line)
        if started:
            task = started["name"]
        elif _DONE.match(line) and task:
            done.append(task)
            task = ""
    return done


class AzureCollection(Client):
    """Runs azcollection.yml: the modules that know machines, images, galleries and snapshots."""

    name = "azcollection"
    title = "azure.azcollection (Ansible)"
    steps = task_names()

    def install(self, place: Path) -> str:
        """ansible-core and what the collection requires, from PyPI; the collection out of the wheel."""
        environment = place / "environment"
        with once(environment, LOCK.read_text(encoding="utf-8"), WHEEL) as wanted:
            if wanted:
                python_environment(self.title, environment, LOCK)
                self._unpack(environment / "collections")
        manifest = environment / "collections" / _COLLECTION / "MANIFEST.json"
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])

    def _unpack(self, target: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="golden-azure-wheel-") as directory:
            install(self.title, [DOWNLOAD, WHEEL, directory])
            (wheel,) = Path(directory).glob("ansible-*.whl")
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(target, [name for name in archive.namelist() if name.startswith(_COLLECTION)])

    def run(self, session: Session) -> Iterator[str]:
        """One playbook against a machine that is there already."""
        settings = session.azure.settings
        session.azure.seed({"virtual_machines": [{"name": "source", "group": GROUP, "location": LOCATION}]})
        environment = session.place / "environment"
        extra = {
            "PATH": f"{environment / 'bin'}:{session.environment()['PATH']}",
            "ANSIBLE_COLLECTIONS_PATH": str(environment / "collections"),
            "ANSIBLE_HOME": str(session.directory / "ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_PYTHON_INTERPRETER": str(environment / "bin" / "python"),
            "AZURE_TENANT": settings.tenant,
            "AZURE_CLIENT_ID": settings.client,
            "AZURE_SECRET": settings.secret,
            "AZURE_SUBSCRIPTION_ID": settings.subscription,
        }
        machine = session.resource("virtualMachines/source") or {}
        disk = machine["properties"]["storageProfile"]["osDisk"]["managedDisk"]["id"]
        variables = {"group": GROUP, "location": LOCATION, "group_id": session.group_id, "disk_id": disk}
        command = [environment / "bin" / "ansible-playbook", PLAYBOOK, "--extra-vars", json.dumps(variables)]
        said = session.run(PLAYBOOK.name, command, extra, STEP_SECONDS)
        done = tasks_done(said)
        if tuple(done) != self.steps:
            raise ClientError(f"azcollection.yml: it did {done}.")
        yield from done
        session.expect(done[-1], session.resource("images/image") is None, "the image is still there")
        session.expect(done[-1], session.resource("snapshots/snapshot") is not None, "there is no snapshot")
