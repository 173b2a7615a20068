# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the playbook refresh on the fleet, and what is there before and after them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runs
from ansible_runs.complaints import refuse_complaints
from embedded_azure import EmbeddedAzure
from embedded_azure.guests.windows import StandInWindows
from windows_guest import playbooks as stand_in

HERE = Path(__file__).parent
GROUP = "images"
#: Seconds that a run of all six may take.
LIMIT = 900
_NETWORK = "Microsoft.Network/virtualNetworks/build"
#: What a refresh may leave behind, besides nothing.
_LASTING = ("/images/", "/versions/")


@dataclass
class Run:
    """A run that has ended."""

    status: int
    seconds: float
    output: str
    report: dict[str, Any]
    page: Path
    came: set[str]
    went: set[str]

    def result_of(self, name: str) -> str:
        """What became of an image."""
        return str(self.image(name)["result"])

    def image(self, name: str) -> dict[str, Any]:
        """The record of an image."""
        return next(image for image in self.report["images"] if image["name"] == name)

    @property
    def leftovers(self) -> set[str]:
        """What has come and is no image."""
        return {one for one in self.came if not any(part in one.lower() for part in _LASTING)}


@dataclass
class Fleet:
    """Six golden images and the way to them; a copy of inventory and roles, which a test may edit."""

    azure: EmbeddedAzure
    windows: StandInWindows
    directory: Path
    variables: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("inventory", "roles", "tasks"):
            shutil.copytree(HERE / name, self.directory / name)
        self.key = self.directory / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key)], check=True, timeout=60)
        network = f"{self._group_id}/providers/{_NETWORK}"
        subnets = [{"name": "default", "properties": {"addressPrefix": "10.9.0.0/24"}}]
        gallery = f"{self._group_id}/providers/Microsoft.Compute/galleries/golden"
        self.azure.seed(
            {
                "groups": {GROUP: "westeurope"},
                "resources": [
                    {
                        "id": network,
                        "location": "westeurope",
                        "properties": {"addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "subnets": subnets},
                    },
                    {"id": gallery, "location": "westeurope", "properties": {}},
                ],
            }
        )
        self.variables = {
            "fleet_directory": str(self.directory),
            "fleet_subnet": f"{network}/subnets/default",
            "fleet_public_key": self.key.with_suffix(".pub").read_text().strip(),
            "fleet_private_key": str(self.key),
            "fleet_socks_port": self.azure.socks_port,
            "fleet_password": "Not-4-secret",
            "fleet_ssh": str(HERE / "bin" / "ssh"),
            **self.variables,
        }
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "ANSIBLE_"))},
            **self.azure.environment(),
            **stand_in.environment(self.windows.guests),
            "FLEET_AZURE": self.azure.url,
            "ANSIBLE_CONFIG": str(self._configuration()),
            "ANSIBLE_HOME": str(self.directory / "ansible"),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    @property
    def _group_id(self) -> str:
        return f"/subscriptions/{self.azure.settings.subscription}/resourceGroups/{GROUP}"

    def _configuration(self) -> Path:
        path = self.directory / "ansible.cfg"
        path.write_text(
            f"[defaults]\nroles_path = {self.directory / 'roles'}\nlocalhost_warning = false\nforks = 6\n"
            # While it waits, Ansible looks a thousand times a second by default.
            "internal_poll_interval = 0.02\n"
            # Sockets have short paths only.
            f"[ssh_connection]\ncontrol_path_dir = {self.directory / 'cp'}\n"
        )
        return path

    def start(
        self, name: str, *arguments: str, playbook: str = "golden.azure.refresh", **variables: Any
    ) -> subprocess.Popen[str]:
        """Start a run; its report will bear the name."""
        return subprocess.Popen(
            ["ansible-playbook", *self._arguments(name, playbook, variables), *arguments],
            cwd=self.directory,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )

    def _arguments(self, name: str, playbook: str, variables: dict[str, Any]) -> list[str]:
        values = {
            **self.variables,
            "golden_image_run": name,
            "golden_image_report_directory": str(self.directory / "reports"),
            **variables,
        }
        return [playbook, "-i", "inventory", "-e", json.dumps(values)]

    def run(self, name: str, *arguments: str, playbook: str = "golden.azure.refresh", **variables: Any) -> Run:
        """Run a playbook on the fleet.

        :raises subprocess.TimeoutExpired: when it does not end.
        """
        before, began = set(self.azure.resources()), time.monotonic()
        finished = ansible_runs.run(
            [*self._arguments(name, playbook, variables), *arguments], self._environment, self.directory, LIMIT
        )
        output = finished.stdout + finished.stderr
        refuse_complaints(output)
        after = set(self.azure.resources())
        written = self.directory / "reports" / f"refresh-{name}.json"
        report = json.loads(written.read_text()) if written.exists() else {"images": [], "counts": {}, "seconds": 0}
        seconds = time.monotonic() - began
        page = written.with_suffix(".html")
        return Run(finished.returncode, seconds, output, report, page, after - before, before - after)
