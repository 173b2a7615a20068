# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host keys and authorized keys that are not where they usually are."""

from __future__ import annotations

import deprovision_cleanup
import deprovision_ssh_keys
import deprovision_users
import pytest
from deprovision_guest import Guest
from guest_programs import Programs
from role_files import Tree, family_config

PASSWD = "root:x:0:0:root:/root:/bin/bash\nazureuser:x:1000:1000::/home/azureuser:/bin/bash\n"

MOUNTS = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / /proc rw - proc proc rw\n"


def guest_of(tree: Tree, **answers: tuple[int, str]) -> Guest:
    tree.write("/etc/passwd", PASSWD)
    guest = Guest(family_config("Debian"), root=str(tree.root))
    # Nothing in /proc lies on the OS disk.
    tree.write("/proc/self/mountinfo", MOUNTS)
    guest.command = Programs(tree, **answers)  # type: ignore[method-assign]
    return guest


def remove_all(guest: Guest) -> list[str]:
    items = deprovision_cleanup.cleanup_items(guest, ["azureuser"])
    return deprovision_cleanup.remove_items(guest, items)


CONFIGURATIONS = {
    "configuration": {"/etc/ssh/sshd_config": "HostKey /opt/keys/a\nHostKey=/etc/ssh/ssh_host_rsa_key\n"},
    "quotes": {"/etc/ssh/sshd_config": 'hostkey "/opt/keys/a"\nHostKey /etc/ssh/ssh_host_rsa_key\n'},
    "included": {
        "/etc/ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\nHostKey /etc/ssh/ssh_host_rsa_key\n",
        "/etc/ssh/sshd_config.d/x.conf": "HostKey /opt/keys/a\n",
    },
    "relative": {
        "/etc/ssh/sshd_config": "Include sshd_config.d/*\nHostKey /etc/ssh/ssh_host_rsa_key\n",
        "/etc/ssh/sshd_config.d/x.conf": "HostKey /opt/keys/a\n",
    },
    "distribution": {"/usr/etc/ssh/sshd_config": "HostKey /opt/keys/a\nHostKey /etc/ssh/ssh_host_rsa_key\n"},
    "another file": {
        "/etc/default/ssh": 'SSHD_OPTS="-f /etc/ssh/other"\n',
        "/etc/ssh/other": "HostKey /opt/keys/a\nHostKey /etc/ssh/ssh_host_rsa_key\n",
    },
    "option": {"/etc/default/ssh": "SSHD_OPTS='-h /opt/keys/a -h /etc/ssh/ssh_host_rsa_key'\n"},
    "unit": {
        "/etc/systemd/system/ssh2.service": "ExecStart=/usr/sbin/sshd -D -h /opt/keys/a -h /etc/ssh/ssh_host_rsa_key\n"
    },
    "process": {"/proc/77/cmdline": "sshd: /usr/sbin/sshd -D -h /opt/keys/a -h /etc/ssh/ssh_host_rsa_key [listener]"},
    "certificate": {
        "/etc/ssh/sshd_config": "HostKey /etc/ssh/ssh_host_rsa_key\nHostCertificate /opt/keys/a\n",
    },
}


@pytest.mark.parametrize("where", CONFIGURATIONS)
def test_a_host_key_elsewhere_goes(tree: Tree, where: str) -> None:
    for path, text in CONFIGURATIONS[where].items():
        tree.write(path, text)
    for path in ("/opt/keys/a", "/opt/keys/a.pub", "/opt/keys/other", "/etc/ssh/ssh_host_rsa_key"):
        tree.write(path)
    guest = guest_of(tree)
    assert list(deprovision_ssh_keys.host_key_blockers(guest)) == []
    assert "SSH host key: /opt/keys/a" in remove_all(guest)
    assert not tree.has("/opt/keys/a")
    assert not tree.has("/etc/ssh/ssh_host_rsa_key")
    assert tree.has("/opt/keys/other")
    assert not tree.has("/opt/keys/a.pub")


def test_what_sshd_says_itself_counts_and_is_not_forgotten_when_it_says_nothing_any_more(tree: Tree) -> None:
    tree.write("/opt/keys/a")
    tree.write("/etc/ssh/ssh_host_rsa_key")
    said = "port 22\nhostkey /opt/keys/a\nhostkey /etc/ssh/ssh_host_rsa_key\n"
    guest = guest_of(tree, sshd=(0, said))
    deprovision_ssh_keys.sshd_settings(guest)
    guest.command = Programs(tree, sshd=(1, "sshd: no hostkeys available -- exiting.\n"))  # type: ignore[method-assign]
    remove_all(guest)
    assert not tree.has("/opt/keys/a")


def test_a_key_goes_with_what_its_link_leads_to(tree: Tree) -> None:
    tree.write("/persist/rsa")
    (tree.root / "etc/ssh").mkdir(parents=True)
    (tree.root / "etc/ssh/ssh_host_rsa_key").symlink_to("/persist/rsa")
    remove_all(guest_of(tree))
    assert not (tree.root / "etc/ssh/ssh_host_rsa_key").is_symlink()
    assert not tree.has("/persist/rsa")


def test_keys_that_nobody_makes_again_are_not_removed(tree: Tree) -> None:
    tree.write("/etc/ssh/sshd_config", "HostKey /opt/keys/a\n")
    said = list(deprovision_ssh_keys.host_key_blockers(guest_of(tree)))
    assert [each["code"] for each in said] == ["host_key_not_generated"]
    assert "/opt/keys/a" in said[0]["message"]


def test_authorized_keys_elsewhere_go_for_those_who_go(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write(
        "/etc/ssh/sshd_config", "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u /srv/%U/k /etc/ssh/all\n"
    )
    for path in (
        "/etc/ssh/keys/root",
        "/etc/ssh/keys/azureuser",
        "/etc/ssh/keys/keeper",
        "/srv/1000/k",
        "/etc/ssh/all",
    ):
        tree.write(path)
    guest = guest_of(tree)
    listed = deprovision_users.user_paths(guest, "azureuser")
    assert {"/etc/ssh/keys/azureuser", "/srv/1000/k"} <= set(listed)
    said = [(each["code"], "/etc/ssh/all" in each["message"]) for each in deprovision_ssh_keys.key_warnings(guest)]
    assert said == [("authorized_keys_stay", True)]
    remove_all(guest)
    assert [tree.has(f"/etc/ssh/keys/{name}") for name in ("root", "azureuser", "keeper")] == [False, False, True]
    assert not tree.has("/srv/1000/k")


@pytest.mark.parametrize("keyword", ["AllowUsers", "AllowGroups"])
def test_logins_that_a_clone_would_refuse_are_said(tree: Tree, keyword: str) -> None:
    tree.write("/etc/ssh/sshd_config.d/x.conf", f"{keyword} azureuser@10.0.0.*\n")
    tree.write("/etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\n")
    (said,) = deprovision_ssh_keys.key_warnings(guest_of(tree))
    assert said["code"] == "logins_restricted"
    assert "azureuser@10.0.0.*" in said["message"]


def test_a_host_key_on_another_disk_stays_and_blocks(tree: Tree) -> None:
    tree.write("/etc/ssh/sshd_config", "HostKey /datadisk/rsa\nHostKey /etc/ssh/ssh_host_rsa_key\n")
    tree.write("/datadisk/rsa")
    guest = guest_of(tree)
    tree.write("/proc/self/mountinfo", MOUNTS + "3 1 8:17 / /datadisk rw - ext4 /dev/sdb1 rw\n")
    assert [each["code"] for each in deprovision_ssh_keys.host_key_blockers(guest)] == ["identity_on_another_disk"]
    remove_all(guest)
    assert tree.has("/datadisk/rsa")
