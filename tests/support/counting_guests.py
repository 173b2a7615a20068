# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests that run nothing, and tell what they were to run."""

from __future__ import annotations

from embedded_azure.guests import CompletedRun, NoGuests


class CountingGuests(NoGuests):
    """Guests that write down which scripts they run, and answer as they are told."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.answer = CompletedRun(0, "", "")

    def run(self, vm_id: str, script: str, timeout: float) -> CompletedRun:
        """Write it down."""
        self.scripts.append(script)
        return self.answer
