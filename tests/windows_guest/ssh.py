# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The stand-in for the ssh client: Ansible's real ssh connection plugin starts it, and it leads to a guest's PowerShell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import powershell, scenario
from .command_lines import cmd_words, powershell_words
from .guest import Guests

#: Options of ssh that take a value.
_WITH_VALUE = ("-o", "-p", "-l", "-i", "-F", "-O", "-S")

#: How the shells read a command, and what releases of ansible-core before 2.18 have them do first: to speak UTF-8.
_SHELLS: dict[str, tuple[Callable[[str], list[str]], str]] = {
    "powershell": (powershell_words, "chcp.com 65001 > $null ; "),
    "cmd": (cmd_words, "chcp.com 65001 >nul 2>&1 && "),
}


class Refused(Exception):
    """The guest cannot be reached, or not like this.

    :param status: exit status of ssh.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


#: What ssh says of a connection that it cannot make or has lost.
LOST = 255


def target(arguments: Sequence[str], guests: Guests) -> tuple[str, str] | None:
    """Read the arguments of ssh, and the command as the guest's DefaultShell does.

    :returns: the guest's name and the script; None for what concerns ssh's own master process.
    :raises Refused: when there is no way to it.
    :raises ValueError: when the guest does not know the command.
    """
    options, rest = _split(arguments)
    if "-O" in options:
        return None
    if len(rest) < 2:
        raise Refused(1, f"The stand-in for ssh wants a host and a command, not {rest}.")
    guest = guests.guest(rest[0])
    if not guest.exists() or not guest.read()["running"]:
        raise Refused(LOST, f"ssh: connect to host {rest[0]} port 22: Connection timed out")
    limits = [value for value in options if value.startswith("ConnectTimeout=")]
    if not limits:
        raise Refused(LOST, "The connection has no time-out.")
    guest.note(kind="connection", limit=int(limits[-1].partition("=")[2]))
    words, prefix = _SHELLS[scenario.default_shell(guest.read())]
    return rest[0], powershell.script_of(words(" ".join(rest[1:]).removeprefix(prefix)))


def _split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    options: list[str] = []
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        options.append(option)
        if option in _WITH_VALUE:
            options.append(rest.pop(0))
    return options, rest
