# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Identities of agents, registrations, keys and credentials, as listed in vars/known_identities.yml."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator

from deprovision_cleanup_item import CleanupItem
from deprovision_guest import Guest
from deprovision_provisioning_agents import program_path
from deprovision_text import without_lines

#: Marker files for identities that a command has removed without deleting the files. They are lost at a reboot, after which the identity
#: exists again.
COMMAND_COMPLETED = "/run/golden-azure-deprovision/known-"


def existing_paths(guest: Guest, row: dict) -> list[str]:
    """Return the paths of an identity that exist."""
    if ("only_if" in row and not guest.exists(row["only_if"])) or ("unless" in row and guest.exists(row["unless"])):
        return []
    if row.get("keep_paths") and guest.exists(COMMAND_COMPLETED + row["id"]):
        return []
    paths = []
    for pattern in row["paths"]:
        for path in guest.find(pattern):
            kept = any(fnmatch.fnmatch(path, other) for other in row.get("exclude", []))
            if path not in paths and not kept and contains_identity(guest, row, path):
                paths.append(path)
    return paths


def contains_identity(guest: Guest, row: dict, path: str) -> bool:
    """Return whether a path currently contains the identity."""
    target = guest.local_path(path)
    if row.get("action") == "empty" and (not os.path.isfile(target) or os.path.getsize(target) == 0):
        return False
    if "contains" not in row:
        return True
    return bool(re.search(line_pattern(guest, row), guest.read(path), re.MULTILINE))


def line_pattern(guest: Guest, row: dict) -> str:
    """Return the pattern for a line of the file, with the hostname of the guest inserted."""
    names = [*guest.config.get("hostnames", []), guest.read("/etc/hostname").strip()]
    name = "|".join(re.escape(each) for each in names if each) or "(?!)"
    return row["contains"].replace("{hostname}", f"(?:{name})")


def is_removed(guest: Guest, row: dict) -> bool:
    """Return whether the role removes an identity."""
    return row["removal"] == "default" or (row["removal"] == "request" and guest.config["known_agents"])


def known_identity_items(guest: Guest) -> Iterator[CleanupItem]:
    """Yield the identities that are removed."""
    for row in guest.config["known_identities"]:
        paths = existing_paths(guest, row) if is_removed(guest, row) else []
        if paths:
            yield CleanupItem(
                row["what"],
                paths,
                lambda row=row, paths=paths: remove_identity(guest, row, paths),
                phase="clean",
                volatile=bool(row.get("volatile")),
            )


def known_identity_warnings(guest: Guest) -> Iterator[dict]:
    """Yield warnings for the identities that remain in the image, and would be shared by all clones."""
    for row in guest.config["known_identities"]:
        paths = existing_paths(guest, row) if not is_removed(guest, row) else []
        if paths:
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            cure = (
                "set linux_deprovision_known_agents to remove it"
                if row["removal"] == "request"
                else f"remove it manually if it must not be shared (see {row['source']})"
            )
            yield {
                "code": "known_identity_stays",
                "identity": row["id"],
                "message": f"The {row['what']} ({paths[0]}{more}) remains in the image, and all machines created from it share it: {cure}.",
            }


def remove_identity(guest: Guest, row: dict, paths: list[str]) -> None:
    """Remove an identity with the command of its vendor, and then the remaining files.

    Raises:
        OSError: the first failure.
    """
    for unit in row.get("stop", []):
        guest.command(["systemctl", "stop", unit])
    command = row.get("command", [])
    if command and (guest.exists(command[0]) if command[0].startswith("/") else program_path(guest, command[0])):
        status, output = guest.command(command, guest.config["agent_limit_seconds"])
        if status != 0:
            last = ([line.strip() for line in output.splitlines() if line.strip()] or ["no output"])[-1]
            guest.notes.append(f"{' '.join(command)} failed with status {status} ({last}).")
        elif row.get("keep_paths"):
            os.makedirs(os.path.dirname(guest.local_path(COMMAND_COMPLETED)), mode=0o700, exist_ok=True)
            with open(guest.local_path(COMMAND_COMPLETED + row["id"]), "w", encoding="utf-8"):
                pass
    if not row.get("keep_paths"):
        _remove_paths(guest, row, paths)


def _remove_paths(guest: Guest, row: dict, paths: list[str]) -> None:
    first_error = None
    for path in paths:
        try:
            if not guest.exists(path):
                continue
            if "write" in row:
                guest.replace(path, row["write"])
            elif row.get("action") == "empty":
                guest.truncate(path)
            elif row.get("action") == "lines":
                kept = without_lines(guest.read(path), line_pattern(guest, row))
                (guest.replace(path, kept) if kept else guest.delete(path))
            else:
                guest.delete(path)
        except OSError as error:
            first_error = first_error or error
    if first_error is not None:
        raise first_error
