# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What keeps a Linux disk from elsewhere from working on Azure, and how it is repaired, family by family."""

from __future__ import annotations

import platform
import re
from collections.abc import Callable
from typing import Any

import pytest
import upload_main
import yaml
from deprovision_guest import Guest
from guest_programs import Programs
from role_files import ROLE, Tree, upload_config
from upload_boot import grub_entries, is_set, loader_entry, shell_settings, with_parameters, with_setting

KERNEL = "6.1.0-1"
UUID = "0a1b2c3d-0000-4000-8000-000000000001"
MAC = "52:54:00:12:34:56"
CONSOLE = {"name": "console", "accepts": r"^ttyS0(,|$)", "add": "console=ttyS0,115200n8"}
DELAY = {"name": "rootdelay", "accepts": "^300$", "add": "rootdelay=300"}

#: Family -> where GRUB's configuration, the initial RAM disk and the network configuration are.
LAYOUTS = {
    "Debian": ("/boot/grub/grub.cfg", "/boot/initrd.img-{}", "/etc/network/interfaces", "hwaddress ether {}"),
    "RedHat": (
        "/boot/grub2/grub.cfg",
        "/boot/initramfs-{}.img",
        "/etc/sysconfig/network-scripts/ifcfg-eth0",
        "HWADDR={}",
    ),
    "Suse": ("/boot/grub2/grub.cfg", "/boot/initrd-{}", "/etc/sysconfig/network/ifcfg-eth0", "LLADDR='{}'"),
    "AzureLinux": (
        "/boot/grub2/grub.cfg",
        "/boot/initramfs-{}.img",
        "/etc/systemd/network/10-lan.network",
        "MACAddress={}",
    ),
}


@pytest.fixture(autouse=True)
def architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    """All guests have the same processors."""
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")


class PlainMachine:
    """A machine of a family as a hypervisor has it, whose programs generate what they do on a real one."""

    def __init__(self, tree: Tree, family: str) -> None:
        self.tree, self.family = tree, family
        self.grub, initramfs, self.network, self.address = LAYOUTS[family]
        self.initramfs = initramfs.format(KERNEL)
        has_entries = family == "RedHat"
        self.entry = "/boot/loader/entries/0123-6.1.0-1.conf" if has_entries else ""
        modules = f"/lib/modules/{KERNEL}"
        files = (
            "hv/hv_vmbus.ko.xz",
            "net/hv_netvsc.ko.xz",
            "scsi/hv_storvsc.ko.xz",
            "nvme/nvme-core.ko.xz",
            "nvme/nvme.ko.xz",
        )
        for name in files:
            tree.write(f"{modules}/kernel/drivers/{name}")
        tree.write(f"{modules}/modules.builtin", "kernel/fs/udf/udf.ko\nkernel/fs/fat/vfat.ko\n")
        tree.write(f"/boot/vmlinuz-{KERNEL}")
        tree.write(self.initramfs, "kernel/drivers/block/virtio_blk.ko.xz\n")
        tree.write("/etc/default/grub", 'GRUB_TIMEOUT=5\nGRUB_CMDLINE_LINUX="quiet"\nGRUB_DISABLE_LINUX_UUID=true\n')
        tree.write(
            self.grub,
            (
                f"menuentry 'x' {{\n linux /boot/vmlinuz-{KERNEL} root=/dev/vda1 ro quiet\n}}\n"
                if not self.entry
                else "blscfg\n"
            ),
        )
        if self.entry:
            tree.write(self.entry, "title Linux\noptions root=/dev/vda1 ro $kernelopts\n")
        tree.write("/etc/fstab", "/dev/vda1 / ext4 defaults 0 1\n/swapfile none swap sw 0 0\n")
        tree.write("/swapfile")
        tree.write("/etc/modprobe.d/hardening.conf", "install cramfs /bin/true\ninstall udf /bin/true\n")
        tree.write("/usr/sbin/sshd")
        for program in ("mkinitramfs",) if family == "Debian" else ("dracut", "grubby"):
            tree.write(f"/usr/sbin/{program}")
        for program in ("apt-get", "dnf", "zypper", "tdnf"):
            tree.write(f"/usr/bin/{program}")
        head = (
            "[Match]\n" if self.network.endswith(".network") else "iface eth0 inet dhcp\n" if family == "Debian" else ""
        )
        tree.write(self.network, f"{head}{self.address.format(MAC)}\nDHCP=yes\n")
        self.enabled: set[str] = set()
        self.failing = ""
        self.programs = Programs(tree)

    def guest(self, repairs: list[str] | None = None, nvme: bool = False) -> Guest:
        """Return the guest with the programs of this machine."""
        guest = Guest(upload_config(self.family, nvme=nvme, repairs=repairs), root=str(self.tree.root))
        guest.command = self.command  # type: ignore[method-assign]
        return guest

    def command(self, arguments: list[str], limit: float = 0) -> tuple[int, str]:
        """Do what a program does."""
        self.programs.ran.append(arguments)
        program = arguments[0]
        if program == self.failing:
            return 1, "out of order\n"
        known: dict[str, Callable[[list[str]], tuple[int, str]]] = {
            "systemctl": self._systemctl,
            "blkid": lambda _words: (0, UUID + "\n"),
            "lsinitramfs": lambda words: (0, self.tree.read(words[-1])),
            "lsinitrd": lambda words: (0, self.tree.read(words[-1])),
            "update-initramfs": lambda _words: self._pack("/etc/initramfs-tools/modules"),
            "dracut": lambda _words: self._pack("/etc/dracut.conf.d/azure.conf"),
            "update-grub": lambda _words: self._generate(self.grub),
            "grub2-mkconfig": lambda words: self._generate(words[-1]),
            "grubby": self._grubby,
            "apt-get": self._install,
            "dnf": self._install,
            "zypper": self._install,
            "tdnf": self._install,
            "swapoff": lambda _words: (0, ""),
        }
        return known[program](arguments) if program in known else (127, f"{program} is not installed")

    def _systemctl(self, words: list[str]) -> tuple[int, str]:
        if words[1] == "enable":
            self.enabled.add(words[2])
        is_enabled = words[2] in self.enabled or words[2] + ".service" in self.enabled
        return (0, "enabled\n") if is_enabled else (1, "disabled\n" if words[1] == "is-enabled" else "")

    def _pack(self, path: str) -> tuple[int, str]:
        names = re.findall(r"\b(?:hv|nvme)\w*", self.tree.read(path))
        packed = "".join(
            f"usr/lib/modules/{KERNEL}/kernel/{name.replace('nvme_core', 'nvme-core')}.ko.xz\n" for name in names
        )
        self.tree.write(self.initramfs, packed)
        return 0, ""

    def _generate(self, path: str) -> tuple[int, str]:
        settings = shell_settings(self.tree.read("/etc/default/grub"))
        root = "/dev/vda1" if settings.get("GRUB_DISABLE_LINUX_UUID") == "true" else f"UUID={UUID}"
        entry = f" linux /boot/vmlinuz-{KERNEL} root={root} ro {settings['GRUB_CMDLINE_LINUX']}\n"
        text = "blscfg\n" if self.entry else f"menuentry 'x' {{\n{entry}}}\n"
        if "GRUB_TERMINAL" in settings:
            text = f"terminal_output {settings['GRUB_TERMINAL']}\n{text}"
        self.tree.write(path, text)
        return 0, ""

    def _grubby(self, words: list[str]) -> tuple[int, str]:
        added = words[-1].partition("=")[2]
        line = re.findall(r"^options (.*)$", self.tree.read(self.entry), re.MULTILINE)[0]
        if "root=" in added:
            line = re.sub(r"root=\S+ ?", "", line)
        self.tree.write(self.entry, f"title Linux\noptions {line} {added}\n")
        return 0, ""

    def _install(self, words: list[str]) -> tuple[int, str]:
        if "install" in words:
            self.tree.write("/usr/bin/cloud-init")
            self.tree.write("/etc/cloud/cloud.cfg", "datasource_list: [ NoCloud ]\n")
            self.tree.write("/usr/sbin/waagent", "#!/usr/bin/python3\n")
            self.tree.write("/usr/bin/python3")
            self.tree.write("/etc/waagent.conf", "ResourceDisk.Format=y\nResourceDisk.EnableSwap=n\n")
        return 0, ""


def codes(answer: dict[str, Any]) -> set[str]:
    return {each["code"] for each in (*answer["findings"], *answer["repairable"])}


def choices(option: str = "linux_deprovision_vhd_upload_repairs") -> list[str]:
    specification = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8"))
    return list(specification["argument_specs"]["check_vhd_upload"]["options"][option]["choices"])


def test_whatever_can_be_repaired_can_be_accepted_and_some_more() -> None:
    accepted = choices("linux_deprovision_vhd_upload_accept")
    alone = {"driver_missing", "fallback_boot_loader", "network_interface_name", "static_address"}
    assert accepted == sorted({*choices(), *alone})
    source = "".join(path.read_text(encoding="utf-8") for path in (ROLE / "files").glob("upload_*.py"))
    assert all(f'"{code}"' in source for code in alone)


EXPECTED = {
    *("serial_console", "device_names", "hyperv_drivers", "file_system_disabled", "agent_missing"),
    *("network_hardware_address", "swap_on_os_disk", "ssh_server"),
}
ALSO = {
    "Debian": {"root_delay", "interface_names"},
    "RedHat": {"interface_names"},
    "Suse": set(),
    "AzureLinux": {"root_delay", "interface_names"},
}


@pytest.mark.parametrize("family", LAYOUTS)
def test_a_machine_of_each_family_is_refused_repaired_and_fit(tree: Tree, family: str) -> None:
    machine = PlainMachine(tree, family)
    before = snapshot(tree)
    found = upload_main.inspect(machine.guest())
    assert codes(found) == EXPECTED | ALSO[family] and found["changes"] == []
    assert all(each["message"].endswith(f"or add the repair '{each['code']}'.") for each in found["findings"])

    planned = upload_main.inspect(machine.guest(choices()))
    assert planned["findings"] == [] and len(planned["changes"]) > 10
    assert snapshot(tree) == before

    done = upload_main.repair(machine.guest(choices()))
    assert codes(done) == set() and "failure" not in done, done
    # What the agent brings is found after it was installed.
    assert set(planned["changes"]) <= set(done["done"])
    assert {line for line in done["done"] if line not in planned["changes"]} >= {
        "leave the resource disk to cloud-init in /etc/waagent.conf"
    }
    assert not tree.has("/swapfile") and "swap" not in tree.read("/etc/fstab")
    assert f"UUID={UUID} / ext4" in tree.read("/etc/fstab")
    assert "cramfs" in tree.read("/etc/modprobe.d/hardening.conf")
    assert MAC not in tree.read(machine.network)

    repaired = snapshot(tree)
    again = upload_main.repair(machine.guest(choices()))
    assert again["done"] == [] and snapshot(tree) == repaired


@pytest.mark.parametrize("family", LAYOUTS)
@pytest.mark.parametrize("code", sorted(EXPECTED - {"agent_missing"}))
def test_a_repair_alone_leaves_the_other_findings(tree: Tree, family: str, code: str) -> None:
    machine = PlainMachine(tree, family)
    done = upload_main.repair(machine.guest([code]))
    assert codes(done) == (EXPECTED | ALSO[family]) - {code}
    assert done["done"]


def test_a_delay_for_which_debian_sleeps_is_not_required(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    tree.write("/usr/share/initramfs-tools/init", 'if [ "$ROOTDELAY" ]; then\n\tsleep "$ROOTDELAY"\nfi\n')
    done = upload_main.repair(machine.guest(choices()))
    assert codes(done) == set() and "rootdelay" not in tree.read(machine.grub)
    assert "root_delay_waits" not in {each["code"] for each in done["warnings"]}
    tree.write(machine.grub, tree.read(machine.grub).replace(" ro ", " ro rootdelay=300 "))
    (warned,) = [
        each for each in upload_main.inspect(machine.guest())["warnings"] if each["code"] == "root_delay_waits"
    ]
    assert "rootdelay=300" in warned["message"]


def test_nvme_is_checked_on_request(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    upload_main.repair(machine.guest(choices()))
    found = upload_main.inspect(machine.guest(nvme=True))
    assert codes(found) == {"nvme_drivers"}
    assert any("nvme_core.io_timeout=240" in each["message"] for each in found["findings"])
    done = upload_main.repair(machine.guest(choices(), nvme=True))
    assert codes(done) == set()
    assert "hv_storvsc" in tree.read("/etc/initramfs-tools/modules")


def test_a_program_that_fails_ends_the_repairs(tree: Tree) -> None:
    machine = PlainMachine(tree, "RedHat")
    machine.failing = "dracut"
    done = upload_main.repair(machine.guest(["hyperv_drivers", "serial_console"]))
    assert done["failure"] == "The program dracut failed with status 1 (out of order)."
    assert {"hyperv_drivers", "serial_console"} <= codes(done)
    machine.failing = ""
    assert not codes(upload_main.repair(machine.guest(["hyperv_drivers", "serial_console"]))) & {
        "hyperv_drivers",
        "serial_console",
    }


def test_what_cannot_be_known_is_said(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    for path in (machine.grub, machine.initramfs, f"/boot/vmlinuz-{KERNEL}"):
        (tree.root / path.lstrip("/")).unlink()
    found = upload_main.inspect(machine.guest())
    unchecked = [each["message"] for each in found["warnings"] if each["code"] == "not_checked"]
    assert any("kernel parameters" in each for each in unchecked)
    assert any("drivers of the kernel" in each for each in unchecked)
    assert not codes(found) & {"serial_console", "root_delay", "hyperv_drivers"}


def test_an_initial_ram_disk_that_cannot_be_listed_is_said(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    machine.failing = "lsinitramfs"
    found = upload_main.inspect(machine.guest())
    assert any("lsinitramfs failed with status 1 (out of order)" in each["message"] for each in found["warnings"])
    assert "hyperv_drivers" not in codes(found)


def test_drivers_in_the_kernel_need_no_initial_ram_disk(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    builtin = "".join(f"kernel/x/{name}.ko\n" for name in ("hv_vmbus", "hv_netvsc", "hv_storvsc", "udf", "vfat"))
    tree.write(f"/lib/modules/{KERNEL}/modules.builtin", builtin)
    assert "hyperv_drivers" not in codes(upload_main.inspect(machine.guest()))


def test_a_kernel_without_the_drivers_is_refused_and_not_repaired(tree: Tree) -> None:
    machine = PlainMachine(tree, "Suse")
    (tree.root / f"lib/modules/{KERNEL}/kernel/drivers/scsi/hv_storvsc.ko.xz").unlink()
    found = upload_main.repair(machine.guest([*choices()]))
    assert codes(found) == {"driver_missing"}
    assert "hv_storvsc" in found["findings"][0]["message"]


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        ("/etc/network/interfaces", "auto eth0\niface eth0 inet static\n address 192.0.2.4/24\n", "static_address"),
        ("/etc/network/interfaces", "auto ens3\niface ens3 inet dhcp\n", "network_interface_name"),
        ("/etc/systemd/network/1.network", "[Match]\nName=eth0\n[Network]\nAddress=192.0.2.4/24\n", "static_address"),
        (
            "/etc/netplan/01.yaml",
            "network:\n  ethernets:\n    eth0:\n      addresses: [192.0.2.4/24]\n",
            "static_address",
        ),
        ("/etc/netplan/01.yaml", "network:\n  ethernets:\n    enp1s0:\n      dhcp4: true\n", "network_interface_name"),
        ("/etc/network/interfaces", "auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n", ""),
        ("/etc/systemd/network/1.network", "[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n", ""),
    ],
)
def test_networks_that_do_not_work_on_azure(tree: Tree, path: str, text: str, code: str) -> None:
    machine = PlainMachine(tree, "Debian")
    (tree.root / machine.network.lstrip("/")).unlink()
    tree.write(path, text)
    found = codes(upload_main.inspect(machine.guest())) & {"static_address", "network_interface_name"}
    assert found == ({code} if code else set())


def test_a_netplan_file_with_an_address_is_only_deleted_if_cloud_init_writes_another(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    text = f'network:\n  ethernets:\n    lan:\n      match:\n        macaddress: "{MAC}"\n      dhcp4: true\n'
    tree.write("/etc/netplan/01.yaml", text)
    done = upload_main.repair(machine.guest(["network_hardware_address"]))
    assert tree.read("/etc/netplan/01.yaml") == text
    assert "network_hardware_address" in codes(done)
    done = upload_main.repair(machine.guest(["agent_missing", "network_hardware_address"]))
    assert not tree.has("/etc/netplan/01.yaml")
    assert "network_hardware_address" not in codes(done)


def test_what_cloud_init_has_written_it_writes_anew(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    (tree.root / machine.network.lstrip("/")).unlink()
    tree.write("/etc/systemd/network/10-cloud-init-eth0.network", f"[Match]\nMACAddress={MAC}\n[Network]\nDHCP=ipv4\n")
    assert "network_hardware_address" in codes(upload_main.inspect(machine.guest()))
    upload_main.repair(machine.guest(["agent_missing"]))
    assert "network_hardware_address" not in codes(upload_main.inspect(machine.guest()))


def test_swap_on_the_resource_disk_is_none_on_the_os_disk(tree: Tree) -> None:
    machine = PlainMachine(tree, "Suse")
    tree.write(
        "/etc/fstab", "/dev/disk/cloud/azure_resource-part2 none swap sw,nofail 0 0\n/mnt/swapfile none swap sw 0 0\n"
    )
    assert "swap_on_os_disk" not in codes(upload_main.inspect(machine.guest()))
    tree.write("/etc/systemd/system/dev-vda2.swap", "[Swap]\nWhat=/dev/vda2\n")
    assert "swap_on_os_disk" in codes(upload_main.inspect(machine.guest()))


def test_a_device_without_a_uuid_is_refused_and_not_repaired(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    machine.failing = "blkid"
    done = upload_main.repair(machine.guest(["device_names"]))
    assert "device_names" in codes(done)
    assert "/dev/vda1 /" in tree.read("/etc/fstab")


def test_sudo_that_asks_for_the_password_of_root(tree: Tree) -> None:
    machine = PlainMachine(tree, "Suse")
    text = "root ALL=(ALL) ALL\nDefaults targetpw   # ask\nALL   ALL=(ALL) ALL   # WARNING!\n%wheel ALL=(ALL) ALL\n"
    tree.write("/etc/sudoers", text)
    assert "sudo_target_password" in codes(upload_main.inspect(machine.guest()))
    upload_main.repair(machine.guest(["sudo_target_password"]))
    assert tree.read("/etc/sudoers") == "root ALL=(ALL) ALL\n%wheel ALL=(ALL) ALL\n"


def test_a_machine_with_uefi_needs_the_fallback_boot_loader(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    assert upload_main.inspect(machine.guest())["generation"] == "V1"
    tree.write("/sys/firmware/efi/config_table")
    found = upload_main.inspect(machine.guest())
    assert found["generation"] == "V2" and "fallback_boot_loader" in codes(found)
    tree.write("/boot/efi/EFI/boot/bootx64.efi")
    assert "fallback_boot_loader" not in codes(upload_main.inspect(machine.guest()))


def test_ubuntu_configures_grub_in_parts(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    tree.write("/etc/default/grub.d/50-cloudimg-settings.cfg", 'GRUB_CMDLINE_LINUX="panic=-1"\n')
    upload_main.repair(machine.guest(["serial_console"]))
    assert "console=ttyS0" in tree.read("/etc/default/grub.d/50-cloudimg-settings.cfg")
    assert "console" not in tree.read("/etc/default/grub")


def test_a_guest_without_findings_runs_nothing(tree: Tree) -> None:
    machine = PlainMachine(tree, "Debian")
    upload_main.repair(machine.guest(choices()))
    machine.programs.ran.clear()
    upload_main.repair(machine.guest(choices()))
    changing = {"update-grub", "update-initramfs", "apt-get", "swapoff"}
    assert not changing & {words[0] for words in machine.programs.ran}


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("quiet", [CONSOLE], "quiet console=tty1 console=ttyS0,115200n8"),
        ("console=tty0 quiet", [CONSOLE], "console=tty0 quiet console=ttyS0,115200n8"),
        ("console=ttyS0 console=tty0", [CONSOLE], "console=ttyS0 console=tty0"),
        ("console=ttyS01", [CONSOLE], "console=ttyS01 console=ttyS0,115200n8"),
        ("rootdelay=5 ro", [DELAY], "ro rootdelay=300"),
        ("rootdelay=300 rootdelay=5", [DELAY], "rootdelay=300"),
        ("", [DELAY], "rootdelay=300"),
    ],
)
def test_kernel_parameters(before: str, wanted: list[dict], after: str) -> None:
    assert with_parameters(before, wanted) == after
    assert all(is_set(after, each) for each in wanted)
    assert with_parameters(after, wanted) == after


def test_settings_of_grub() -> None:
    text = "A=1\nGRUB_CMDLINE_LINUX='a b'\n# GRUB_CMDLINE_LINUX=x\nGRUB_CMDLINE_LINUX_DEFAULT=\"quiet\"\n"
    assert shell_settings(text) == {"A": "1", "GRUB_CMDLINE_LINUX": "a b", "GRUB_CMDLINE_LINUX_DEFAULT": "quiet"}
    changed = with_setting(text, "GRUB_CMDLINE_LINUX", "c")
    assert changed == text.replace("'a b'", '"c"')
    assert with_setting("", "A", "b") == 'A="b"\n'
    assert with_setting("B=1", "A", "b") == 'B=1\nA="b"\n'


def test_boot_entries() -> None:
    text = (
        'set kernelopts="root=UUID=1 ro"\nmenuentry x {\n\tlinux\t/vmlinuz $kernelopts console=ttyS0\n}\n'
        "menuentry r {\n linux /vmlinuz root=UUID=1 ro single\n}\n"
    )
    assert list(grub_entries(text, {})) == ["root=UUID=1 ro console=ttyS0"]
    assert list(grub_entries(text, {"kernelopts": "root=UUID=2"})) == ["root=UUID=2 console=ttyS0"]
    assert loader_entry("title A\noptions $kernelopts $tuned_params\n", {"kernelopts": "ro"}) == "ro"
    assert loader_entry("title A (0-rescue-0123)\noptions ro\n", {}) == ""


def test_the_options_name_each_repair() -> None:
    source = (ROLE / "files/upload_findings.py").read_text(encoding="utf-8")
    named = set(re.findall(r'_repairable\(\s*"(\w+)"', source)) | {"nvme_drivers", "hyperv_drivers"}
    parameters = yaml.safe_load((ROLE / "vars/vhd_upload.yml").read_text(encoding="utf-8"))[
        "__linux_deprovision_upload_parameters"
    ]
    provisioning = {"agent_missing", "agent_not_enabled", "cloud_init_without_azure"}
    assert choices() == sorted(named | provisioning | {each["code"] for each in parameters})


def snapshot(tree: Tree) -> dict[str, str]:
    return {str(path): path.read_text(encoding="utf-8") for path in sorted(tree.root.rglob("*")) if path.is_file()}
