# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the shells of Windows take a command line apart, as far as Ansible's plugins need them. Anything else is refused."""

from __future__ import annotations

import re

#: A word of PowerShell: in single quotes, which are doubled within it, or bare.
_POWERSHELL_WORD = re.compile(r"'((?:[^']|'')*)'|([\w\-\\.\[\]/_~!%^:+=]+)")
#: A word of cmd: in double quotes, or bare. To cmd a single quote is a letter like any other.
_CMD_WORD = re.compile(r"\"([^\"^%!]*)\"|([^\s\"^&|<>()%!]+)")


def powershell_words(line: str) -> list[str]:
    """Take apart a command of PowerShell, which calls a command in quotes by the operator &.

    :raises ValueError: when it is more than a command with its arguments.
    """
    called = line.startswith("& ")
    words = _words(_POWERSHELL_WORD, line.removeprefix("& "), "PowerShell")
    if line.startswith("'") and not called:
        raise ValueError(
            "The stand-in for PowerShell runs commands, and text in quotes is none without the operator &."
        )
    return [word.replace("''", "'") for word in words]


def cmd_words(line: str) -> list[str]:
    """Take apart a command of cmd.

    :raises ValueError: when it is more than a command with its arguments.
    """
    return _words(_CMD_WORD, line, "cmd")


def _words(pattern: re.Pattern[str], line: str, shell: str) -> list[str]:
    words = []
    rest = line.strip()
    while rest:
        match = pattern.match(rest)
        if match is None or rest[match.end() : match.end() + 1].strip():
            raise ValueError(f"The stand-in for {shell} does not know the command line {line!r}.")
        quoted, bare = match.groups()
        words.append(bare if quoted is None else quoted)
        rest = rest[match.end() :].lstrip()
    return words
