# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Emulated distributions: guests with the release files, agent, unit and files of a distribution, and the programs of Debian."""

from __future__ import annotations

from dataclasses import dataclass, field

#: The agent of upstream where a file of the network is missing (WALinuxAgent#2593): it logs that, does no more, and ends with status 0.
FAILS_SILENTLY = "echo \"ERROR Failed to run 'deprovision+user': [Errno 2] No such file or directory: '{}'\""
#: The agent of Debian does what upstream's does where nothing is missing.
WORKS = 'exec /usr/sbin/waagent.real "$@"'
#: Debian's agent knows what RHEL has, and waits for programs of RHEL: it is shown the release files of Debian.
WORKS_ON_RED_HAT = (
    "exec unshare --mount sh -c 'mount --bind /usr/lib/os-release /etc/os-release; mount --bind /dev/null /etc/redhat-release; "
    'exec /usr/sbin/waagent.real "$@"\' waagent "$@"'
)

CLOUD_INIT = "# Created by cloud-init automatically, do not edit.\nBOOTPROTO=dhcp\n"
UNMANAGED = 'SUBSYSTEM=="net", DRIVERS=="hv_pci", ENV{NM_UNMANAGED}="1"\n'
IFCFG = "/etc/sysconfig/network-scripts/ifcfg-eth0"
SUSE_NETWORK = "/etc/sysconfig/network/dhcp"
BOUND_RULE = 'SUBSYSTEM=="net", ATTR{address}=="00:0d:3a:00:00:01", NAME="eth0"\n'


@dataclass(frozen=True)
class Family:
    """A distribution.

    :param title: its name in the table of the documentation.
    :param release: its release files.
    :param agent: what its waagent does; none is installed where it is None.
    :param recognised: the vars file by which the role goes.
    :param service: the unit of the agent.
    :param gone: files that the role removes, with what is in them.
    :param stays: files that it leaves.
    :param warned: entries of the table of identities that it warns of.
    :param first_boot: a file that makes the next boot a first one, where there is such.
    """

    title: str
    release: dict[str, str]
    agent: str | None
    recognised: str
    service: str = "waagent"
    gone: dict[str, str] = field(default_factory=dict)
    stays: dict[str, str] = field(default_factory=dict)
    warned: tuple[str, ...] = ()
    first_boot: str = ""


def os_release(name: str, identifier: str, version: str, like: str = "", more: str = "") -> dict[str, str]:
    """Return /etc/os-release of a distribution."""
    like = f'ID_LIKE="{like}"\n' if like else ""
    return {"/etc/os-release": f'NAME="{name}"\nID="{identifier}"\n{like}VERSION_ID="{version}"\n{more}'}


def red_hat(
    title: str,
    identifier: str,
    name: str,
    release: str,
    like: str = "rhel centos fedora",
    agent: str = FAILS_SILENTLY.format(IFCFG),
    gone: dict[str, str] | None = None,
    warned: tuple[str, ...] = (),
) -> Family:
    """Return RHEL or what is like it: from release 9 on the connection is NetworkManager's, and the agent does not find ifcfg-eth0."""
    version = release.split(" ", maxsplit=1)[0]
    return Family(
        title,
        {**os_release(name, identifier, version, like), "/etc/redhat-release": f"{name} release {release}\n"},
        agent,
        "RedHat",
        gone={
            "/etc/NetworkManager/system-connections/cloud-init-eth0.nmconnection": "[connection]\nid=cloud-init eth0\n",
            "/var/cache/dnf/x": "",
            "/root/anaconda-ks.cfg": "",
            **(gone or {}),
        },
        stays={
            "/etc/pki/rhui/product/content.crt": "",
            "/etc/udev/rules.d/68-azure-sriov-nm-unmanaged.rules": UNMANAGED,
        },
        warned=warned,
    )


LVM = {"/etc/lvm/devices/system.devices": "IDTYPE=sys_wwid IDNAME=naa.6\n"}
ZYPP = {"/var/cache/zypp/x": "", "/var/lib/zypp/AnonymousUniqueId": "x\n"}
UBUNTU_STAYS = {"/etc/netplan/90-hotplug-azure.yaml": "network: {ethernets: {e: {match: {driver: hv_netvsc}}}}\n"}


def ubuntu(version: str, codename: str) -> Family:
    """Return a release of Ubuntu."""
    return Family(
        f"Ubuntu {version}",
        {
            **os_release("Ubuntu", "ubuntu", version, "debian", f"VERSION_CODENAME={codename}\n"),
            "/etc/lsb-release": f"DISTRIB_ID=Ubuntu\nDISTRIB_RELEASE={version}\n",
        },
        WORKS,
        "Debian",
        service="walinuxagent",
        gone={
            "/etc/netplan/50-cloud-init.yaml": "network: {}\n",
            "/etc/cloud/cloud.cfg.d/90-installer-network.cfg": "",
        },
        stays=UBUNTU_STAYS,
        warned=("ubuntu_pro",),
    )


def container_linux(title: str, release: dict[str, str]) -> Family:
    """Return Flatcar or what is derived from it; its agent removes the machine id itself."""
    return Family(
        title,
        release,
        'waagent.real "$@"; rm -f /etc/machine-id',
        "Flatcar",
        gone={
            "/home/core/.ssh/authorized_keys": "ssh-ed25519 AAAA core\n",
            "/home/core/.ssh/authorized_keys.d/ignition": "ssh-ed25519 AAAA core\n",
        },
        stays={"/boot/flatcar/grub.cfg": "", "/home/core/data": ""},
        first_boot="/boot/flatcar/first_boot",
    )


AZURE_UNMANAGED = {
    "/etc/systemd/network/01-azure-unmanaged-sriov.network": "[Match]\nDriver=mlx5_core\n[Link]\nUnmanaged=yes\n"
}

#: In `make sweep`: each agent, each package manager.
FAMILIES = {
    "rhel-9": red_hat("RHEL 9", "rhel", "Red Hat Enterprise Linux", "9.4 (Plow)", "fedora", gone=LVM, warned=("rhsm",)),
    "sles-16": Family(
        "SLES 16",
        os_release("SLES", "sles", "16.0", "suse"),
        FAILS_SILENTLY.format(SUSE_NETWORK),
        "Suse",
        gone={**ZYPP, "/etc/udev/rules.d/85-persistent-net-cloud-init.rules": BOUND_RULE},
        warned=("suse_connect",),
    ),
    "azure-linux-4": Family(
        "Azure Linux 4",
        os_release("Azure Linux", "azurelinux", "4.0", "fedora"),
        WORKS,
        "AzureLinux",
        gone={"/var/cache/libdnf5/x": ""},
        stays=AZURE_UNMANAGED,
    ),
    "ubuntu-24": ubuntu("24.04", "noble"),
    # An image of one's own, which Microsoft supports: cloud-init alone.
    "without-agent": Family(
        "Debian without the Azure agent",
        os_release("Debian GNU/Linux", "debian", "12"),
        None,
        "Debian",
        service="walinuxagent",
    ),
}

#: In `make deep`: the other releases, and what is derived from them.
OTHER_FAMILIES = {
    "rhel-8": red_hat(
        "RHEL 8",
        "rhel",
        "Red Hat Enterprise Linux",
        "8.10 (Ootpa)",
        "fedora",
        agent=WORKS_ON_RED_HAT,
        gone={IFCFG: CLOUD_INIT},
        warned=("rhsm", "insights"),
    ),
    "rhel-10": red_hat(
        "RHEL 10", "rhel", "Red Hat Enterprise Linux", "10.0 (Coughlan)", "fedora", gone=LVM, warned=("rhsm",)
    ),
    "alma-9": red_hat("AlmaLinux 9", "almalinux", "AlmaLinux", "9.6 (Sage Margay)"),
    "rocky-9": red_hat("Rocky Linux 9", "rocky", "Rocky Linux", "9.6 (Blue Onyx)"),
    "oracle-9": red_hat("Oracle Linux 9", "ol", "Oracle Linux Server", "9.6", "fedora"),
    "centos-stream-10": red_hat("CentOS Stream 10", "centos", "CentOS Stream", "10 (Coughlan)", "rhel fedora"),
    "fedora-43": red_hat(
        "Fedora 43", "fedora", "Fedora Linux", "43 (Cloud Edition)", "", gone={"/var/cache/libdnf5/x": ""}
    ),
    "amazon-2023": red_hat("Amazon Linux 2023", "amzn", "Amazon Linux", "2023 (Amazon Linux)", "fedora"),
    "sles-15": Family(
        "SLES 15",
        os_release("SLES", "sles", "15.7", "suse"),
        WORKS,
        "Suse",
        gone={
            **ZYPP,
            "/etc/sysconfig/network/ifcfg-eth0": CLOUD_INIT,
            "/etc/sysconfig/network/ifcfg-eth1": "LLADDR='00:0d:3a:00:00:01'\nBOOTPROTO=dhcp\n",
            "/var/lib/wicked/lease-eth0-dhcp-ipv4.xml": "<lease/>\n",
        },
        stays={"/usr/sbin/registercloudguest": "#!/bin/sh\n", SUSE_NETWORK: ""},
        warned=("suse_cloud",),
    ),
    "opensuse-leap-15": Family(
        "openSUSE Leap 15",
        os_release("openSUSE Leap", "opensuse-leap", "15.6", "suse opensuse"),
        WORKS,
        "Suse",
        gone=ZYPP,
        stays={SUSE_NETWORK: ""},
    ),
    "sl-micro-6": Family(
        "SUSE Linux Micro 6",
        os_release("SL-Micro", "sl-micro", "6.1", "suse"),
        FAILS_SILENTLY.format(SUSE_NETWORK),
        "Suse",
        gone={"/var/lib/zypp/AnonymousUniqueId": "x\n"},
    ),
    "mariner-2": Family(
        "Azure Linux 2 (CBL-Mariner)",
        os_release("Common Base Linux Mariner", "mariner", "2.0"),
        WORKS,
        "AzureLinux",
        gone={"/var/cache/tdnf/x": ""},
        stays=AZURE_UNMANAGED,
    ),
    "azure-linux-3": Family(
        "Azure Linux 3",
        os_release("Microsoft Azure Linux", "azurelinux", "3.0"),
        WORKS,
        "AzureLinux",
        gone={"/var/cache/tdnf/x": "", "/var/cache/dnf/x": ""},
        stays=AZURE_UNMANAGED,
    ),
    "ubuntu-22": ubuntu("22.04", "jammy"),
    "ubuntu-26": ubuntu("26.04", "resolute"),
    "flatcar": container_linux(
        "Flatcar", os_release("Flatcar Container Linux by Kinvolk", "flatcar", "4230.2.3", "coreos")
    ),
    "azure-container-linux": container_linux(
        "Azure Container Linux",
        os_release("Microsoft Azure Linux", "azurelinux", "3.0", more="VARIANT_ID=azurecontainerlinux\n"),
    ),
}

#: What an entry of the table is known by.
WARNED_PATHS = {
    "insights": "/etc/insights-client/machine-id",
    "rhsm": "/etc/pki/consumer/cert.pem",
    "suse_cloud": "/var/cache/cloudregister/currentSMTInfo.obj",
    "suse_connect": "/etc/zypp/credentials.d/SCCcredentials",
    "ubuntu_pro": "/var/lib/ubuntu-advantage/private/machine-token.json",
}


def script(family: Family) -> str:
    """Return the files with which a Debian guest emulates another distribution."""
    lines = ["set -eu", "mkdir -p /opt/application", "echo golden >/opt/application/data", "rm -f /etc/os-release"]
    if family.recognised == "Flatcar":
        lines.append("useradd --system --uid 500 --create-home --shell /bin/bash core")
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
