# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where sshd has its host keys and the keys of those who may log in. Sources: sshd(8), sshd_config(5)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from deprovision_accounts import accounts
from deprovision_guest import Guest
from deprovision_leftover import Leftover

#: The file of the distribution is used where there is none in /etc (openSUSE, Flatcar).
CONFIGURATIONS = ("/etc/ssh/sshd_config", "/usr/etc/ssh/sshd_config", "/usr/share/ssh/sshd_config")
OPTION_FILES = ("/etc/default/ssh", "/etc/sysconfig/sshd", "/etc/sysconfig/ssh")
UNITS = ("/etc/systemd/system/*ssh*", "/etc/systemd/system/*ssh*/*.conf", "/usr/lib/systemd/system/*ssh*")
#: Those that are made again: by cloud-init, the agent, or the distribution's own unit.
STANDARD_KEYS = r"/etc/ssh/ssh_host_\w+_key"
DEFAULT_KEY_FILES = (".ssh/authorized_keys", ".ssh/authorized_keys2")


def settings(guest: Guest) -> list[tuple[str, str]]:
    """Return what sshd is told, keywords in small letters: by all configurations that are in use, and by what it says itself.

    What Match restricts to some logins counts, too.
    """
    return guest.once("settings of sshd", lambda: _find_settings(guest))


def _find_settings(guest: Guest) -> list[tuple[str, str]]:
    options = " ".join([*(guest.read(path) for path in OPTION_FILES), *_started_with(guest)])
    named = re.findall(r"-f\s*(/[^\s\"']+)", options)
    own = next((path for path in CONFIGURATIONS if guest.exists(path)), "")
    found = [setting for path in dict.fromkeys([own, *named]) for setting in _read(guest, path, set())]
    found += [("hostkey", path) for path in re.findall(r"-h\s*(/[^\s\"']+)", options)]
    # It refuses to say anything without a host key; they are there still when this is asked first.
    status, output = guest.command(["sshd", "-T"])
    found += [_setting(line) for line in output.splitlines() if status == 0 and " " in line]
    return list(dict.fromkeys(found))


def _started_with(guest: Guest) -> Iterator[str]:
    """Yield how sshd is started, by its units and by those that run."""
    for pattern in UNITS:
        for path in guest.find(pattern):
            yield from re.findall(r"^ExecStart=.*sshd\b(.*)$", guest.read(path), re.MULTILINE)
    for path in guest.find("/proc/[0-9]*/cmdline", anywhere=True):
        text = guest.read(path).replace("\0", " ")
        if re.match(r"(sshd: )?\S*/sshd\b.*-[Dfh]", text):
            yield text


def _read(guest: Guest, path: str, seen: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the settings of a file and of those that it includes."""
    if not path or path in seen:
        return
    seen.add(path)
    for line in guest.read(path).splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        keyword, value = _setting(line)
        if keyword == "include":
            for pattern in value.split():
                place = pattern if pattern.startswith("/") else "/etc/ssh/" + pattern
                for included in guest.find(place):
                    yield from _read(guest, included, seen)
        else:
            yield keyword, value


def _setting(line: str) -> tuple[str, str]:
    match = re.match(r"\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$", line)
    return (match.group(1).lower(), match.group(2).strip('"')) if match else ("", "")


def values(guest: Guest, keyword: str) -> list[str]:
    """Return all values of a keyword."""
    return [value for name, value in settings(guest) if name == keyword and value.lower() != "none"]


def host_keys(guest: Guest) -> list[str]:
    """Return the files of the host keys that sshd is told to use."""
    named = [path for path in values(guest, "hostkey") if path.startswith("/")]
    return list(dict.fromkeys(named))


def host_key_paths(guest: Guest) -> list[str]:
    """Return all files of host keys on the OS disk: those in /etc/ssh, those elsewhere, and what a link leads to."""
    return [path for path in _host_key_places(guest) if not guest.mounts().leads_away(path)]


def _host_key_places(guest: Guest) -> list[str]:
    found = guest.find("/etc/ssh/ssh_host_*")
    certificates = [path for path in values(guest, "hostcertificate") if path.startswith("/")]
    for path in [*host_keys(guest), *certificates]:
        found += [each for each in (path, path + ".pub") if guest.exists(each)]
    places = []
    for path in found:
        folder = guest.resolve(os.path.dirname(path))
        places.append(f"{folder}/{os.path.basename(path)}")
        target = guest.resolve(path)
        if target and guest.exists(target) and os.path.isfile(guest.at(target)):
            places.append(target)
    return list(dict.fromkeys(places))


def key_files(guest: Guest, name: str, home: str) -> list[str]:
    """Return the files in which sshd looks for the keys of a user, but for those in the home."""
    found = []
    number = accounts(guest)[name].number if name in accounts(guest) else ""
    for value in values(guest, "authorizedkeysfile"):
        for pattern in value.split():
            if re.search(r"%[uU]", pattern):
                path = pattern
                for token, text in (("%u", name), ("%U", str(number)), ("%h", home), ("%%", "%")):
                    path = path.replace(token, text)
                if path.startswith("/") and guest.exists(path) and not guest.mounts().leads_away(guest.resolve(path)):
                    found.append(path)
    return list(dict.fromkeys(found))


def shared_key_files(guest: Guest) -> list[str]:
    """Return the files with keys that let their owners log in as any user."""
    named = [pattern for value in values(guest, "authorizedkeysfile") for pattern in value.split()]
    return [
        path for path in dict.fromkeys(named) if path.startswith("/") and "%" not in path and guest.read(path).strip()
    ]


def key_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield the host keys, and the keys by which one could log in as root, wherever they are."""
    root = key_files(guest, "root", "/root")
    if root:
        yield Leftover("authorized key of root", root, lambda: guest.delete_all(root), critical=True)
    paths = host_key_paths(guest)
    if paths:
        yield Leftover("SSH host key", paths, lambda: guest.delete_all(paths), critical=True)


def host_key_blockers(guest: Guest) -> Iterator[dict]:
    """Say which host keys would not be removed, and that nobody will make those again which sshd is told to use."""
    for path in _host_key_places(guest):
        if guest.mounts().leads_away(path):
            yield {
                "code": "identity_on_another_disk",
                "message": f"{path} (SSH host key) is not on the OS disk, so that it would not be removed: move it there.",
            }
    named = host_keys(guest)
    if named and not any(re.fullmatch(STANDARD_KEYS, path) for path in named):
        yield {
            "code": "host_key_not_generated",
            "message": f"sshd uses {', '.join(named)} as its host key, which is made once and not for each clone: "
            "have it use /etc/ssh/ssh_host_ed25519_key and the like (HostKey).",
        }


def key_warnings(guest: Guest) -> Iterator[dict]:
    """Say whose keys stay, and who cannot log in."""
    for path in shared_key_files(guest):
        yield {
            "code": "authorized_keys_stay",
            "message": f"The keys in {path} stay, and their owners can log in to each machine created from the image.",
        }
    for keyword, what in (("allowusers", "AllowUsers"), ("allowgroups", "AllowGroups")):
        names = " ".join(values(guest, keyword))
        if names:
            yield {
                "code": "logins_restricted",
                "message": f"sshd lets only these log in: {names} ({what}); the users of machines created from the image cannot, "
                "unless they have such a name.",
            }
