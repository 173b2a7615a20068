# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the rules of sudo are without a user, and the copies in which a removed user would stay."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import deprovision_cleanup
import deprovision_main
import pytest
from deprovision_guest import Guest
from deprovision_sudoers import remove_sudo_users, rule_users
from guest_programs import Programs
from role_files import Tree, family_config

GONE = {"azureuser", "%azureuser", "#1000"}


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("azureuser ALL=(ALL) ALL\n", ""),
        ("# who\nazureuser ALL=(ALL) ALL\n", ""),
        ("azureuser, keeper ALL=(ALL) ALL\n", "keeper ALL=(ALL) ALL\n"),
        ("keeper,azureuser,other ALL=(ALL) ALL\n", "keeper, other ALL=(ALL) ALL\n"),
        ("keeper , azureuser ALL = ALL\n", "keeper ALL = ALL\n"),
        ('"azureuser" ALL=ALL\nroot ALL=ALL\n', "root ALL=ALL\n"),
        ("%azureuser ALL=(ALL) ALL\nroot ALL=ALL\n", "root ALL=ALL\n"),
        ("#1000 ALL=(ALL) ALL\nroot ALL=ALL\n", "root ALL=ALL\n"),
        ("User_Alias ADMINS = azureuser, keeper\nADMINS ALL=ALL\n", "User_Alias ADMINS = keeper\nADMINS ALL=ALL\n"),
        ("User_Alias ADMINS = azureuser\nADMINS ALL=ALL\nroot ALL=ALL\n", "root ALL=ALL\n"),
        ("User_Alias A = azureuser : B = keeper\nA, B ALL=ALL\n", "User_Alias B = keeper\nB ALL=ALL\n"),
        ("User_Alias A = azureuser\nUser_Alias B = A\nB ALL=ALL\nroot ALL=ALL\n", "root ALL=ALL\n"),
        ("Defaults:azureuser !requiretty\nroot ALL=ALL\n", "root ALL=ALL\n"),
        ("Defaults:azureuser,keeper !requiretty\n", "Defaults:keeper !requiretty\n"),
        ("azureuser ALL=(root) \\\n  NOPASSWD: ALL\nroot ALL=ALL\n", "root ALL=ALL\n"),
        ("keeper, \\\n  azureuser ALL=ALL\n", "keeper ALL=ALL\n"),
    ],
)
def test_rules_without_a_user(text: str, left: str, tmp_path: Path) -> None:
    assert remove_sudo_users({"/etc/sudoers.d/x": text}, GONE) == {"/etc/sudoers.d/x": left}
    if shutil.which("visudo") and left:
        (tmp_path / "rules").write_text(left, encoding="utf-8")
        subprocess.run(["visudo", "-cf", str(tmp_path / "rules")], check=True, capture_output=True)


@pytest.mark.parametrize(
    "text",
    [
        "azureuser2 ALL=ALL\n",
        "azure ALL=ALL\nALL, !azureuser ALL=ALL\n",
        "root ALL=(azureuser) ALL\n",
        "# azureuser ALL=ALL\n",
        "#includedir /etc/azureuser\n@include /etc/azureuser\n",
        "Defaults env_keep += azureuser\nDefaults@azureuser env_reset\nDefaults>azureuser env_reset\n",
        "Runas_Alias R = azureuser\nHost_Alias azureuser = x\nCmnd_Alias C = /bin/azureuser\n",
        "root ALL=(ALL) /usr/bin/su azureuser\n",
        "%azureusers ALL=ALL\n",
    ],
)
def test_rules_that_do_not_give_the_user_anything_stay_as_they_are(text: str) -> None:
    assert remove_sudo_users({"/etc/sudoers": text}, GONE) == {}


def test_an_alias_of_one_file_goes_from_the_rules_of_another() -> None:
    files = {"/etc/sudoers": "User_Alias ADMINS = azureuser\nroot ALL=ALL\n", "/etc/sudoers.d/x": "ADMINS ALL=ALL\n"}
    assert remove_sudo_users(files, GONE) == {"/etc/sudoers": "root ALL=ALL\n", "/etc/sudoers.d/x": ""}


def test_who_is_named() -> None:
    assert rule_users("a, b ALL=ALL\nUser_Alias X = c\n%d ALL=ALL\nDefaults:e x\n") == ["a", "b", "%d"]


PASSWD = "root:x:0:0:root:/root:/bin/bash\nazureuser:x:1000:1000::/home/azureuser:/bin/bash\n"


def guest_of(tree: Tree, **changes: object) -> Guest:
    guest = Guest({**family_config("Debian"), **changes}, root=str(tree.root))
    guest.command = Programs(tree)  # type: ignore[method-assign]
    return guest


def finish(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setattr(deprovision_main, "blockers", lambda *arguments: [])
    monkeypatch.delenv("SUDO_USER", raising=False)
    return deprovision_main.finish(guest)


def test_no_copy_of_the_account_files_holds_who_was_removed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write("/etc/passwd", PASSWD)
    tree.write("/etc/shadow", "root:*:19000::::::\nazureuser:$6$secret:19000::::::\n")
    tree.write("/etc/group", "root:x:0:\nadm:x:4:azureuser\nazureuser:x:1000:\n")
    tree.write("/etc/gshadow", "root:*::\nazureuser:!::\n")
    tree.write("/etc/subuid", "azureuser:100000:65536\n")
    tree.write("/etc/subgid", "azureuser:100000:65536\n")
    tree.write("/etc/security/opasswd", "azureuser:1000:1:$6$secret\nkeeper:1001:1:$6$other\n")
    for path in ("/var/backups/shadow.bak", "/etc/shadow.YaST2save", "/etc/shadow~", "/etc/security/opasswd.old"):
        tree.write(path, "azureuser:$6$secret:19000::::::\n")
    tree.write("/var/lib/waagent/ovf-env.xml", "<UserName>azureuser</UserName>")
    answer = finish(guest_of(tree), monkeypatch)
    assert answer["verified"], answer["remaining"]
    found = [
        str(path.relative_to(tree.root))
        for path in tree.root.rglob("*")
        if path.is_file() and "azureuser" in path.read_text(encoding="utf-8")
    ]
    assert found == []
    assert tree.read("/etc/security/opasswd") == "keeper:1001:1:$6$other\n"


def test_rules_of_a_user_whom_the_agent_has_removed_before_go_and_those_of_a_directory_stay(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
    tree.write("/etc/sudoers.d/90-cloud-init-users", "# User rules for azureuser\nazureuser ALL=(ALL) NOPASSWD:ALL\n")
    tree.write("/etc/sudoers.d/waagent", "azureuser ALL=(ALL) ALL\nroot ALL=ALL\n")
    tree.write("/etc/sudoers.d/people", "alice@example.org ALL=(ALL) ALL\n")
    guest = guest_of(tree)
    listed = [line for item in deprovision_cleanup.cleanup_items(guest, []) for line in item.lines()]
    assert "sudo rule of a removed user: /etc/sudoers.d/90-cloud-init-users (azureuser)" in listed
    assert finish(guest, monkeypatch)["verified"]
    assert not tree.has("/etc/sudoers.d/90-cloud-init-users")
    assert tree.read("/etc/sudoers.d/waagent") == "root ALL=ALL\n"
    assert tree.has("/etc/sudoers.d/people")


def test_labels_survive_when_a_file_is_written_anew(tree: Tree) -> None:
    tree.write("/etc/sudoers", "root ALL=ALL\nazureuser ALL=ALL\n")
    path = tree.root / "etc/sudoers"
    path.chmod(0o440)
    os.setxattr(path, "user.label", b"system_u:object_r:etc_t:s0")
    guest_of(tree).replace("/etc/sudoers", "root ALL=ALL\n")
    assert os.getxattr(path, "user.label") == b"system_u:object_r:etc_t:s0"
    assert path.stat().st_mode & 0o7777 == 0o440
