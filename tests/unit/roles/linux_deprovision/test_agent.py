# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the Azure agent should have done is verified and, where it did not, done by the role."""

from __future__ import annotations

import deprovision_agent
import deprovision_cleanup
import deprovision_main
import pytest
from deprovision_guest import Guest
from guest_programs import Programs, silent_failure
from role_files import Tree, family_config

HASH = "$y$j9T$salt$hash"


def guest_of(tree: Tree, agent: object = None, family: str = "Debian") -> Guest:
    guest = Guest(family_config(family), root=str(tree.root))
    guest.command = Programs(tree, agent)  # type: ignore[method-assign]
    return guest


def finish(guest: Guest, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setattr(deprovision_main, "blockers", lambda *arguments: [])
    monkeypatch.delenv("SUDO_USER", raising=False)
    return deprovision_main.finish(guest)


def source(tree: Tree) -> None:
    """A machine that Azure has provisioned."""
    tree.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\nazureuser:x:1000:1000::/home/azureuser:/bin/bash\n")
    tree.write("/etc/shadow", f"root:{HASH}:19000:0:99999:7:::\nazureuser:{HASH}:19000:0:99999:7:::\n")
    tree.write("/etc/group", "root:x:0:\nazureuser:x:1000:\n")
    tree.write("/etc/sudoers.d/90-cloud-init-users", "azureuser ALL=(ALL) NOPASSWD:ALL\n")
    tree.write("/home/azureuser/.ssh/authorized_keys")
    tree.write("/home/azureuser/waagent/Microsoft.CPlat.Core.RunCommandLinux-1.0.5/mrseq")
    tree.write("/var/lib/waagent/ovf-env.xml", "<ns1:UserName>azureuser</ns1:UserName>")
    for name in ("mrseq", "config/0.settings", "status/0.status", "download/0/stdout"):
        tree.write(f"/var/lib/waagent/Microsoft.Azure.Extensions.CustomScript-2.1.10/{name}")
    tree.write("/var/lib/waagent/custom-script/download/0/stdout")
    tree.write("/var/lib/waagent/run-command-handler.mrseq")
    tree.write("/var/lib/waagent/waagent-network-setup.py")
    tree.write("/usr/lib/systemd/system/walinuxagent-network-setup.service")
    tree.write("/var/lib/dhclient/dhclient-eth0.leases")
    tree.write("/etc/hostname", "web\n")
    tree.write("/etc/ssh/ssh_host_rsa_key")


def test_an_agent_that_fails_and_says_nothing_of_it_is_made_up_for(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    source(tree)
    guest = guest_of(tree, silent_failure)
    answer = finish(guest, monkeypatch)
    assert answer["verified"], answer["remaining"]
    assert "Failed to run" in answer["notes"][0]
    assert tree.read("/etc/shadow") == "root:*:19000:0:99999:7:::\n"
    assert tree.read("/etc/passwd") == "root:x:0:0:root:/root:/bin/bash\n"
    assert tree.read("/etc/hostname") == "localhost.localdomain\n"
    for path in ("/home/azureuser", "/etc/sudoers.d/90-cloud-init-users", "/var/lib/dhclient/dhclient-eth0.leases"):
        assert not tree.has(path)
    assert list((tree.root / "var/lib/waagent").iterdir()) == []
    assert not tree.has("/usr/lib/systemd/system/walinuxagent-network-setup.service")
    assert deprovision_cleanup.cleanup_items(guest, []) == []


@pytest.mark.parametrize("option", ["keep_users", "built_in_users"])
def test_the_agent_does_not_remove_a_user_who_is_kept(tree: Tree, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
    source(tree)
    guest = guest_of(tree)
    programs = Programs(tree, **{"waagent -force -deprovision": (0, "")})
    guest.command = programs  # type: ignore[method-assign]
    guest.config[option] = ["azureuser"]
    answer = finish(guest, monkeypatch)
    assert answer["verified"], answer["remaining"]
    assert ["waagent", "-force", "-deprovision"] in programs.ran
    assert ["waagent", "-force", "-deprovision+user"] not in programs.ran
    assert "azureuser:x:1000" in tree.read("/etc/passwd")
    assert tree.has("/home/azureuser")


def test_the_agent_removes_a_user_who_goes(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    source(tree)
    guest = guest_of(tree)
    programs = Programs(tree, silent_failure)
    guest.command = programs  # type: ignore[method-assign]
    assert finish(guest, monkeypatch)["verified"]
    assert ["waagent", "-force", "-deprovision+user"] in programs.ran


def test_an_agent_that_is_not_there_is_made_up_for(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    source(tree)
    answer = finish(guest_of(tree), monkeypatch)
    assert answer["verified"], answer["remaining"]
    assert tree.read("/etc/shadow").startswith("root:*:")


@pytest.mark.parametrize(
    ("password", "locked"),
    [(HASH, True), ("", True), ("!", False), ("*", False), ("!!", False), (f"!{HASH}", False), ("*LOCK*", False)],
)
def test_a_password_of_root_that_can_be_used_is_locked(tree: Tree, password: str, locked: bool) -> None:
    tree.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
    tree.write("/etc/shadow", f"root:{password}:19000:0:99999:7:::\nother:{HASH}:19000::::::\n")
    guest = guest_of(tree)
    (item,) = list(deprovision_agent.root_password_items(guest)) or [None]
    assert (item is not None) == locked
    if item is not None:
        assert item.critical
        item.remove()
        assert tree.read("/etc/shadow") == f"root:*:19000:0:99999:7:::\nother:{HASH}:19000::::::\n"
        assert list(deprovision_agent.root_password_items(guest)) == []


def test_a_password_of_root_that_the_agent_is_told_to_keep_stays_and_is_said(tree: Tree) -> None:
    tree.write("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
    tree.write("/etc/shadow", f"root:{HASH}:19000:0:99999:7:::\n")
    tree.write("/etc/waagent.conf", "Provisioning.DeleteRootPassword=n\n")
    guest = guest_of(tree)
    assert list(deprovision_agent.root_password_items(guest)) == []
    assert [each["code"] for each in deprovision_agent.root_password_warnings(guest)] == ["root_password_stays"]
    tree.write("/etc/waagent.conf", "# Provisioning.DeleteRootPassword=n\nProvisioning.DeleteRootPassword=y # why\n")
    assert len(list(deprovision_agent.root_password_items(guest))) == 1


@pytest.mark.parametrize(
    ("path", "text", "left"),
    [
        (
            "/etc/sysconfig/network-scripts/ifcfg-eth0",
            "DEVICE=eth0\nDHCP_HOSTNAME=web\n",
            "DEVICE=eth0\n",
        ),
        ("/etc/sysconfig/network", "NETWORKING=yes\nHOSTNAME=web.local\n", "NETWORKING=yes\n"),
        (
            "/etc/sysconfig/network/dhcp",
            'DHCLIENT_HOSTNAME_OPTION="web"\nX="y"\n',
            'DHCLIENT_HOSTNAME_OPTION="AUTO"\nX="y"\n',
        ),
        ("/etc/dhcp/dhclient.conf", 'option x;\nsend host-name "web";\n', "option x;\n"),
        ("/etc/dhcp/dhclient.conf", 'send host-name "localhost.localdomain";\n', ""),
        ("/etc/dhcp/dhclient.conf", "send host-name = gethostname();\n", "send host-name = gethostname();\n"),
        ("/etc/dhcp/dhclient.conf", 'send host-name "proxy";\n', 'send host-name "proxy";\n'),
    ],
)
def test_a_clone_does_not_ask_for_an_address_by_the_name_of_the_source(
    tree: Tree, path: str, text: str, left: str
) -> None:
    tree.write("/etc/hostname", "web\n")
    tree.write(path, text)
    guest = guest_of(tree, family="RedHat")
    deprovision_cleanup.remove_items(guest, deprovision_cleanup.cleanup_items(guest, []))
    assert tree.read(path) == left
