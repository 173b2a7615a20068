# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role linux_deprovision run on a real guest, by ssh as the user who goes, and what can happen to it there."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from guest_support import REPOSITORY, USER, Key, must_run

from embedded_azure.guests.local_guests import LocalGuests
from proof import Traces

TRACES = Traces(USER, "/opt/application/data", "sudo")

PLAYBOOK = """
- hosts: guest
  gather_facts: false
  tasks:
    - ansible.builtin.include_role:
        name: golden.azure.linux_deprovision
    - ansible.builtin.copy:
        content: "{{ linux_deprovision_result | to_json }}"
        dest: "{{ report }}"
        mode: "0600"
      delegate_to: localhost
      check_mode: false
"""

CHECK_PLAYBOOK = """
- hosts: guest
  gather_facts: false
  tasks:
    - block:
        - ansible.builtin.include_role:
            name: golden.azure.linux_deprovision
            tasks_from: check_vhd_upload
      always:
        - ansible.builtin.copy:
            content: "{{ linux_deprovision_vhd_upload_result | to_json }}"
            dest: "{{ report }}"
            mode: "0600"
          delegate_to: localhost
          check_mode: false
          changed_when: false
"""

# The agent takes its time until something has happened to the connection (see cut_connection), or does its work and then
# takes its time, or fails half-way as on RHEL 9 (WALinuxAgent#2593).
WAIT = "touch /run/agent-waits; for _ in $(seq 600); do [ -e /run/go-on ] && break; sleep 0.1; done"
SLOW_AGENT = f'{WAIT}; exec waagent.real "$@"'
SLOW_END_OF_THE_AGENT = f'waagent.real "$@"; {WAIT}'
FAILING_AGENT = "rm -f /etc/ssh/ssh_host_*; echo 'IOError: ifcfg-eth0' >&2; exit 1"


class Play:
    """A run of the role on a guest.

    :param user: who logs in.
    :param playbook: another one than that of the role itself; it writes what it finds into `report`.
    """

    def __init__(
        self, guests: LocalGuests, key: Key, directory: Path, name: str, user: str = USER, playbook: str = PLAYBOOK
    ) -> None:
        self._directory = directory
        self._limit = 120 * guests.pace
        access = guests.ssh_access(name)
        common = f'-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ProxyCommand="{access.proxy_command}"'
        variables = {
            "ansible_host": access.host,
            "ansible_user": user,
            "ansible_ssh_private_key_file": str(key.private),
            "ansible_ssh_common_args": common,
            "report": str(directory / "report.json"),
        }
        inventory = {"all": {"hosts": {"guest": variables}}}
        (directory / "inventory.json").write_text(json.dumps(inventory), encoding="utf-8")
        (directory / "play.yml").write_text(playbook, encoding="utf-8")

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the playbook; two minutes are far more than it may take in a container."""
        report = self._directory / "report.json"
        report.unlink(missing_ok=True)
        return subprocess.run(
            [
                *(sys.executable, "-m", "ansible", "playbook", "-i", str(self._directory / "inventory.json")),
                *(str(self._directory / "play.yml"), *arguments),
            ],
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".cache/collections"),
                "ANSIBLE_HOME": str(self._directory / "ansible"),
                "ANSIBLE_HOST_KEY_CHECKING": "false",
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self._directory / "s"),
                **environment,
            },
            cwd=self._directory,
            capture_output=True,
            text=True,
            timeout=self._limit,
            check=False,
        )

    def result(self) -> dict:
        """Return linux_deprovision_result of the last run."""
        return json.loads((self._directory / "report.json").read_text(encoding="utf-8"))


@contextlib.contextmanager
def terminal(guests: LocalGuests, key: Key, name: str) -> Iterator[None]:
    """Have somebody logged in on a terminal."""
    access = guests.ssh_access(name)
    arguments = ["ssh", "-tt", "-i", str(key.private), "-o", f"ProxyCommand={access.proxy_command}"]
    for option in ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ControlMaster=no"):
        arguments += ["-o", option]
    with subprocess.Popen(
        [*arguments, f"{USER}@{access.host}", "sleep 100"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as session:
        try:
            must_run(
                guests, name, "for second in $(seq 300); do who | grep -q azureuser && exit; sleep 0.1; done; exit 1"
            )
            yield
        finally:
            session.terminate()


def wait_until_off(guests: LocalGuests, name: str) -> None:
    deadline = time.monotonic() + 60 * guests.pace
    while guests.is_running(name):
        assert time.monotonic() < deadline, f"{name} runs on"
        time.sleep(0.05)


def replace_program(guests: LocalGuests, name: str, path: str, script: str) -> None:
    must_run(guests, name, f"mv {path} {path}.real; cat >{path} <<'END'\n#!/bin/sh\n{script}\nEND\nchmod +x {path}")


def cut_connection(guests: LocalGuests, name: str, comes_back: bool) -> threading.Thread:
    """Kill the guest's side of every login as soon as the agent waits; the caller joins the thread.

    :param comes_back: whether somebody has to have logged in again before the agent goes on.
    """

    def cut() -> None:
        seen_within(60, "test -e /run/agent-waits")
        guests.run(name, "pkill -KILL -f '^sshd: azureuser'", 30)
        if comes_back:
            seen_within(60, "pgrep -f '^sshd: azureuser'")
        guests.run(name, "touch /run/go-on", 30)

    def seen_within(seconds: float, command: str) -> None:
        deadline = time.monotonic() + seconds
        while guests.run(name, command, 30).return_code != 0 and time.monotonic() < deadline:
            time.sleep(0.1)

    thread = threading.Thread(target=cut)
    thread.start()
    return thread
