# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A SOCKS5 proxy (RFC 1928) through which the addresses of virtual machines lead to the sshd of their guests.

Guests have no network but their own loopback, and nothing of the embedded Azure listens beyond the host's. So a client
that finds the address of a machine in Azure (203.0.113.x, 10.0.x.y) reaches it here: Packer by `ssh_proxy_host`, ssh by
`ProxyCommand nc -X 5`.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import shlex
from collections.abc import Callable

from .listener import Listener

# The command that carries bytes to the sshd of the machine with an address; None when no machine has it.
Way = Callable[[str], str | None]

SSH_PORT = 22
_LIMIT = 64 * 1024
_GREETING_SECONDS = 30.0
_END_SECONDS = 5.0

_VERSION = 5
_NO_AUTHENTICATION = 0
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_SUCCEEDED, _HOST_UNREACHABLE, _REFUSED, _UNKNOWN_COMMAND = 0, 4, 5, 7


class SocksProxy(Listener):
    """Accepts CONNECT to port 22 of the addresses a `Way` knows, and answers anything else as a network would."""

    def __init__(self, way: Way) -> None:
        super().__init__()
        self._way = way

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Greet, and carry bytes to the machine that is asked for; what is no SOCKS5 is cut."""
        try:
            async with asyncio.timeout(_GREETING_SECONDS):
                command, host, port = await _greet(reader, writer)
        except ValueError:
            return
        await self._connect(command, host, port, reader, writer)

    async def _connect(
        self, command: int, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        way = self._way(host)
        if command != _CONNECT:
            answer = _UNKNOWN_COMMAND
        elif way is None:
            answer = _HOST_UNREACHABLE
        else:
            answer = _SUCCEEDED if port == SSH_PORT else _REFUSED
        writer.write(bytes((_VERSION, answer, 0, _IPV4, 0, 0, 0, 0, 0, 0)))
        await writer.drain()
        if answer == _SUCCEEDED and way is not None:
            await _carry(way, reader, writer)


async def _greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[int, str, int]:
    """Agree on no authentication; return the command asked for with host and port. ValueError: that is not SOCKS5."""
    version, count = await reader.readexactly(2)
    if version != _VERSION or _NO_AUTHENTICATION not in await reader.readexactly(count):
        raise ValueError("This is no SOCKS5 without authentication.")
    writer.write(bytes((_VERSION, _NO_AUTHENTICATION)))
    _version, command, _reserved, kind = await reader.readexactly(4)
    if kind == _IPV4:
        host = str(ipaddress.IPv4Address(await reader.readexactly(4)))
    elif kind == _IPV6:
        host = str(ipaddress.IPv6Address(await reader.readexactly(16)))
    elif kind == _NAME:
        host = (await reader.readexactly((await reader.readexactly(1))[0])).decode("ascii")
    else:
        raise ValueError("There is no such kind of address.")
    return command, host, int.from_bytes(await reader.readexactly(2), "big")


async def _carry(command: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes to and from a command until it ends, as it does when the guest closes the connection."""
    process = await asyncio.create_subprocess_exec(
        *shlex.split(command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None and process.stdout is not None
    sending = asyncio.create_task(_pipe(reader, process.stdin))
    try:
        while data := await process.stdout.read(_LIMIT):
            writer.write(data)
            await writer.drain()
    finally:
        sending.cancel()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await asyncio.wait_for(process.wait(), _END_SECONDS)


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_LIMIT):
            writer.write(data)
            await writer.drain()
        writer.close()
