# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a guest must not carry into an image, computed from what is really there.

One list serves check mode, the removal and the verification. What to look for comes from the vars files of the role;
the programs know no distribution.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator

from deprovision_guest import Guest
from deprovision_paths import is_folder
from deprovision_users import remove_user, user_paths

NO_HOSTNAMES = ("", "localhost", "localhost.localdomain")


class Leftover:
    """Paths of one kind that must not get into an image, and how they go.

    `volatile` ones are filled again by every running system (logs, /tmp): they go along with the others, but alone
    they do not make a guest unprepared. `critical` ones decide the verification.
    """

    def __init__(
        self,
        what: str,
        paths: list[str],
        remove: Callable[[], None],
        phase: str = "finish",
        volatile: bool = False,
        critical: bool = False,
    ) -> None:
        self.what = what
        self.paths = paths
        self.remove = remove
        self.phase = phase
        self.volatile = volatile
        self.critical = critical

    def lines(self) -> list[str]:
        """Return a line for people per path."""
        return [f"{self.what}: {path}" for path in self.paths]


def spec_leftover(guest: Guest, spec: dict) -> Leftover | None:
    """Return the leftover one entry of the vars files describes, None when there is nothing of it."""
    kept = [path for pattern in spec.get("keep", []) for path in guest.find(pattern)]
    found: list[str] = []
    for pattern in spec["paths"]:
        for path in guest.find(pattern, anywhere=bool(spec.get("named")), links=_follows(spec)):
            holds_kept = any(path == other or other.startswith(path + "/") for other in kept)
            if path not in found and not holds_kept and _concerns(guest, spec, path):
                found.append(path)
    if not found:
        return None
    return Leftover(
        spec["what"],
        found,
        lambda: _remove(guest, spec, found),
        spec.get("phase", "finish"),
        bool(spec.get("volatile")),
        bool(spec.get("critical")),
    )


def _follows(spec: dict) -> bool:
    """Say whether an entry means one program's records, which are to go wherever they lie on the OS disk."""
    return bool(spec.get("named")) or not (spec.get("volatile") or spec.get("phase") == "clean")


def _concerns(guest: Guest, spec: dict, path: str) -> bool:
    """Say whether an entry of the vars files means this path, as it is now."""
    target = guest.at(path)
    if os.path.islink(target) and (spec.get("links") == "keep" or spec.get("action") == "empty"):
        return False
    if spec.get("type") == "file" and is_folder(target):
        return False
    if spec.get("action") == "empty" and (not os.path.isfile(target) or os.path.getsize(target) == 0):
        return False
    return "contains" not in spec or bool(re.search(spec["contains"], guest.read(path), re.MULTILINE))


def _remove(guest: Guest, spec: dict, paths: list[str]) -> None:
    if "before" in spec and not guest.root:
        guest.command(spec["before"])
    for path in paths:
        try:
            _remove_one(guest, spec, path)
        except OSError as error:
            guest.notes.append(f"Removing {spec['what']} failed: {error}.")


def _remove_one(guest: Guest, spec: dict, path: str) -> None:
    if not guest.exists(path):
        return
    if spec.get("action") == "swap":
        guest.command(["swapoff", path])
    if spec.get("action") == "empty":
        guest.truncate(path)
    else:
        guest.delete(path)


def hostname_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield the name of the guest where it is still its own."""
    name = guest.read("/etc/hostname").strip()
    if name not in NO_HOSTNAMES:
        yield Leftover(
            "hostname",
            [f"/etc/hostname ({name})"],
            lambda: guest.replace("/etc/hostname", "localhost.localdomain\n"),
            critical=True,
        )
    # The agent may have renamed the guest already: cloud-init remembers the name it gave.
    names = {name, *guest.config.get("hostnames", [])} - set(NO_HOSTNAMES)
    text = guest.read("/etc/hosts")
    kept, listed = without_names(text, names), ", ".join(sorted(names))
    if kept != text:
        yield Leftover(
            "name of the guest",
            [f"/etc/hosts ({listed})"],
            lambda: guest.replace("/etc/hosts", kept),
        )


def without_names(text: str, names: set[str]) -> str:
    """Return a hosts file without these names; a line which has no other names goes."""
    lines = []
    for line in text.split("\n"):
        fields = line.split("#")[0].split()
        own = [field for field in fields[1:] if field in names or field.split(".")[0] in names]
        if not own:
            lines.append(line)
        elif len(own) < len(fields) - 1:
            lines.append(" ".join(field for field in fields if field not in own))
    return "\n".join(lines)


def leftovers(guest: Guest, users: list[str]) -> list[Leftover]:
    """Return what is there of all that must go, in the order it goes: what cuts the login comes last."""
    found = [spec_leftover(guest, spec) for spec in guest.config["leftovers"]]
    found += hostname_leftovers(guest)
    for name in users:
        paths = user_paths(guest, name)
        if paths:
            found.append(Leftover(f"user {name}", paths, lambda name=name: remove_user(guest, name), critical=True))
    return sorted((item for item in found if item), key=lambda item: item.phase != "clean")


def removed(guest: Guest, items: list[Leftover]) -> list[str]:
    """Remove the items; one that fails does not keep the others: what is left is found by looking again."""
    lines = []
    for item in items:
        try:
            item.remove()
        except OSError as error:
            guest.notes.append(f"Removing {item.what} failed: {error}.")
        lines += item.lines()
    return lines
