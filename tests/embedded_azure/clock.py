# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time of the embedded Azure: the machine's own, or one that a test drives."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from datetime import datetime, timedelta, timezone


class Clock(ABC):
    """Tells the time by which operations end, buckets refill and resources are dated."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the time, aware, in UTC."""


class RealClock(Clock):
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time."""
        return datetime.now(timezone.utc)


class DrivenClock(Clock):
    """A clock that stands still until told to move, so that an hour of Azure takes no time."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 1, 1, tzinfo=timezone.utc)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the time it was driven to."""
        return self._now

    def advance(self, seconds: float) -> datetime:
        """Move forward by `seconds` and return the new time."""
        if seconds < 0:
            raise ValueError("A clock only moves forward.")
        with self._lock:
            self._now += timedelta(seconds=seconds)
            return self._now


class DrivingClock:
    """The clock of a client in the same process; its sleep is what moves Azure's."""

    def __init__(self, clock: DrivenClock) -> None:
        self._clock = clock
        self._start = clock.now()

    def now(self) -> float:
        """Seconds since this clock was made."""
        return (self._clock.now() - self._start).total_seconds()

    def sleep(self, seconds: float) -> None:
        """Let time pass for both."""
        self._clock.advance(seconds)


def timestamp(moment: datetime) -> str:
    """Format a time as Compute writes it, such as 2025-01-06T15:16:52.1807377+00:00 (seven digits)."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "1+00:00"
