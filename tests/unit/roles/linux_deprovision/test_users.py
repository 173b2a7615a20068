# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Users of all kinds: each is removed, kept or warned of on purpose, and listed before."""

from __future__ import annotations

import os

import deprovision_blockers
import deprovision_cleanup
import deprovision_users
import pytest
from deprovision_guest import Guest
from guest_programs import Programs
from role_files import Tree, family_config

HASH = "$6$salt$hash"
ROOT = "root:x:0:0:root:/root:/bin/bash\n"


def guest_of(tree: Tree, *lines: str, **changes: object) -> Guest:
    tree.write("/etc/passwd", ROOT + "".join(line + "\n" for line in lines))
    guest = Guest({**family_config("Debian"), **changes}, root=str(tree.root))
    guest.command = Programs(tree)  # type: ignore[method-assign]
    return guest


def blocked(guest: Guest, *users: str) -> list[str]:
    return [finding["code"] for finding in deprovision_blockers.user_blockers(guest, list(users))]


def said(guest: Guest, *users: str) -> list[tuple[str, str]]:
    return [(finding["code"], finding["message"]) for finding in deprovision_blockers.warnings(guest, list(users))]


def remove(guest: Guest, *users: str) -> None:
    deprovision_cleanup.remove_items(guest, deprovision_cleanup.cleanup_items(guest, list(users)))


@pytest.fixture(autouse=True)
def nobody_uses_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SUDO_USER", raising=False)


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ("u:x:1000:1000::/home/u:/bin/bash", []),
        ("u:x:70000:70000::/home/u:/bin/bash", []),  # above the ids of people
        ("u:x:990:990::/home/u:/bin/bash", []),  # a person with an id of the system
        ("u:x:1000:1000::/nonexistent:/bin/bash", []),
        ("u:x:1000:1000::/:/bin/bash", []),
        ("u:x:1000:1000:::/bin/bash", []),
        ("u:x:33:33::/var/www:/usr/sbin/nologin", ["user_of_system"]),
        ("u:x:0:0::/home/u:/bin/bash", ["user_of_system"]),
        ("u:x:1000:1000::/var/lib:/bin/bash", ["home_not_its_own"]),
        ("u:x:1000:1000::/srv:/bin/bash", ["home_not_its_own"]),
        ("u:x:1000:1000::/home/keeper/..:/bin/bash", ["home_not_its_own"]),
    ],
)
def test_who_can_be_removed(tree: Tree, line: str, codes: list[str]) -> None:
    guest = guest_of(tree, line, "keeper:x:1001:1001::/home/keeper:/bin/bash")
    assert blocked(guest, "u") == codes


def test_a_home_in_which_another_one_lives_is_not_its_own(tree: Tree) -> None:
    guest = guest_of(tree, "u:x:1000:1000::/srv/homes:/bin/sh", "keeper:x:1001:1001::/srv/homes/keeper:/bin/sh")
    assert blocked(guest, "u") == ["home_not_its_own"]


def test_a_user_without_a_home_is_removed_and_nothing_else(tree: Tree) -> None:
    tree.write("/data/x")
    guest = guest_of(tree, "u:x:1000:1000::/:/bin/sh")
    remove(guest, "u")
    assert tree.has("/data/x")
    assert tree.read("/etc/passwd") == ROOT


def test_a_home_that_is_a_link_goes_with_what_it_leads_to_if_that_is_the_users(tree: Tree) -> None:
    tree.write("/srv/homes/u/.ssh/authorized_keys")
    tree.write("/srv/shared/x")
    for name, target in (("u", "/srv/homes/u"), ("v", "/srv/shared")):
        (tree.root / "home").mkdir(exist_ok=True)
        (tree.root / "home" / name).symlink_to(target)
    number = os.getuid() or 4711
    os.chown(tree.root / "srv/homes/u", number, -1)
    guest = guest_of(tree, f"u:x:{number}:1000::/home/u:/bin/sh", "v:x:4712:1001::/home/v:/bin/sh")
    assert {"/home/u", "/srv/homes/u"} <= set(deprovision_users.user_paths(guest, "u"))
    assert "/srv/shared" not in deprovision_users.user_paths(guest, "v")
    assert [code for code, message in said(guest, "u", "v") if "/srv/shared" in message] == ["other_disk_stays"]
    remove(guest, "u", "v")
    assert not tree.has("/srv/homes/u")
    assert not (tree.root / "home/u").is_symlink()
    assert tree.has("/srv/shared/x")


def test_a_home_on_a_data_disk_stays_and_is_said(tree: Tree) -> None:
    tree.write("/home/u/x")
    mounts = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 8:17 / /home rw - ext4 /dev/sdb1 rw\n"
    tree.write("/proc/self/mountinfo", mounts)
    guest = guest_of(tree, "u:x:1000:1000::/home/u:/bin/sh")
    remove(guest, "u")
    assert tree.has("/home/u/x")
    guest = guest_of(tree, "u:x:1000:1000::/home/u:/bin/sh")
    assert any(code == "other_disk_stays" and "/home/u" in message for code, message in said(guest, "u"))


def test_everything_that_bears_the_name_or_belongs_to_the_user_is_listed_and_goes(tree: Tree) -> None:
    number = os.getuid() or 4711
    places = [
        *("/var/mail/u", "/var/spool/cron/crontabs/u", "/var/spool/cron/tabs/u", "/var/lib/systemd/linger/u"),
        *("/var/lib/AccountsService/users/u", "/var/lib/sudo/lectured/u", "/var/spool/cron/atjobs/a0001"),
    ]
    for path in [*places, "/var/spool/cron/atjobs/a0002"]:
        tree.write(path)
    os.chown(tree.root / "var/spool/cron/atjobs/a0001", number, -1)
    os.chown(tree.root / "var/spool/cron/atjobs/a0002", 4242, -1)
    guest = guest_of(tree, f"u:x:{number}:1000::/home/u:/bin/sh")
    assert set(places) <= set(deprovision_users.user_paths(guest, "u"))
    remove(guest, "u")
    assert [path for path in places if tree.has(path)] == []
    assert tree.has("/var/spool/cron/atjobs/a0002")


@pytest.mark.parametrize(
    ("path", "text", "used"),
    [
        ("/etc/systemd/system/app.service", "[Service]\nUser=u\n", True),
        ("/etc/systemd/system/app.service.d/x.conf", "[Service]\nUser = u\n", True),
        ("/etc/systemd/system/app.service", "[Service]\nUser=u2\n", False),
        ("/etc/cron.d/app", "*/5 * * * * u /opt/app\n", True),
        ("/etc/cron.d/app", "@reboot u /opt/app\n", True),
        ("/etc/cron.d/app", "*/5 * * * * root /bin/u u\n", False),
    ],
)
def test_what_runs_as_a_user_who_goes_is_said(tree: Tree, path: str, text: str, used: bool) -> None:
    tree.write(path, text)
    guest = guest_of(tree, "u:x:1000:1000::/home/u:/bin/sh")
    assert [message for code, message in said(guest, "u") if code == "user_is_used" and path in message] == (
        [f"{path} runs commands as the user u, which is removed: change or delete it."] if used else []
    )


def test_every_account_by_which_somebody_can_log_in_is_said(tree: Tree) -> None:
    tree.write(
        "/etc/shadow",
        f"daemon:*:1::::::\nbackup:{HASH}:1::::::\nnologin:{HASH}:1::::::\nops:!:1::::::\nbig:!:1::::::\nempty::1::::::\n",
    )
    tree.write("/var/lib/ops/.ssh/authorized_keys", "ssh-ed25519 AAAA\n")
    tree.write("/home/big/.ssh/authorized_keys", "ssh-ed25519 AAAA\n")
    tree.write("/etc/sudoers", "%wheel ALL=ALL\nops ALL=ALL\n")
    tree.write("/etc/group", "wheel:x:10:keeper\n")
    guest = guest_of(
        tree,
        "daemon:x:1:1::/usr/sbin:/usr/sbin/nologin",
        "backup:x:34:34::/var/backups:/bin/sh",
        "nologin:x:35:35::/x:/usr/sbin/nologin",
        "ops:x:990:990::/var/lib/ops:/bin/sh",
        "big:x:70000:70000::/home/big:/bin/sh",
        "empty:x:36:36::/:/bin/sh",
        "keeper:x:1001:1001::/home/keeper:/bin/sh",
        "kept:x:1002:1002::/home/kept:/bin/sh",
        keep_users=["kept"],
    )
    found = {message.split()[2]: message for code, message in said(guest) if code == "user_stays"}
    assert sorted(found) == ["backup", "big", "empty", "keeper", "ops"]
    assert "with a password" in found["backup"]
    assert "with a key" in found["big"]
    assert "with a key" in found["ops"]
    assert "with sudo" in found["ops"]
    assert "with sudo (group wheel)" in found["keeper"]


@pytest.mark.parametrize(
    ("login", "keep", "codes"),
    [
        ("keeper", [], ["login_stays"]),
        ("keeper", ["keeper"], []),
        ("azureuser", [], []),
        ("root", [], []),
        ("", [], []),
    ],
)
def test_a_login_that_would_stay_is_refused_unless_it_is_named(
    tree: Tree, login: str, keep: list[str], codes: list[str]
) -> None:
    """As with a stale ovf-env.xml, which names the user of an earlier provisioning."""
    tree.write("/var/lib/waagent/ovf-env.xml", "<UserName>azureuser</UserName>")
    guest = guest_of(tree, "keeper:x:1000:1000::/home/keeper:/bin/sh", login_user=login, keep_users=keep)
    users, _from = deprovision_users.users_to_remove(guest)
    assert users == ["azureuser"]
    assert blocked(guest, *users) == codes


def test_the_user_of_azure_init_is_known_by_the_rule(tree: Tree) -> None:
    tree.write("/etc/sudoers.d/azure-init-user", "azureuser ALL=(ALL) NOPASSWD: ALL\n")
    guest = guest_of(tree, "azureuser:x:1000:1000::/home/azureuser:/bin/sh")
    assert deprovision_users.users_to_remove(guest) == (["azureuser"], "/etc/sudoers.d/azure-init-user")
