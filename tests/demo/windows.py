# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the demo does for Windows, with a stand-in for the guest: refuse, prepare, capture, verify clones, and say what that proves."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import StandInWindows
from windows_guest import playbooks as stand_in
from windows_guest.facts import PER_USER_PACKAGE

from . import report
from .console import Console
from .machines import GROUP, LOCATION
from .playbook import PlaybookFailed, Playbooks

SOURCE = "win-build"
#: As for most machines today: Azure gives them Trusted Launch, and makes no managed image of them.
GALLERY, DEFINITION = "golden_images", "win"
SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
NETWORK = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{GROUP}/providers/Microsoft.Network/virtualNetworks/build"
SUBNET = f"{NETWORK}/subnets/build"
WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}
#: A guest as people leave it: an app of one user, a reboot that is due, records of its setup; and an extension on the machine.
UNTIDY = {
    "appx_packages": [PER_USER_PACKAGE],
    "pending_reboot": {"windows_update": True},
    "panther": True,
    "answer_files": ["C:\\Windows\\Panther\\unattend.xml"],
}
MONITOR = {"name": "monitor", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorWindowsAgent"}
REPAIRS = {
    "windows_sysprep_actions": ["panther", "answer_files", "extensions"],
    "windows_sysprep_remove_appx_packages": [PER_USER_PACKAGE["name"]],
}

_PROVES = """\
What this proves: the playbook, the role and its decisions run by the real Ansible, through its ssh connection and its shell of
Windows; the plan, the order of steps, the waits and their ends; the calls to Azure; that a guest which is not fit is left alone.
What it cannot prove: that the PowerShell of the role and of ansible.windows does on Windows what it says, and what the real
sysprep does. The guest is a stand-in, whose answers are played. To know, run tests/azure/windows.yml on a Windows VM of yours."""


@dataclass
class WindowsScenario:
    """One run of the demo for Windows."""

    azure: EmbeddedAzure
    guests: StandInWindows
    console: Console
    directory: Path

    def run(self) -> bool:
        """Do it all.

        :returns: whether everything went as it must.
        """
        with self.console.stage("Fetch the collection ansible.windows (once)"):
            stand_in.install_collections()
        environment = {**self.azure.environment(), **stand_in.environment(self.guests.guests)}
        playbooks = Playbooks(self.console, self.directory, environment)
        with self.console.stage(f"Make the machine {SOURCE} (its guest is a stand-in for Windows)"):
            self._boot()
        with self.console.stage("Capture it as it is: refused, with the guest untouched"):
            refused = self._refused(playbooks)
        with self.console.stage("Capture it with repairs: ansible-playbook golden.azure.capture_windows"):
            result = self._capture(playbooks, "first.json", **REPAIRS)
        with self.console.stage("Capture it again: there is nothing left to do"):
            again = self._capture(playbooks, "second.json", **REPAIRS)
        with self.console.stage("Boot two clones of the version and compare them: role golden.azure.image_verify"):
            verified = self._verify(playbooks, result["gallery_versions"][0]["id"])
        return self._verdict(refused, result, again, verified)

    # -- parts ----------------------------------------------------------------------------------------------------

    def _boot(self) -> None:
        machine = {
            "name": SOURCE,
            "group": GROUP,
            "image": WINDOWS,
            "os_type": "Windows",
            "security_type": "TrustedLaunch",
            "extensions": [MONITOR],
        }
        subnets = [{"name": "build", "properties": {"addressPrefix": "10.0.0.0/24"}}]
        network = {"id": NETWORK, "location": LOCATION, "properties": {"subnets": subnets}}
        self.azure.seed({"groups": {GROUP: LOCATION}, "resources": [network], "virtual_machines": [machine]})

    def _refused(self, playbooks: Playbooks) -> bool:
        try:
            self._capture(playbooks, "refused.json")
        except PlaybookFailed:
            return [call["kind"] for call in self.guests.guest(SOURCE).calls if call["kind"] != "connection"] == [
                "facts"
            ]
        return False

    def _capture(self, playbooks: Playbooks, report_name: str, **variables: Any) -> dict[str, Any]:
        written = self.directory / report_name
        inventory = self.directory / "windows.json"
        inventory.write_text(json.dumps(stand_in.inventory(SOURCE)))
        values = {
            "target": SOURCE,
            "resource_group": GROUP,
            "capture_gallery": GALLERY,
            "capture_definition": DEFINITION,
            "capture_create_gallery": True,
            "capture_version": "1.0.0",
            "capture_generalize": True,
            "capture_report_file": str(written),
            "windows_sysprep_poll": 1,
            **variables,
        }
        playbooks.run("golden.azure.capture_windows", "-i", str(inventory), "-e", json.dumps(values))
        return json.loads(written.read_text())

    def _verify(self, playbooks: Playbooks, image: str) -> dict[str, Any]:
        written = self.directory / "verified.json"
        role = {"name": "Verify the image", "ansible.builtin.include_role": {"name": "golden.azure.image_verify"}}
        told = {"content": "{{ image_verify_result | to_json }}", "dest": str(written), "mode": "0600"}
        play = {
            "name": "Verify an image",
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {
                "image_verify_image": image,
                "image_verify_subnet": SUBNET,
                "image_verify_os_type": "windows",
                "image_verify_connection": "run_command",
            },
            "tasks": [role, {"name": "Write the result", "ansible.builtin.copy": told}],
        }
        playbook = self.directory / "verify.yml"
        playbook.write_text(yaml.safe_dump([play]))
        playbooks.run(str(playbook))
        verified: dict[str, Any] = json.loads(written.read_text())
        return verified

    def _verdict(self, refused: bool, result: dict[str, Any], again: dict[str, Any], verified: dict[str, Any]) -> bool:
        identities = verified["identities"]
        self.console.block("\n" + report.render(result))
        self.console.block(
            "  clones  " + ", ".join(f"{one['hostname']} (SID ...{one['machine_sid'][-9:]})" for one in identities)
        )
        self.console.block("\n" + _PROVES + "\n")
        distinct = len({identity["machine_sid"] for identity in identities}) == len(identities) == 2
        faults = {
            "an untidy guest was not refused, or was touched": not refused,
            "the second capture changed something": again["changed"],
            "the version was not verified": verified["outcome"] != "verified",
            "the clones share an identity": not distinct,
        }
        for fault in (fault for fault, found in faults.items() if found):
            self.console.block(f"FAILED: {fault}.")
        if not any(faults.values()):
            self.console.block(
                f"Done in {self.console.elapsed:.0f} s: refused, repaired, captured into the gallery {GALLERY}, and verified by two "
                "clones of their own."
            )
        return not any(faults.values())


def run(console: Console, directory: Path) -> bool:
    """Run the demo for Windows, in a folder.

    :returns: whether everything went as it must.
    """
    guests = StandInWindows(directory / "windows", {SOURCE: ({}, UNTIDY)})
    with EmbeddedAzure(guests=guests, retry_after=1) as azure:
        return WindowsScenario(azure, guests, console, directory).run()
