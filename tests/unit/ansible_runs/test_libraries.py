# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs that share a process which has imported Ansible end as those do that share nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import ansible_runs

PLAYBOOK = """
- name: A run
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Show the environment
      ansible.builtin.debug:
        msg: "{{ lookup('ansible.builtin.env', 'GIVEN') }}"
    - name: Skip this
      ansible.builtin.debug:
      when: false
    - name: Find the folder of the run
      ansible.builtin.shell: test "$(ls {{ lookup('ansible.builtin.env', 'ANSIBLE_LOCAL_TEMP') }} | grep -c ansible-local-)" = 1
      changed_when: false
    - name: Fail where it is wanted
      ansible.builtin.fail:
      when: lookup('ansible.builtin.env', 'GIVEN') == 'failure'
"""


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    """A playbook, beside a configuration that Ansible complains of when it is imported."""
    (tmp_path / "ansible.cfg").write_text("[defaults]\ndisplay_skipped_hosts = true\n")
    path = tmp_path / "playbook.yml"
    path.write_text(PLAYBOOK)
    return path


def environment(folder: Path, **given: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {
        **kept,
        "ANSIBLE_CONFIG": str(folder / "ansible.cfg"),
        "ANSIBLE_HOME": str(folder / "home"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "temporary"),
        "ANSIBLE_LOCALHOST_WARNING": "false",
        "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        **given,
    }


def here(playbook: Path, **given: str) -> tuple[int, str, str]:
    run = ansible_runs.run([str(playbook)], environment(playbook.parent, **given), playbook.parent, 120)
    return run.returncode, plain(run.stdout), plain(run.stderr)


def apart(playbook: Path, **given: str) -> tuple[int, str, str]:
    run = subprocess.run(
        ["ansible-playbook", str(playbook)],
        env=environment(playbook.parent, **given),
        cwd=playbook.parent,
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    return run.returncode, plain(run.stdout), plain(run.stderr)


def plain(output: str) -> str:
    return re.sub(r"ansible-local-\w+|\d+:\d\d:\d\d\S*", "...", output)


def test_each_run_has_its_own_environment(playbook: Path) -> None:
    for given in ("one", "one", "other"):
        status, output, _errors = here(playbook, GIVEN=given)
        assert status == 0, output
        assert f'"msg": "{given}"' in output
    assert here(playbook, GIVEN="other") == apart(playbook, GIVEN="other")
    assert not list((playbook.parent / "temporary").iterdir())


def test_a_configuration_that_changed_is_read_again(playbook: Path) -> None:
    assert "skipping:" in here(playbook, GIVEN="one")[1]
    (playbook.parent / "ansible.cfg").write_text("[defaults]\ndisplay_skipped_hosts = false\n")
    assert "skipping:" not in here(playbook, GIVEN="one")[1]


def test_what_ansible_says_when_it_is_imported_is_said_in_each_run(playbook: Path) -> None:
    (playbook.parent / "ansible.cfg").write_text("[defaults]\nforks = many\n")
    said = apart(playbook, GIVEN="one")
    assert said[0] != 0
    assert "many" in said[1] + said[2]
    for _again in range(2):
        assert here(playbook, GIVEN="one") == said


def test_a_failure_ends_only_its_own_run(playbook: Path) -> None:
    failed = here(playbook, GIVEN="failure")
    assert (failed[0], here(playbook, GIVEN="failure")[0]) == (2, 2)
    assert apart(playbook, GIVEN="failure") == failed
    assert here(playbook, GIVEN="one")[0] == 0
