# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rows as a picture: how much of the peer's, or of the limit's, ours takes. SVG, without any library."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from .rows import Row

_ROW, _LABELS, _BARS, _MARGIN, _TOP = 26, 520, 420, 20, 60
_COLOURS = {True: "#2e7d32", False: "#c62828", None: "#546e7a"}


def picture(rows: Sequence[Row]) -> str:
    """An SVG with a bar for each row that has a ratio; a line in it is the limit."""
    shown = [row for row in rows if row.ratio is not None]
    widest = max((max(row.ratio or 0, 0 if row.absolute else row.limit or 0) for row in shown), default=1.0)
    scale = _BARS / max(widest, 1.0)
    height = _TOP + _ROW * len(shown) + _MARGIN
    width = _LABELS + _BARS + 110
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{_MARGIN}" y="24" font-size="16">golden.azure against its peers: ours as a share of theirs</text>',
        f'<line x1="{_LABELS + scale:.1f}" x2="{_LABELS + scale:.1f}" y1="{_TOP - 12}" y2="{height - _MARGIN}" '
        'stroke="#90a4ae" stroke-dasharray="4 3"/>',
        f'<text x="{_LABELS + scale:.1f}" y="{_TOP - 16}" text-anchor="middle" fill="#546e7a">as much</text>',
    ]
    for number, row in enumerate(shown):
        lines += _bar(row, _TOP + number * _ROW, scale)
    return "\n".join([*lines, "</svg>", ""])


def _bar(row: Row, top: int, scale: float) -> list[str]:
    ratio = row.ratio or 0.0
    label = escape(f"({row.case}) {row.metric} / {row.peer}")
    middle = top + _ROW / 2
    drawn = [
        f'<text x="{_LABELS - 8}" y="{middle + 4:.0f}" text-anchor="end">{label}</text>',
        f'<rect x="{_LABELS}" y="{top + 4}" width="{max(1.0, ratio * scale):.1f}" height="{_ROW - 9}" '
        f'fill="{_COLOURS[row.holds]}"/>',
        f'<text x="{_LABELS + ratio * scale + 6:.1f}" y="{middle + 4:.0f}">{ratio:.3f}</text>',
    ]
    if row.limit is not None and not row.absolute:
        at = _LABELS + row.limit * scale
        drawn.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{top + 1}" y2="{top + _ROW - 2}" stroke="black" stroke-width="2"/>'
        )
    return drawn
