# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Installing clients into folders of their own, once for each lock file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .session import ClientError, last_line

INSTALL_SECONDS = 540.0


@contextlib.contextmanager
def once(folder: Path, *locks: str) -> Iterator[bool]:
    """Whether to install: True when the folder was not installed from these very locks. It is emptied then.

    The folder counts as installed only when the block was left without an exception.
    """
    digest = hashlib.sha256("\0".join(locks).encode()).hexdigest()
    mark = folder / ".installed"
    if mark.is_file() and mark.read_text(encoding="utf-8") == digest:
        yield False
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yield True
    mark.write_text(digest, encoding="utf-8")


def install(what: str, command: Sequence[str | Path], folder: Path | None = None) -> str:
    """Run a command that installs something; return its standard output, ClientError when it fails."""
    try:
        completed = subprocess.run(
            [str(word) for word in command],
            cwd=folder,
            env=dict(os.environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
            check=False,
        )
    except FileNotFoundError as reason:
        raise ClientError(f"{what} cannot be installed: there is no {reason.filename}.") from reason
    except subprocess.TimeoutExpired as reason:
        raise ClientError(f"{what} could not be installed within {INSTALL_SECONDS:.0f} seconds.") from reason
    if completed.returncode:
        raise ClientError(f"{what} cannot be installed: {last_line(completed.stderr or completed.stdout)}")
    return completed.stdout


def python_environment(what: str, folder: Path, lock: Path) -> None:
    """A virtual environment with exactly the packages of a lock file."""
    install(what, ["uv", "venv", "--quiet", "--clear", "--python", sys.executable, folder])
    install(what, ["uv", "pip", "sync", "--quiet", "--python", folder / "bin" / "python", lock])


def locked_version(lock: Path, package: str) -> str:
    """The version that a lock file fixes for a package."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{package}=="))
