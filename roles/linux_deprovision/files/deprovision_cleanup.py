# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that must be removed from a guest before it is captured, computed from the current state of the guest.

Check mode, the removal and the verification use the same list. The vars files of the role specify the paths; the programs do not depend
on a distribution.
"""

from __future__ import annotations

import os
import re

from deprovision_agent import root_password_items
from deprovision_boot import first_boot_items
from deprovision_cleanup_item import CleanupItem
from deprovision_cloud_init import is_usable, network_disabled_by
from deprovision_fstab import fstab_items
from deprovision_guest import Guest
from deprovision_hostname import hostname_items
from deprovision_known_identities import known_identity_items
from deprovision_paths import is_directory
from deprovision_ssh_keys import ssh_key_items
from deprovision_text import without_lines
from deprovision_users import built_in_user_items, orphaned_rule_items, remove_user, user_paths


def item_from_spec(guest: Guest, spec: dict) -> CleanupItem | None:
    """Return the item for one entry of the vars files, or None if none of its paths exist."""
    # If cloud-init does not rewrite the network configuration, it is kept (see network_blockers).
    if (spec.get("network") and network_disabled_by(guest)) or (spec.get("recreated") and not is_usable(guest)):
        return None
    kept = [path for pattern in spec.get("keep", []) for path in guest.find(pattern)]
    found: list[str] = []
    for pattern in spec["paths"]:
        for path in guest.find(pattern, anywhere=bool(spec.get("user_specified")), links=_follows_links(spec)):
            holds_kept = any(path == other or other.startswith(path + "/") for other in kept)
            if path not in found and not holds_kept and _matches(guest, spec, path):
                found.append(path)
    if not found:
        return None
    return CleanupItem(
        spec["what"],
        found,
        lambda: _remove_paths(guest, spec, found),
        spec.get("phase", "finish"),
        bool(spec.get("volatile")),
        bool(spec.get("critical")),
    )


def _follows_links(spec: dict) -> bool:
    """Return whether an entry specifies the records of one program, which are removed from any location on the OS disk."""
    return bool(spec.get("user_specified")) or not (spec.get("volatile") or spec.get("phase") == "clean")


def _matches(guest: Guest, spec: dict, path: str) -> bool:
    """Return whether an entry of the vars files applies to the current contents of a path."""
    target = guest.local_path(path)
    if os.path.islink(target) and (spec.get("links") == "keep" or spec.get("action") == "empty"):
        return False
    if spec.get("type") == "file" and is_directory(target):
        return False
    if spec.get("action") == "empty" and (not os.path.isfile(target) or os.path.getsize(target) == 0):
        return False
    return "contains" not in spec or bool(re.search(spec["contains"], guest.read(path), re.MULTILINE))


def _remove_paths(guest: Guest, spec: dict, paths: list[str]) -> None:
    if "before" in spec:
        guest.command(spec["before"])
    for path in paths:
        try:
            _remove_path(guest, spec, path)
        except OSError as error:
            guest.notes.append(f"Removing {spec['what']} failed: {error}.")


def _remove_path(guest: Guest, spec: dict, path: str) -> None:
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


def cleanup_items(guest: Guest, users: list[str]) -> list[CleanupItem]:
    """Return the items to remove, in the order of their removal: those that the login requires are the last ones."""
    found = [item_from_spec(guest, spec) for spec in guest.config["cleanup_specs"]]
    found += known_identity_items(guest)
    found += hostname_items(guest)
    found += fstab_items(guest)
    found += root_password_items(guest)
    found += orphaned_rule_items(guest)
    found += built_in_user_items(guest)
    found += first_boot_items(guest)
    for name in users:
        paths = user_paths(guest, name)
        if paths:
            found.append(CleanupItem(f"user {name}", paths, lambda name=name: remove_user(guest, name), critical=True))
    found += ssh_key_items(guest)
    return sorted((item for item in found if item), key=lambda item: item.phase != "clean")


def remove_items(guest: Guest, items: list[CleanupItem]) -> list[str]:
    """Remove the items. A failure does not prevent the removal of the others; the caller inspects the guest again."""
    lines = []
    for item in items:
        try:
            item.remove()
        except OSError as error:
            guest.notes.append(f"Removing {item.what} failed: {error}.")
        lines += item.lines()
    return lines
