# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for the ssh client: Ansible's real ssh connection plugin starts it, and it leads to a guest's PowerShell."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from . import powershell
from .guest import FOLDER_VARIABLE, Guest

#: Options of ssh that take a value.
_WITH_VALUE = ("-o", "-p", "-l", "-i", "-F", "-O", "-S")


def main(arguments: list[str]) -> int:
    """Take the arguments of ssh.

    :returns: the exit status of the command, or 255 when the guest cannot be reached.
    """
    options, rest = _split(arguments)
    if "-O" in options:
        return 0
    if len(rest) < 2:
        print(f"The stand-in for ssh wants a host and a command, not {rest}.", file=sys.stderr)
        return 1
    guest = Guest(Path(os.environ[FOLDER_VARIABLE]) / rest[0])
    if not guest.exists() or not guest.read()["running"]:
        print(f"ssh: connect to host {rest[0]} port 22: Connection timed out", file=sys.stderr)
        return powershell.LOST
    limits = [value for value in options if value.startswith("ConnectTimeout=")]
    if not limits:
        print("The connection has no time-out.", file=sys.stderr)
        return powershell.LOST
    guest.note(kind="connection", limit=int(limits[-1].partition("=")[2]))
    program, *words = shlex.split(" ".join(rest[1:]))
    if program.lower() != "powershell":
        print(f"The stand-in runs PowerShell only, not {program}.", file=sys.stderr)
        return 1
    return powershell.main(words, guest)


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    options: list[str] = []
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        options.append(option)
        if option in _WITH_VALUE:
            options.append(rest.pop(0))
    return options, rest


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
