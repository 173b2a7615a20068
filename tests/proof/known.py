# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What else identifies a machine, by the table of the role linux_deprovision, as a look into the machine finds it.

It is found without the code of the role: by the patterns of the table alone, and by what is in the files.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from embedded_azure.guests import GuestBackend, GuestError

LIMIT_SECONDS = 60.0

PROGRAM = r"""
import fnmatch, glob, hashlib, json, os, re
rows, names = json.loads(PARAMETERS)

def read(path):
    # A folder is what is in its files.
    if os.path.isdir(path):
        return b"".join(read(os.path.join(path, name)) for name in sorted(os.listdir(path)) if not os.path.islink(os.path.join(path, name)))
    if not os.path.isfile(path):
        return b""
    with open(path, "rb") as handle:
        return handle.read()

found = {}
for row in rows:
    if ("only_if" in row and not os.path.lexists(row["only_if"])) or ("unless" in row and os.path.lexists(row["unless"])):
        continue
    for pattern in row["paths"]:
        for path in glob.glob(pattern, recursive=True):
            if any(fnmatch.fnmatch(path, other) for other in row.get("exclude", [])):
                continue
            content = read(path)
            if "contains" in row:
                name = "(?:" + "|".join(map(re.escape, names)) + ")"
                wanted = re.compile(row["contains"].replace("{hostname}", name))
                lines = content.decode(errors="replace").splitlines()
                content = "\n".join(line for line in lines if wanted.search(line)).encode()
            if content:
                found.setdefault(row["id"], []).append(path + " " + hashlib.sha256(content).hexdigest())
print(json.dumps(found))
"""


def known_script(rows: Sequence[dict], names: Sequence[str]) -> str:
    """Return a script for Python 3 that prints, by entry of the table, each path with a digest of what identifies in it.

    Args:
        rows: the table.
        names: by which names the source went; some entries are files with them.
    """
    program = PROGRAM.replace("PARAMETERS", repr(json.dumps([list(rows), list(names)])))
    return f"#!/usr/bin/env python3\n{program}"


def known_by_backend(
    guests: GuestBackend, vm_id: str, rows: Sequence[dict], names: Sequence[str]
) -> dict[str, list[str]]:
    """Look for the identities of the table in a guest, as root.

    Raises:
        GuestError: the guest does not run, or did not answer.
    """
    completed = guests.run(vm_id, known_script(rows, names), LIMIT_SECONDS)
    if completed.return_code != 0:
        raise GuestError(f"The machine {vm_id} did not say what identifies it: {completed.stderr.strip()}")
    return json.loads(completed.stdout)


def shared_files(*machines: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return, by entry of the table, the files that any two machines have alike."""
    found: dict[str, set[str]] = {}
    for number, one in enumerate(machines):
        for other in machines[number + 1 :]:
            for entry in one:
                alike = set(one[entry]) & set(other.get(entry, []))
                if alike:
                    found.setdefault(entry, set()).update(each.rpartition(" ")[0] for each in alike)
    return {entry: sorted(found[entry]) for entry in sorted(found)}
