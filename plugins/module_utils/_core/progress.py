# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The receiver of progress lines of a task."""

from __future__ import annotations

from typing import Callable

#: Receives human-readable lines of progress.
Progress = Callable[[str], None]


def silent(line: str) -> None:
    """Discard progress."""
