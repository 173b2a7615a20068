# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the programs of the host, with errors that read as one sentence."""

from __future__ import annotations

import subprocess

from .base import GuestError

COMMAND_LIMIT_SECONDS = 120.0


def run_command(arguments: list[str], purpose: str, timeout: float = COMMAND_LIMIT_SECONDS) -> str:
    """Run a program of the host to its end and return its standard output.

    Args:
        arguments: program and arguments, not passed through a shell.
        purpose: what it is for, as the subject of the error: "copying the disk x".
        timeout: seconds.

    Raises:
        GuestError: the program is missing, failed, or did not end in time.
    """
    try:
        completed = subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as error:
        raise GuestError(f"{purpose} failed: the program {arguments[0]} is not installed.") from error
    except subprocess.TimeoutExpired as error:
        raise GuestError(f"{purpose} did not end within {timeout:.0f} seconds.") from error
    if completed.returncode != 0:
        raise GuestError(
            f"{purpose} failed ({arguments[0]} ended {completed.returncode}): {last_line(completed.stderr)}"
        )
    return completed.stdout


def last_line(text: str) -> str:
    """Return the last line of a text which says something, for use in an error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"
