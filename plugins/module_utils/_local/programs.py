# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Run programs on the host that runs the task, such as az and qemu-img; no other file starts programs."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Ended:
    """A program that has ended."""

    status: int
    output: str
    #: Its standard error output.
    errors: str


class ProgramTimedOut(Exception):
    """A program did not end in time; it was killed."""


def find_program(name: str) -> str | None:
    """The path of a program; None if it is not installed."""
    return shutil.which(name)


def run_program(command: Sequence[str], seconds: float) -> Ended:
    """Run a program, without a shell and without input.

    :param command: its path and arguments.
    :param seconds: its time limit.
    :raises ProgramTimedOut: if it takes longer.
    :raises OSError: if it cannot be started.
    """
    try:
        # AnsibleModule.run_command has no time limit, and there is no AnsibleModule in the controller's process.
        completed = subprocess.run(  # pylint: disable=ansible-bad-function
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProgramTimedOut from None
    return Ended(completed.returncode, completed.stdout, completed.stderr)
