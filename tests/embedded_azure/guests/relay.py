# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carry standard input and output to a TCP port: the end of an OpenSSH ProxyCommand, run inside a network namespace.

`nc` does not end when the other side has closed the connection, so ssh would wait for a guest that is long gone. This
does. A program of its own, without anything of the package: `python3 -IS relay.py ADDRESS PORT`.
"""

import os
import select
import socket
import sys

CHUNK = 65536
CONNECT_LIMIT_SECONDS = 10.0


def main(address: str, port: int) -> int:
    """Relay until the other side closes; return 1 when it does not answer at all."""
    try:
        connection = socket.create_connection((address, port), CONNECT_LIMIT_SECONDS)
    except OSError as error:
        sys.stderr.write(f"{address}:{port}: {error.strerror or error}\n")
        return 1
    connection.settimeout(None)
    sources = [connection.fileno(), 0]
    while True:
        readable, _writable, _failed = select.select(sources, [], [])
        if connection.fileno() in readable:
            try:
                received = connection.recv(CHUNK)
            except ConnectionError:
                return 0
            if not received:
                return 0
            _write(received)
        if 0 in readable:
            sent = os.read(0, CHUNK)
            try:
                if sent:
                    connection.sendall(sent)
                else:
                    sources.remove(0)
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                return 0


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
