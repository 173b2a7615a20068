# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests that pass for another distribution: its release files, agent and unit, and files, over the userland of Debian."""

from __future__ import annotations

from dataclasses import dataclass, field

#: The agent of upstream where a file of the network is missing (WALinuxAgent#2593): it logs that, does no more, and ends with status 0.
FAILS_SILENTLY = "echo \"ERROR Failed to run 'deprovision+user': [Errno 2] No such file or directory: '{}'\""
#: The agent of Debian does what upstream's does where nothing is missing.
WORKS = 'exec /usr/sbin/waagent.real "$@"'

CLOUD_INIT = "# Created by cloud-init automatically, do not edit.\nBOOTPROTO=dhcp\n"
UNMANAGED = 'SUBSYSTEM=="net", DRIVERS=="hv_pci", ENV{NM_UNMANAGED}="1"\n'


@dataclass(frozen=True)
class Family:
    """A distribution.

    :param release: its release files.
    :param agent: what its waagent does; none is installed where it is None.
    :param service: the unit of the agent.
    :param gone: files that the role removes, with what is in them.
    :param stays: files that it leaves.
    :param warned: entries of the table of identities that it warns of.
    """

    release: dict[str, str]
    agent: str | None
    service: str = "waagent"
    gone: dict[str, str] = field(default_factory=dict)
    stays: dict[str, str] = field(default_factory=dict)
    warned: tuple[str, ...] = ()


FAMILIES = {
    "rhel-9": Family(
        {
            "/etc/os-release": 'NAME="Red Hat Enterprise Linux"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\n',
            "/etc/redhat-release": "Red Hat Enterprise Linux release 9.4 (Plow)\n",
        },
        FAILS_SILENTLY.format("/etc/sysconfig/network-scripts/ifcfg-eth0"),
        gone={
            "/etc/sysconfig/network-scripts/ifcfg-eth0": CLOUD_INIT,
            "/etc/lvm/devices/system.devices": "IDTYPE=sys_wwid IDNAME=naa.6\n",
            "/var/cache/dnf/x": "",
            "/root/anaconda-ks.cfg": "",
        },
        stays={
            "/etc/pki/rhui/product/content.crt": "",
            "/etc/udev/rules.d/68-azure-sriov-nm-unmanaged.rules": UNMANAGED,
        },
        warned=("rhsm",),
    ),
    "sles-16": Family(
        {"/etc/os-release": 'NAME="SLES"\nID="sles"\nID_LIKE="suse"\nVERSION_ID="16.0"\n'},
        FAILS_SILENTLY.format("/etc/sysconfig/network/dhcp"),
        gone={
            "/etc/udev/rules.d/85-persistent-net-cloud-init.rules": 'ATTR{address}=="00:0d:3a:00:00:01", NAME="eth0"\n',
            "/var/cache/zypp/x": "",
            "/var/lib/zypp/AnonymousUniqueId": "x\n",
        },
        warned=("suse_connect",),
    ),
    "azure-linux-4": Family(
        {"/etc/os-release": 'NAME="Azure Linux"\nID=azurelinux\nID_LIKE=fedora\nVERSION_ID="4.0"\n'},
        WORKS,
        gone={"/var/cache/libdnf5/x": ""},
        stays={
            "/etc/systemd/network/01-azure-unmanaged-sriov.network": "[Match]\nDriver=mlx5_core\n[Link]\nUnmanaged=yes\n"
        },
    ),
    "ubuntu-24": Family(
        {
            "/etc/os-release": 'NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n',
            "/etc/lsb-release": "DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE=24.04\n",
        },
        WORKS,
        service="walinuxagent",
        gone={
            "/etc/netplan/50-cloud-init.yaml": "network: {}\n",
            "/etc/cloud/cloud.cfg.d/90-installer-network.cfg": "",
        },
        stays={"/etc/netplan/90-hotplug-azure.yaml": "network: {ethernets: {e: {match: {driver: hv_netvsc}}}}\n"},
        warned=("ubuntu_pro",),
    ),
    # An image of one's own, which Microsoft supports: cloud-init alone.
    "without-agent": Family(
        {"/etc/os-release": 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\n'}, None, service="walinuxagent"
    ),
}

#: What an entry of the table is known by.
WARNED_PATHS = {
    "rhsm": "/etc/pki/consumer/cert.pem",
    "suse_connect": "/etc/zypp/credentials.d/SCCcredentials",
    "ubuntu_pro": "/var/lib/ubuntu-advantage/private/machine-token.json",
}


def script(family: Family) -> str:
    """Return what makes a Debian guest pass for another distribution."""
    lines = ["set -eu", "mkdir -p /opt/application", "echo golden >/opt/application/data", "rm -f /etc/os-release"]
    files = {
        **family.release,
        **family.gone,
        **family.stays,
        **{WARNED_PATHS[entry]: "identity\n" for entry in family.warned},
    }
    for path, text in files.items():
        lines += [f"mkdir -p '{path.rpartition('/')[0]}'", f"cat >'{path}' <<'END'\n{text}END"]
    lines.append("mv /usr/sbin/waagent /usr/sbin/waagent.real")
    if family.agent is None:
        lines += ["rm /usr/sbin/waagent.real", "systemctl disable walinuxagent 2>/dev/null"]
    else:
        lines += [f"cat >/usr/sbin/waagent <<'END'\n#!/bin/sh\n{family.agent}\nEND", "chmod +x /usr/sbin/waagent"]
    if family.service == "waagent":
        unit = "[Unit]\nConditionVirtualization=microsoft\n[Service]\nExecStart=/bin/sleep inf\n[Install]\nWantedBy=multi-user.target\n"
        lines += [f"cat >/etc/systemd/system/waagent.service <<'END'\n{unit}END", "systemctl daemon-reload"]
        lines += ["systemctl disable walinuxagent 2>/dev/null", "systemctl enable waagent 2>/dev/null"]
    return "\n".join(lines) + "\n"
