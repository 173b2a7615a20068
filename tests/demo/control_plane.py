# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo where no guest can run: the calls to Azure alone, against a machine that is there in name only."""

from __future__ import annotations

import json
from pathlib import Path

from embedded_azure import EmbeddedAzure

from . import report
from .console import Console
from .playbook import Playbooks

SOURCE = "web-build"
IMAGE = "golden-web"
GROUP = "images"


def run(azure: EmbeddedAzure, console: Console, directory: Path, missing: list[str]) -> bool:
    """Capture a machine that counts as prepared and stopped.

    :param missing: why no guest can run, in sentences.
    :returns: True; whatever goes wrong raises.
    """
    console.block("No real Linux guest here, so only the control plane is shown; nothing is proved about an image.")
    for sentence in missing:
        console.block(f"  {sentence}")
    azure.seed(
        {
            "groups": {GROUP: "westeurope"},
            "virtual_machines": [{"name": SOURCE, "group": GROUP, "power": "stopped"}],
        }
    )
    written = directory / "report.json"
    playbook = Path(__file__).with_name("control_plane.yml")
    values = {"group": GROUP, "source": SOURCE, "image": IMAGE, "report_file": str(written)}
    playbooks = Playbooks(console, directory, azure.environment())
    with console.stage("Capture a machine by vm_image_capture"):
        playbooks.run(str(playbook), "-e", json.dumps(values))
    console.block("\n" + report.render(json.loads(written.read_text())))
    return True
