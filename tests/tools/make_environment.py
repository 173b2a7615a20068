# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make a virtual environment with exactly the packages of a lock file: make_environment.py FOLDER LOCK [PYTHON].

FOLDER/bin/.ready is written last, and says that all is there. Without it, whatever lies in the folder was left by something that
was interrupted, and is made anew. Virtual environments hold their own path, so that none can be made elsewhere and moved here.

It runs on Pythons older than those it wants, too: it is what says so.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any, TextIO

#: Releases of Python that the lock file holds for.
OLDEST, NEWEST = (3, 11), (3, 14)
#: Megabytes that the environment and uv's cache take together.
NEEDED = 700
#: Seconds to wait for another one that makes the same environment, and for each program.
PATIENCE = 900
_NO_SPACE = re.compile(r"no space left on device|disk quota exceeded|errno 28|errno 122", re.IGNORECASE)
_PR_SET_PDEATHSIG = 1


class Failed(Exception):
    """The environment cannot be made; the message is one sentence."""


class Interrupted(BaseException):
    """A signal has come."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main(arguments: list[str]) -> int:
    """Make it; the exit status is 0 when it is there, 1 when it cannot be made."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    folder, lock, *other = arguments
    try:
        make(other[0] if other else sys.executable, Path(folder), Path(lock))
    except (Failed, OSError) as failure:
        said = str(failure) if isinstance(failure, Failed) else _sentence(Path(folder), str(failure))
        print(said, file=sys.stderr)
        return 1
    except Interrupted as interrupted:
        print(f"setting up {folder} was interrupted: the next make does it anew", file=sys.stderr)
        # As make expects it of what a signal has ended.
        signal.signal(interrupted.number, signal.SIG_DFL)
        os.kill(os.getpid(), interrupted.number)
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    # What is being ended is ended once.
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(number)


def make(python: str, folder: Path, lock: Path) -> None:
    """Make the environment unless it is there and newer than the lock file.

    :raises Failed: when it cannot be made.
    """
    ready = folder / "bin" / ".ready"
    with Turn(folder):
        if ready.exists():
            if ready.stat().st_mtime >= lock.stat().st_mtime:
                return
            ready.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
        print(f"setting up {folder} (once)", flush=True)
        if not folder.exists():
            _check_version(python)
            _run(folder, [python, "-m", "venv", folder])
        (uv,) = [line for line in lock.read_text().splitlines() if line.startswith("uv==")]
        _run(folder, [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", uv])
        _run(folder, [folder / "bin" / "uv", "pip", "sync", "--quiet", "--python", folder / "bin" / "python", lock])
        ready.touch()


class Turn:
    """Have one at a time make it; what is left of one that was killed holds the turn, too, until it has ended."""

    def __init__(self, folder: Path) -> None:
        self._path = folder.resolve().parent / ".cache" / f"{folder.name.lstrip('.')}.lock"
        self._file: TextIO

    def __enter__(self) -> Turn:
        self._path.parent.mkdir(exist_ok=True)
        self._file = self._path.open("w")
        os.set_inheritable(self._file.fileno(), True)
        end = time.monotonic() + PATIENCE
        told = False
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self
            except BlockingIOError:
                if time.monotonic() > end:
                    raise Failed(f"another make has held {self._path.name} for {PATIENCE} s: end it") from None
            if not told:
                print("waiting for another make to set up the same folder", flush=True)
                told = True
            time.sleep(0.2)

    def __exit__(self, *exception: object) -> None:
        self._file.close()


def _check_version(python: str) -> None:
    program = "import sys; print(*sys.version_info[:2])"
    try:
        said = subprocess.run([python, "-c", program], stdout=subprocess.PIPE, check=True).stdout.split()
    except (OSError, subprocess.SubprocessError):
        raise Failed(f"there is no Python {python}: say which one by make PYTHON=...") from None
    version = tuple(int(part) for part in said)
    if not OLDEST <= version <= NEWEST:
        found, oldest, newest = (".".join(map(str, each)) for each in (version, OLDEST, NEWEST))
        raise Failed(f"{python} is Python {found}: say where Python {oldest} to {newest} is by make PYTHON=...")


def _run(folder: Path, command: list[Any]) -> None:
    """Run a program, and keep what it prints to itself: only its last line is shown, and only when it fails."""
    process = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # Ctrl-C is for this program, which ends that one without its traceback.
        start_new_session=True,
        preexec_fn=_end_with_parent,  # noqa: PLW1509 - there is one thread
        close_fds=False,
    )
    try:
        said = process.communicate(timeout=PATIENCE)[0].decode("utf-8", "replace")
    except BaseException as reason:
        _end(process)
        if isinstance(reason, subprocess.TimeoutExpired):
            raise Failed(f"setting up {folder} failed: {command[0]} did not end within {PATIENCE} s") from None
        raise
    if process.returncode:
        raise Failed(_sentence(folder, said))


def _end_with_parent() -> None:
    """Have the system kill the process when this one is killed, where it can."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.communicate(timeout=5)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


#: How many of the reasons that a program gives, each the cause of the one before.
_REASONS = 3


def _sentence(folder: Path, said: str) -> str:
    """Why it failed, of all that a program has said."""
    if _NO_SPACE.search(said):
        free = shutil.disk_usage(folder.resolve().parent).free // 1_000_000
        return f"no space is left for {folder}: it takes {NEEDED} MB with its cache, and {free} MB are free; make room and run make again"
    if "ensurepip is not available" in said or "No module named venv" in said:
        return "no virtual environment can be made: install the Debian package python3-venv"
    # A hint at the end is for one of many reasons; what failed is said before it.
    lines = [
        line.strip() for line in said.splitlines() if line.strip() and not line.strip().lower().startswith("hint:")
    ]
    reasons = [line for line in lines if line.lower().startswith(("error:", "caused by:"))] or lines[-1:]
    return f"setting up {folder} failed: {'; '.join(reasons[-_REASONS:]) if reasons else 'no reason was given'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
