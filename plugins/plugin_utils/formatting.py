# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Human-readable text: timestamps, durations, lists, and escaped external text; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timezone

from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_JOINER = "\N{ZERO WIDTH JOINER}"
_NON_JOINER = "\N{ZERO WIDTH NON-JOINER}"
#: Unicode categories of characters around joiners: parts of emojis, letters of scripts with joiners, and their marks.
_JOINED = {_JOINER: {"So", "Sk", "Mn", "Lo"}, _NON_JOINER: {"Lo", "Mn"}}


class InvalidTimestamp(ValueError):
    """An invalid timestamp."""


def parse_required_timestamp(text: str) -> datetime:
    """Parse a timestamp of records and tags, such as 2026-11-21T05:00:00Z.

    :raises InvalidTimestamp: for anything else.
    """
    moment = parse_timestamp(text)
    if moment is None:
        raise InvalidTimestamp(f"'{text}' is not a valid timestamp: use one such as 2026-11-21T05:00:00Z.")
    return moment


def format_time(text: str) -> str:
    """Format a timestamp: 2026-11-21 05:00:00 UTC.

    :raises InvalidTimestamp: for an invalid timestamp.
    """
    return parse_required_timestamp(text).astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def format_time_span(started: str, finished: str) -> str:
    """Format a time span; the day is included once if it is the same.

    :raises InvalidTimestamp: for an invalid timestamp.
    """
    first, last = format_time(started), format_time(finished)
    return f"{first} to {last[11:] if first[:10] == last[:10] else last}"


def duration(seconds: float) -> str:
    """Format seconds, rounded to whole ones: < 1 s, 12 s, 3 min 20 s, 2 h 5 min."""
    if 0 < seconds < 1:
        return "< 1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c."""
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def shortened(text: str, length: int) -> str:
    """The beginning of a text, truncated between words if possible."""
    if len(text) <= length:
        return text
    head = text[:length]
    return f"{head.rsplit(None, 1)[0] if any(map(str.isspace, head)) else head} …"


def visible(text: str) -> str:
    """A text without control characters and characters that change the text direction.

    Joiners are kept if scripts require them: within an emoji, and between letters.
    """
    return "".join(_shown(text, index) for index in range(len(text)))


def width_on_terminal(text: str) -> int:
    """The width of a text on a terminal in columns."""
    return sum(
        0 if unicodedata.category(one) in ("Mn", "Me", "Cf") else 2 if unicodedata.east_asian_width(one) in "WF" else 1
        for one in text
    )


def _shown(text: str, index: int) -> str:
    character = text[index]
    if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs"):
        return character
    beside = {
        unicodedata.category(one) for one in (text[max(index - 1, 0) : index], text[index + 1 : index + 2]) if one
    }
    return character if beside and beside <= _JOINED.get(character, set()) else _REPLACEMENT
