# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The guest: its file system and its programs."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from typing import Any

from deprovision_mounts import Mounts
from deprovision_paths import Finder, is_folder, resolved

COMMAND_LIMIT_SECONDS = 60


class Guest:
    """The file system below `root` ("/" but for tests) and the programs of the guest."""

    def __init__(self, config: dict, root: str = "/") -> None:
        self.config = config
        self.root = root.rstrip("/")
        self.notes: list[str] = []
        #: Those that were there when this step began, by name (see accounts()).
        self.accounts_before: dict = {}
        #: What does not change while this step runs, and takes programs to find out, by a name (see once()).
        self._found: dict = {}
        self._mounts: tuple[str, Mounts] | None = None

    def at(self, path: str) -> str:
        """Return where a path of the guest lies."""
        return self.root + path

    def exists(self, path: str) -> bool:
        """Say whether there is anything, a dangling link included."""
        return os.path.lexists(self.at(path))

    def read(self, path: str) -> str:
        """Return the text of a file, an empty one when it cannot be read."""
        try:
            with open(self.at(path), encoding="utf-8", errors="replace") as handle:
                return handle.read()
        except OSError:
            return ""

    @property
    def first_user_id(self) -> int:
        """The first id that is not one of the system's. Source: login.defs(5)."""
        match = re.search(r"^UID_MIN\s+(\d+)", self.read("/etc/login.defs"), re.MULTILINE)
        return int(match.group(1)) if match else 1000

    def find(self, pattern: str, anywhere: bool = False, links: bool = True) -> list[str]:
        """Return the paths a shell pattern matches (see Finder)."""
        return Finder(self.at, self.mounts(), anywhere, links).find(pattern)

    def resolve(self, path: str) -> str:
        """Return a path without links; of a loop of links, an empty one."""
        return resolved(self.at, path)

    def mounts(self) -> Mounts:
        """Return what is mounted now."""
        text = self.read("/proc/self/mountinfo")
        if self._mounts is None or self._mounts[0] != text:
            self._mounts = (text, Mounts(text, self.at))
        return self._mounts[1]

    def once(self, name: str, find: Callable[[], Any]) -> Any:
        """Return what a function returned when it was called for this name first."""
        if name not in self._found:
            self._found[name] = find()
        return self._found[name]

    def command(self, arguments: list[str], limit: float = COMMAND_LIMIT_SECONDS) -> tuple[int, str]:
        """Run a program of the guest; return its status and its output, 127 when it is not there, 124 when it hung."""
        if self.root:
            # The programs of this machine are not those of a guest whose files lie in a folder.
            return 127, f"{arguments[0]} is not installed"
        environment = dict(os.environ, HISTSIZE="0", LC_ALL="C")
        environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/share/oem/bin"
        try:
            process = subprocess.Popen(
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd="/",
                start_new_session=True,
            )
        except FileNotFoundError:
            if shutil.which(arguments[0], path=environment["PATH"]):
                return 126, f"{arguments[0]} cannot be started: its interpreter is not installed"
            return 127, f"{arguments[0]} is not installed"
        except PermissionError as error:
            return 126, f"{arguments[0]} cannot be started: {error.strerror}"
        try:
            output = process.communicate(timeout=limit)[0]
        except subprocess.TimeoutExpired:
            # With all that it has started; what has left its session holds the output open, and is not waited for.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
            return 124, f"{arguments[0]} did not end within {limit} seconds"
        return process.returncode, output.decode("utf-8", "replace")

    def replace(self, path: str, text: str) -> None:
        """Write a file anew, whole or not at all, keeping owner, mode, labels and other extended attributes."""
        target = self.at(self.resolve(path) or path)
        status = os.stat(target)
        partial = target + ".deprovision"
        try:
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as handle:
                handle.write(text)
            os.chown(partial, status.st_uid, status.st_gid)
            os.chmod(partial, status.st_mode & 0o7777)
            for name in os.listxattr(target):
                os.setxattr(partial, name, os.getxattr(target, name))
            os.replace(partial, target)
        except OSError:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(partial)
            raise

    def delete(self, path: str) -> None:
        """Remove a file, a link or a whole folder, but for what is mounted in it; what cannot go does not keep what can.

        Raises:
            OSError: the first reason why something could not go.
        """
        trouble = self._delete(path)
        if trouble is not None:
            raise trouble

    def delete_all(self, paths: list[str]) -> None:
        """Delete each of the paths that exists; one that cannot go does not keep the others.

        Raises:
            OSError: the first reason why something could not go.
        """
        trouble = None
        for path in paths:
            try:
                if self.exists(path):
                    self.delete(path)
            except OSError as error:
                trouble = trouble or error
        if trouble is not None:
            raise trouble

    def _delete(self, path: str) -> OSError | None:
        target, trouble = self.at(path), None
        folder = is_folder(target)
        if path in self.mounts().by_point:
            return OSError(16, "Something is mounted there", path)
        try:
            for name in sorted(os.listdir(target)) if folder else ():
                failed = self._delete(f"{path.rstrip('/')}/{name}")
                trouble = trouble or failed
            if trouble is None:
                (os.rmdir if folder else os.unlink)(target)
        except OSError as error:
            trouble = error
        return trouble

    def truncate(self, path: str) -> None:
        """Empty a file, keeping it open for who writes to it; one that has another name somewhere else only loses this one."""
        if os.lstat(self.at(path)).st_nlink > 1:
            os.unlink(self.at(path))
            return
        with open(self.at(path), "r+b") as handle:
            handle.truncate(0)

    def mounts_below(self, path: str) -> list[str]:
        """Return the mount points at a path and below."""
        return self.mounts().below(self.resolve(os.path.dirname(path)).rstrip("/") + "/" + os.path.basename(path))
