# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lines of sysprep's last run in its logs; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

#: The first line of each run in setupact.log. setuperr.log contains no such line.
_RUN = "Beginning of a new sysprep run"
#: If the start time is unknown, a longer gap between two lines is interpreted as the start of another run.
_GAP = timedelta(hours=1)
#: Tolerance for lines before the start time, which is inexact if the clock was changed.
_TOLERANCE = timedelta(seconds=120)

#: The formats of sysprep, of tools such as CMTrace, and of quotations, which may lack the level or the time.
_FORMATS = (
    re.compile(
        r"\s*(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[ T](?P<t>\d\d:\d\d:\d\d)[.\d]*,?\s*(?P<level>Info|Warning|Error|Fatal Error)?\b"
        r"(?P<text>.*)"
    ),
    re.compile(
        r"\s*(?P<m>\d\d)[-/](?P<d>\d\d)[-/](?P<y>\d{4}) (?P<t>\d\d:\d\d:\d\d)[.\d]*\s*,?\s*(?P<level>Info|Warning|Error)?\b(?P<text>.*)"
    ),
    re.compile(r"\s*(?P<level>Info|Warning|Error|Fatal Error)\b,?\s+(?P<text>(?:\[0x|SYSPRP).*)"),
)
_ERROR_LEVELS = (None, "Error", "Fatal Error")


class Line(NamedTuple):
    """A log line: time, level and text. Time and level are None if the line does not contain them."""

    time: datetime | None
    level: str | None
    text: str


def errors_of_last_run(log: str, started: str = "") -> list[str]:
    """The texts of the lines of the last run whose level is an error, or that have no level.

    :param started: start time of the run by the guest's clock, as YYYY-MM-DD HH:MM:SS; empty if it is unknown.
    """
    lines = list(_parsed(log))
    begin = _begin(started)
    if begin is not None:
        lines = _since(lines, begin - _TOLERANCE)
    places = [place for place, line in enumerate(lines) if _RUN in line.text]
    if places:
        lines = lines[places[-1] :]
    elif begin is None:
        lines = _after_gap(lines)
    return [line.text for line in lines if line.level in _ERROR_LEVELS]


def _parsed(log: str) -> Iterator[Line]:
    time = None
    for raw in _unwrapped(log.splitlines()):
        found = next((match for match in (pattern.match(raw) for pattern in _FORMATS) if match), None)
        if found is None:
            yield Line(time, None, raw.strip())
            continue
        parts = found.groupdict()
        if "t" in parts:
            time = _begin(f"{parts['y']}-{parts['m']}-{parts['d']} {parts['t']}")
        yield Line(time, parts["level"], parts["text"].strip())


def _unwrapped(lines: Iterable[str]) -> list[str]:
    """Join wrapped lines. Their continuation lines begin with spaces."""
    whole: list[str] = []
    for line in lines:
        if whole and line[:1] in (" ", "\t") and line.strip() and not any(pattern.match(line) for pattern in _FORMATS):
            whole[-1] = f"{whole[-1].rstrip()} {line.strip()}"
        else:
            whole.append(line)
    return whole


def _begin(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return None


def _since(lines: list[Line], begin: datetime) -> list[Line]:
    """Lines that are not older than a time. Lines without a time are included."""
    return [line for line in lines if line.time is None or line.time >= begin]


def _after_gap(lines: list[Line]) -> list[Line]:
    first = 0
    for place in range(1, len(lines)):
        before, time = lines[place - 1].time, lines[place].time
        if before is not None and time is not None and time - before > _GAP:
            first = place
    return lines[first:]
