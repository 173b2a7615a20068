# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Packer as Debian ships it (1.6.6, the builder azure-arm built in): an image from a machine it logs in to."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .client import Client
from .environments import install
from .session import GROUP, LOCATION, ClientError, Session

PROGRAM = Path("/usr/bin/packer")
VERSION = "1.6.6"  # what Debian 12 ships, its builders built in: nothing more is fetched
_BUILD_SECONDS = 540.0
_PROOF = "/etc/made-by-packer"
_LOOK_SECONDS = 60.0

# What the builder announces, in this order, and what we call it.
_ANNOUNCED = {
    "Creating resource group": "create a resource group",
    "Validating deployment template": "validate its template",
    "Deploying deployment template": "deploy it",
    "Connected to SSH": "log in to the machine",
    "Provisioning with shell script": "run its provisioner",
    "Powering off machine": "power off",
    "Capturing image": "generalize and capture",
    "Resource group has been deleted": "delete what it had made",
}
_BOOT = "boot a machine from the image"


class Packer(Client):
    """Builds a managed image to the end; then a machine is made of it, which must have what Packer put in."""

    name = "packer"
    title = "packer, azure-arm (Debian)"
    steps = (*_ANNOUNCED.values(), _BOOT)
    guests = True

    def install(self, place: Path) -> str:
        """From Debian, on this machine."""
        if not PROGRAM.exists():
            if os.geteuid():
                raise ClientError("packer cannot be installed: that needs root on Debian.")
            words = ["apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "packer"]
            install("packer", ["apt-get", "update", "--quiet"])
            install("packer", words)
        said = subprocess.run([PROGRAM, "version"], capture_output=True, text=True, timeout=60, check=True).stdout
        version = said.split()[1].removeprefix("v")
        if version != VERSION:
            raise ClientError(
                f"packer {version} cannot be used: this needs {VERSION} of Debian 12, with azure-arm built in."
            )
        return version

    def run(self, session: Session) -> Iterator[str]:
        """One build. Its machine is a real Debian, reached through the SOCKS proxy of embedded Azure."""
        session.azure.seed({"groups": {GROUP: LOCATION}})
        template = session.directory / "template.json"
        template.write_text(json.dumps(self._template(session)), encoding="utf-8")
        extra = {
            "CHECKPOINT_DISABLE": "1",
            "PACKER_CONFIG_DIR": str(session.directory),
            "PACKER_CACHE_DIR": str(session.directory / "cache"),
        }
        said = session.run("build", [PROGRAM, "build", "-color=false", template], extra, _BUILD_SECONDS)
        lines = said.splitlines()
        for announced, step in _ANNOUNCED.items():
            at = next((number for number, line in enumerate(lines) if announced in line), None)
            if at is None:
                raise ClientError(f"{step}: packer did not say that it did.")
            lines = lines[at:]
            yield step
        self._boot(session)
        yield _BOOT

    def _template(self, session: Session) -> dict[str, Any]:
        settings = session.azure.settings
        builder = {
            "type": "azure-arm",
            "client_id": settings.client,
            "client_secret": settings.secret,
            "tenant_id": settings.tenant,
            "subscription_id": settings.subscription,
            "location": LOCATION,
            "vm_size": "Standard_D2s_v5",
            "os_type": "Linux",
            "image_publisher": "Debian",
            "image_offer": "debian-13",
            "image_sku": "13-gen2",
            "managed_image_name": "image",
            "managed_image_resource_group_name": GROUP,
            "ssh_username": "packer",
            "ssh_proxy_host": "127.0.0.1",
            "ssh_proxy_port": session.azure.socks_port,
        }
        prepare = [f"echo packer | sudo tee {_PROOF}", "sudo waagent -force -deprovision+user && sync"]
        return {"builders": [builder], "provisioners": [{"type": "shell", "inline": prepare}]}

    def _boot(self, session: Session) -> None:
        session.expect("build", session.resource("images/image") is not None, "there is no image")
        left = [id for id in session.azure.resources() if "pkr" in id.lower()]
        session.expect("build", not left, f"there still is {left}")
        clone = {"name": "clone", "group": GROUP, "image": session.id_of("images/image")}
        session.azure.seed({"virtual_machines": [clone]})
        looked = session.azure.cloud.guests.run(
            session.id_of("virtualMachines/clone").lower(), f"cat {_PROOF}", _LOOK_SECONDS
        )
        session.expect(_BOOT, looked.stdout == "packer\n", "a machine of its image does not have what it put in")
