# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send lines of progress to Ansible's display without blocking the task.

They are written to standard error, where they appear immediately, with and without a terminal, and are not mixed with the output of a
callback, such as JSON. The display of a worker sends them to Ansible's main process through a pipe, whose reader may be busy
or have ended.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress, silent
from ansible_collections.golden.azure.plugins.plugin_utils._ansible.worker_display import display_line

#: Maximum number of queued lines; further ones are discarded.
_MAX_LINES = 1000
#: Time limit in seconds for the last lines, so that they precede the task's result.
_DRAIN_TIMEOUT = 5.0
#: Time limit in seconds for one line at the end of the process.
_LINE_TIMEOUT = 2.0
#: The signals that request the end of a worker.
_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def silence() -> Iterator[Progress]:
    """Discard lines."""
    yield silent


class ProgressLines:
    """Lines of one task, as a context manager whose value accepts them.

    :param shown: converts a line before it is displayed.
    """

    def __init__(self, shown: Callable[[str], str]) -> None:
        self._shown = shown
        self._lines: queue.Queue[str | None] = queue.Queue(_MAX_LINES)
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()
        self._displaying = threading.Lock()
        self._ended = False
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Progress:
        if threading.current_thread() is threading.main_thread():
            for number in _ENDING:
                self._handlers[number] = signal.signal(number, self._end)
        return self._take

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        if self._thread:
            with contextlib.suppress(queue.Full):
                self._lines.put_nowait(None)
                self._thread.join(_DRAIN_TIMEOUT)

    def _take(self, line: str) -> None:
        """Called by any thread of the task; it never waits."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(line)
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._show, name="golden-azure-progress", daemon=True)
                self._thread.start()

    def _show(self) -> None:
        while True:
            line = self._lines.get()
            with self._displaying:
                if line is None or self._ended:
                    return
                display_line(self._shown(line))

    def _end(self, number: int, frame: FrameType | None) -> None:
        """End the process, but not within a line: Ansible's own process would wait forever for its lock."""
        acquired = self._displaying.acquire(timeout=_LINE_TIMEOUT)
        self._ended = True
        if acquired:
            self._displaying.release()
        handler = self._handlers[number]
        signal.signal(number, handler)
        if callable(handler):
            handler(number, frame)
        else:
            os.kill(os.getpid(), number)
