# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines of sysprep's logs, those of the last run; pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

#: The first line of each run in setupact.log. In setuperr.log there is none.
_RUN = "Beginning of a new sysprep run"
#: Without the time of the start, hours without a line after which another run begins: no run of the role lasts longer.
_GAP = timedelta(hours=1)
#: How much earlier than the start a line may be: the start is known to a step of the clock, and to the second.
_SLACK = timedelta(seconds=120)

#: As sysprep writes them, and as tools such as CMTrace and people that quote them do: without levels, or without times.
_FORMS = (
    re.compile(
        r"\s*(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[ T](?P<t>\d\d:\d\d:\d\d)[.\d]*,?\s*(?P<level>Info|Warning|Error|Fatal Error)?\b"
        r"(?P<text>.*)"
    ),
    re.compile(
        r"\s*(?P<m>\d\d)[-/](?P<d>\d\d)[-/](?P<y>\d{4}) (?P<t>\d\d:\d\d:\d\d)[.\d]*\s*,?\s*(?P<level>Info|Warning|Error)?\b(?P<text>.*)"
    ),
    re.compile(r"\s*(?P<level>Info|Warning|Error|Fatal Error)\b,?\s+(?P<text>(?:\[0x|SYSPRP).*)"),
)
_ACCUSING = (None, "Error", "Fatal Error")


class Line(NamedTuple):
    """One line: when it was written, how bad it is, what it says; nothing where it does not say so."""

    time: datetime | None
    level: str | None
    text: str


def errors_of_last_run(log: str, started: str = "") -> list[str]:
    """What the lines say that tell of errors in the last run, or that do not say how bad they are.

    :param started: when the run began, by the guest's clock, as YYYY-MM-DD HH:MM:SS; empty if that is not known.
    """
    lines = list(_parsed(log))
    begin = _begin(started)
    if begin is not None:
        lines = _since(lines, begin - _SLACK)
    places = [place for place, line in enumerate(lines) if _RUN in line.text]
    if places:
        lines = lines[places[-1] :]
    elif begin is None:
        lines = _after_gap(lines)
    return [line.text for line in lines if line.level in _ACCUSING]


def _parsed(log: str) -> Iterator[Line]:
    time = None
    for raw in _unwrapped(log.splitlines()):
        found = next((match for match in (form.match(raw) for form in _FORMS) if match), None)
        if found is None:
            yield Line(time, None, raw.strip())
            continue
        parts = found.groupdict()
        if "t" in parts:
            time = _begin(f"{parts['y']}-{parts['m']}-{parts['d']} {parts['t']}")
        yield Line(time, parts["level"], parts["text"].strip())


def _unwrapped(lines: Iterable[str]) -> list[str]:
    """Lines that a tool has wrapped go on with spaces."""
    whole: list[str] = []
    for line in lines:
        if whole and line[:1] in (" ", "\t") and line.strip() and not any(form.match(line) for form in _FORMS):
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
    """Lines without a time count: nothing tells that they are old."""
    return [line for line in lines if line.time is None or line.time >= begin]


def _after_gap(lines: list[Line]) -> list[Line]:
    first = 0
    for place in range(1, len(lines)):
        before, time = lines[place - 1].time, lines[place].time
        if before is not None and time is not None and time - before > _GAP:
            first = place
    return lines[first:]
