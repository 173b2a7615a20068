# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the clients did, as a table. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COMPLETE = "complete"
_HEAD = ("client", "version", "steps", "result", "seconds")


@dataclass(frozen=True)
class Outcome:
    """How far one client came; `result` is `complete` or the sentence which says why not."""

    client: str
    version: str
    done: int
    steps: int
    result: str
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether it did everything."""
        return self.result == COMPLETE and self.done == self.steps


def table(outcomes: Sequence[Outcome]) -> str:
    """The table, columns aligned, seconds to the right."""
    rows = [_HEAD] + [
        (item.client, item.version or "-", f"{item.done} of {item.steps}", item.result, f"{item.seconds:.0f}")
        for item in outcomes
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths[:-1], strict=True)]
        lines.append("  ".join([*cells, row[-1].rjust(widths[-1])]))
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])
