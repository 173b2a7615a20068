# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Moments as Azure and people write them."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

# Python's own reader takes at most six digits of a second before 3.11, Azure writes seven.
_FRACTION = re.compile(r"(\.\d{6})\d+")


def read_moment(text: Any) -> datetime | None:
    """Read an ISO 8601 moment; without an offset it is UTC.

    :returns: an aware moment, or None for what is none.
    """
    if not text:
        return None
    spelled = _FRACTION.sub(r"\1", str(text).strip().replace("Z", "+00:00").replace("z", "+00:00"))
    # Fewer digits than six (or three) are not read before 3.11 either.
    spelled = re.sub(r"\.(\d{1,5})(?!\d)", lambda match: "." + match.group(1).ljust(6, "0"), spelled)
    try:
        moment = datetime.fromisoformat(spelled)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def write_moment(moment: datetime) -> str:
    """Write a moment as Azure takes it."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
