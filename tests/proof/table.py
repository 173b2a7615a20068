# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The proof as a table for eyes: fixed width, at most 100 columns."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from .comparison import Row

WIDTH = 100
GAP = "  "
VERDICTS = {True: "ok", False: "FAILED"}


def render(title: str, source: str, clones: Sequence[str], rows: Sequence[Row], width: int = WIDTH) -> str:
    """Draw a table; the reason of a failed row stands below it.

    Args:
        title: line above the table.
        source: heading of the source's column.
        clones: headings of the clones' columns.
        rows: what prove() returned for them.
        width: columns of the terminal; what does not fit is shortened in its middle.
    """
    check_width = max(len("check"), *(len(row.check) for row in rows))
    verdict_width = max(len(verdict) for verdict in VERDICTS.values())
    columns = 1 + len(clones)
    room = width - check_width - verdict_width - len(GAP) * (columns + 1)
    cell_width = max(8, room // columns)

    def line(check: str, cells: Sequence[str], verdict: str) -> str:
        shown = [shorten(cell, cell_width).ljust(cell_width) for cell in cells]
        return GAP.join([check.ljust(check_width), *shown, verdict]).rstrip()

    rule = "-" * min(width, check_width + verdict_width + len(GAP) * (columns + 1) + cell_width * columns)
    lines = [title, rule, line("check", [source, *clones], ""), rule]
    for row in rows:
        lines.append(line(row.check, [row.source, *row.clones], VERDICTS[row.ok]))
        if row.why:
            lines += textwrap.wrap(row.why, width, initial_indent=" " * 4 + "! ", subsequent_indent=" " * 6)
    lines.append(rule)
    return "\n".join(lines)


def shorten(text: str, width: int) -> str:
    """Return one line of at most `width` characters, its middle left out when it is longer."""
    line = " ".join(text.split())
    if len(line) <= width:
        return line
    head = (width - 1) // 2
    return f"{line[:head]}…{line[len(line) - (width - 1 - head) :]}"
