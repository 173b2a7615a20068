# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Guests that run nothing, and tell what they were to run."""

from __future__ import annotations

import threading
from pathlib import Path

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


class WaitingGuests(NoGuests):
    """Guests whose scripts run until end() is called, and say meanwhile what they are told to."""

    takes_time = True

    def __init__(self) -> None:
        super().__init__()
        self.said = ""
        self.said_of_errors = ""
        self.answer = CompletedRun(0, "done", "")
        self.ended: list[str] = []
        #: Set once a script runs.
        self.begun = threading.Event()
        self._over = threading.Event()

    def run_named(self, vm_id: str, name: str, script: str, timeout: float) -> CompletedRun:
        """Wait."""
        self.begun.set()
        self._over.wait(timeout)
        return self.answer

    def output_so_far(self, vm_id: str, name: str) -> tuple[str, str]:
        """What they are told to say."""
        return self.said, self.said_of_errors

    def end_named(self, vm_id: str, name: str) -> None:
        """Write it down."""
        self.ended.append(name)

    def end(self) -> None:
        """Let all scripts end."""
        self._over.set()


class UploadedGuests(NoGuests):
    """Guests that boot what is uploaded; they write down what that was."""

    takes_uploads = True

    def __init__(self) -> None:
        super().__init__()
        self.uploads: dict[str, bytes] = {}
        self.copies: dict[str, str | None] = {}

    def import_disk(self, disk_id: str, vhd: Path) -> None:
        """Write it down."""
        self.uploads[disk_id.rpartition("/")[2]] = vhd.read_bytes()

    def create_disk(self, disk_id: str, source_disk_id: str | None) -> None:
        """Write it down."""
        self.copies[disk_id.rpartition("/")[2]] = source_disk_id and source_disk_id.rpartition("/")[2]
