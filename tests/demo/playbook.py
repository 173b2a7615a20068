# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the collection's playbooks as a user would, and show what they print while they do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .console import Console

#: Seconds a playbook of the demo may take.
LIMIT = 900


class PlaybookFailed(RuntimeError):
    """A playbook did not end well; its output has been shown."""


@dataclass
class Host:
    """A machine as an inventory names it."""

    name: str
    user: str
    address: str
    port: int
    private_key: Path
    proxy_command: str | None

    def inventory(self) -> dict[str, Any]:
        """The host's variables; its host key is new, and is accepted as such."""
        options = ["-o StrictHostKeyChecking=no", "-o UserKnownHostsFile=/dev/null", "-o LogLevel=ERROR"]
        if self.proxy_command:
            options.append(f'-o ProxyCommand="{self.proxy_command}"')
        return {
            "ansible_host": self.address,
            "ansible_port": self.port,
            "ansible_user": self.user,
            "ansible_ssh_private_key_file": str(self.private_key),
            "ansible_ssh_common_args": " ".join(options),
            "ansible_python_interpreter": "/usr/bin/python3",
        }


class Playbooks:
    """ansible-playbook with an environment that leads to embedded Azure."""

    def __init__(self, console: Console, directory: Path, environment: dict[str, str]) -> None:
        self._console = console
        self._directory = directory
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AZURE_")},
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_RETRY_FILES_ENABLED": "false",
            "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false",
            "ANSIBLE_NOCOLOR": "" if sys.stdout.isatty() else "1",
            "ANSIBLE_FORCE_COLOR": "1" if sys.stdout.isatty() else "",
            "PYTHONUNBUFFERED": "1",
            **environment,
        }
        self._environment = {name: value for name, value in self._environment.items() if value}

    def inventory(self, *hosts: Host) -> Path:
        """Write an inventory of some hosts."""
        path = self._directory / "inventory.json"
        path.write_text(json.dumps({"all": {"hosts": {host.name: host.inventory() for host in hosts}}}))
        return path

    def run(self, playbook: str, *arguments: str) -> list[str]:
        """Run a playbook, showing its output, with the seconds since its start at each task.

        :returns: the lines it printed.
        :raises PlaybookFailed: when it fails or takes too long.
        """
        self._console.end_line()
        lines: list[str] = []
        began = time.monotonic()
        with subprocess.Popen(
            ["ansible-playbook", playbook, *arguments],
            cwd=self._directory,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        ) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    lines.append(line.rstrip())
                    if line.strip():
                        at = f"{time.monotonic() - began:5.1f} s" if line.startswith(("PLAY", "TASK")) else ""
                        print(f"{at:>9} | {line.rstrip()}", flush=True)
                code = process.wait(timeout=LIMIT)
            except BaseException:
                self._end(process)
                raise
        if code:
            raise PlaybookFailed(f"The playbook {playbook} failed with status {code}; its output is above.")
        return lines

    @staticmethod
    def _end(process: subprocess.Popen[str]) -> None:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
