# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Temporary folders that do not stay when the process that made them is killed: the next one removes them."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

_LOCK = ".in-use"


@contextlib.contextmanager
def scratch_folder(prefix: str) -> Iterator[Path]:
    """A folder for the time of a block.

    Args:
        prefix: begins its name; folders of that prefix which nobody uses any more are removed.
    """
    base = Path(tempfile.gettempdir())
    for folder in base.glob(f"{prefix}*"):
        _remove_unused(folder)
    # Under its name it is locked from the beginning.
    making = Path(tempfile.mkdtemp(prefix=f".{prefix}", dir=base))
    with (making / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = making.with_name(making.name[1:])
        making.rename(folder)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _remove_unused(folder: Path) -> None:
    # Others' folders cannot be opened, and those of something else have no such file.
    with contextlib.suppress(OSError), (folder / _LOCK).open("r+") as lock:
        if _is_free(lock):
            shutil.rmtree(folder, ignore_errors=True)


def _is_free(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
