# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Windows machines on embedded Azure, each a stand-in, and the playbook capture_windows on them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from predicted_writes import is_write

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import StandInWindows
from windows_guest import playbooks as stand_in

GROUP = "images"
PLAYBOOK = "golden.azure.capture_windows"
WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-g2",
    "version": "latest",
}
ENCRYPTION = {
    "name": "AzureDiskEncryption",
    "publisher": "Microsoft.Azure.Security",
    "type": "AzureDiskEncryption",
    "version": "2.2",
    "settings": {"EncryptionOperation": "EnableEncryption", "VolumeType": "All"},
}
MONITOR = {"name": "monitor", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorWindowsAgent"}
REPAIRS = ["disk_encryption", "extensions"]


@dataclass
class Machines:
    """Windows machines on embedded Azure."""

    azure: EmbeddedAzure
    guests: StandInWindows
    playbooks: Any

    def boot(self, name: str, image: Any = None, extensions: tuple[dict[str, Any], ...] = ()) -> None:
        """Make a machine from the marketplace, or from an image."""
        machine = {"name": name, "group": GROUP, "image": image or WINDOWS, "os_type": "Windows"}
        self.azure.seed({"virtual_machines": [{**machine, "extensions": extensions}]})

    def id_of(self, name: str, kind: str = "virtualMachines") -> str:
        """The id of a Compute resource."""
        group = f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/{GROUP}"
        return f"{group}/providers/Microsoft.Compute/{kind}/{name}"

    def image(self, name: str) -> dict[str, Any] | None:
        """The image of a machine, if it is there."""
        return self.azure.resources().get(self.id_of(f"golden-{name}", "images"))

    def capture(self, name: str, *arguments: str, **variables: Any) -> Any:
        """Run the playbook on a machine."""
        return self.capture_all({name: {}}, *arguments, **variables)

    def capture_all(
        self,
        machines: dict[str, dict[str, Any]],
        *arguments: str,
        connections: dict[str, str] | None = None,
        playbook: str = PLAYBOOK,
        **variables: Any,
    ) -> Any:
        """Run the playbook on machines with variables of their own, none waiting for another.

        :param connections: kinds of connections by the names of machines; ssh by default.
        """
        hosts = {}
        for name, own in machines.items():
            reached = stand_in.variables_for((connections or {}).get(name, "ssh"), self.guests.guests, name)
            hosts[name] = {**reached, **own}
        inventory = {"all": {"hosts": hosts}}
        written = self.playbooks.directory / "inventory.json"
        written.write_text(json.dumps(inventory))
        values = {
            "target": "all",
            "resource_group": GROUP,
            "capture_image_name": "golden-{{ inventory_hostname }}",
            "capture_generalize": True,
            "windows_sysprep_poll": 1,
            **variables,
        }
        environment = {
            **stand_in.environment(self.guests.guests),
            "ANSIBLE_FORKS": str(len(machines)),
        }
        return self.playbooks.run(playbook, "-i", str(written), "-e", json.dumps(values), *arguments, **environment)

    def kinds(self, name: str) -> list[str]:
        """The steps that reached a guest, other than a connection and the check of it, which is a script by psrp and winrm."""
        calls = self.guests.guest(name).calls
        return [
            call["kind"]
            for call in calls
            if call["kind"] != "connection" and not str(call.get("script")).startswith("exit 0")
        ]

    def writes(self) -> list[str]:
        """What was written to Azure."""
        return [entry.path for entry in self.azure.requests if is_write(entry)]
