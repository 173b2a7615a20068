# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the facts of a guest with what Azure requires of a disk to be uploaded; pure.

Each finding has a code and a message; those that can be repaired have `repair: True`, and the name of the repair is the code.
"""

from __future__ import annotations

from collections.abc import Iterator

from upload_boot import is_set, values_of
from upload_network import FIRST_INTERFACE
from upload_storage import DEVICE_NAME

#: Findings of the provisioning agents that can be repaired.
PROVISIONING_REPAIRS = ("agent_missing", "agent_not_enabled", "cloud_init_without_azure")
PACK = "add them to the configuration of the program that creates it, and run this program"
ADD_PARAMETERS = "add them to GRUB_CMDLINE_LINUX in /etc/default/grub and generate the boot configuration again"


def upload_blockers(facts: dict, options: dict) -> Iterator[dict]:
    """Yield what does not meet Azure's requirements."""
    yield from _boot_blockers(facts, options)
    yield from _driver_blockers(facts, options)
    yield from _provisioning_blockers(facts)
    yield from _network_blockers(facts["network"])
    yield from _storage_blockers(facts)
    if not (facts["ssh_installed"] and facts["ssh_enabled"]):
        what = "is not enabled" if facts["ssh_installed"] else "is not installed"
        yield _repairable(
            "ssh_server", f"The SSH server {what}, so nobody could log in to the virtual machines", "enable it"
        )
    for path in facts["target_password"]:
        yield _repairable(
            "sudo_target_password",
            f"{path} makes sudo ask for the password of the target user (targetpw), which root does not have on Azure",
            "remove these lines",
        )


def _boot_blockers(facts: dict, options: dict) -> Iterator[dict]:
    boot = facts["boot"]
    for code in dict.fromkeys(each["code"] for each in wanted_parameters(facts, options)):
        wanted = [each for each in wanted_parameters(facts, options) if each["code"] == code]
        missing = [each for each in wanted if not all(is_set(entry["parameters"], each) for entry in boot["entries"])]
        if missing and boot["entries"]:
            names = " ".join(each["add"] for each in missing)
            paths = [e["path"] for e in boot["entries"] if not all(is_set(e["parameters"], each) for each in missing)]
            yield _repairable(
                code,
                f"The kernel parameters in {paths[0]} do not contain {names}: {missing[0]['reason']}",
                ADD_PARAMETERS,
                ";",
            )
    if options["grub_settings"] and boot["configurations"] and not boot["serial_terminal"]:
        settings = " and ".join(options["grub_settings"])
        yield _repairable(
            "serial_console",
            f"GRUB in {boot['configurations'][0]} does not use the serial port, so the serial console does not show its menu",
            f"set {settings} in /etc/default/grub and generate the boot configuration again",
        )
    for entry in boot["entries"]:
        device = ([*values_of(entry["parameters"], "root")] or [""])[-1]
        if DEVICE_NAME.match(device):
            yield _repairable(
                "device_names",
                f"{entry['path']} specifies the root file system as {device}, and disks have other names on Azure",
                "specify it as root=UUID=...",
            )
            break
    if facts["generation"] == "V2" and not boot["fallback_loader"]:
        yield {
            "code": "fallback_boot_loader",
            "message": "The EFI system partition does not contain EFI/BOOT/BOOTX64.EFI (on Arm64, BOOTAA64.EFI), which a virtual machine "
            "without boot entries starts, as all new ones are: copy the boot loader to this path, such as with "
            "'grub-install --force-extra-removable' on Debian and Ubuntu.",
        }


def wanted_parameters(facts: dict, options: dict) -> list[dict]:
    """Return the kernel parameters that this guest must have."""
    return [
        each
        for each in options["parameters"]
        if facts["architecture"] in each.get("architectures", [facts["architecture"]])
        # There, it delays each boot by five minutes, which is not what Azure's page intends.
        and not (each["code"] == "root_delay" and facts["boot"]["sleeps_for_root_delay"])
    ]


def _driver_blockers(facts: dict, options: dict) -> Iterator[dict]:
    for kernel in facts["kernels"]:
        left = unpacked(kernel, options["drivers"])
        if left:
            yield _repairable(
                "hyperv_drivers", f"{left}, without which the kernel does not find its disk on Azure", PACK
            )
        left = unpacked(kernel, options["nvme_drivers"])
        if left:
            yield _repairable(
                "nvme_drivers", f"{left}, without which the kernel does not find a remote NVMe disk", PACK
            )
        known = [*kernel["built_in"], *kernel["modules"]]
        absent = [
            each
            for each in (*options["drivers"], *options["nvme_drivers"], *options["file_systems"])
            if each not in known
        ]
        if absent:
            yield {
                "code": "driver_missing",
                "message": f"The kernel {kernel['version']} has no drivers {', '.join(absent)}, which Azure requires: "
                "install a kernel that contains them, and remove this one.",
            }
    for each in facts["disabled_drivers"]:
        yield _repairable(
            "file_system_disabled",
            f"{each['path']} disables the driver {each['driver']}, with which the virtual machines read their provisioning data",
            "remove this line",
        )


def unpacked(kernel: dict, drivers: list[str]) -> str:
    """Return a clause about the drivers that an initial RAM disk lacks; an empty string if there are none, or if it is not known."""
    loadable = [driver for driver in drivers if driver not in kernel["built_in"] and driver in kernel["modules"]]
    left = ", ".join(driver for driver in loadable if driver not in (kernel["packed"] or []))
    if not left or kernel["packed"] is None:
        return ""
    if kernel["initramfs"]:
        return f"The initial RAM disk {kernel['initramfs']} does not contain the drivers {left}"
    return f"The kernel {kernel['version']} has no initial RAM disk with the drivers {left}"


def _provisioning_blockers(facts: dict) -> Iterator[dict]:
    for each in facts["provisioning"]:
        if each["code"] in PROVISIONING_REPAIRS:
            yield {
                **each,
                "message": f"{each['message'].rstrip('.')}, or add the repair '{each['code']}'.",
                "repair": True,
            }
        else:
            yield each


def _network_blockers(network: dict) -> Iterator[dict]:
    for path in network["hardware_addresses"]:
        yield _repairable(
            "network_hardware_address",
            f"{path} binds the network to a hardware address of this machine, which the virtual machines do not have",
            "remove the address",
        )
    if not network["unwritten_by"]:
        return
    for each in network["interfaces"]:
        if each["fixed"] and FIRST_INTERFACE.match(each["name"]):
            yield {
                "code": "static_address",
                "message": f"{each['path']} gives {each['name']} a fixed address, and Azure assigns addresses by DHCP: configure DHCP.",
            }
    names = list(dict.fromkeys(each["name"] for each in network["interfaces"]))
    if names and not any(FIRST_INTERFACE.match(name) for name in names):
        is_unused = network["unwritten_by"].startswith("cloud-init")
        reason = "is not used" if is_unused else f"is prevented by {network['unwritten_by']}"
        yield {
            "code": "network_interface_name",
            "message": f"The network configuration in {network['interfaces'][0]['path']} only applies to {', '.join(names)}; on Azure, "
            f"the interface is eth0, and cloud-init, which could configure it, {reason}: configure eth0 by DHCP, or let cloud-init "
            "configure the network.",
        }


def _storage_blockers(facts: dict) -> Iterator[dict]:
    for entry in facts["file_systems"]:
        is_swap = entry["type"] == "swap" and not entry["is_temporary"]
        if is_swap:
            yield _repairable(
                "swap_on_os_disk",
                f"/etc/fstab configures the swap space {entry['device']} on the OS disk, which Azure advises against",
                "remove it, and let cloud-init create swap space on the resource disk",
            )
        elif entry["is_named"]:
            yield {
                **_repairable(
                    "device_names",
                    f"/etc/fstab specifies {entry['point']} as {entry['device']}, and disks have other names on Azure",
                    "specify its UUID",
                ),
                **({} if entry["uuid"] else {"repair": False}),
            }
    for path in facts["swap_units"]:
        yield _repairable(
            "swap_on_os_disk",
            f"{path} configures swap space on the OS disk, which Azure advises against",
            "disable the unit, and let cloud-init create swap space on the resource disk",
        )
    if facts["resource_disk_settings"]:
        settings = " and ".join(f"{name}=y" for name in facts["resource_disk_settings"])
        yield _repairable(
            "resource_disk",
            f"/etc/waagent.conf contains {settings}, and cloud-init formats the resource disk, too",
            "set them to n",
        )


def upload_warnings(facts: dict) -> Iterator[dict]:
    """Yield what could not be checked, and the warnings of the provisioning agents."""
    if not facts["boot"]["entries"]:
        yield _unchecked("kernel parameters", "no configuration of GRUB and no boot entries were found")
    delays = [value for entry in facts["boot"]["entries"] for value in values_of(entry["parameters"], "rootdelay")]
    if delays and facts["boot"]["sleeps_for_root_delay"]:
        yield {
            "code": "root_delay_waits",
            "message": f"The kernel parameters contain rootdelay={delays[0]}, and initramfs-tools of this distribution sleeps for as many "
            "seconds on each boot, instead of waiting until the disk is attached: remove the parameter.",
        }
    if not facts["kernels"]:
        yield _unchecked("drivers of the kernel", "no kernel with its modules was found")
    for kernel in facts["kernels"]:
        if kernel["packed"] is None:
            yield _unchecked(f"contents of {kernel['initramfs']}", kernel["reason"])
    if not facts["generation"]:
        yield _unchecked("firmware (BIOS or UEFI)", "the guest is a container")
    yield from facts["provisioning_warnings"]


def _unchecked(what: str, reason: str) -> dict:
    return {"code": "not_checked", "message": f"The {what} could not be checked, because {reason}: check it yourself."}


def _repairable(code: str, problem: str, cure: str, mark: str = ":") -> dict:
    return {"code": code, "message": f"{problem}{mark} {cure}, or add the repair '{code}'.", "repair": True}
