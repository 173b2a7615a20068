# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The time limit of a task, which every wait observes."""

from __future__ import annotations

import time
from typing import Protocol

from ansible_collections.golden.azure.plugins.module_utils._core.errors import DeadlineExceeded


class Clock(Protocol):
    """The source of time; tests replace it."""

    def now(self) -> float:
        """Monotonically increasing seconds."""

    def sleep(self, seconds: float) -> None:
        """Wait for a number of seconds."""


class SystemClock:
    """The monotonic clock of the operating system."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Deadline:
    """The time limit of a task or of a wait.

    :param seconds: time limit, counted from now.
    """

    def __init__(self, seconds: float, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.seconds = seconds
        self._start = self.clock.now()

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return self.clock.now() - self._start

    @property
    def remaining(self) -> float:
        """The remaining seconds, at least 0."""
        return max(0.0, self.seconds - self.elapsed)

    def wait(self, seconds: float, subject: str) -> None:
        """Sleep, but not past the limit, so that a last poll is possible at its end.

        :param subject: the beginning of the message, with the operation, its resource and state.
        :raises DeadlineExceeded: if the limit was reached before.
        """
        if self.remaining <= 0:
            raise DeadlineExceeded(
                f"{subject} within the time limit of {self.seconds:g} s; no progress is lost: run the task again to "
                "continue, or increase 'timeout'."
            )
        self.clock.sleep(min(seconds, self.remaining))
