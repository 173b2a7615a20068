# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest is prepared by the role, and two clones of its disk are compared with it: what was seen of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from family_table import REAL, SUITES, Seen
from guest_play import TRACES, Play, wait_until_off
from guest_support import USER, Key, boot
from role_files import known_identities

from embedded_azure.guests.local_guests import LocalGuests
from proof import Row, collect_by_ssh, known_by_backend, prove, shared_files

CLONE_USER = "newuser"


@dataclass(frozen=True)
class Capture:
    """What was seen.

    :param recognised: the vars file by which the role went, without its ending.
    :param result: linux_deprovision_result.
    :param rows: the proof.
    :param had: entries of the table of identities that the source had.
    :param shared: those of which any two of the three machines have the same file, with the paths.
    """

    recognised: str
    result: dict
    rows: list[Row]
    had: list[str]
    shared: dict[str, list[str]]

    @property
    def warned(self) -> list[str]:
        """Entries of the table that the role warned of."""
        return sorted(w["identity"] for w in self.result["warnings"] if w["code"] == "known_identity_stays")

    def seen(self, title: str, tested: str) -> Seen:
        """Return the line of the documentation."""
        failures = [row.check for row in self.rows if not row.ok] + sorted(set(self.shared) - set(self.warned))
        return Seen(
            title, tested, self.recognised, self._agent(), self.warned, f"share {failures}" if failures else "unique"
        )

    def seen_of_suite(self, suite: str) -> Seen:
        """Return the line of a release of Debian."""
        title, command = SUITES[suite]
        return self.seen(title, REAL.format(command))

    def _agent(self) -> str:
        if any(warning["code"] == "agent_missing" for warning in self.result["warnings"]):
            return "none"
        notes = " ".join(self.result["notes"])
        if "Failed to run" in notes:
            return "fails, with status 0"
        return f"unexpected: {notes}" if notes else "works"


def capture(guests: LocalGuests, key: Key, directory: Path, name: str, arguments: Sequence[str] = ()) -> Capture:
    """Prepare a running guest, boot two clones of its disk, and compare; the clones are named like it, with -a and -b."""
    table = known_identities()
    source = collect_by_ssh(guests.ssh_access(name), USER, key.private, name, TRACES)
    known = [known_by_backend(guests, name, table, [name])]
    play = Play(guests, key, directory, name)
    run = play.run(*arguments)
    assert run.returncode == 0, run.stdout[-6000:] + run.stderr[-2000:]
    result = play.result()
    assert result["outcome"] == "deprovisioned", result
    wait_until_off(guests, name)
    clones = []
    for clone in (f"{name}-a", f"{name}-b"):
        # Each machine on Azure has one, and cloud-init takes it as the id of the instance.
        boot(guests, key, clone, name, user=CLONE_USER, uuid=str(uuid5(NAMESPACE_DNS, clone)))
        clones.append(collect_by_ssh(guests.ssh_access(clone), CLONE_USER, key.private, clone, TRACES))
        known.append(known_by_backend(guests, clone, table, [name]))
    return Capture(recognised(run.stdout), result, prove(source, clones), sorted(known[0]), shared_files(*known))


def recognised(output: str) -> str:
    """Return the vars file that a run loaded for the distribution, without its ending."""
    return " ".join(re.findall(r"item=([A-Za-z]+)\.yml", output))
