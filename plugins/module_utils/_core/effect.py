# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The progress of a write, as its resource shows it."""

from __future__ import annotations

from enum import Enum
from typing import Callable


class Effect(Enum):
    """The progress of a write, as its resource shows it."""

    ABSENT = "absent"
    IN_PROGRESS = "under way"
    DONE = "done"
    FAILED = "failed"


#: The effect that a resource shows, and its state as Azure names it, for messages.
Observation = tuple[Effect, str]

#: Reads a resource and returns its observation.
Observer = Callable[[], Observation]
