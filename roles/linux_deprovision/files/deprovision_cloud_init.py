# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The configuration of cloud-init, which determines what it recreates on the first boot of a clone; reads only.

Sources: https://docs.cloud-init.io/en/latest/reference/merging.html (a key in a later file replaces the key of an earlier one),
.../reference/base_config_reference.html, .../explanation/boot.html (how it is disabled), .../reference/network-config.html.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_ssh_keys import host_keys

PROGRAM = "/usr/bin/cloud-init"
#: The services of its stages; cloud-init.service was renamed to cloud-init-network.service in 24.3.
SERVICES = (
    "cloud-init-local.service",
    "cloud-init.service",
    "cloud-init-network.service",
    "cloud-config.service",
    "cloud-final.service",
)
GENERATORS = (
    "/etc/systemd/system-generators/cloud-init-generator",
    "/run/systemd/system-generators/cloud-init-generator",
)
KERNEL_OPTIONS = ("/proc/cmdline", "/etc/kernel/cmdline", "/etc/default/grub")
#: Units that generate host keys if cloud-init does not: RHEL and its rebuilds, SLES, Flatcar, and others.
KEY_UNITS = ("/usr/lib/systemd/system/*ssh*", "/etc/systemd/system/*ssh*")
#: A drop-in of RHEL's cloud-init that prevents sshd-keygen from generating keys.
KEY_UNIT_SWITCH = "/*/systemd/system/sshd-keygen@.service.d/*cloud-init*"
MODULES = {"ssh": "SSH host keys", "set_hostname": "a hostname", "users_groups": "a user"}
MAC_ADDRESS = r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}"


def configuration_files(guest: Guest) -> list[str]:
    """Return the configuration files in ascending order of precedence, except for those that the role removes."""
    files = ["/etc/cloud/cloud.cfg", *guest.find("/etc/cloud/cloud.cfg.d/*.cfg")]
    return [path for path in files if path not in _removed_files(guest)]


def effective_setting(guest: Guest, key: str) -> tuple[str, str]:
    """Return the effective value of a top-level key, and the file that sets it; empty strings if it is not set.

    PyYAML is not required on the guest, so the value is the text after the key, with the following indented lines and list items.
    """
    for path in reversed(configuration_files(guest)):
        match = re.findall(rf"^{key}[ \t]*:(.*(?:\n(?:[ \t]+\S.*|-.*|[ \t]*#.*))*)", guest.read(path), re.MULTILINE)
        if match:
            return re.sub(r"(^|\s)#.*", "", match[-1]).strip(), path
    return "", ""


def disabled_by(guest: Guest) -> str:
    """Return what prevents cloud-init from running; an empty string if it runs on the next boot."""
    return guest.cached("what disables cloud-init", lambda: _find_disabled_by(guest))


def _find_disabled_by(guest: Guest) -> str:
    if guest.exists("/etc/cloud/cloud-init.disabled"):
        return "/etc/cloud/cloud-init.disabled"
    for path in KERNEL_OPTIONS:
        if re.search(r"\bcloud-init=disabled\b", guest.read(path)):
            return f"{path} (cloud-init=disabled)"
    for path in GENERATORS:
        if os.path.islink(guest.local_path(path)) and guest.resolve(path) in ("", "/dev/null"):
            return f"{path} (a link to /dev/null)"
    for unit in SERVICES:
        state = guest.command(["systemctl", "is-enabled", unit])[1].strip()
        if state in ("masked", "masked-runtime", "disabled"):
            return f"its service {unit}, which is {state}"
    if re.search(r"^\s*policy\s*:\s*disabled", guest.read("/etc/cloud/ds-identify.cfg"), re.MULTILINE):
        return "/etc/cloud/ds-identify.cfg (policy: disabled)"
    return ""


def is_usable(guest: Guest) -> bool:
    """Return whether cloud-init is installed and enabled."""
    return bool(guest.exists(PROGRAM) and not disabled_by(guest))


def network_disabled_by(guest: Guest) -> str:
    """Return what prevents cloud-init from writing a network configuration; an empty string if it writes one.

    Stock images of Debian disable it, and contain a network configuration.
    """
    return guest.cached("what disables cloud-init's network configuration", lambda: _find_network_disabled_by(guest))


def _find_network_disabled_by(guest: Guest) -> str:
    if not is_usable(guest):
        return "cloud-init, which is not used"
    for path in KERNEL_OPTIONS:
        if re.search(r"\bnetwork-config=disabled\b", guest.read(path)):
            return path
    text, path = effective_setting(guest, "network")
    return path if re.search(r"config['\"]?\s*:\s*['\"]?disabled", text) else ""


def names_hardware_address(guest: Guest, path: str) -> bool:
    """Return whether a network configuration file contains a hardware address, which clones do not have."""
    return bool(re.search(MAC_ADDRESS, guest.read(path)))


def network_blockers(guest: Guest) -> Iterator[dict]:
    """Yield blockers for network configuration that would be wrong in clones and that cloud-init does not rewrite."""
    by = network_disabled_by(guest)
    patterns = [pattern for spec in guest.config["cleanup_specs"] if spec.get("network") for pattern in spec["paths"]]
    for path in dict.fromkeys(path for pattern in patterns for path in guest.find(pattern)) if by else ():
        if os.path.isfile(guest.local_path(path)) and names_hardware_address(guest, path):
            yield {
                "code": "network_not_written",
                "message": f"{path} contains the hardware address of this machine, and is not rewritten in clones, because of "
                f"{by}: let cloud-init configure the network, or remove the address from the file.",
            }


def incomplete_blockers(guest: Guest) -> Iterator[dict]:
    """Yield blockers for settings that prevent cloud-init from creating what clones require."""
    types, path = effective_setting(guest, "ssh_genkeytypes")
    generated_types = re.findall(r"\w+", types) if types not in ("~", "null") else []
    used_types = {
        match.group(1)
        for match in (re.fullmatch(r"/etc/ssh/ssh_host_(\w+)_key", key) for key in host_keys(guest))
        if match
    }
    no_usable_type = path and (not generated_types or (used_types and not used_types & set(generated_types)))
    if no_usable_type and not unit_generates_host_keys(guest):
        yield _incomplete(
            f"{path} (ssh_genkeytypes) prevents cloud-init from generating the SSH host keys that sshd uses"
        )
    kept, path = effective_setting(guest, "preserve_hostname")
    if kept.lower() in ("true", "yes", "on", "1"):
        yield _incomplete(f"{path} (preserve_hostname) prevents cloud-init from setting the hostname of clones")
    modules = "\n".join(effective_setting(guest, f"cloud_{stage}_modules")[0] for stage in ("init", "config", "final"))
    _text, path = effective_setting(guest, "cloud_init_modules")
    for module, what in MODULES.items() if path else ():
        found = re.search(rf"(?<![\w-]){module.replace('_', '[-_]')}(?![\w-])", modules)
        if not found and not (module == "ssh" and unit_generates_host_keys(guest)):
            yield _incomplete(f"{path} (cloud_init_modules) does not contain {module}, so clones do not get {what}")


def _incomplete(what: str) -> dict:
    return {"code": "cloud_init_incomplete", "message": f"{what}: change this setting."}


def unit_generates_host_keys(guest: Guest) -> bool:
    """Return whether a systemd unit generates host keys."""
    if guest.find(KEY_UNIT_SWITCH):
        return False
    units = [path for pattern in KEY_UNITS for path in guest.find(pattern)]
    return any(re.search(r"ssh-keygen|sshd-keygen|sshd-gen-keys", guest.read(path)) for path in units)


def datasource_blockers(guest: Guest) -> Iterator[dict]:
    """Yield blockers for settings that prevent cloud-init from using the Azure datasource."""
    for path in configuration_files(guest):
        match = re.search(r"^datasource_list:\s*(\[[^\]]*\]|(?:\n\s*-.*)+)", guest.read(path), re.MULTILINE)
        if match and "Azure" not in match.group(1):
            yield _datasource_finding(path, "add Azure to its datasource_list")
    named = re.search(r"^\s*datasource\s*:\s*(\S+)", guest.read("/etc/cloud/ds-identify.cfg"), re.MULTILINE)
    if named and named.group(1) != "Azure" and "/etc/cloud/ds-identify.cfg" not in _removed_files(guest):
        yield _datasource_finding("/etc/cloud/ds-identify.cfg", "remove this file")
    for path in KERNEL_OPTIONS:
        if re.search(r"\b(?:ci\.ds|ci\.datasource|ds)=(?!Azure)\w", guest.read(path)):
            yield _datasource_finding(path, "remove the kernel option ds or ci.ds")


def _removed_files(guest: Guest) -> set[str]:
    """Return the configuration files of cloud-init that the role removes, because an installer has written them."""
    patterns = [
        pattern
        for spec in guest.config["cleanup_specs"]
        for pattern in spec["paths"]
        if pattern.startswith("/etc/cloud/")
    ]
    return {path for pattern in patterns for path in guest.find(pattern)}


def _datasource_finding(path: str, cure: str) -> dict:
    return {
        "code": "cloud_init_without_azure",
        "message": f"{path} prevents cloud-init from using the Azure datasource: {cure}.",
    }
