# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An AWX, and runs of the playbook that configures it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from awx_clients import private_key
from playbook_runs import Playbooks
from repository import ROOT

from awx_stand_in.server import StandIn
from windows_guest.playbooks import install_collections

CONFIGURATION = ROOT / "awx" / "configuration" / "configure.yml"
WORKFLOW = "Refresh, approve and promote golden images"
_CHANGED = re.compile(r"changed=(\d+)")


def settings() -> dict[str, str]:
    """What the settings must have before the first run, without a cloud."""
    return {
        "awx_private_key": private_key(),
        "awx_azure_subscription_id": "11111111-1111-4111-8111-111111111111",
        "awx_azure_tenant": "22222222-2222-4222-8222-222222222222",
        "awx_azure_client_id": "33333333-3333-4333-8333-333333333333",
    }


@dataclass
class Site:
    """An AWX, and runs of the playbook that configures it."""

    awx: StandIn
    directory: Path
    secrets: dict[str, str]
    #: Of ansible-playbook.
    environment: dict[str, str] = field(default_factory=dict)
    #: Variables that lead to AWX and are left out.
    without: tuple[str, ...] = ()

    def configure(self, *arguments: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        """Run the playbook as its guide says."""
        file = self.directory / "secrets.yml"
        file.write_text(yaml.safe_dump({**self.secrets, **variables}))
        environment = {"ANSIBLE_COLLECTIONS_PATH": str(install_collections()), **self.environment}
        way = {name: value for name, value in self.awx.environment().items() if name not in self.without}
        return Playbooks(self.directory, way).run(CONFIGURATION, "-e", f"@{file}", *arguments, **environment)

    def of(self, endpoint: str, name: str) -> dict[str, Any]:
        """The one object of a name."""
        (found,) = [one for one in self.awx.store.of(endpoint) if one["name"] == name]
        return found

    def names(self, identifiers: list[int], field: str = "name") -> list[str]:
        """What objects are called."""
        return [self.awx.store.objects[one][field] for one in identifiers]


def changes(finished: subprocess.CompletedProcess[str]) -> int:
    """How many tasks of a run that succeeded have changed something."""
    assert finished.returncode == 0, finished.stdout[-4000:] + finished.stderr[-2000:]
    found = _CHANGED.search(finished.stdout)
    assert found, finished.stdout
    return int(found[1])


def failure(finished: subprocess.CompletedProcess[str]) -> str:
    """What a run said that failed, in one line."""
    assert finished.returncode != 0, finished.stdout[-4000:]
    assert "Traceback" not in finished.stdout + finished.stderr
    return " ".join(finished.stdout.split())
