# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Something between a client and a server on loopback that breaks the network when it is told to."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

_CHUNK = 65536
_SECONDS = 60


class Relay:
    """Passes TCP on, until so many bytes have gone to the server, or have come from it; then it does once what was asked for.

    cut: the connection over which the next byte goes is lost. swallow: that byte arrives, and the answer to it is lost
    with the connection. hold: nothing more passes, and `held` is set, until release().
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._action: tuple[int, str] | None = None
        #: Whether that is about what comes from the server.
        self._backwards = False
        self._passing = threading.Event()
        self._passing.set()
        self.sent = 0
        self.received = 0
        self.connections = 0
        #: How often the network was broken.
        self.broken = 0
        self.held = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._passing.set()
        self._listener.close()

    def after(self, count: int, action: str, received: bool = False) -> None:
        """Do something once so many more bytes have gone to the server, or have come from it."""
        with self._lock:
            self._action = ((self.received if received else self.sent) + count, action)
            self._backwards = received
            self.broken = 0

    def reset(self) -> None:
        """Do nothing any more of what was asked for, and let pass."""
        with self._lock:
            self._action = None
        self.release()

    def release(self) -> None:
        """Let pass again."""
        self._passing.set()
        self.held.clear()

    def _accept(self) -> None:
        while True:
            try:
                client, _address = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(("127.0.0.1", self._server_port))
            swallowing = threading.Event()
            for line in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pass_on, args=(*line, swallowing), daemon=True).start()

    def _pass_on(
        self, source: socket.socket, target: socket.socket, to_server: bool, swallowing: threading.Event
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_CHUNK):
                self._passing.wait(_SECONDS)
                if self._strikes(len(data), to_server, swallowing):
                    break
                if not to_server and swallowing.is_set():
                    break
                target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _strikes(self, size: int, to_server: bool, swallowing: threading.Event) -> bool:
        """Whether the connection is lost now."""
        with self._lock:
            if to_server:
                self.sent += size
            else:
                self.received += size
            count = self.sent if to_server else self.received
            if self._action is None or to_server is self._backwards or count < self._action[0]:
                return False
            action, self._action = self._action[1], None
            self.broken += 1
        if action == "hold":
            self._passing.clear()
            self.held.set()
        elif action == "swallow":
            swallowing.set()
        return action == "cut"
