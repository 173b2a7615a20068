# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual machines of embedded Azure with a real Debian in them, for tests that touch a guest."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from embedded_azure import EmbeddedAzure
from embedded_azure.guests.nspawn import NspawnGuests
from embedded_azure.seed import machine_body

GROUP = "images"
USER = "azureuser"


@dataclass
class GuestMachines:
    """Boots machines and looks into them past Ansible."""

    azure: EmbeddedAzure
    guests: NspawnGuests
    directory: Path

    def __post_init__(self) -> None:
        self.key = self.directory / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True, timeout=60)

    def id_of(self, name: str, kind: str = "virtualMachines") -> str:
        """The id of a Compute resource."""
        subscription = f"/subscriptions/{self.azure.settings.subscription}"
        return f"{subscription}/resourceGroups/{GROUP}/providers/Microsoft.Compute/{kind}/{name}"

    def boot(self, name: str, location: str = "westeurope", **properties: Any) -> None:
        """Boot a machine; properties are those of its security profile and storage profile that shall differ."""
        public_key = self.key.with_suffix(".pub").read_text().strip()
        body = machine_body({"name": name, "ssh_public_keys": [public_key], "admin_username": USER}, location)
        storage = body["properties"]["storageProfile"]
        storage["osDisk"].update(properties.pop("os_disk", {}))
        storage["imageReference"] = {**storage["imageReference"], **properties.pop("image", {})}
        body["properties"].update(properties)
        self.azure.seed({"resources": [{"id": self.id_of(name), **body}]})

    def inventory(self, *names: str, **leads_to: str) -> Path:
        """An inventory of these machines; the address of a host leads to another machine where that is named."""
        hosts = {}
        for name in (*names, *leads_to):
            access = self.guests.ssh_access(self.id_of(leads_to.get(name, name)).lower())
            hosts[name] = {
                "ansible_host": access.host,
                "ansible_user": USER,
                "ansible_ssh_private_key_file": str(self.key),
                "ansible_python_interpreter": "/usr/bin/python3",
                "ansible_ssh_common_args": "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null "
                f'-o LogLevel=ERROR -o ProxyCommand="{access.proxy_command}"',
            }
        path = self.directory / "inventory.yml"
        path.write_text(yaml.safe_dump({"all": {"hosts": hosts}}))
        return path

    def look(self, name: str) -> str:
        """Boot id, machine id and user of a running machine: what nobody may have touched."""
        script = f"cat /proc/sys/kernel/random/boot_id /etc/machine-id; getent passwd {USER}; ls /home /etc/ssh"
        completed = self.guests.run(self.id_of(name).lower(), script, 60.0)
        assert completed.return_code == 0, completed.stderr
        return completed.stdout
