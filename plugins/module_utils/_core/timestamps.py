# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Parse and format timestamps."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

# Not datetime.fromisoformat: before Python 3.11 it supports neither Z nor seven decimal places, which Azure returns, and
# later releases accept formats that are not allowed here, such as weeks.
_ISO_8601 = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)


def parse_timestamp(text: Any) -> datetime | None:
    """Read an ISO 8601 timestamp, such as 2025-01-06T15:16:52.1807377+00:00; without an offset it is UTC.

    Decimal places of a second after the sixth are truncated.

    :returns: an aware datetime, or None if it is not a timestamp.
    """
    found = _ISO_8601.fullmatch(str(text or "").strip())
    if not found:
        return None
    fields = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(found[field] or 0) for field in fields)
    microsecond = int((found["fraction"] or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=_offset(found["offset"]))
        # The first and the last hours of the calendar may be out of range in UTC.
        moment.astimezone(timezone.utc)
    except (OverflowError, ValueError):
        return None
    return moment


def _offset(text: str | None) -> timezone:
    if not text or text in "Zz":
        return timezone.utc
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def format_timestamp(moment: datetime) -> str:
    """Format a timestamp for Azure."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def normalize_timestamp(text: str) -> str:
    """A user's timestamp or date in Azure's format; invalid text is returned unchanged."""
    moment = parse_timestamp(text)
    return format_timestamp(moment) if moment else text
