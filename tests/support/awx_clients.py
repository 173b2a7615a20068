# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of the stand-in for AWX, and keys for it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from repository import ROOT

from awx_stand_in.server import TOKEN, StandIn


class Client:
    """Requests to an AWX with a project, an inventory, a job template and a workflow."""

    def __init__(self) -> None:
        self.awx = StandIn(ROOT / "awx" / "project")
        self.organization = self.made("organizations", name="Images")
        here = {"organization": self.organization}
        self.project = self.made("projects", name="Project", scm_type="git", scm_url="https://git.example/x", **here)
        self.inventory = self.made("inventories", name="Inventory", **here)
        self.runs = {"project": self.project, "inventory": self.inventory}
        self.job = self.made("job_templates", name="Job", playbook="refresh.yml", **self.runs)
        self.workflow = self.made("workflow_job_templates", name="Workflow", **here)

    def ask(self, method: str, path: str, **body: Any) -> tuple[int, Any]:
        """A request: status and answer."""
        return self.awx.answer(method, f"/api/v2/{path}", f"Bearer {TOKEN}", body)

    def made(self, endpoint: str, **body: Any) -> int:
        """Make an object; its id."""
        status, answer = self.ask("POST", f"{endpoint}/", **body)
        assert status == 201, answer
        return int(answer["id"])

    def node(self, name: str) -> int:
        """A node of the workflow."""
        return self.made("workflow_job_template_nodes", identifier=name, workflow_job_template=self.workflow)

    def named(self, endpoint: str, name: str) -> int:
        """The id of what AWX has from the beginning."""
        (found,) = [one["id"] for one in self.awx.store.of(endpoint) if one["name"] == name]
        return int(found)

    def credential(self, kind: str, **inputs: Any) -> int:
        """A credential of one of AWX's own types."""
        number = self.named("credential_types", kind)
        name = f"{kind} {len(self.awx.store.objects)}"
        return self.made(
            "credentials", name=name, organization=self.organization, credential_type=number, inputs=inputs
        )


def private_key(passphrase: str = "") -> str:
    """A new key as ssh-keygen writes it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "key"
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", "build", "-f", str(path)]
        subprocess.run(command, check=True, timeout=60)
        return path.read_text()
