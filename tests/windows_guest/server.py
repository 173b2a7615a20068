# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the programs that stand in for ssh and PowerShell ask what to say.

The programs are started for every step that reaches a guest; with everything they would import they cost ten times as much.
"""

from __future__ import annotations

import json
import select
import socketserver
import tempfile
import threading
from pathlib import Path
from typing import Any

from . import powershell, ssh
from .client import SILENCE
from .guest import Guests


class Server:
    """Listens at a socket in a folder of its own, in threads, until it is closed."""

    def __init__(self, guests: Guests) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="windows-guests-")
        self.address = str(Path(self._folder.name) / "socket")
        self._server = _Listener(self.address, _Conversation)
        self._server.guests = guests
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._folder.cleanup()


class _Listener(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64
    guests: Guests


class _Conversation(socketserver.StreamRequestHandler):
    """One program: its command line comes, its input where it is asked for, and what it is to say goes back."""

    server: _Listener

    def handle(self) -> None:
        asked = json.loads(self.rfile.readline())
        try:
            self._say(**self._answer(asked))
        except ssh.Refused as refused:
            self._say(status=refused.status, stderr=f"{refused}\n")
        except ValueError as wrong:
            self._say(status=1, stderr=f"{wrong}\n")

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        guests = self.server.guests
        if asked["program"] == "ssh":
            found = ssh.target(asked["arguments"], guests)
            if found is None:
                return {"status": 0}
            name, script = found
        else:
            name, script = asked["guest"], powershell.decoded(asked["arguments"])
        given = b""
        if powershell.takes_input(script):
            self._say(input=True)
            given = self.rfile.read()
        answer = powershell.run(script, given, guests.guest(name))
        if answer.silent:
            self._wait_until_nobody_listens()
            return {"status": 1}
        if answer.lost:
            return {"status": ssh.LOST, "stderr": "Connection closed by remote host\n"}
        return {"status": answer.status, "stdout": f"{answer.stdout}\n"}

    def _wait_until_nobody_listens(self) -> None:
        """Until the program has been ended: it closes both ways then, which alone is a hang-up."""
        hang_up = select.poll()
        hang_up.register(self.connection, 0)
        hang_up.poll(SILENCE * 1000)

    def _say(self, **said: Any) -> None:
        try:
            self.wfile.write(json.dumps(said).encode() + b"\n")
            self.wfile.flush()
        except BrokenPipeError:
            # Ansible's time-out has ended the program.
            return
