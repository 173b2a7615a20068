# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What listens on a port of loopback, and serves each connection in a task of its own."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod

# A client that goes away, breaks off in the middle, or takes too long; nobody is left to be told.
_GONE = (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError)


class Listener(ABC):
    """Serves connections until it is stopped, which cuts those that are open."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    @abstractmethod
    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; the writer is closed afterwards."""

    async def start(self, host: str, port: int) -> int:
        """Listen; return the port. OSError when it is taken."""
        self._server = await asyncio.start_server(self._accept, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and cut what is open."""
        if self._server is None:
            return
        self._server.close()
        self._is_stopping = True
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
            task.add_done_callback(self._connections.discard)
        try:
            await self.serve(reader, writer)
        except _GONE:
            pass
        except asyncio.CancelledError:
            # Raised further, asyncio would report each connection that stop() cuts as a fault.
            if not self._is_stopping:
                raise
        finally:
            writer.close()
