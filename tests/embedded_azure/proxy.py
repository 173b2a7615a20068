# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A CONNECT proxy through which the public cloud's host names lead to the embedded Azure."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import Callable

from .certificates import HOST_NAMES
from .listener import Listener

_LIMIT = 64 * 1024
_HEADER_SECONDS = 30.0


def serves(host: str) -> bool:
    """Whether a host name is one of those the server's certificate speaks for."""
    name = host.lower()
    return name in HOST_NAMES or any(pattern.startswith("*.") and name.endswith(pattern[1:]) for pattern in HOST_NAMES)


class ConnectProxy(Listener):
    """Accepts CONNECT for known hosts and pipes to the server's port; everything else gets 404.

    credentials: "USER:PASSWORD" that it wants of everybody (RFC 7617); others get 407 (RFC 9110, 15.5.8). resolves: whether the
    name of a host exists; for others it answers 502, as it reaches none.
    """

    def __init__(
        self, server_port: int, credentials: str = "", resolves: Callable[[str], bool] = lambda host: True
    ) -> None:
        super().__init__()
        self._server_port = server_port
        self._resolves = resolves
        self._wanted = f"Basic {base64.b64encode(credentials.encode()).decode()}" if credentials else ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one CONNECT, and carry bytes both ways until either side ends."""
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _HEADER_SECONDS)
        method, _space, rest = head.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
        host, _colon, port = rest.split(" ", 1)[0].rpartition(":")
        if self._wanted and _header(head, "proxy-authorization") != self._wanted:
            writer.write(
                b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n'
                b"Content-Length: 0\r\nConnection: close\r\n\r\n"
            )
            await writer.drain()
            return
        if method != "CONNECT" or port != "443" or not serves(host):
            writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        if not self._resolves(host):
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._server_port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        try:
            await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
        finally:
            far_writer.close()


def _header(head: bytes, name: str) -> str:
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
    return next((value.strip() for key, _colon, value in lines if key.strip().lower() == name), "")


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_LIMIT):
        writer.write(data)
        await writer.drain()
    with contextlib.suppress(OSError, RuntimeError):
        writer.write_eof()
