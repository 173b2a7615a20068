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

from deprovision_agent import root_password_leftovers
from deprovision_boot import first_boot_leftovers
from deprovision_cloud_init import network_disabled_by, usable
from deprovision_fstab import fstab_leftovers
from deprovision_guest import Guest
from deprovision_keys import key_leftovers
from deprovision_known import known_leftovers
from deprovision_leftover import Leftover
from deprovision_names import hostname_leftovers
from deprovision_paths import is_folder
from deprovision_text import without_lines
from deprovision_users import built_in_leftovers, orphaned_rule_leftovers, remove_user, user_paths


def spec_leftover(guest: Guest, spec: dict) -> Leftover | None:
    """Return the leftover one entry of the vars files describes, None when there is nothing of it."""
    # Where cloud-init does not write the network configuration anew, it stays (see network_blockers).
    if (spec.get("network") and network_disabled_by(guest)) or (spec.get("again") and not usable(guest)):
        return None
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
    if "before" in spec:
        guest.command(spec["before"])
    for path in paths:
        try:
            _remove_one(guest, spec, path)
        except OSError as error:
            guest.notes.append(f"Removing {spec['what']} failed: {error}.")


def _remove_one(guest: Guest, spec: dict, path: str) -> None:
    if not guest.exists(path):
        return
    if spec.get("action") == "swap" and re.search(rf"^{re.escape(path)}\s", guest.read("/proc/swaps"), re.MULTILINE):
        status, output = guest.command(["swapoff", path])
        if status != 0:
            raise OSError(f"swapoff failed ({output.strip()})")
    if spec.get("action") == "empty":
        guest.truncate(path)
    elif spec.get("action") == "lines":
        kept = without_lines(guest.read(path), spec["contains"])
        (guest.replace(path, kept) if kept else guest.delete(path))
    else:
        guest.delete(path)


def leftovers(guest: Guest, users: list[str]) -> list[Leftover]:
    """Return what is there of all that must go, in the order it goes: what cuts the login comes last."""
    found = [spec_leftover(guest, spec) for spec in guest.config["leftovers"]]
    found += known_leftovers(guest)
    found += hostname_leftovers(guest)
    found += fstab_leftovers(guest)
    found += root_password_leftovers(guest)
    found += orphaned_rule_leftovers(guest)
    found += built_in_leftovers(guest)
    found += first_boot_leftovers(guest)
    for name in users:
        paths = user_paths(guest, name)
        if paths:
            found.append(Leftover(f"user {name}", paths, lambda name=name: remove_user(guest, name), critical=True))
    found += key_leftovers(guest)
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
