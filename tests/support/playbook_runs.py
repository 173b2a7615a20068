# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs of the real ansible-playbook."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from repository import ROOT, TESTS

import ansible_runs
from ansible_runs.complaints import refuse_complaints

TARGETS = TESTS / "integration" / "targets"

# Seconds after which a playbook is taken for hung; one takes a minute at most on an idle machine.
PLAYBOOK_LIMIT = 900


@dataclass
class Playbooks:
    """Runs playbooks as a user would, pointed at embedded Azure by the environment."""

    directory: Path
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, playbook: Path | str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook, which must complain of nothing; variables are added to its environment."""
        environment = self._environment(variables)
        finished = ansible_runs.run([str(playbook), *arguments], environment, self.directory, PLAYBOOK_LIMIT)
        refuse_complaints(finished.stdout + finished.stderr)
        return finished

    def typed(self, command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command as it is typed; variables are added to its environment."""
        return subprocess.run(
            command,
            env=self._environment(variables),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PLAYBOOK_LIMIT,
        )

    def started(self, playbook: Path | str, *arguments: str) -> subprocess.Popen[bytes]:
        """Start ansible-playbook in a process group of its own, to be killed."""
        return subprocess.Popen(
            ["ansible-playbook", str(playbook), *arguments],
            env=self._environment({}),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _environment(self, variables: dict[str, str]) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("AZURE_", "ANSIBLE_", "HTTPS_"))
        }
        environment = {
            **inherited,
            "ANSIBLE_DEPRECATION_WARNINGS": "true",
            # Facts are read from ansible_facts: as variables of their own they go with ansible-core 2.24.
            "ANSIBLE_INJECT_FACT_VARS": "false",
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache" / "collections"),
            "ANSIBLE_CONFIG": str(self._configuration()),
            "ANSIBLE_HOME": str(self.directory / "ansible"),
            "ANSIBLE_LOCAL_TEMP": str(self.directory / "ansible" / "tmp"),
            # Short: with what ssh appends, the path of a socket may have 107 characters.
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.directory / "s"),
            "HOME": str(self.directory),
            "PATH": f"{Path(sys.executable).parent}:{inherited['PATH']}",
            **self.environment,
            **variables,
        }
        return {name: value for name, value in environment.items() if value is not None}

    def _configuration(self) -> Path:
        path = self.directory / "ansible.cfg"
        path.write_text(
            "[defaults]\nlocalhost_warning = false\nretry_files_enabled = false\nhost_key_checking = false\n"
            # While it waits, Ansible looks a thousand times a second by default.
            "internal_poll_interval = 0.02\n"
            "[inventory]\ninventory_unparsed_warning = false\n"
        )
        return path

    def role(self, name: str, *arguments: str, **variables: Any) -> subprocess.CompletedProcess[str]:
        """Run a target as a role on the controller."""
        playbook = self.directory / f"{name}.yml"
        play = {
            "name": f"Target {name}",
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"ansible_python_interpreter": sys.executable, **variables},
            "roles": [name],
        }
        playbook.write_text(yaml.safe_dump([play]))
        return self.run(playbook, *arguments, ANSIBLE_ROLES_PATH=str(TARGETS))
