# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Updates of projects and of sources of inventories, as far as what is configured depends on them.

Source: project_update.yml of awx/playbooks (what is fetched, which collections are installed), Project.save and
FIELDS_TRIGGER_UPDATE of awx/main/models/projects.py (when it is done), RunInventoryUpdate of awx/main/tasks/jobs.py
(ansible-inventory on the project's path; with update on launch, the project is updated first).
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .checks import PLAYBOOK

_LIMIT = 60


class UpdateFailed(Exception):
    """Why an update failed, and at which task."""

    def __init__(self, task: str, reason: str) -> None:
        super().__init__(reason)
        self.task = task


@dataclass
class Repository:
    """What projects are fetched from, whatever their address: a folder, on branches of these names."""

    directory: Path
    branches: set[str] = field(default_factory=lambda: {"main"})

    def fetch(self, branch: str) -> tuple[str, list[str]]:
        """Fetch a branch.

        :returns: its revision, and its playbooks.
        :raises UpdateFailed: if there is no such branch, or its collections cannot be installed.
        """
        if branch and branch not in self.branches:
            raise UpdateFailed("Update project using git", f"Failed to checkout {branch}")
        requirements = self.directory / "collections" / "requirements.yml"
        # ansible-galaxy refuses a file of comments; `collections: []` is right.
        if requirements.exists() and yaml.safe_load(requirements.read_text()) is None:
            raise UpdateFailed(
                "Fetch galaxy collections from collections/requirements.(yml/yaml)",
                f"No requirements found in file '{requirements.name}'",
            )
        texts = {path: path.read_bytes() for path in sorted(self.directory.rglob("*")) if path.is_file()}
        revision = hashlib.sha256(b"".join(str(path).encode() + text for path, text in texts.items())).hexdigest()[:40]
        playbooks = [path.name for path in texts if path.parent == self.directory and path.suffix == ".yml"]
        return revision, [name for name in playbooks if PLAYBOOK.search((self.directory / name).read_text())]

    def hosts(self, path: str) -> list[str]:
        """The hosts of an inventory.

        :raises UpdateFailed: as ansible-inventory refuses it.
        """
        program = str(Path(sys.executable).parent / "ansible-inventory")
        finished = subprocess.run(
            [program, "-i", str(self.directory / path), "--list"],
            capture_output=True,
            text=True,
            timeout=_LIMIT,
            check=False,
            env={"HOME": "/nonexistent", "PATH": "/usr/bin:/bin", "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True"},
        )
        if finished.returncode != 0:
            raise UpdateFailed("", finished.stderr.strip())
        groups: dict[str, Any] = json.loads(finished.stdout)
        hosts = {host for group in groups.values() for host in group.get("hosts", [])}
        return sorted(hosts | set(groups["_meta"]["hostvars"]))


def update_of(
    kind: str, number: int, owner: int, failure: UpdateFailed | None, revision: str, root: str
) -> dict[str, Any]:
    """An update that has ended, as AWX shows it."""
    url = f"{root}/{kind}s/{number}/"
    return {
        "id": number,
        "type": kind,
        "url": url,
        "unified_job_template": owner,
        "status": "failed" if failure else "successful",
        "failed": failure is not None,
        "finished": "2026-01-04T02:00:00Z",
        "event_processing_finished": True,
        "scm_revision": revision,
        # What failed is told by the events and the output of an update; this is for what kept it from running.
        "job_explanation": "" if failure is None or failure.task else str(failure),
        "result_traceback": "",
        "related": {"events": f"{url}events/", "stdout": f"{url}stdout/"},
    }


def events_of(update: dict[str, Any], failure: UpdateFailed | None) -> list[dict[str, Any]]:
    """The events of an update that failed at a task (ProjectUpdateEventSerializer)."""
    if failure is None or not failure.task:
        return []
    data = {"task": failure.task, "res": {"failed": True, "msg": str(failure)}}
    return [{"id": 1, "type": "project_update_event", "event": "runner_on_failed", "failed": True, "event_data": data}]
