# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was measured, as rows with a limit, and what they come to. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

_HEAD = ("case", "metric", "ours", "", "peer", "", "ratio", "limit", "")


@dataclass(frozen=True)
class Row:
    """One comparison.

    ours, peer_value: all values that were measured. limit: what the ratio of their medians may be, or None. absolute:
    the limit is one of our own value. note: how the peer's value came about where it was not simply measured.
    """

    case: str
    metric: str
    ours: list[float]
    peer: str = ""
    peer_value: list[float] = field(default_factory=list)
    limit: float | None = None
    absolute: bool = False
    note: str = ""

    @property
    def our_median(self) -> float:
        """Of ours."""
        return statistics.median(self.ours)

    @property
    def peer_median(self) -> float | None:
        """Of the peer's."""
        return statistics.median(self.peer_value) if self.peer_value else None

    @property
    def ratio(self) -> float | None:
        """Ours to the peer's."""
        return self.our_median / self.peer_median if self.peer_median else None

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept; None without one."""
        value = self.our_median if self.absolute else self.ratio
        return None if self.limit is None or value is None else value <= self.limit

    def as_dict(self) -> dict[str, Any]:
        """For build/bench.json."""
        return {
            "case": self.case,
            "metric": self.metric,
            "ours": round(self.our_median, 4),
            "peer": self.peer or None,
            "peer_value": None if self.peer_median is None else round(self.peer_median, 4),
            "ratio": None if self.ratio is None else round(self.ratio, 4),
            "limit": self.limit,
            "limit_is_of": None if self.limit is None else "value" if self.absolute else "ratio",
            "holds": self.holds,
            "ours_all": [round(value, 4) for value in self.ours],
            "peer_all": [round(value, 4) for value in self.peer_value],
            "note": self.note or None,
        }


def table(rows: Sequence[Row]) -> str:
    """The rows, laid out for eyes: medians, with what lies around them in brackets."""
    cells = [_HEAD, *map(_cells, rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEAD))]
    right = (2, 5, 6, 7)
    lines = []
    for row in cells:
        laid = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(laid).rstrip())
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    limit = "" if row.limit is None else f"{'value' if row.absolute else 'ratio'} <= {row.limit:.4g}"
    verdict = {None: "", True: "ok", False: "FAILED"}[row.holds]
    peer = row.peer + (f" ({row.note})" if row.note else "")
    return (
        row.case,
        row.metric,
        f"{row.our_median:.4g}",
        _spread(row.ours),
        peer,
        "" if row.peer_median is None else f"{row.peer_median:.4g} {_spread(row.peer_value)}".rstrip(),
        "" if row.ratio is None else f"{row.ratio:.3f}",
        limit,
        verdict,
    )


def _spread(values: Sequence[float]) -> str:
    return f"[{min(values):.3g} .. {max(values):.3g}]" if len(values) > 1 else ""
