# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What cloud-init is told to do on the first boot of a clone, and so what it will make again; reads only.

Sources: https://docs.cloud-init.io/en/latest/reference/merging.html (a key of a later file replaces that of an earlier one),
.../reference/base_config_reference.html, .../explanation/boot.html (how it is disabled), .../reference/network-config.html.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_keys import host_keys

PROGRAM = "/usr/bin/cloud-init"
#: The services of its stages; cloud-init-network is the name of cloud-init since 24.3.
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
#: Units that make host keys where cloud-init does not: RHEL and its rebuilds, SLES, Flatcar, and others.
KEY_UNITS = ("/usr/lib/systemd/system/*ssh*", "/etc/systemd/system/*ssh*")
#: Of RHEL's cloud-init: it keeps sshd-keygen from making keys.
KEY_UNIT_SWITCH = "/*/systemd/system/sshd-keygen@.service.d/*cloud-init*"
MODULES = {"ssh": "SSH host keys", "set_hostname": "a hostname", "users_groups": "a user"}
MAC_ADDRESS = r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}"


def configuration_files(guest: Guest) -> list[str]:
    """Return its configuration in the order in which it counts, but for what the role removes."""
    files = ["/etc/cloud/cloud.cfg", *guest.find("/etc/cloud/cloud.cfg.d/*.cfg")]
    return [path for path in files if path not in _going(guest)]


def last_setting(guest: Guest, key: str) -> tuple[str, str]:
    """Return what a key on the top level is set to, and by which file; empty texts if it is not set.

    Without PyYAML, which Ansible's Python need not have: the text behind the key, with all lines that are indented, or items of a list.
    """
    for path in reversed(configuration_files(guest)):
        match = re.findall(rf"^{key}[ \t]*:(.*(?:\n(?:[ \t]+\S.*|-.*|[ \t]*#.*))*)", guest.read(path), re.MULTILINE)
        if match:
            return re.sub(r"(^|\s)#.*", "", match[-1]).strip(), path
    return "", ""


def disabled_by(guest: Guest) -> str:
    """Return what keeps cloud-init from running; nothing if it runs on the next boot."""
    return guest.once("what disables cloud-init", lambda: _find_disabled_by(guest))


def _find_disabled_by(guest: Guest) -> str:
    if guest.exists("/etc/cloud/cloud-init.disabled"):
        return "/etc/cloud/cloud-init.disabled"
    for path in KERNEL_OPTIONS:
        if re.search(r"\bcloud-init=disabled\b", guest.read(path)):
            return f"{path} (cloud-init=disabled)"
    for path in GENERATORS:
        if os.path.islink(guest.at(path)) and guest.resolve(path) in ("", "/dev/null"):
            return f"{path} (a link to /dev/null)"
    for unit in SERVICES:
        state = guest.command(["systemctl", "is-enabled", unit])[1].strip()
        if state in ("masked", "masked-runtime", "disabled"):
            return f"its service {unit}, which is {state}"
    if re.search(r"^\s*policy\s*:\s*disabled", guest.read("/etc/cloud/ds-identify.cfg"), re.MULTILINE):
        return "/etc/cloud/ds-identify.cfg (policy: disabled)"
    return ""


def usable(guest: Guest) -> bool:
    """Say whether cloud-init is there and will run."""
    return bool(guest.exists(PROGRAM) and not disabled_by(guest))


def network_disabled_by(guest: Guest) -> str:
    """Return what keeps cloud-init from writing a network configuration; nothing if it writes one.

    Stock images of Debian are among those, and have one of their own.
    """
    return guest.once("what keeps cloud-init from the network", lambda: _find_network_disabled_by(guest))


def _find_network_disabled_by(guest: Guest) -> str:
    if not usable(guest):
        return "cloud-init, which is not used"
    for path in KERNEL_OPTIONS:
        if re.search(r"\bnetwork-config=disabled\b", guest.read(path)):
            return path
    text, path = last_setting(guest, "network")
    return path if re.search(r"config['\"]?\s*:\s*['\"]?disabled", text) else ""


def bound_to_hardware(guest: Guest, path: str) -> bool:
    """Say whether a file of a network names a hardware address, which no clone has."""
    return bool(re.search(MAC_ADDRESS, guest.read(path)))


def network_blockers(guest: Guest) -> Iterator[dict]:
    """Say which network configuration would be wrong in each clone, where cloud-init does not write it anew."""
    by = network_disabled_by(guest)
    patterns = [pattern for spec in guest.config["leftovers"] if spec.get("network") for pattern in spec["paths"]]
    for path in dict.fromkeys(path for pattern in patterns for path in guest.find(pattern)) if by else ():
        if os.path.isfile(guest.at(path)) and bound_to_hardware(guest, path):
            yield {
                "code": "network_not_written",
                "message": f"{path} is for the hardware address of this machine, and is not written anew for a clone, because of "
                f"{by}: have cloud-init configure the network, or remove the address from the file.",
            }


def incomplete_blockers(guest: Guest) -> Iterator[dict]:
    """Say what of a machine cloud-init is told not to make, so that clones would be without."""
    types, path = last_setting(guest, "ssh_genkeytypes")
    made = re.findall(r"\w+", types) if types not in ("~", "null") else []
    wanted = {
        match.group(1)
        for match in (re.fullmatch(r"/etc/ssh/ssh_host_(\w+)_key", key) for key in host_keys(guest))
        if match
    }
    none = path and (not made or (wanted and not wanted & set(made)))
    if none and not makes_keys_besides(guest):
        yield _incomplete(f"{path} (ssh_genkeytypes) keeps cloud-init from making SSH host keys that sshd uses")
    kept, path = last_setting(guest, "preserve_hostname")
    if kept.lower() in ("true", "yes", "on", "1"):
        yield _incomplete(f"{path} (preserve_hostname) keeps cloud-init from giving clones a hostname")
    modules = "\n".join(last_setting(guest, f"cloud_{stage}_modules")[0] for stage in ("init", "config", "final"))
    _text, path = last_setting(guest, "cloud_init_modules")
    for module, what in MODULES.items() if path else ():
        found = re.search(rf"(?<![\w-]){module.replace('_', '[-_]')}(?![\w-])", modules)
        if not found and not (module == "ssh" and makes_keys_besides(guest)):
            yield _incomplete(f"{path} (cloud_init_modules) is without {module}, so that clones do not get {what}")


def _incomplete(what: str) -> dict:
    return {"code": "cloud_init_incomplete", "message": f"{what}: change this setting."}


def makes_keys_besides(guest: Guest) -> bool:
    """Say whether a unit makes host keys."""
    if guest.find(KEY_UNIT_SWITCH):
        return False
    units = [path for pattern in KEY_UNITS for path in guest.find(pattern)]
    return any(re.search(r"ssh-keygen|sshd-keygen|sshd-gen-keys", guest.read(path)) for path in units)


def datasource_blockers(guest: Guest) -> Iterator[dict]:
    """Say what keeps cloud-init from using the Azure datasource."""
    for path in configuration_files(guest):
        match = re.search(r"^datasource_list:\s*(\[[^\]]*\]|(?:\n\s*-.*)+)", guest.read(path), re.MULTILINE)
        if match and "Azure" not in match.group(1):
            yield _without_azure(path, "add Azure to its datasource_list")
    named = re.search(r"^\s*datasource\s*:\s*(\S+)", guest.read("/etc/cloud/ds-identify.cfg"), re.MULTILINE)
    if named and named.group(1) != "Azure" and "/etc/cloud/ds-identify.cfg" not in _going(guest):
        yield _without_azure("/etc/cloud/ds-identify.cfg", "remove this file")
    for path in KERNEL_OPTIONS:
        if re.search(r"\b(?:ci\.ds|ci\.datasource|ds)=(?!Azure)\w", guest.read(path)):
            yield _without_azure(path, "remove the kernel option ds or ci.ds")


def _going(guest: Guest) -> set[str]:
    """Return which files of cloud-init's configuration the role removes, as the installer left them."""
    patterns = [
        pattern for spec in guest.config["leftovers"] for pattern in spec["paths"] if pattern.startswith("/etc/cloud/")
    ]
    return {path for pattern in patterns for path in guest.find(pattern)}


def _without_azure(path: str, cure: str) -> dict:
    return {
        "code": "cloud_init_without_azure",
        "message": f"{path} keeps cloud-init from using the Azure datasource: {cure}.",
    }
