# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests that look like machines of a hypervisor: boot configuration, kernel, drivers and network files of a distribution.

A container boots none of these; the programs that generate them are stood in for by scripts, which do what the real ones do to the files.
"""

from __future__ import annotations

from dataclasses import dataclass

KERNEL = "6.1.0-1"
UUID = "0a1b2c3d-0000-4000-8000-000000000001"
MAC = "52:54:00:12:34:56"

_GRUB = """. /etc/default/grub
root=/dev/vda1
[ "${GRUB_DISABLE_LINUX_UUID:-}" = true ] || root=UUID=%s
{
  [ -z "${GRUB_TERMINAL:-}" ] || echo "terminal_output $GRUB_TERMINAL"
  %s
} >"${2:-/boot/grub/grub.cfg}"
"""
_MENU = 'echo "menuentry x {"; echo " linux /boot/vmlinuz root=$root ro ${GRUB_CMDLINE_LINUX:-}"; echo "}"'
_GRUBBY = """for word; do case $word in --args=*) added=${word#--args=} ;; esac; done
case $added in *root=*) sed -i 's/root=[^ ]* //' /boot/loader/entries/*.conf ;; esac
sed -i "/^options /s/\\$/ $added/" /boot/loader/entries/*.conf
"""
_PACK = """grep -oE '(hv|nvme)_?[a-z]*' %s | sed 's/nvme_core/nvme-core/; s|.*|kernel/&.ko.xz|' >%s
"""


@dataclass(frozen=True)
class Plain:
    """Where a distribution has what.

    :param release: its name in spoofed_families.
    :param grub: GRUB's configuration.
    :param initramfs: the initial RAM disk of the kernel.
    :param network: a network file, and what it contains.
    :param codes: what is found besides what is found on each.
    :param has_entries: whether there are entries of the Boot Loader Specification.
    """

    release: str
    grub: str
    initramfs: str
    network: tuple[str, str]
    codes: frozenset[str]
    has_entries: bool = False


EVERYWHERE = frozenset(
    {
        *("serial_console", "device_names", "hyperv_drivers", "file_system_disabled", "network_hardware_address"),
        *("swap_on_os_disk", "agent_not_enabled", "cloud_init_without_azure", "resource_disk", "sudo_target_password"),
    }
)
IFCFG = "DEVICE=eth0\nBOOTPROTO=dhcp\n"
PLAIN = {
    "Debian": Plain(
        "",
        "/boot/grub/grub.cfg",
        f"/boot/initrd.img-{KERNEL}",
        ("/etc/network/interfaces", f"iface eth0 inet dhcp\n  hwaddress ether {MAC}\n"),
        frozenset({"root_delay", "interface_names"}),
    ),
    "Ubuntu": Plain(
        "ubuntu-24",
        "/boot/grub/grub.cfg",
        f"/boot/initrd.img-{KERNEL}",
        ("/etc/systemd/network/10-lan.network", f"[Match]\nMACAddress={MAC}\n[Network]\nDHCP=yes\n"),
        frozenset({"root_delay"}),
    ),
    "RedHat": Plain(
        "rhel-9",
        "/boot/grub2/grub.cfg",
        f"/boot/initramfs-{KERNEL}.img",
        ("/etc/sysconfig/network-scripts/ifcfg-eth0", f"{IFCFG}HWADDR={MAC}\n"),
        frozenset({"interface_names"}),
        has_entries=True,
    ),
    "Suse": Plain(
        "sles-16",
        "/boot/grub2/grub.cfg",
        f"/boot/initrd-{KERNEL}",
        ("/etc/sysconfig/network/ifcfg-eth0", f"{IFCFG}LLADDR='{MAC}'\n"),
        frozenset(),
    ),
    "AzureLinux": Plain(
        "azure-linux-4",
        "/boot/grub2/grub.cfg",
        f"/boot/initramfs-{KERNEL}.img",
        ("/etc/systemd/network/10-lan.network", f"[Match]\nMACAddress={MAC}\n[Network]\nDHCP=yes\n"),
        frozenset({"root_delay", "interface_names"}),
    ),
}


def plain_script(plain: Plain) -> str:
    """Return the script that makes a guest such a machine."""
    drivers = ("hv/hv_vmbus", "net/hv_netvsc", "scsi/hv_storvsc")
    generated = "echo blscfg" if plain.has_entries else _MENU
    is_debian = plain.grub.startswith("/boot/grub/")
    modules = "/etc/initramfs-tools/modules" if is_debian else "/etc/dracut.conf.d/azure.conf"
    menu = f"menuentry x {{\n linux /boot/vmlinuz-{KERNEL} root=/dev/vda1 ro quiet\n}}\n"
    files = {
        f"/boot/vmlinuz-{KERNEL}": "",
        plain.initramfs: "kernel/drivers/block/virtio_blk.ko.xz\n",
        **{f"/lib/modules/{KERNEL}/kernel/drivers/{name}.ko.xz": "" for name in drivers},
        f"/lib/modules/{KERNEL}/modules.builtin": "kernel/fs/udf/udf.ko\nkernel/fs/fat/vfat.ko\n",
        "/etc/default/grub": 'GRUB_CMDLINE_LINUX="quiet"\nGRUB_DISABLE_LINUX_UUID=true\n',
        plain.grub: "blscfg\n" if plain.has_entries else menu,
        **(
            {"/boot/loader/entries/0123-linux.conf": "title Linux\noptions root=/dev/vda1 ro quiet\n"}
            if plain.has_entries
            else {}
        ),
        "/etc/fstab": "/dev/vda1 / ext4 defaults 0 1\n/swapfile none swap sw 0 0\n",
        "/swapfile": "swap\n",
        "/etc/modprobe.d/hardening.conf": "install cramfs /bin/true\ninstall udf /bin/true\n",
        "/etc/cloud/cloud.cfg.d/99-hypervisor.cfg": "datasource_list:\n- NoCloud\n- ConfigDrive\n",
        "/etc/sudoers.d/suse": "Defaults targetpw\n",
        plain.network[0]: plain.network[1],
    }
    programs = {
        "update-grub" if is_debian else "grub2-mkconfig": _GRUB % (UUID, generated),
        "blkid": f"echo {UUID}\n",
        "lsinitramfs" if is_debian else "lsinitrd": 'cat "$1"\n',
        "update-initramfs" if is_debian else "dracut": _PACK % (modules, plain.initramfs),
        **({"mkinitramfs": ":\n"} if is_debian else {"grubby": _GRUBBY}),
    }
    lines = ["set -eu"]
    for path, text in files.items():
        lines += [f"mkdir -p '{path.rpartition('/')[0] or '/'}'", f"cat >'{path}' <<'END'\n{text}END"]
    for name, text in programs.items():
        path = f"/usr/local/sbin/{name}"
        lines += [f"cat >{path} <<'END'\n#!/bin/sh\nset -eu\n{text}END", f"chmod +x {path}"]
    lines += [
        "systemctl disable walinuxagent waagent 2>/dev/null || true",
        "rm -f /etc/cloud/cloud.cfg.d/90_azure.cfg",
        # The mode that sudo requires, after targetpw would ask for a password: root's rule needs none.
        "chmod 0440 /etc/sudoers.d/suse",
        "sed -i 's/^ResourceDisk.Format=.*/ResourceDisk.Format=y/' /etc/waagent.conf",
        "grep -q ^ResourceDisk.Format=y /etc/waagent.conf || echo ResourceDisk.Format=y >>/etc/waagent.conf",
    ]
    return "\n".join(lines) + "\n"


#: Packages of a repository on the guest itself, each with its files. apt knows no others there.
PACKAGES = {
    "cloud-init": {
        "usr/bin/cloud-init": "#!/bin/sh\n",
        "etc/cloud/cloud.cfg": "datasource_list: [ NoCloud, ConfigDrive ]\n",
    },
    "waagent": {
        "usr/sbin/waagent": "#!/bin/sh\n",
        "etc/waagent.conf": "ResourceDisk.Format=y\nResourceDisk.EnableSwap=y\n",
        "lib/systemd/system/walinuxagent.service": "[Service]\nExecStart=/bin/sleep inf\n[Install]\nWantedBy=multi-user.target\n",
    },
    "gdisk": {},
    "netplan.io": {},
}


def without_agents_script() -> str:
    """Return the script that removes cloud-init and the agent, and leaves a repository from which they can be installed."""
    lines = [
        "set -eu",
        "systemctl stop walinuxagent 2>/dev/null || true",
        "dpkg --force-depends --purge waagent cloud-init >/dev/null 2>&1",
        "rm -rf /etc/cloud /etc/waagent.conf /usr/sbin/waagent /usr/bin/cloud-init /etc/apt/sources.list.d/*",
        "mkdir -p /srv/packages && cd /srv/packages",
        "echo 'deb [trusted=yes] file:/srv/packages ./' >/etc/apt/sources.list",
    ]
    for name, files in PACKAGES.items():
        control = f"Package: {name}\nVersion: 9999\nArchitecture: all\nMaintainer: nobody <nobody@example.com>\nDescription: stand-in\n"
        for path, text in {"DEBIAN/control": control, **files}.items():
            lines += [f"mkdir -p '{name}/{path.rpartition('/')[0]}'", f"cat >'{name}/{path}' <<'END'\n{text}END"]
        lines += [
            f"chmod -R +rX {name}; find {name} -path '*bin/*' -type f -exec chmod +x {{}} +",
            f"dpkg-deb --build {name} {name}.deb >/dev/null",
            f"{{ cat {name}/DEBIAN/control; echo Filename: ./{name}.deb; stat -c 'Size: %s' {name}.deb",
            f"  sha256sum {name}.deb | sed 's/ .*//; s/^/SHA256: /'; echo; }} >>Packages",
        ]
    return "\n".join(lines) + "\n"
