# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The table in the README of the role linux_deprovision: which distributions are tested how, and what was seen of each.

A test that prepares a guest of a distribution holds what it saw against the line of the table. With WRITE_FAMILIES=1 in the environment it
writes the line instead.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from role_files import ROLE
from spoofed_families import FAILS_SILENTLY, FAMILIES, OTHER_FAMILIES, Family

README = ROLE / "README.md"
HEAD = (
    "| distribution | tested on | vars file | agent | not removed (warning) | clones |",
    "|---|---|---|---|---|---|",
)
WRITE = "WRITE_FAMILIES"

REAL = "a real guest (`make {}`)"
SPOOFED = "an emulated guest (`make {}`)"

#: Releases of Debian, each with the command that tests it.
SUITES = {
    "bookworm": ("Debian 12", "test"),
    "trixie": ("Debian 13", "test"),
    "bullseye": ("Debian 11", "deep"),
    "sid": ("Debian sid", "deep"),
}


@dataclass(frozen=True)
class Seen:
    """A line of the table.

    :param recognised: the vars file by which the role goes.
    :param agent: how the agent of the distribution behaves.
    :param stays: entries of the table of identities that the stock image has, and that the role warns of.
    """

    title: str
    tested: str
    recognised: str
    agent: str
    stays: list[str] = field(default_factory=list)
    clones: str = "unique"

    def line(self) -> str:
        """As it is written."""
        stays = ", ".join(f"`{entry}`" for entry in self.stays) or "nothing"
        return f"| {self.title} | {self.tested} | `{self.recognised}.yml` | {self.agent} | {stays} | {self.clones} |"


def of_suite(suite: str) -> Seen:
    """Return the line of a release of Debian."""
    title, command = SUITES[suite]
    return Seen(title, REAL.format(command), "Debian", "works")


def of_family(name: str) -> Seen:
    """Return the line of an emulated distribution."""
    family: Family = {**FAMILIES, **OTHER_FAMILIES}[name]
    agent = "none" if family.agent is None else "works"
    if family.agent and family.agent.startswith(FAILS_SILENTLY.partition("{}")[0]):
        agent = "fails, with status 0"
    tested = SPOOFED.format("sweep" if name in FAMILIES else "deep")
    return Seen(family.title, tested, family.recognised, agent, sorted(family.warned))


def expected() -> list[str]:
    """Return the lines of the table, in their order."""
    rows = [of_suite(suite) for suite in SUITES] + [of_family(name) for name in [*FAMILIES, *OTHER_FAMILIES]]
    return [*HEAD, *(row.line() for row in rows)]


def written() -> list[str]:
    """Return the lines that the README has."""
    lines = README.read_text(encoding="utf-8").splitlines()
    start = lines.index(HEAD[0])
    end = next(number for number in range(start, len(lines)) if not lines[number].startswith("|"))
    return lines[start:end]


def hold(seen: Seen) -> None:
    """Hold what a test saw against the README, or write it there."""
    if os.environ.get(WRITE):
        write(seen)
    assert seen.line() in written(), seen.line()


def write(seen: Seen) -> None:
    """Write a line; the others stay, in the order of the table."""
    known = {line.split("|")[1]: line for line in written()[len(HEAD) :]}
    known[seen.line().split("|")[1]] = seen.line()
    order = [line.split("|")[1] for line in expected()[len(HEAD) :]]
    table = [*HEAD, *(known[title] for title in order if title in known)]
    text = README.read_text(encoding="utf-8")
    README.write_text(text.replace("\n".join(written()), "\n".join(table)), encoding="utf-8")
