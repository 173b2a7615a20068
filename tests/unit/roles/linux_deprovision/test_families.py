# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By which vars file a distribution goes, with the names that Ansible gives; and Flatcar, which boots for the first time otherwise."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import deprovision_blockers
import deprovision_cleanup
import deprovision_main
import pytest
from deprovision_guest import Guest
from guest_programs import Programs, silent_failure
from role_files import ROLE, Tree, family_config

#: Ansible's facts distribution, distribution_major_version and os_family; ID, ID_LIKE and VARIANT_ID; the file.
NAMES = [
    ("Debian", "13", "Debian", "debian", "", "", "Debian"),
    ("Ubuntu", "26", "Debian", "ubuntu", "debian", "", "Debian"),
    ("RedHat", "10", "RedHat", "rhel", "fedora", "", "RedHat"),
    ("AlmaLinux", "9", "RedHat", "almalinux", "rhel centos fedora", "", "RedHat"),
    ("Rocky", "9", "RedHat", "rocky", "rhel centos fedora", "", "RedHat"),
    ("OracleLinux", "9", "RedHat", "ol", "fedora", "", "RedHat"),
    ("CentOS", "10", "RedHat", "centos", "rhel fedora", "", "RedHat"),
    ("Fedora", "43", "RedHat", "fedora", "", "cloud", "RedHat"),
    ("Amazon", "2023", "RedHat", "amzn", "fedora", "", "RedHat"),
    ("SLES", "15", "Suse", "sles", "suse", "", "Suse"),
    ("SLES", "16", "Suse", "sles", "suse", "", "Suse"),
    ("SL-Micro", "6", "SL-Micro", "sl-micro", "suse", "", "Suse"),
    ("openSUSE Leap", "15", "Suse", "opensuse-leap", "suse opensuse", "", "Suse"),
    ("Common Base Linux Mariner", "2", "Common Base Linux Mariner", "mariner", "", "", "AzureLinux"),
    ("Microsoft Azure Linux", "3", "Microsoft Azure Linux", "azurelinux", "", "", "AzureLinux"),
    ("Azure Linux", "4", "Azure Linux", "azurelinux", "fedora", "", "AzureLinux"),
    (
        "Flatcar Container Linux by Kinvolk",
        "4230",
        "Flatcar Container Linux by Kinvolk",
        "flatcar",
        "coreos",
        "",
        "Flatcar",
    ),
    ("Microsoft Azure Linux", "3", "Microsoft Azure Linux", "azurelinux", "", "azurecontainerlinux", "Flatcar"),
    ("Azure Container Linux", "3", "Azure Container Linux", "azurecontainerlinux", "flatcar", "", "Flatcar"),
    # Names that nobody knows go by what they are like.
    ("Something New", "1", "Something New", "new", "azurelinux", "", "AzureLinux"),
    ("Something New", "1", "Something New", "new", "ubuntu debian", "", "Debian"),
    ("Arch Linux", "NA", "Archlinux", "arch", "", "", None),
]

PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  vars_files: [{main}]
  tasks:
    - ansible.builtin.set_fact:
        chosen: "{{{{ chosen | default([]) + [query('ansible.builtin.first_found', search) | map('basename') | first | default('')] }}}}"
      vars:
        search: {{skip: true, paths: ["{folder}"], files: "{{{{ __linux_deprovision_family_files }}}}"}}
        ansible_facts:
          distribution: "{{{{ item[0] }}}}"
          distribution_major_version: "{{{{ item[1] }}}}"
          os_family: "{{{{ item[2] }}}}"
        __linux_deprovision_os_release: {{ID: "{{{{ item[3] }}}}", ID_LIKE: "{{{{ item[4] }}}}", VARIANT_ID: "{{{{ item[5] }}}}"}}
      loop: {names}
    - ansible.builtin.copy:
        content: "{{{{ chosen | to_json }}}}"
        dest: {answer}
        mode: "0600"
"""


def test_every_family_is_known_by_the_names_that_ansible_gives(tmp_path) -> None:
    answer = tmp_path / "answer.json"
    text = PLAYBOOK.format(main=ROLE / "vars/main.yml", folder=ROLE / "vars", names=json.dumps(NAMES), answer=answer)
    (tmp_path / "play.yml").write_text(text, encoding="utf-8")
    subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "ansible",
                "playbook",
                "-i",
                "localhost,",
                "-c",
                "local",
                str(tmp_path / "play.yml"),
            ),
            *("-e", f"ansible_python_interpreter={sys.executable}"),
        ],
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_NOCOLOR": "1"},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=300,
    )
    found = json.loads(answer.read_text(encoding="utf-8"))
    assert found == [f"{row[6]}.yml" if row[6] else "" for row in NAMES]


def flatcar(tree: Tree, ovf: str) -> Guest:
    tree.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\ncore:x:500:500:CoreOS Admin:/home/core:/bin/bash\n")
    tree.write("/etc/shadow", "root:*:1::::::\ncore:$6$x:1::::::\n")
    tree.write("/home/core/.ssh/authorized_keys")
    tree.write("/home/core/.ssh/authorized_keys.d/ignition")
    tree.write("/home/core/scripts/mine.sh")
    tree.write("/etc/sudoers.d/waagent", "core ALL=(ALL) NOPASSWD: ALL\n")
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    tree.write("/boot/flatcar/grub.cfg")
    tree.write("/var/lib/waagent/ovf-env.xml", f"<UserName>{ovf}</UserName>")
    guest = Guest({**family_config("Flatcar"), "login_user": ovf}, root=str(tree.root))
    guest.command = Programs(tree, silent_failure)  # type: ignore[method-assign]
    return guest


@pytest.mark.parametrize("ovf", ["core", "azureuser"])
def test_a_clone_of_flatcar_boots_for_the_first_time_and_core_has_no_key(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, ovf: str
) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    guest = flatcar(tree, ovf)
    assert list(deprovision_blockers.user_blockers(guest, [] if ovf == "core" else [ovf])) == []
    monkeypatch.setattr(deprovision_main, "blockers", lambda *arguments: [])
    answer = deprovision_main.finish(guest)
    assert answer["verified"], answer["remaining"]
    assert tree.has("/boot/flatcar/first_boot")
    assert not tree.has("/etc/machine-id")
    assert not tree.has("/home/core/.ssh/authorized_keys")
    assert not tree.has("/home/core/.ssh/authorized_keys.d")
    assert not tree.has("/etc/sudoers.d/waagent")
    assert tree.has("/home/core/scripts/mine.sh")
    assert "core:*:1" in tree.read("/etc/shadow")
    assert "core:x:500" in tree.read("/etc/passwd")
    assert deprovision_cleanup.cleanup_items(guest, []) == []
