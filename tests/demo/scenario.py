# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demo does, with real Linux guests: create machines, capture them, boot clones, prove them.

One machine is as Azure makes it today, with Trusted Launch, and goes into a gallery; the other one into a managed image.
"""

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


@dataclass(frozen=True)
class Route:
    """A machine, and what it is captured into."""

    source: str
    what: str
    #: Variables of capture_linux.
    target: dict[str, Any]
    clones: tuple[str, str]
    trusted_launch: bool


GALLERY = Route(
    "web-build",
    "a gallery that does not exist yet",
    {"capture_gallery": "golden_images", "capture_definition": "web", "capture_create_gallery": True},
    ("web-1", "web-2"),
    trusted_launch=True,
)
MANAGED_IMAGE = Route(
    "shop-build", "a managed image", {"capture_image_name": "golden-shop"}, ("shop-1", "shop-2"), trusted_launch=False
)
ROUTES = (GALLERY, MANAGED_IMAGE)
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

        with self.console.stage("Boot web-build (Debian 12, Trusted Launch) and shop-build (Debian 12, Standard)"):
            for route in ROUTES:
                machines.boot(route.source, trusted_launch=route.trusted_launch)
        with self.console.stage("Install a package and leave a file under /opt, by a playbook of yours"):
            self._customise(playbooks, key)
        unprepared_of = MANAGED_IMAGE.source
        with self.console.stage(f"Keep an image of {unprepared_of} as it is, unprepared, for the negative control"):
            machines.stop(unprepared_of)
            unprepared_image = machines.image_of_copied_disk(unprepared_of, UNPREPARED)
            machines.start(unprepared_of)
        sources = {route.source: self._identity(route.source, USER, key) for route in ROUTES}

        results, proofs = {}, {}
        for route in ROUTES:
            with self.console.stage(
                f"Capture {route.source} into {route.what}: ansible-playbook golden.azure.capture_linux"
            ):
                results[route.source] = self._capture(playbooks, route)
            with self.console.stage("Capture it again: there is nothing left to do"):
                if self._capture(playbooks, route)["changed"]:
                    self.console.block("\nFAILED: the second capture changed something.")
                    return False
            with self.console.stage(f"Boot two clones, {' and '.join(route.clones)}"):
                clones = self._boot(machines, key, route.clones, _made(results[route.source]), route.trusted_launch)
            proofs[route.source] = proof.prove(sources[route.source], clones)
        with self.console.stage("Boot two clones of the unprepared copy"):
            copies = self._boot(machines, key, UNPREPARED_CLONES, unprepared_image, False)
        control = proof.prove(sources[MANAGED_IMAGE.source], copies)

        for route in ROUTES:
            self._show(
                f"Proof: clones of {route.source}, captured into {route.what}",
                route.source,
                route.clones,
                proofs[route.source],
            )
        title = "Negative control: the same proof on clones of the unprepared copy"
        self._show(title, unprepared_of, UNPREPARED_CLONES, control)
        for route in ROUTES:
            self.console.block("\n" + report.render(results[route.source]))
        return self._verdict(any(map(proof.failed, proofs.values())), proof.failed(control))

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
        inventory = playbooks.inventory(*(self._host(route.source, USER, key) for route in ROUTES))
        archive = package.build(self.directory)
        values = json.dumps({"package": str(archive), "content": CONTENT})
        playbooks.run(str(Path(__file__).with_name("customise.yml")), "-i", str(inventory), "-e", values)

    def _capture(self, playbooks: Playbooks, route: Route) -> dict[str, Any]:
        written = self.directory / f"{route.source}.json"
        inventory = self.directory / "inventory.json"
        values = {
            "target": route.source,
            "resource_group": GROUP,
            "capture_generalize": True,
            "capture_report_file": str(written),
            **route.target,
        }
        playbooks.run("golden.azure.capture_linux", "-i", str(inventory), "-e", json.dumps(values))
        return json.loads(written.read_text())

    def _boot(
        self, machines: Machines, key: Path, names: tuple[str, ...], image_id: str, trusted_launch: bool
    ) -> list[proof.Identity]:
        for name in names:
            machines.boot(name, image_id, CLONE_USER, trusted_launch=trusted_launch)
        return [self._identity(name, CLONE_USER, key) for name in names]

    def _identity(self, name: str, user: str, key: Path) -> proof.Identity:
        machine = f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/{GROUP}"
        access = self.guests.ssh_access(f"{machine}/providers/Microsoft.Compute/virtualMachines/{name}".lower())
        return proof.collect_by_ssh(access, user, key, name, TRACES)

    def _show(self, title: str, source: str, clones: tuple[str, ...], rows: list[proof.Row]) -> None:
        self.console.block("\n" + proof.render(title, source, clones, rows))

    def _verdict(self, proof_failed: bool, control_failed: bool) -> bool:
        self.console.block("")
        if proof_failed:
            self.console.block("FAILED: the clones are not what they must be, see the proof.")
        if not control_failed:
            self.console.block("FAILED: the proof holds for an unprepared copy too, so it proves nothing.")
        if proof_failed or not control_failed:
            return False
        self.console.block(
            f"Proved in {self.console.elapsed:.0f} s: two clones of a gallery version and two of a managed image, each a machine "
            "of its own with what\nthe image was made for; the same proof fails on clones of an unprepared copy, as it must."
        )
        return True


def _made(result: dict[str, Any]) -> str:
    """The id of what a capture has made."""
    return str((result["gallery_versions"] or [result["image"]])[0]["id"])
