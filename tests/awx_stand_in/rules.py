# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rule of a schedule.

Source: SchedulePreviewSerializer.validate_rrule of awx/api/serializers.py, Schedule.rrulestr of
awx/main/models/schedules.py.
"""

from __future__ import annotations

import re

from dateutil.rrule import rrulestr

_DTSTART = re.compile(r"DTSTART(?:;[^:]+)?:\d+T\d+Z?")


def rule_error(rule: str) -> str | None:
    """Why AWX would refuse the rule of a schedule; None when it would not."""
    starts = _DTSTART.findall(rule)
    rules = re.findall(r"RULE:\S*", rule)
    if len(starts) != 1:
        return "Valid DTSTART required in rrule, and only one. Value should start with: DTSTART:YYYYMMDDTHHMMSSZ"
    if re.fullmatch(r"DTSTART:\d+T\d+", starts[0]):
        return "DTSTART cannot be a naive datetime. Specify ;TZINFO= or YYYYMMDDTHHMMSSZZ."
    if re.search(r"(?:ex|r)date:", rule, re.IGNORECASE):
        return "EXDATE and RDATE are not allowed in rrule."
    wrong = [one for one in rules if "interval" not in one.lower() or _is_unsupported(one)]
    if wrong or not rules:
        return f"A rule is required, with INTERVAL, and without what is not supported: {' '.join(wrong)}"
    return _parse_error(rule)


def _parse_error(rule: str) -> str | None:
    try:
        parsed = rrulestr(rule, forceset=True)
    except ValueError as reason:
        return f"rrule parsing failed validation: {reason}"
    # A time zone that is unknown leaves the time without one.
    if any(one._dtstart.tzinfo is None for one in parsed._rrule):
        return "rrule parsing failed validation: A valid TZID must be provided (e.g., America/New_York)"
    return None


def _is_unsupported(rule: str) -> bool:
    many = int((re.findall(r"COUNT=(\d+)", rule) or ["0"])[0]) > 999
    return (
        many
        or "secondly" in rule.lower()
        or bool(re.search(r"BYDAY=\d", rule))
        or ("COUNT" in rule and "UNTIL" in rule)
    )
