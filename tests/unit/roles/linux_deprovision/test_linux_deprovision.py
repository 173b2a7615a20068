# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role linux_deprovision finds and removes, on files."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import deprovision_blockers
import deprovision_busy
import deprovision_cleanup
import deprovision_main
import deprovision_users
import pytest
from deprovision_guest import Guest
from role_files import ROLE, Tree, family_config, variables

FAMILIES = sorted(
    path.stem for path in (ROLE / "vars").glob("*.yml") if path.stem not in ("main", "known_identities", "vhd_upload")
)

EVERYWHERE = [
    "/etc/ssh/ssh_host_rsa_key",
    "/etc/ssh/ssh_host_rsa_key.pub",
    "/root/.ssh/authorized_keys",
    "/var/lib/waagent/ovf-env.xml",
    "/var/lib/waagent/.hidden",
    "/var/lib/cloud/data/set-hostname",
    "/var/lib/cloud/instances/i-1/sem/x",
    "/var/lib/systemd/random-seed",
    "/var/lib/systemd/credential.secret",
    "/var/lib/dbus/machine-id",
    "/root/.bash_history",
    "/var/log/waagent.log",
    "/var/log/messages.1",
    "/etc/resolv.conf",
]
BY_FAMILY = {
    "Debian": [
        "/etc/cloud/cloud.cfg.d/99-installer.cfg",
        "/etc/netplan/50-cloud-init.yaml",
        "/var/lib/dhcp/dhclient.eth0.leases",
        "/var/lib/apt/lists/mirror_dists_Release",
        "/var/cache/apt/archives/x.deb",
    ],
    "RedHat": ["/root/anaconda-ks.cfg", "/var/cache/dnf/x", "/var/lib/NetworkManager/secret_key"],
    "Suse": ["/var/lib/wicked/lease-eth0-dhcp-ipv4.xml", "/var/cache/zypp/x"],
    "AzureLinux": ["/var/cache/tdnf/x"],
    "Flatcar": ["/etc/systemd/network/zz-default.network.d/10-ignition.conf"],
}
STAYS = [
    "/etc/cloud/cloud.cfg",
    "/etc/waagent.conf",
    "/etc/ssh/sshd_config",
    "/opt/application/data",
    "/var/lib/cloud/scripts/per-boot/mine.sh",
    "/etc/netplan/10-mine.yaml",
    "/var/lib/apt/lists/lock",
    "/usr/bin/cloud-init",
]


def guest_of(family: str, tree: Tree, **changes: object) -> Guest:
    return Guest({**family_config(family), **changes}, root=str(tree.root))


def remove_all(guest: Guest, users: list[str]) -> None:
    deprovision_cleanup.remove_items(guest, deprovision_cleanup.cleanup_items(guest, users))


def test_every_family_has_its_expectations() -> None:
    assert sorted(BY_FAMILY) == FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_loses_its_identity_and_keeps_the_rest(family: str, tree: Tree) -> None:
    for path in EVERYWHERE + BY_FAMILY[family] + STAYS:
        tree.write(path)
    tree.write("/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    tree.write("/etc/hostname", "source-vm\n")
    tree.write("/etc/hosts", "127.0.0.1 localhost source-vm\n127.0.1.1 source-vm.local source-vm\n::1 localhost\n")
    tree.write("/var/log/messages", "secret\n")
    guest = guest_of(family, tree)
    found = [line for item in deprovision_cleanup.cleanup_items(guest, []) for line in item.lines()]
    remove_all(guest, [])
    assert [path for path in EVERYWHERE + BY_FAMILY[family] if tree.has(path)] == []
    assert [path for path in STAYS if not tree.has(path)] == []
    assert [path for path in EVERYWHERE if not any(line.split(": ")[1] and _covers(line, path) for line in found)] == []
    # An empty one is not a first boot, and Ignition needs one.
    assert tree.read("/etc/machine-id") == "" if family != "Flatcar" else not tree.has("/etc/machine-id")
    assert tree.read("/etc/hostname") == "localhost.localdomain\n"
    assert tree.read("/etc/hosts") == "127.0.0.1 localhost\n::1 localhost\n"
    assert tree.read("/var/log/messages") == ""
    assert guest.notes == []
    assert deprovision_cleanup.cleanup_items(guest, []) == []


def _covers(line: str, path: str) -> bool:
    listed = line.split(": ", 1)[1].split(" (", maxsplit=1)[0]
    return path == listed or path.startswith(listed + "/")


def test_files_are_told_by_what_they_say(tree: Tree) -> None:
    base = "/etc/sysconfig/network-scripts/ifcfg-"
    tree.write(base + "eth0", "# Created by cloud-init automatically\nDEVICE=eth0\n")
    tree.write(base + "eth1", "DEVICE=eth1\nHWADDR=00:0d:3a:00:00:01\n")
    tree.write(base + "eth2", "DEVICE=eth2\nBOOTPROTO=dhcp\n")
    tree.write("/usr/bin/cloud-init")
    remove_all(guest_of("RedHat", tree), [])
    assert [name for name in ("eth0", "eth1", "eth2") if tree.has(base + name)] == ["eth2"]


def test_links_to_the_local_resolver_stay(tree: Tree) -> None:
    tree.write("/run/systemd/resolve/stub-resolv.conf")
    (tree.root / "etc").mkdir()
    (tree.root / "etc/resolv.conf").symlink_to("../run/systemd/resolve/stub-resolv.conf")
    remove_all(guest_of("Debian", tree), [])
    assert (tree.root / "etc/resolv.conf").is_symlink()


def test_what_a_running_system_fills_again_does_not_make_it_unprepared(tree: Tree) -> None:
    tree.write("/var/log/syslog", "a line\n")
    tree.write("/var/log/journal/0123/system.journal")
    tree.write("/var/log/wtmp")
    items = deprovision_cleanup.cleanup_items(guest_of("Debian", tree), [])
    assert items
    assert all(item.volatile for item in items)


PASSWD = (
    "root:x:0:0:root:/root:/bin/bash\n"
    "azureuser:x:1000:1000::/home/azureuser:/bin/bash\n"
    "keeper:x:1001:1001::/home/keeper:/bin/bash\n"
)
SUDOERS = "# made by cloud-init\nazureuser ALL=(ALL) NOPASSWD:ALL\n"


def test_the_agents_file_and_the_rules_of_cloud_init_name_the_provisioned_users(tree: Tree) -> None:
    tree.write("/etc/passwd", PASSWD)
    tree.write("/etc/sudoers.d/90-cloud-init-users", "keeper ALL=(ALL) NOPASSWD:ALL\n")
    tree.write("/var/lib/waagent/ovf-env.xml", "<x><ns1:UserName>azureuser</ns1:UserName></x>")
    assert deprovision_users.provisioned_users(guest_of("Debian", tree))[0] == ["azureuser", "keeper"]
    kept = guest_of("Debian", tree, keep_users=["keeper"])
    assert deprovision_users.provisioned_users(kept)[0] == ["azureuser"]


def test_without_it_cloud_inits_rules_name_them_and_then_the_login(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)
    tree.write("/etc/passwd", PASSWD)
    guest = guest_of("Debian", tree, login_user="keeper")
    assert deprovision_users.provisioned_users(guest)[0] == ["keeper"]
    tree.write("/etc/sudoers.d/90-cloud-init-users", SUDOERS)
    assert deprovision_users.provisioned_users(guest)[0] == ["azureuser"]
    assert (
        deprovision_users.provisioned_users(guest_of("Flatcar", Tree(tree.root / "none"), login_user="root"))[0] == []
    )


def test_a_user_is_found_in_every_place(tree: Tree) -> None:
    tree.write("/etc/passwd", PASSWD)
    tree.write("/etc/group", "sudo:x:27:keeper,azureuser\nazureuser:x:1000:\n")
    tree.write("/etc/sudoers.d/90-cloud-init-users", SUDOERS)
    tree.write("/home/azureuser/.ssh/authorized_keys")
    tree.write("/var/spool/cron/crontabs/azureuser")
    paths = deprovision_users.user_paths(guest_of("Debian", tree), "azureuser")
    assert paths == [
        "/etc/passwd (entry)",
        "/etc/group (entry)",
        "/home/azureuser",
        "/var/spool/cron/crontabs/azureuser",
        "/etc/sudoers.d/90-cloud-init-users (rule)",
    ]
    assert deprovision_users.user_paths(guest_of("Debian", tree), "azure") == []


def test_rules_of_others_stay_in_a_shared_file(tree: Tree) -> None:
    tree.write(
        "/etc/sudoers", "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\nazureuser ALL=(ALL) ALL\n#includedir /etc/x\n"
    )
    tree.write("/etc/sudoers.d/90-cloud-init-users", SUDOERS)
    tree.write(
        "/etc/sudoers.d/people", "keeper ALL=(ALL) ALL\nazureuser ALL=(root) \\\n  NOPASSWD: ALL\n%wheel ALL=ALL\n"
    )
    deprovision_users.remove_user(guest_of("Debian", tree), "azureuser")
    assert tree.read("/etc/sudoers") == "Defaults env_reset\nroot ALL=(ALL:ALL) ALL\n#includedir /etc/x\n"
    assert tree.read("/etc/sudoers.d/people") == "keeper ALL=(ALL) ALL\n%wheel ALL=ALL\n"
    assert not tree.has("/etc/sudoers.d/90-cloud-init-users")


def test_users_that_cannot_go(tree: Tree) -> None:
    tree.write("/etc/passwd", PASSWD + "shared:x:1002:1002::/home/keeper:/bin/sh\n")
    refused = list(
        deprovision_blockers.user_blockers(guest_of("Debian", tree), ["root", "../x", "shared", "azureuser", "gone"])
    )
    assert [finding["code"] for finding in refused] == ["user_of_system", "user_name_not_valid", "home_not_its_own"]
    assert "shared" in refused[2]["message"]


def test_who_stays_is_said(tree: Tree) -> None:
    tree.write("/etc/passwd", PASSWD)
    tree.write("/root/.ssh/id_ed25519")
    said = list(deprovision_blockers.warnings(guest_of("Debian", tree), ["azureuser"]))
    assert [finding["code"] for finding in said] == ["user_stays", "private_key_stays"]
    assert ["keeper" in said[0]["message"], "id_ed25519" in said[1]["message"]] == [True, True]


@pytest.mark.parametrize(
    ("on", "trusted", "keys", "warned"),
    [
        (1, "Microsoft Corporation UEFI CA 2011", "Microsoft Corporation KEK CA 2011", True),
        (1, "Microsoft Corporation UEFI CA 2011 Microsoft UEFI CA 2023", "Microsoft Corporation KEK CA 2011", True),
        (1, "Microsoft Corporation UEFI CA 2011 Microsoft UEFI CA 2023", "Microsoft Corporation KEK 2K CA 2023", False),
        (0, "Microsoft Corporation UEFI CA 2011", "", False),
        (1, "A certificate of one's own", "", False),
        (None, "", "", False),
    ],
)
def test_certificates_of_secure_boot_that_have_expired_are_said(tree: Tree, on, trusted, keys, warned) -> None:
    variables = "/sys/firmware/efi/efivars/"
    if on is not None:
        tree.write(f"{variables}SecureBoot-{deprovision_blockers.EFI_GLOBAL}", f"\6\0\0\0{chr(on)}")
        tree.write(f"{variables}db-{deprovision_blockers.EFI_SECURITY}", f"\6\0\0\0{trusted}")
        tree.write(f"{variables}KEK-{deprovision_blockers.EFI_GLOBAL}", f"\6\0\0\0{keys}")
    said = [warning["code"] for warning in deprovision_blockers.secure_boot_warnings(guest_of("Debian", tree))]
    assert said == (["secure_boot_outdated"] if warned else [])


def test_a_lock_of_the_package_manager_is_seen_and_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    path.touch()
    assert deprovision_busy.lock_holder(str(path)) == 0
    program = f"import fcntl,sys; f=open({str(path)!r},'w'); fcntl.lockf(f,fcntl.LOCK_EX); print(1,flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert deprovision_busy.lock_holder(str(path)) == holder.pid
        holder.communicate()
    with path.open("w") as handle:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_second_deprovisioning_names_the_first(tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deprovision_main, "STATE_DIRECTORY", str(tmp_path))
    monkeypatch.setattr(deprovision_main, "verify_same_guest", lambda guest: None)
    lock = tmp_path / "lock"
    lock.write_text("4711 since 2026-01-01T00:00:00Z")
    with lock.open("r+") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        with pytest.raises(deprovision_main.Failure, match="process 4711 since 2026-01-01T00:00:00Z") as refused:
            deprovision_main.detached_finish(guest_of("Debian", tree))
    assert refused.value.code == "already_running"


def test_cloud_init_must_be_able_to_use_azure(tree: Tree) -> None:
    tree.write("/usr/bin/cloud-init")
    tree.write("/etc/cloud/cloud.cfg.d/10-list.cfg", "datasource_list:\n  - NoCloud\n  - None\n")
    tree.write("/etc/cloud/cloud.cfg.d/20-good.cfg", "datasource_list: [ NoCloud, Azure ]\n")
    # Goes anyway.
    tree.write("/etc/cloud/cloud.cfg.d/99-installer.cfg", "datasource_list: [None]\n")
    found = deprovision_blockers.provisioning_blockers(guest_of("Debian", tree))
    (said,) = (finding for finding in found if finding["code"] == "cloud_init_without_azure")
    assert said["message"].startswith("/etc/cloud/cloud.cfg.d/10-list.cfg")


def test_something_that_cannot_be_removed_does_not_keep_the_rest(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write("/var/lib/cloud/instance/x")
    tree.write("/etc/ssh/ssh_host_rsa_key")
    guest = guest_of("Debian", tree)
    delete = guest.delete

    def refuse(path: str) -> None:
        if path.startswith("/var/lib/cloud"):
            raise PermissionError(1, "Operation not permitted", path)
        delete(path)

    monkeypatch.setattr(guest, "delete", refuse)
    remove_all(guest, [])
    assert not tree.has("/etc/ssh/ssh_host_rsa_key")
    assert "Operation not permitted" in guest.notes[0]
    left = deprovision_cleanup.cleanup_items(guest, [])
    assert [(item.paths, item.critical) for item in left] == [(["/var/lib/cloud/instance"], True)]


def test_clean_removes_what_does_not_cut_the_login_and_nothing_else(tree: Tree) -> None:
    for path in EVERYWHERE:
        tree.write(path)
    answer = deprovision_main.clean(guest_of("Debian", tree))
    assert answer == {
        "removed": ["shell history: /root/.bash_history", "rotated log: /var/log/messages.1"],
        "remaining": [],
        "notes": [],
    }
    assert tree.has("/etc/ssh/ssh_host_rsa_key")


def test_the_modules_come_in_the_order_they_import_each_other(modules: dict[str, object]) -> None:
    seen: set[str] = set()
    uploading = variables("vhd_upload")["__linux_deprovision_upload_own_modules"]
    for name in (*modules, *uploading):
        source = (ROLE / "files" / f"{name}.py").read_text(encoding="utf-8")
        others = {*modules, *uploading}
        imported = {other for other in others if f"from {other} import" in source or f"import {other}\n" in source}
        assert imported <= seen
        seen.add(name)
    assert {path.stem for path in (ROLE / "files").glob("*.py")} == seen


def test_root_is_needed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (said,) = deprovision_blockers.blockers(guest_of("Debian", tree), [], [])
    assert said["code"] == "root_needed"
