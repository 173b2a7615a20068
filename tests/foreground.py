# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a module that somebody watches: `python -m foreground MODULE ARGUMENTS...`.

Whenever Ctrl-C comes, while the module is still imported or while it clears up, it is ended once and without a traceback; so is it
by SIGTERM and SIGHUP. A full disk is told in a sentence. Nothing is imported here that takes time.
"""

from __future__ import annotations

import errno
import os
import runpy
import shutil
import signal
import sys
from types import FrameType

INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def install() -> None:
    """Have the first signal raise KeyboardInterrupt, and the further ones disturb nothing."""
    for number in _SIGNALS:
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main(module: str) -> int:
    """Run a module as a program.

    :returns: 0, 1 when a disk is full, 130 when it was interrupted; or else the module ends by SystemExit itself.
    """
    install()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except KeyboardInterrupt:
        print("\nInterrupted.", file=sys.stderr)
        return INTERRUPTED
    except OSError as failure:
        if failure.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(no_space(failure.filename or os.getcwd()), file=sys.stderr)
        return 1
    return 0


def no_space(path: str) -> str:
    """That the disk of a path is full, in a sentence."""
    while not os.path.exists(path):
        path = os.path.dirname(path) or "."
    free = shutil.disk_usage(path).free // 1_000_000
    return f"No space is left for {path}: {free} MB are free; make room and run it again."


if __name__ == "__main__":
    del sys.argv[0]
    sys.exit(main(sys.argv[0]))
