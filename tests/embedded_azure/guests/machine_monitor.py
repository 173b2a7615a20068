# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""QEMU's own control of a machine, by which it is made to stand still (QMP, https://www.qemu.org/docs/master/interop/qmp-spec.html)."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from pathlib import Path

from .base import GuestError

ANSWER_LIMIT_SECONDS = 60.0


@contextlib.contextmanager
def paused(path: Path) -> Iterator[None]:
    """Stop the machine behind a socket for a while; its disk is written out then.

    :raises GuestError: QEMU does not answer, or refuses.
    """
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_LIMIT_SECONDS)
            connection.connect(str(path))
            lines = connection.makefile("rb")
            lines.readline()  # the greeting
            for command in ("qmp_capabilities", "stop"):
                _execute(connection, lines, command)
            try:
                yield
            finally:
                _execute(connection, lines, "cont")
    except OSError as error:
        raise GuestError(f"The virtual machine cannot be paused: {error}.") from error


def _execute(connection: socket.socket, lines: object, command: str) -> None:
    connection.sendall(json.dumps({"execute": command}).encode() + b"\n")
    while True:
        line = lines.readline()  # type: ignore[attr-defined]
        if not line:
            raise ConnectionError("QEMU closed the connection")
        answer = json.loads(line)
        if "error" in answer:
            raise GuestError(f"QEMU refused {command}: {answer['error'].get('desc', '')}")
        if "return" in answer:
            return
