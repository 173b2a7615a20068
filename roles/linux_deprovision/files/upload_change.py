# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change of a guest by a repair: an edited file, or a program that is run."""

from __future__ import annotations

import os
from collections.abc import Callable

from deprovision_guest import Guest

#: Creating an initial RAM disk for each kernel, and installing packages, takes minutes on a slow machine.
PROGRAM_LIMIT_SECONDS = 1500


class RepairFailed(Exception):
    """A program of a repair has failed."""


class Change:
    """A change of the guest, with a human-readable line for it."""

    def __init__(self, line: str, apply: Callable[[], None]) -> None:
        self.line = line
        self.apply = apply


def program_change(guest: Guest, command: list[str]) -> Change:
    """Return the change that runs a program."""
    return Change(f"run {' '.join(command)}", lambda: run(guest, command))


def run(guest: Guest, command: list[str]) -> None:
    """Run a program.

    Raises:
        RepairFailed: it failed.
    """
    status, output = guest.command(command, PROGRAM_LIMIT_SECONDS)
    if status != 0:
        raise RepairFailed(f"The program {command[0]} failed with status {status} ({last_line(output)}).")


def last_line(output: str) -> str:
    """Return the last line of a program's output, without the full stop."""
    return ([*output.strip().splitlines()] or ["no output"])[-1].rstrip(".")


def edit_change(guest: Guest, path: str, text: str, what: str) -> Change:
    """Return the change that writes a file; it deletes the file if the text is empty."""
    return Change(f"{what} {path}" if text else f"delete {path}", lambda: write(guest, path, text))


def write(guest: Guest, path: str, text: str) -> None:
    """Write a file with its directories; delete it if the text is empty."""
    if not text:
        guest.delete(path)
    elif guest.exists(path):
        guest.replace(path, text)
    else:
        target = guest.local_path(path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8") as handle:
            handle.write(text)
