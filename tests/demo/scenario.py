# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demo does, with a real Linux guest: make a machine, capture it, boot clones, prove them."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import proof
from embedded_azure import EmbeddedAzure
from embedded_azure.guests import GuestBackend

from . import package, report
from .console import Console
from .machines import GROUP, USER, Machines
from .playbook import Host, Playbooks

SOURCE = "web-build"
IMAGE = "golden-web"
CLONES = ("web-1", "web-2")
UNPREPARED = "unprepared"
UNPREPARED_CLONES = ("copy-1", "copy-2")
#: Who logs in to the clones; the source's user must be gone from them.
CLONE_USER = "tester"
CONTENT = "made for the golden image"
TRACES = proof.Traces(user=USER, file="/opt/golden-demo.txt", package=package.NAME)


@dataclass
class Scenario:
    """One run of the demo."""

    azure: EmbeddedAzure
    guests: GuestBackend
    console: Console
    directory: Path

    def run(self) -> bool:
        """Do it all.

        :returns: whether the image is proved, and the proof fails where it must.
        """
        key = self._key()
        self.azure.seed({"groups": {GROUP: "westeurope"}})
        machines = Machines(self.azure, key.with_suffix(".pub").read_text().strip())
        playbooks = Playbooks(self.console, self.directory, self.azure.environment())

        with self.console.stage(f"Boot the machine {SOURCE} from Debian 12"):
            machines.boot(SOURCE)
        with self.console.stage("Install a package and leave a file under /opt, by a playbook of yours"):
            self._customise(playbooks, key)
        with self.console.stage("Keep an image of it as it is, unprepared, for the negative control"):
            machines.stop(SOURCE)
            unprepared_image = machines.image_of_copied_disk(SOURCE, UNPREPARED)
            machines.start(SOURCE)
        source = self._identity(SOURCE, USER, key)

        with self.console.stage("Capture it: ansible-playbook golden.azure.capture_linux"):
            result = self._capture(playbooks, "first.json")
        with self.console.stage("Capture it again: there is nothing left to do"):
            again = self._capture(playbooks, "second.json")

        with self.console.stage(f"Boot two clones of the image {IMAGE}"):
            clones = self._boot(machines, key, CLONES, result["image"]["id"])
        with self.console.stage("Boot two clones of the unprepared copy"):
            copies = self._boot(machines, key, UNPREPARED_CLONES, unprepared_image)

        proved = proof.prove(source, clones)
        control = proof.prove(source, copies)
        self._show("Proof", CLONES, proved)
        self._show("Negative control: the same proof on clones of the unprepared copy", UNPREPARED_CLONES, control)
        self.console.block("\n" + report.render(result))
        if again["changed"]:
            self.console.block("\nFAILED: the second capture changed something.")
            return False
        return self._verdict(proof.failed(proved), proof.failed(control))

    # -- parts ----------------------------------------------------------------------------------------------------

    def _key(self) -> Path:
        key = self.directory / "id_ed25519"
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "demo", "-f", str(key)]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return key

    def _host(self, name: str, user: str, key: Path) -> Host:
        machine = f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/{GROUP}"
        access = self.guests.ssh_access(f"{machine}/providers/Microsoft.Compute/virtualMachines/{name}".lower())
        return Host(name, user, access.host, access.port, key, access.proxy_command)

    def _customise(self, playbooks: Playbooks, key: Path) -> None:
        inventory = playbooks.inventory(self._host(SOURCE, USER, key))
        archive = package.build(self.directory)
        values = json.dumps({"package": str(archive), "content": CONTENT})
        playbooks.run(str(Path(__file__).with_name("customise.yml")), "-i", str(inventory), "-e", values)

    def _capture(self, playbooks: Playbooks, report_name: str) -> dict[str, Any]:
        written = self.directory / report_name
        inventory = self.directory / "inventory.json"
        values = {
            "target": SOURCE,
            "resource_group": GROUP,
            "capture_image_name": IMAGE,
            "capture_generalize": True,
            "capture_report_file": str(written),
        }
        playbooks.run("golden.azure.capture_linux", "-i", str(inventory), "-e", json.dumps(values))
        return json.loads(written.read_text())

    def _boot(self, machines: Machines, key: Path, names: tuple[str, ...], image_id: str) -> list[proof.Identity]:
        for name in names:
            machines.boot(name, image_id, CLONE_USER)
        return [self._identity(name, CLONE_USER, key) for name in names]

    def _identity(self, name: str, user: str, key: Path) -> proof.Identity:
        machine = f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/{GROUP}"
        access = self.guests.ssh_access(f"{machine}/providers/Microsoft.Compute/virtualMachines/{name}".lower())
        return proof.collect_by_ssh(access, user, key, name, TRACES)

    def _show(self, title: str, clones: tuple[str, ...], rows: list[proof.Row]) -> None:
        self.console.block("\n" + proof.render(title, SOURCE, clones, rows))

    def _verdict(self, proof_failed: bool, control_failed: bool) -> bool:
        self.console.block("")
        if proof_failed:
            self.console.block("FAILED: the clones are not what they must be, see the proof.")
        if not control_failed:
            self.console.block("FAILED: the proof holds for an unprepared copy too, so it proves nothing.")
        if proof_failed or not control_failed:
            return False
        self.console.block(
            f"Proved in {self.console.elapsed:.0f} s: two clones of {IMAGE}, each a machine of its own with what the image was "
            "made for;\nthe same proof fails on clones of an unprepared copy, as it must."
        )
        return True
