# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else identifies a machine: agents, registrations, keys and credentials of the table in vars/known_identities.yml."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator

from deprovision_guest import Guest
from deprovision_leftover import Leftover
from deprovision_programs import program
from deprovision_text import without_lines

#: What was removed by a command that leaves its files; gone after a reboot, as then the identity is there again.
DONE = "/run/golden-azure-deprovision/known-"


def found(guest: Guest, row: dict) -> list[str]:
    """Return the paths of an identity that are there."""
    if ("only_if" in row and not guest.exists(row["only_if"])) or ("unless" in row and guest.exists(row["unless"])):
        return []
    if row.get("keeps") and guest.exists(DONE + row["id"]):
        return []
    paths = []
    for pattern in row["paths"]:
        for path in guest.find(pattern):
            kept = any(fnmatch.fnmatch(path, other) for other in row.get("but", []))
            if path not in paths and not kept and concerns(guest, row, path):
                paths.append(path)
    return paths


def concerns(guest: Guest, row: dict, path: str) -> bool:
    """Say whether a path holds the identity, as it is now."""
    target = guest.at(path)
    if row.get("action") == "empty" and (not os.path.isfile(target) or os.path.getsize(target) == 0):
        return False
    if "contains" not in row:
        return True
    return bool(re.search(pattern_of(guest, row), guest.read(path), re.MULTILINE))


def pattern_of(guest: Guest, row: dict) -> str:
    """Return what a line of the file looks like, with the name of the guest in it."""
    names = [*guest.config.get("hostnames", []), guest.read("/etc/hostname").strip()]
    name = "|".join(re.escape(each) for each in names if each) or "(?!)"
    return row["contains"].replace("{hostname}", f"(?:{name})")


def goes(guest: Guest, row: dict) -> bool:
    """Say whether an identity is removed."""
    return row["removal"] == "default" or (row["removal"] == "request" and guest.config["known_agents"])


def known_leftovers(guest: Guest) -> Iterator[Leftover]:
    """Yield the identities that are removed."""
    for row in guest.config["known"]:
        paths = found(guest, row) if goes(guest, row) else []
        if paths:
            yield Leftover(
                row["what"],
                paths,
                lambda row=row, paths=paths: remove(guest, row, paths),
                phase="clean",
                volatile=bool(row.get("volatile")),
            )


def known_warnings(guest: Guest) -> Iterator[dict]:
    """Say which identities stay, and so are those of all clones."""
    for row in guest.config["known"]:
        paths = found(guest, row) if not goes(guest, row) else []
        if paths:
            more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
            cure = (
                "set linux_deprovision_known_agents to remove it"
                if row["removal"] == "request"
                else f"remove it yourself if it must not be shared (see {row['source']})"
            )
            yield {
                "code": "known_identity_stays",
                "identity": row["id"],
                "message": f"The {row['what']} ({paths[0]}{more}) stays in the image, and all machines created from it share it: {cure}.",
            }


def remove(guest: Guest, row: dict, paths: list[str]) -> None:
    """Remove an identity as its owner says, and then what is left of it.

    Raises:
        OSError: the first reason why something could not go.
    """
    for unit in row.get("stop", []):
        guest.command(["systemctl", "stop", unit])
    command = row.get("command", [])
    if command and (guest.exists(command[0]) if command[0].startswith("/") else program(guest, command[0])):
        status, output = guest.command(command, guest.config["agent_limit_seconds"])
        if status != 0:
            last = ([line.strip() for line in output.splitlines() if line.strip()] or ["it said nothing"])[-1]
            guest.notes.append(f"{' '.join(command)} ended with status {status} ({last}).")
        elif row.get("keeps"):
            os.makedirs(os.path.dirname(guest.at(DONE)), mode=0o700, exist_ok=True)
            with open(guest.at(DONE + row["id"]), "w", encoding="utf-8"):
                pass
    if not row.get("keeps"):
        _remove_paths(guest, row, paths)


def _remove_paths(guest: Guest, row: dict, paths: list[str]) -> None:
    trouble = None
    for path in paths:
        try:
            if not guest.exists(path):
                continue
            if "write" in row:
                guest.replace(path, row["write"])
            elif row.get("action") == "empty":
                guest.truncate(path)
            elif row.get("action") == "lines":
                kept = without_lines(guest.read(path), pattern_of(guest, row))
                (guest.replace(path, kept) if kept else guest.delete(path))
            else:
                guest.delete(path)
        except OSError as error:
            trouble = trouble or error
    if trouble is not None:
        raise trouble
