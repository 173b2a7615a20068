# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A guest's memory: a folder with its state, which every command that reaches it reads and writes under a lock."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .facts import healthy


class Guest:
    """A guest: what it is like (facts), how it shall behave (scenario), and what has been done to it (calls)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        """The name Ansible knows it by."""
        return self.folder.name

    def create(self, scenario: dict[str, Any] | None = None, **facts: Any) -> Guest:
        """Make it, running.

        :param scenario: see the module scenario.
        :param facts: sections of its facts that differ from a healthy guest's.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        state = {
            "running": True,
            "boots": 1,
            "facts": healthy(**facts),
            "scenario": scenario or {},
            "sysprep": None,
            "counts": {},
        }
        self._path.write_text(json.dumps(state))
        (self.folder / "calls.jsonl").touch()
        return self

    @property
    def _path(self) -> Path:
        return self.folder / "state.json"

    def exists(self) -> bool:
        """Say whether it was made."""
        return self._path.exists()

    @contextmanager
    def change(self) -> Iterator[dict[str, Any]]:
        """Give the state to read and change, while nobody else does."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = json.loads(self._path.read_text())
            yield state
            self._path.write_text(json.dumps(state))

    def read(self) -> dict[str, Any]:
        """Give the state as it is."""
        with self.change() as state:
            return state

    def note(self, **call: Any) -> None:
        """Write down what reached the guest."""
        with (self.folder / "calls.jsonl").open("a") as calls:
            calls.write(json.dumps(call) + "\n")

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What reached the guest, in order."""
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]


class Guests:
    """All guests below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def guest(self, name: str) -> Guest:
        """Give one by name, whether it exists or not."""
        return Guest(self.folder / name)
