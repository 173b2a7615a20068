# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program behind the stand-ins for ssh and PowerShell: it asks the server, and imports next to nothing."""

from __future__ import annotations

import json
import os
import socket
import sys

#: Seconds after which a step that never answers ends itself, should nobody else have ended it.
SILENCE = 120.0
#: Environment variables: where the server listens, and for PowerShell which guest this is.
ADDRESS_VARIABLE = "WINDOWS_GUESTS"
GUEST_VARIABLE = "WINDOWS_GUEST"


def main(program: str, arguments: list[str]) -> int:
    """Have the server answer.

    :returns: the program's exit status.
    """
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(SILENCE)
        connection.connect(os.environ[ADDRESS_VARIABLE])
        asked = {"program": program, "arguments": arguments, "guest": os.environ.get(GUEST_VARIABLE, "")}
        connection.sendall(json.dumps(asked).encode() + b"\n")
        with connection.makefile("rb") as answers:
            said = json.loads(answers.readline())
            if said.get("input"):
                connection.sendall(sys.stdin.buffer.read())
                connection.shutdown(socket.SHUT_WR)
                said = json.loads(answers.readline())
    sys.stdout.write(said.get("stdout", ""))
    sys.stderr.write(said.get("stderr", ""))
    return said["status"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
