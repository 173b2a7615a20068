# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Host keys and authorized keys of sshd. Sources: sshd(8), sshd_config(5)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_accounts import accounts
from deprovision_cleanup_item import CleanupItem
from deprovision_guest import Guest

#: The file of the distribution is used if there is none in /etc (openSUSE, Flatcar).
CONFIGURATIONS = ("/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config", "/usr/share/ssh/sshd_config")
OPTION_FILES = ("/etc/default/ssh", "/etc/sysconfig/sshd", "/etc/sysconfig/ssh")
UNITS = ("/etc/systemd/system/*ssh*", "/etc/systemd/system/*ssh*/*.conf", "/usr/lib/systemd/system/*ssh*")
#: Host keys that cloud-init, the agent or a unit of the distribution generates if they are missing.
GENERATED_KEYS = r"/etc/ssh/ssh_host_\w+_key"
DEFAULT_KEY_FILES = (".ssh/authorized_keys", ".ssh/authorized_keys2")


def sshd_settings(guest: Guest) -> list[tuple[str, str]]:
    """Return the settings of sshd, with keywords in lower case: of all configuration files in use, and those that sshd itself reports.

    Settings in Match blocks are included.
    """
    return guest.cached("settings of sshd", lambda: _read_sshd_settings(guest))


def _read_sshd_settings(guest: Guest) -> list[tuple[str, str]]:
    options = " ".join([*(guest.read(path) for path in OPTION_FILES), *_sshd_arguments(guest)])
    named = re.findall(r"-f\s*(/[^\s\"']+)", options)
    own = next((path for path in CONFIGURATIONS if guest.exists(path)), "")
    found = [setting for path in dict.fromkeys([own, *named]) for setting in _read_configuration(guest, path, set())]
    found += [("hostkey", path) for path in re.findall(r"-h\s*(/[^\s\"']+)", options)]
    # This requires a host key. The first call takes place before the host keys are removed.
    status, output = guest.command(["sshd", "-T"])
    found += [_parse_setting(line) for line in output.splitlines() if status == 0 and " " in line]
    return list(dict.fromkeys(found))


def _sshd_arguments(guest: Guest) -> Iterator[str]:
    """Yield the arguments of sshd in its units and of its running processes."""
    for pattern in UNITS:
        for path in guest.find(pattern):
            yield from re.findall(r"^ExecStart=.*sshd\b(.*)$", guest.read(path), re.MULTILINE)
    for path in guest.find("/proc/[0-9]*/cmdline", anywhere=True):
        text = guest.read(path).replace("\0", " ")
        if re.match(r"(sshd: )?\S*/sshd\b.*-[Dfh]", text):
            yield text


def _read_configuration(guest: Guest, path: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the settings of a file and of the files that it includes."""
    if not path or path in seen:
        return
    seen.add(path)
    for line in guest.read(path).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        keyword, value = _parse_setting(line)
        if keyword == "include":
            for pattern in value.split():
                place = pattern if pattern.startswith("/") else "/etc/ssh/" + pattern
                for included in guest.find(place):
                    yield from _read_configuration(guest, included, seen)
        else:
            yield keyword, value


def _parse_setting(line: str) -> tuple[str, str]:
    match = re.match(r"\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$", line)
    return (match.group(1).lower(), match.group(2).strip('"')) if match else ("", "")


def setting_values(guest: Guest, keyword: str) -> list[str]:
    """Return all values of a keyword."""
    return [value for name, value in sshd_settings(guest) if name == keyword and value.lower() != "none"]


def host_keys(guest: Guest) -> list[str]:
    """Return the host key files that sshd is configured to use."""
    named = [path for path in setting_values(guest, "hostkey") if path.startswith("/")]
    return list(dict.fromkeys(named))


def host_key_paths(guest: Guest) -> list[str]:
    """Return all host key files on the OS disk: those in /etc/ssh, those in other directories, and the targets of links."""
    return [path for path in _host_key_locations(guest) if not guest.mounts().is_off_os_disk(path)]


def _host_key_locations(guest: Guest) -> list[str]:
    found = guest.find("/etc/ssh/ssh_host_*")
    certificates = [path for path in setting_values(guest, "hostcertificate") if path.startswith("/")]
    for path in [*host_keys(guest), *certificates]:
        found += [each for each in (path, path + ".pub") if guest.exists(each)]
    places = []
    for path in found:
        directory = guest.resolve(os.path.dirname(path))
        places.append(f"{directory}/{os.path.basename(path)}")
        target = guest.resolve(path)
        if target and guest.exists(target) and os.path.isfile(guest.local_path(target)):
            places.append(target)
    return list(dict.fromkeys(places))


def key_files(guest: Guest, name: str, home: str) -> list[str]:
    """Return the authorized keys files of a user that are not in the home directory."""
    found = []
    number = accounts(guest)[name].number if name in accounts(guest) else ""
    for value in setting_values(guest, "authorizedkeysfile"):
        for pattern in value.split():
            if re.search(r"%[uU]", pattern):
                path = pattern
                for token, text in (("%u", name), ("%U", str(number)), ("%h", home), ("%%", "%")):
                    path = path.replace(token, text)
                if (
                    path.startswith("/")
                    and guest.exists(path)
                    and not guest.mounts().is_off_os_disk(guest.resolve(path))
                ):
                    found.append(path)
    return list(dict.fromkeys(found))


def shared_key_files(guest: Guest) -> list[str]:
    """Return the authorized keys files that apply to all users."""
    named = [pattern for value in setting_values(guest, "authorizedkeysfile") for pattern in value.split()]
    return [
        path for path in dict.fromkeys(named) if path.startswith("/") and "%" not in path and guest.read(path).strip()
    ]


def ssh_key_items(guest: Guest) -> Iterator[CleanupItem]:
    """Yield the host keys, and authorized keys of root outside of the home directory."""
    root = key_files(guest, "root", "/root")
    if root:
        yield CleanupItem("authorized key of root", root, lambda: guest.delete_all(root), critical=True)
    paths = host_key_paths(guest)
    if paths:
        yield CleanupItem("SSH host key", paths, lambda: guest.delete_all(paths), critical=True)


def host_key_blockers(guest: Guest) -> Iterator[dict]:
    """Yield blockers for host keys that would not be removed, or would not be generated on clones."""
    for path in _host_key_locations(guest):
        if guest.mounts().is_off_os_disk(path):
            yield {
                "code": "identity_on_another_disk",
                "message": f"{path} (SSH host key) is not on the OS disk and would not be removed: move it to the OS disk.",
            }
    named = host_keys(guest)
    if named and not any(re.fullmatch(GENERATED_KEYS, path) for path in named):
        yield {
            "code": "host_key_not_generated",
            "message": f"The host key of sshd is {', '.join(named)}, which would not be generated on clones: "
            "configure standard paths, such as HostKey /etc/ssh/ssh_host_ed25519_key.",
        }


def key_warnings(guest: Guest) -> Iterator[dict]:
    """Yield warnings for authorized keys that remain in the image, and for restrictions of logins."""
    for path in shared_key_files(guest):
        yield {
            "code": "authorized_keys_stay",
            "message": f"The authorized keys in {path} remain in the image, and their owners can log in to all machines created from it.",
        }
    for keyword, what in (("allowusers", "AllowUsers"), ("allowgroups", "AllowGroups")):
        names = " ".join(setting_values(guest, keyword))
        if names:
            yield {
                "code": "logins_restricted",
                "message": f"sshd restricts logins to {names} ({what}): other users of machines created from the image cannot log in.",
            }
