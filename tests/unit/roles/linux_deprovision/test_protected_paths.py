# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cannot go is found before anything is removed, and does not keep the rest."""

from __future__ import annotations

import os

import deprovision_cleanup
import deprovision_protected_paths
import pytest
from deprovision_guest import Guest
from role_files import Tree, family_config

PASSWD = "root:x:0:0:root:/root:/bin/bash\nazureuser:x:1000:1000::/home/azureuser:/bin/bash\n"
SOURCE = [
    "/etc/ssh/ssh_host_rsa_key",
    "/home/azureuser/.ssh/authorized_keys",
    "/var/lib/cloud/instance/deep/x",
    "/root/.bash_history",
]


def guest_of(tree: Tree) -> Guest:
    for path in [*SOURCE, "/var/log/syslog", "/etc/shadow", "/etc/gshadow"]:
        tree.write(path)
    tree.write("/etc/passwd", PASSWD)
    return Guest(family_config("Debian"), root=str(tree.root))


def found(guest: Guest) -> tuple[list[str], list[str]]:
    items = deprovision_cleanup.cleanup_items(guest, ["azureuser"])
    blocked = list(deprovision_protected_paths.protected_blockers(guest, items))
    warned = list(deprovision_protected_paths.protected_warnings(guest, items))
    assert {each["code"] for each in [*blocked, *warned]} <= {"path_protected"}
    return [each["message"] for each in blocked], [each["message"] for each in warned]


@pytest.mark.parametrize(
    ("path", "flag"),
    [
        ("/etc/ssh/ssh_host_rsa_key", 0x10),
        ("/etc/ssh/ssh_host_rsa_key", 0x20),
        ("/etc/ssh", 0x10),
        ("/etc/ssh", 0x20),
        ("/home/azureuser/.ssh/authorized_keys", 0x10),
        ("/home/azureuser/.ssh", 0x20),
        ("/home/azureuser", 0x10),
        ("/home", 0x10),
        ("/etc/passwd", 0x10),
        ("/etc/gshadow", 0x10),
        ("/etc", 0x20),
        ("/var/lib/cloud/instance/deep/x", 0x10),
        ("/root/.bash_history", 0x20),
    ],
)
def test_a_flag_is_found_wherever_it_is_in_the_way(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, path: str, flag: int
) -> None:
    guest = guest_of(tree)
    assert found(guest) == ([], [])
    monkeypatch.setattr(
        deprovision_protected_paths, "flags", lambda target: flag if target == guest.local_path(path) else 0
    )
    blocked, _warned = found(guest)
    assert [message for message in blocked if message.startswith(path + " (")] == blocked != []
    assert f"chattr -{'i' if flag == 0x10 else 'a'} {path}" in blocked[0]


def test_a_log_that_cannot_be_emptied_stays_and_is_said(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = guest_of(tree)
    monkeypatch.setattr(
        deprovision_protected_paths,
        "flags",
        lambda target: 0x20 if target == guest.local_path("/var/log/syslog") else 0,
    )
    blocked, warned = found(guest)
    assert blocked == []
    assert len(warned) == 1
    assert "/var/log/syslog" in warned[0]


def test_a_read_only_file_system(tree: Tree) -> None:
    guest = guest_of(tree)
    tree.write("/proc/self/mountinfo", "1 0 8:1 / / ro - ext4 /dev/sda1 rw\n")
    blocked, _warned = found(guest)
    assert any("/etc/ssh/ssh_host_rsa_key" in message and "read-only" in message for message in blocked)


def test_the_flags_of_a_real_file_are_read(tmp_path) -> None:
    (tmp_path / "x").touch()
    (tmp_path / "link").symlink_to("x")
    assert deprovision_protected_paths.flags(str(tmp_path / "x")) & 0x30 == 0
    assert deprovision_protected_paths.flags(str(tmp_path / "link")) == 0
    assert deprovision_protected_paths.flags(str(tmp_path / "absent")) == 0


def test_what_cannot_go_does_not_keep_its_siblings(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    guest = guest_of(tree)
    for name in ("a", "b/c", "b/d", "e"):
        tree.write(f"/var/lib/cloud/instance/{name}")
    unlink = os.unlink

    def refuse(path: str) -> None:
        if path.endswith("/b/c"):
            raise PermissionError(1, "Operation not permitted", path)
        unlink(path)

    monkeypatch.setattr(os, "unlink", refuse)
    deprovision_cleanup.remove_items(guest, deprovision_cleanup.cleanup_items(guest, []))
    left = sorted(
        str(path.relative_to(tree.root)) for path in (tree.root / "var/lib/cloud").rglob("*") if path.is_file()
    )
    assert left == ["var/lib/cloud/instance/b/c"]
    assert not tree.has("/etc/ssh/ssh_host_rsa_key")
    assert any("Operation not permitted" in note for note in guest.notes)
