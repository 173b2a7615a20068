# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command shell behind WS-Management, as Ansible's winrm connection uses it: one PowerShell for each command."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from xml.etree import ElementTree

from . import powershell
from .command_lines import cmd_words
from .guest import Guest
from .outcome import ConnectionLost, NothingYet

_NAMESPACE = "{http://schemas.microsoft.com/wbem/wsman/1/windows/shell}"


@dataclass
class _Command:
    script: str
    given: bytes = b""
    answer: powershell.Answer | None = None


class CommandShell:
    """One shell."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._commands: dict[str, _Command] = {}

    def opened(self, body: ElementTree.Element) -> None:
        """There is nothing to take."""

    def command(self, command: ElementTree.Element) -> str:
        """Begin a command, which must be PowerShell's with an encoded script.

        The arguments may come apart, or with the command: it is cmd that reads them.
        https://learn.microsoft.com/en-us/openspecs/windows_protocols/ms-wsmv/8ec4bd59-8374-46e2-a134-1ca21d37e65d
        """
        parts = command.findall(f"{_NAMESPACE}Command") + command.findall(f"{_NAMESPACE}Arguments")
        command_id = str(uuid.uuid4()).upper()
        try:
            begun = _Command(powershell.script_of(cmd_words(" ".join(part.text or "" for part in parts))))
        except ValueError as wrong:
            begun = _Command("", answer=powershell.Answer(1, stderr=f"{wrong}\n"))
        self._commands[command_id] = begun
        return command_id

    def send(self, stream: ElementTree.Element) -> None:
        """Take input for a command."""
        self._commands[stream.get("CommandId", "")].given += base64.b64decode(stream.text or "")

    def receive(self, command_id: str | None) -> tuple[dict[str, bytes], int | None]:
        """Run the command: the client has sent all its input before it asks."""
        command = self._commands[command_id or ""]
        if command.answer is None:
            command.answer = powershell.run(command.script, command.given, self._guest)
        answer = command.answer
        if answer.lost:
            raise ConnectionLost
        if answer.silent:
            raise NothingYet
        return {"stdout": f"{answer.stdout}\n".encode(), "stderr": answer.stderr.encode()}, answer.status
