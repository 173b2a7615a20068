# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The QEMU guest agent of a machine, by which it is asked and told from outside, as Azure's agent does it on Azure.

Its protocol is lines of JSON over a serial port (https://qemu-project.gitlab.io/qemu/interop/qemu-ga-ref.html).
"""

from __future__ import annotations

import base64
import json
import random
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .base import GuestError

ANSWER_LIMIT_SECONDS = 10.0
POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Ended:
    """How a program ended in the guest; a signal is a status as shells have it."""

    status: int
    stdout: bytes
    stderr: bytes


class GuestAgent:
    """The agent behind a socket. One client talks to it at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._guard = threading.Lock()

    def run(self, program: str, arguments: list[str], standard_input: bytes, limit: float) -> Ended:
        """Run a program as root to its end.

        :param limit: seconds.
        :raises GuestError: the agent does not answer, or the program has not ended within the limit.
        """
        started = self.execute(
            "guest-exec",
            {
                "path": program,
                "arg": arguments,
                "input-data": base64.b64encode(standard_input).decode(),
                "capture-output": True,
            },
        )
        deadline = time.monotonic() + limit
        while True:
            status = self.execute("guest-exec-status", {"pid": started["pid"]})
            if status["exited"]:
                return Ended(
                    status.get("exitcode", 128 + status.get("signal", 0)),
                    base64.b64decode(status.get("out-data", "")),
                    base64.b64decode(status.get("err-data", "")),
                )
            if time.monotonic() > deadline:
                raise GuestError(f"{program} did not end in the guest within {limit:.0f} seconds.")
            time.sleep(POLL_SECONDS)

    def execute(self, command: str, arguments: dict[str, Any], limit: float = ANSWER_LIMIT_SECONDS) -> dict[str, Any]:
        """Give one command and return its answer.

        :param limit: seconds to wait for the answer.
        :raises GuestError: the agent does not answer, or refuses.
        """
        with self._guard:
            try:
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.settimeout(limit)
                    connection.connect(str(self._path))
                    lines = connection.makefile("rb")
                    # What is left of an earlier client ends at the answer with this number (guest-sync).
                    number = random.getrandbits(31)
                    _send(connection, "guest-sync", {"id": number})
                    while _receive(lines).get("return") != number:
                        pass
                    _send(connection, command, arguments)
                    answer = _receive(lines)
            except OSError as error:
                raise GuestError(f"The agent in the guest does not answer: {error}.") from error
        if "error" in answer:
            raise GuestError(f"The agent in the guest refused {command}: {answer['error'].get('desc', '')}")
        returned: dict[str, Any] = answer["return"]
        return returned

    def order(self, command: str, arguments: dict[str, Any]) -> None:
        """Give a command that is answered by what it does, such as a shutdown."""
        with self._guard, socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_LIMIT_SECONDS)
            try:
                connection.connect(str(self._path))
                _send(connection, command, arguments)
            except OSError as error:
                raise GuestError(f"The agent in the guest does not answer: {error}.") from error


def _send(connection: socket.socket, command: str, arguments: dict[str, Any]) -> None:
    connection.sendall(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")


def _receive(lines: Any) -> dict[str, Any]:
    line = lines.readline()
    if not line:
        raise ConnectionError("it closed the connection")
    try:
        answer: dict[str, Any] = json.loads(line)
    except ValueError:
        return {}  # half of an answer to an earlier client
    return answer
