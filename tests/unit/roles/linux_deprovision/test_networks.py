# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What binds a network, a swap file, a disk or the boot to this machine, in each format, and what looks like that and has to stay."""

from __future__ import annotations

import deprovision_boot
import deprovision_cleanup
import deprovision_fstab
import pytest
from deprovision_guest import Guest
from guest_programs import Programs
from role_files import Tree, family_config

MAC = "00:0d:3a:aa:bb:cc"


def guest_of(tree: Tree, family: str = "Debian", **answers: tuple[int, str]) -> Guest:
    tree.write("/usr/bin/cloud-init")
    guest = Guest(family_config(family), root=str(tree.root))
    guest.command = Programs(tree, **answers)  # type: ignore[method-assign]
    return guest


def remove_all(guest: Guest) -> None:
    deprovision_cleanup.remove_items(guest, deprovision_cleanup.cleanup_items(guest, []))


@pytest.mark.parametrize(
    ("family", "path", "text"),
    [
        (
            "Debian",
            "/etc/netplan/99-mine.yaml",
            f"network:\n  ethernets:\n    a:\n      match:\n        macaddress: {MAC}\n",
        ),
        ("Debian", "/etc/netplan/01.yaml", f"network: {{ethernets: {{a: {{match: {{macaddress: '{MAC}'}}}}}}}}\n"),
        ("Debian", "/etc/netplan/01.yaml", f'      - "macaddress" : "{MAC.upper()}"\n'),
        ("AzureLinux", "/etc/systemd/network/20-x.network", f"[Match]\nMACAddress={MAC}\n"),
        ("AzureLinux", "/etc/systemd/network/20-x.network", f"[Match]\n MACAddress = {MAC}\n"),
        ("AzureLinux", "/etc/systemd/network/20-x.network.d/x.conf", f"[Match]\nPermanentMACAddress={MAC}\n"),
        ("AzureLinux", "/etc/systemd/network/10-x.link", f"[Match]\nPermanentMACAddress={MAC}\n[Link]\nName=eth0\n"),
        ("RedHat", "/etc/NetworkManager/system-connections/x.nmconnection", f"[ethernet]\nmac-address={MAC}\n"),
        ("RedHat", "/etc/NetworkManager/system-connections/x.nmconnection", f"[ethernet]\n mac-address = {MAC}\n"),
        ("RedHat", "/etc/NetworkManager/system-connections/x", f"[ethernet]\ncloned-mac-address={MAC}\n"),
        ("RedHat", "/etc/NetworkManager/conf.d/30-cloud-init-ip6-addr-gen-mode.conf", "[x]\n"),
        ("RedHat", "/etc/NetworkManager/conf.d/99-cloud-init.conf", "[x]\n"),
        ("RedHat", "/etc/sysconfig/network-scripts/ifcfg-x", f'DEVICE=x\n HWADDR = "{MAC}"\n'),
        ("RedHat", "/etc/sysconfig/network-scripts/ifcfg-x", f"MACADDR={MAC}\n"),
        ("Suse", "/etc/sysconfig/network/ifcfg-eth0", f"BOOTPROTO=dhcp\nLLADDR={MAC}\n"),
        (
            "Suse",
            "/etc/udev/rules.d/85-persistent-net-cloud-init.rules",
            f'SUBSYSTEM=="net", ATTR{{address}}=="{MAC}", NAME="eth0"\n',
        ),
        ("Debian", "/etc/udev/rules.d/76-mine.rules", f'# c\nATTR{{address}}=="{MAC}", \\\n  NAME="x"\n'),
        ("Debian", "/etc/ssh/sshd_config.d/50-cloud-init.conf", "PasswordAuthentication no\n"),
        ("RedHat", "/etc/lvm/devices/system.devices", "VERSION=1.1.1\nIDTYPE=sys_wwid IDNAME=naa.6\n"),
        ("RedHat", "/var/cache/libdnf5/x/packages/y.rpm", ""),
        ("AzureLinux", "/var/cache/libdnf5/x", ""),
    ],
)
def test_what_is_bound_to_this_machine_goes(tree: Tree, family: str, path: str, text: str) -> None:
    tree.write(path, text)
    remove_all(guest_of(tree, family))
    assert not tree.has(path)


@pytest.mark.parametrize(
    ("family", "path", "text"),
    [
        (
            "Debian",
            "/etc/netplan/90-hotplug-azure.yaml",
            "network:\n  ethernets:\n    e:\n      match:\n        driver: hv_netvsc\n",
        ),
        ("Debian", "/etc/netplan/10.yaml", f"# macaddress: {MAC}\nnetwork: {{}}\n"),
        (
            "Debian",
            "/etc/udev/rules.d/10-azure-unmanaged-sriov.rules",
            'SUBSYSTEM=="net", DRIVERS=="mlx*", ENV{NM_UNMANAGED}="1"\n',
        ),
        (
            "RedHat",
            "/etc/udev/rules.d/68-azure-sriov-nm-unmanaged.rules",
            'ATTRS{address}=="?*", ENV{NM_UNMANAGED}="1"\n',
        ),
        (
            "RedHat",
            "/etc/udev/rules.d/66-azure-storage.rules",
            'ATTRS{device_id}=="?00000000-0000-*", ENV{fabric_name}="root"\n',
        ),
        ("RedHat", "/etc/udev/rules.d/80-azure-disk.rules", 'KERNEL=="nvme*", SYMLINK+="disk/azure/x"\n'),
        ("RedHat", "/etc/udev/rules.d/99-azure-product-uuid.rules", 'SUBSYSTEM!="dmi", GOTO="end"\n'),
        ("AzureLinux", "/etc/systemd/network/01-azure-unmanaged-sriov.network", "[Match]\nDriver=mlx5_core\n"),
        ("AzureLinux", "/etc/systemd/network/99-dhcp-en.network", "[Match]\nName=e*\n"),
        (
            "RedHat",
            "/etc/NetworkManager/conf.d/99-azure-unmanaged-devices.conf",
            "[keyfile]\nunmanaged-devices=driver:mlx4_core\n",
        ),
        (
            "RedHat",
            "/etc/NetworkManager/system-connections/x",
            "[ethernet]\ncloned-mac-address=random\nmac-address-blacklist=\n",
        ),
        ("RedHat", "/etc/sysconfig/network-scripts/ifcfg-x", "DEVICE=x\n# HWADDR=\n"),
        ("Suse", "/etc/sysconfig/network/ifcfg-eth0", "BOOTPROTO=dhcp\n"),
    ],
)
def test_what_names_no_address_stays(tree: Tree, family: str, path: str, text: str) -> None:
    tree.write(path, text)
    remove_all(guest_of(tree, family))
    assert tree.read(path) == text


def test_other_rules_of_the_same_file_stay(tree: Tree) -> None:
    tree.write(
        "/etc/udev/rules.d/50-x.rules", f'# nets\nATTR{{address}}=="{MAC}", NAME="a"\nKERNEL=="sda", MODE="0600"\n'
    )
    tree.write("/etc/network/interfaces", f"auto eth0\niface eth0 inet dhcp\n  hwaddress ether {MAC}\n")
    remove_all(guest_of(tree))
    assert tree.read("/etc/udev/rules.d/50-x.rules") == '# nets\nKERNEL=="sda", MODE="0600"\n'
    assert tree.read("/etc/network/interfaces") == "auto eth0\niface eth0 inet dhcp\n"


FSTAB = """\
UUID=1 / ext4 defaults 0 1
/dev/disk/cloud/azure_resource-part1 /mnt auto defaults,nofail,x-systemd.requires=cloud-init.service,comment=cloudconfig 0 2
/mnt/swapfile none swap sw,comment=cloudconfig 0 0
/mnt/resource/swapfile none swap defaults 0 0
# /mnt/swapfile none swap sw 0 0
/dev/sdc1 /data ext4 defaults 0 2
/dev/sdd1 /mine ext4 defaults,nofail,comment=cloudconfig 0 2
"""


def test_lines_of_the_swap_file_and_of_the_resource_disk_go(tree: Tree) -> None:
    tree.write("/etc/fstab", FSTAB)
    remove_all(guest_of(tree))
    lines = FSTAB.splitlines()
    assert tree.read("/etc/fstab").splitlines() == [lines[0], *lines[4:]]


def test_a_line_for_the_resource_disk_that_somebody_else_wrote_is_said(tree: Tree) -> None:
    tree.write("/etc/fstab", "/dev/disk/cloud/azure_resource-part1 /mnt ext4 defaults 0 2\n")
    guest = guest_of(tree)
    assert [each["code"] for each in deprovision_fstab.fstab_warnings(guest)] == ["resource_disk_mounted"]
    remove_all(guest)
    assert tree.read("/etc/fstab").startswith("/dev/disk/cloud/")


@pytest.mark.parametrize(("used", "status", "stays"), [(True, 1, True), (True, 0, False), (False, 1, False)])
def test_a_swap_file_goes_only_when_it_is_out_of_use(tree: Tree, used: bool, status: int, stays: bool) -> None:
    tree.write("/mnt/swapfile")
    swaps = "Filename Type Size Used Priority\n" + ("/mnt/swapfile file 1 0 -2\n" if used else "")
    tree.write("/proc/swaps", swaps)
    guest = guest_of(tree, swapoff=(status, "swapoff: /mnt/swapfile: swapoff failed: Cannot allocate memory\n"))
    remove_all(guest)
    assert tree.has("/mnt/swapfile") == stays
    assert any("Cannot allocate memory" in note for note in guest.notes) == stays


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({f"/boot/loader/entries/{'a' * 32}-5.14.0.conf": "title x\n"}, "boot_entries_stay"),
        ({f"/boot/loader/entries/{'a' * 32}-5.14.0.conf": "x\n", "/etc/kernel/entry-token": "golden\n"}, None),
        ({"/boot/loader/entries/golden-5.14.0.conf": "title x\n"}, None),
        ({"/etc/crypttab": "root UUID=1 none tpm2-device=auto\n"}, "sealed_to_tpm"),
        ({"/etc/crypttab": "# root UUID=1 none tpm2-device=auto\n"}, None),
        ({"/etc/credstore.encrypted/app.cred": "x"}, "credentials_unusable"),
        ({"/etc/lvm/devices/system.devices": "x"}, "lvm_devices_stay"),
    ],
)
def test_what_the_boot_of_a_clone_goes_by_is_said(tree: Tree, files: dict[str, str], code: str | None) -> None:
    for path, text in files.items():
        tree.write(path, text)
    guest = guest_of(tree, "RedHat", lsinitrd=(0, "IDTYPE=sys_wwid IDNAME=naa.6\n"))
    assert [each["code"] for each in deprovision_boot.boot_warnings(guest)] == ([code] if code else [])
