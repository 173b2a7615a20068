# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What determines whether the disk of a machine from outside Azure works on Azure; reads only. upload_findings evaluates it."""

from __future__ import annotations

import platform
import re

from deprovision_boot import BOOT_ENTRIES
from deprovision_guest import Guest
from deprovision_identity import in_container
from deprovision_provisioning_agents import is_enabled, program_path, provisioning_blockers, provisioning_warnings
from upload_boot import grub_entries, loader_entry, shell_settings
from upload_drivers import disabled_drivers, kernels
from upload_network import network_facts
from upload_storage import file_systems, resource_disk_settings, swap_units, target_password_files

GRUB_DEFAULTS = "/etc/default/grub"
#: Ubuntu and Debian read these files after /etc/default/grub. Source: grub-mkconfig of Debian.
GRUB_DEFAULTS_PARTS = "/etc/default/grub.d/*.cfg"
GRUB_CONFIGURATIONS = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg", "/boot/efi/EFI/*/grub.cfg")
GRUB_ENVIRONMENTS = ("/boot/grub2/grubenv", "/boot/grub/grubenv", "/boot/efi/EFI/*/grubenv", "/boot/mariner.cfg")
#: Scripts of initramfs-tools that sleep for the time in rootdelay, instead of waiting at most as long until the disk is there: `init` of
#: Debian 12 and others, and the script of udev in Debian 8 and earlier.
INITRAMFS_SCRIPTS = ("/usr/share/initramfs-tools/init", "/usr/share/initramfs-tools/scripts/init-top/udev")
SSH_UNITS = ("ssh.service", "sshd.service", "ssh.socket", "sshd.socket")
#: The boot loader that UEFI starts on a machine that has no boot entries yet. Source: UEFI specification 3.5.1.1.
FALLBACK_LOADER = re.compile(r"/EFI/BOOT/BOOT(X64|AA64)\.EFI$", re.IGNORECASE)
EFI_PROGRAMS = ("/boot/efi/EFI/*/*", "/efi/EFI/*/*", "/boot/EFI/*/*")


def upload_facts(guest: Guest) -> dict:
    """Return the facts: boot, kernels, network, file systems, services."""
    options = guest.config["upload"]
    return {
        "generation": generation(guest),
        "architecture": platform.machine(),
        "boot": boot_facts(guest),
        "kernels": kernels(guest, [*options["drivers"], *options["file_systems"], *options["nvme_drivers"]]),
        "disabled_drivers": disabled_drivers(guest, options["file_systems"]),
        "network": network_facts(guest),
        "file_systems": file_systems(guest),
        "swap_units": swap_units(guest),
        "resource_disk_settings": resource_disk_settings(guest),
        "target_password": target_password_files(guest),
        "ssh_installed": bool(program_path(guest, "sshd")),
        "ssh_enabled": any(is_enabled(guest, unit) for unit in SSH_UNITS),
        # The network is examined separately, including that of machines on which cloud-init configures it.
        "provisioning": [each for each in provisioning_blockers(guest) if each["code"] != "network_not_written"],
        "provisioning_warnings": list(provisioning_warnings(guest)),
    }


def generation(guest: Guest) -> str:
    """Return the generation of Azure's virtual machines that starts the disk; an empty string if it is not known."""
    environment = dict(entry.partition("=")[::2] for entry in guest.read("/proc/1/environ").split("\0"))
    if in_container(guest, environment):
        return ""
    return "V2" if guest.exists("/sys/firmware/efi") else "V1"


def boot_facts(guest: Guest) -> dict:
    """Return the kernel parameters of all boot entries, GRUB's terminal, and the files from which they are generated."""
    configurations = grub_configurations(guest)
    variables: dict[str, str] = {}
    for path in (path for pattern in GRUB_ENVIRONMENTS for path in guest.find(pattern)):
        variables.update(re.findall(r"^(\w+)=(.*)$", guest.read(path), re.MULTILINE))
    entries = [
        {"path": path, "parameters": parameters}
        for path in configurations
        for parameters in grub_entries(guest.read(path), variables)
    ]
    for path in (path for pattern in BOOT_ENTRIES for path in guest.find(pattern)):
        parameters = loader_entry(guest.read(path), variables)
        entries += [{"path": path, "parameters": parameters}] if parameters else []
    text = "\n".join(guest.read(path) for path in configurations)
    defaults = [GRUB_DEFAULTS, *guest.find(GRUB_DEFAULTS_PARTS)]
    return {
        "configurations": configurations,
        "entries": entries,
        "serial_terminal": bool(re.search(r"^\s*terminal_output\b.*\bserial\b", text, re.MULTILINE)),
        "defaults": [path for path in defaults if guest.exists(path)],
        "names_root_device": any(
            shell_settings(guest.read(path)).get("GRUB_DISABLE_LINUX_UUID") == "true" for path in defaults
        ),
        "sleeps_for_root_delay": any(re.search(r"sleep \W*ROOTDELAY", guest.read(path)) for path in INITRAMFS_SCRIPTS),
        "fallback_loader": any(
            FALLBACK_LOADER.search(path) for pattern in EFI_PROGRAMS for path in guest.find(pattern)
        ),
    }


def grub_configurations(guest: Guest) -> list[str]:
    """Return the generated configurations of GRUB, without those that only load another one."""
    found = [path for pattern in GRUB_CONFIGURATIONS for path in guest.find(pattern)]
    return [path for path in found if re.search(r"^\s*(menuentry|blscfg|linux\w*)\b", guest.read(path), re.MULTILINE)]
