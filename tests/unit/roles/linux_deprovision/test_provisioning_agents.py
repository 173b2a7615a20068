# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who provisions the clones, and what nobody would make again."""

from __future__ import annotations

import deprovision_cleanup
import deprovision_provisioning_agents
import pytest
from deprovision_guest import Guest
from guest_programs import Programs
from role_files import Tree, family_config

ENABLED = {
    f"systemctl is-enabled {unit}": (0, "enabled\n")
    for unit in (
        *("walinuxagent", "waagent", "azure-init.service", "cloud-init-local.service", "cloud-init.service"),
        *("cloud-config.service", "cloud-final.service"),
    )
}
ABSENT = (1, "Failed to get unit file state: No such file or directory\n")


def guest_of(tree: Tree, family: str = "Debian", **answers: tuple[int, str]) -> Guest:
    guest = Guest(family_config(family), root=str(tree.root))
    guest.command = Programs(tree, **{"systemctl": ABSENT, **ENABLED, **answers})  # type: ignore[method-assign]
    return guest


def stock(tree: Tree, agent: bool = True, cloud_init: bool = True) -> None:
    if agent:
        tree.write("/usr/sbin/waagent", "#!/usr/bin/python3\n")
        tree.write("/etc/waagent.conf", "Provisioning.Agent=auto\n")
        tree.write("/usr/bin/python3")
    if cloud_init:
        tree.write("/usr/bin/cloud-init")


def blocked(guest: Guest) -> list[str]:
    return [finding["code"] for finding in deprovision_provisioning_agents.provisioning_blockers(guest)]


def test_a_stock_machine_is_not_blocked(tree: Tree) -> None:
    stock(tree)
    assert blocked(guest_of(tree)) == []
    assert list(deprovision_provisioning_agents.provisioning_warnings(guest_of(tree))) == []


@pytest.mark.parametrize(
    ("agent", "cloud_init", "azure_init", "codes"),
    [
        (True, True, False, []),
        (True, False, False, []),  # the agent finds no cloud-init, and provisions itself
        (False, True, False, []),
        (False, False, True, []),
        (True, True, True, []),
        (False, False, False, ["agent_missing"]),
    ],
)
def test_one_who_provisions_is_enough(
    tree: Tree, agent: bool, cloud_init: bool, azure_init: bool, codes: list[str]
) -> None:
    stock(tree, agent, cloud_init)
    if azure_init:
        tree.write("/usr/bin/azure-init")
    absent = {} if cloud_init else {"systemctl is-enabled cloud-init-local.service": ABSENT}
    guest = guest_of(tree, **absent)
    assert blocked(guest) == codes
    said = list(deprovision_provisioning_agents.provisioning_warnings(guest))
    assert [each["code"] for each in said] == ([] if agent else ["agent_missing"])
    if not agent:
        assert "network manager" in said[0]["message"]


def test_an_agent_that_leaves_it_to_a_cloud_init_that_is_not_there(tree: Tree) -> None:
    stock(tree, cloud_init=False)
    tree.write("/etc/waagent.conf", "Provisioning.Agent=cloud-init\n")
    assert blocked(guest_of(tree)) == ["cloud_init_missing"]


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("/usr/sbin/waagent", "#!/usr/bin/python2.7\n", "agent_not_working"),
        ("/usr/sbin/waagent", "#!/usr/bin/env python2.7\n", "agent_not_working"),
        ("/etc/cloud/cloud-init.disabled", "", "cloud_init_disabled"),
        ("/proc/cmdline", "root=/dev/sda1 cloud-init=disabled quiet\n", "cloud_init_disabled"),
        ("/etc/default/grub", 'GRUB_CMDLINE_LINUX="cloud-init=disabled"\n', "cloud_init_disabled"),
        ("/etc/cloud/cloud.cfg.d/x.cfg", "ssh_genkeytypes: []\n", "cloud_init_incomplete"),
        ("/etc/cloud/cloud.cfg.d/x.cfg", "ssh_genkeytypes: ~\n", "cloud_init_incomplete"),
        ("/etc/cloud/cloud.cfg.d/x.cfg", "preserve_hostname: true # why\n", "cloud_init_incomplete"),
        ("/etc/cloud/cloud.cfg", "cloud_init_modules:\n - set_hostname\n - users-groups\n", "cloud_init_incomplete"),
        ("/etc/cloud/cloud.cfg", "cloud_init_modules:\n - ssh\n - users_groups\n", "cloud_init_incomplete"),
        ("/etc/cloud/cloud.cfg.d/x.cfg", "datasource_list: [NoCloud, None]\n", "cloud_init_without_azure"),
        ("/proc/cmdline", "root=/dev/sda1 ds=nocloud\n", "cloud_init_without_azure"),
    ],
)
def test_what_would_leave_clones_without_something(tree: Tree, path: str, text: str, code: str) -> None:
    stock(tree)
    tree.write(path, text)
    assert blocked(guest_of(tree)) == [code]


@pytest.mark.parametrize("state", ["masked", "disabled"])
def test_a_unit_of_cloud_init_that_does_not_start(tree: Tree, state: str) -> None:
    stock(tree)
    assert blocked(guest_of(tree, **{"systemctl is-enabled cloud-final.service": (1, state + "\n")})) == [
        "cloud_init_disabled"
    ]


def test_a_generator_that_is_disabled(tree: Tree) -> None:
    stock(tree)
    link = tree.root / "etc/systemd/system-generators/cloud-init-generator"
    link.parent.mkdir(parents=True)
    link.symlink_to("/dev/null")
    assert blocked(guest_of(tree)) == ["cloud_init_disabled"]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "/etc/cloud/cloud.cfg",
            "# preserve_hostname: true\npreserve_hostname: false\nssh_genkeytypes: [rsa, ed25519]\n",
        ),
        ("/etc/cloud/cloud.cfg", "ssh_genkeytypes:\n  - rsa\n  - ed25519\nsystem_info:\n  distro: debian\n"),
        ("/etc/cloud/cloud.cfg", "cloud_init_modules:\n- ssh\n- set-hostname\n- [users-groups, always]\n"),
        ("/etc/default/grub", "# cloud-init\nGRUB_CMDLINE_LINUX=quiet\n"),
    ],
)
def test_what_stock_images_say_does_not_block(tree: Tree, path: str, text: str) -> None:
    stock(tree)
    tree.write(path, text)
    assert blocked(guest_of(tree)) == []


def test_keys_that_a_unit_makes_are_made_again(tree: Tree) -> None:
    stock(tree)
    tree.write("/etc/cloud/cloud.cfg", "ssh_genkeytypes: ~\n")
    tree.write("/usr/lib/systemd/system/sshd-keygen@.service", "ExecStart=/usr/libexec/openssh/sshd-keygen %i\n")
    assert blocked(guest_of(tree)) == []
    tree.write("/etc/systemd/system/sshd-keygen@.service.d/disable-sshd-keygen-if-cloud-init-active.conf", "[Unit]\n")
    assert blocked(guest_of(tree)) == ["cloud_init_incomplete"]


DISABLED = "/etc/cloud/cloud.cfg.d/99-disable-network-config.cfg"
NETPLAN = "/etc/netplan/50-cloud-init.yaml"
BOUND = "network:\n  ethernets:\n    eth0:\n      match: {macaddress: '00:0d:3a:00:00:01'}\n"


@pytest.mark.parametrize(
    ("disabled", "netplan", "codes", "stays"),
    [
        (False, BOUND, [], False),
        # Stock Debian: it has a network configuration of its own.
        (True, None, [], None),
        (True, "network: {ethernets: {all: {match: {name: '*'}, dhcp4: true}}}\n", [], True),
        (True, BOUND, ["network_not_written"], True),
    ],
)
def test_a_network_that_is_not_written_anew_stays_or_blocks(
    tree: Tree, disabled: bool, netplan: str | None, codes: list[str], stays: bool | None
) -> None:
    stock(tree)
    if disabled:
        tree.write(DISABLED, "network:\n  config: disabled\n")
    if netplan:
        tree.write(NETPLAN, netplan)
    guest = guest_of(tree)
    assert blocked(guest) == codes
    deprovision_cleanup.remove_items(guest, deprovision_cleanup.cleanup_items(guest, []))
    assert tree.has(NETPLAN) == bool(stays)


@pytest.mark.parametrize("text", ["network: {config: disabled}\n", "network:\n    config: 'disabled'\n"])
def test_each_way_to_disable_it(tree: Tree, text: str) -> None:
    stock(tree)
    tree.write(DISABLED, text)
    tree.write(NETPLAN, BOUND)
    assert blocked(guest_of(tree)) == ["network_not_written"]


def test_what_the_installer_disabled_goes_and_so_does_not_count(tree: Tree) -> None:
    stock(tree)
    tree.write("/etc/cloud/cloud.cfg.d/subiquity-disable-cloudinit-networking.cfg", "network: {config: disabled}\n")
    tree.write(NETPLAN, BOUND)
    assert blocked(guest_of(tree)) == []


def test_an_agent_that_another_unit_starts_is_enabled(tree: Tree) -> None:
    """Flatcar starts it by a drop-in with Upholds=."""
    tree.write("/usr/bin/waagent", "#!/usr/bin/python3\n")
    tree.write("/usr/bin/python3")
    disabled = {"systemctl is-enabled waagent": (1, "disabled\n")}
    assert blocked(guest_of(tree, "Flatcar", **disabled)) == ["agent_not_enabled"]
    upheld = {"systemctl show waagent": (0, "WantedBy=\nRequiredBy=\nUpheldBy=multi-user.target\n")}
    assert blocked(guest_of(tree, "Flatcar", **disabled, **upheld)) == []
