# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person sees while the demo runs: each stage as it begins, and the time it took when it ends."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

_WIDTH = 84


class Console:
    """Prints stages. A stage whose work prints lines of its own gets its time on a line of its own."""

    def __init__(self) -> None:
        self._open_line = False
        self.start = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the demo began."""
        return time.monotonic() - self.start

    @contextlib.contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Show a stage while its body runs."""
        began = time.monotonic()
        print(f"* {title} ", end="", flush=True)
        self._open_line = True
        try:
            yield
        except BaseException:
            self.end_line()
            raise
        took = f"{time.monotonic() - began:.1f} s"
        if self._open_line:
            print(f"{'.' * max(3, _WIDTH - len(title) - len(took) - 4)} {took}", flush=True)
        else:
            print(f"  {'.' * (_WIDTH - len(took) - 3)} {took}", flush=True)
        self._open_line = False

    def end_line(self) -> None:
        """Close the line of the present stage, because something else is going to be printed."""
        if self._open_line:
            print(flush=True)
            self._open_line = False

    def line(self, text: str = "") -> None:
        """Print a line, indented within a stage."""
        inside = self._open_line
        self.end_line()
        print(f"    {text}" if inside or text else text, flush=True)

    def block(self, text: str) -> None:
        """Print a text as it is."""
        self.end_line()
        print(text, flush=True)
