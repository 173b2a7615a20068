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
from deprovision_paths import Finder, is_directory, resolve_links

COMMAND_LIMIT_SECONDS = 60
#: Numbers of the configuration. Before ansible-core 2.19, the result of an expression is text.
NUMBERS = ("busy_seconds", "power_off_delay", "agent_limit_seconds", "free_megabytes")


class Guest:
    """The file system below `root` ("/" except in tests) and the programs of the guest."""

    def __init__(self, config: dict, root: str = "/") -> None:
        self.config = {**config, **{name: int(config[name]) for name in NUMBERS if name in config}}
        self.root = root.rstrip("/")
        self.notes: list[str] = []
        #: The accounts that existed when this step began, by name (see accounts()).
        self.initial_accounts: dict = {}
        #: Results that do not change during this step and require programs to be run (see cached()).
        self._cache: dict = {}
        self._mounts: tuple[str, Mounts] | None = None

    def local_path(self, path: str) -> str:
        """Convert a path of the guest to a path of this system."""
        return self.root + path

    def exists(self, path: str) -> bool:
        """Return whether a path exists, including a dangling link."""
        return os.path.lexists(self.local_path(path))

    def read(self, path: str) -> str:
        """Return the text of a file, or an empty string if it cannot be read."""
        try:
            with open(self.local_path(path), encoding="utf-8", errors="replace") as handle:
                return handle.read()
        except OSError:
            return ""

    @property
    def first_user_id(self) -> int:
        """The lowest id of ordinary users. Source: login.defs(5)."""
        match = re.search(r"^UID_MIN\s+(\d+)", self.read("/etc/login.defs"), re.MULTILINE)
        return int(match.group(1)) if match else 1000

    def find(self, pattern: str, anywhere: bool = False, links: bool = True) -> list[str]:
        """Return the paths that match a shell pattern (see Finder)."""
        return Finder(self.local_path, self.mounts(), anywhere, links).find(pattern)

    def resolve(self, path: str) -> str:
        """Return a path without links; an empty string if the links form a loop."""
        return resolve_links(self.local_path, path)

    def mounts(self) -> Mounts:
        """Return the current mounts."""
        text = self.read("/proc/self/mountinfo")
        if self._mounts is None or self._mounts[0] != text:
            self._mounts = (text, Mounts(text, self.local_path))
        return self._mounts[1]

    def cached(self, name: str, find: Callable[[], Any]) -> Any:
        """Return the result of the first call of a function for this name."""
        if name not in self._cache:
            self._cache[name] = find()
        return self._cache[name]

    def forget(self) -> None:
        """Forget the cached results, after the guest was changed."""
        self._cache.clear()

    def command(self, arguments: list[str], limit: float = COMMAND_LIMIT_SECONDS) -> tuple[int, str]:
        """Run a program of the guest; return its status and output. 127: not installed; 124: time limit exceeded."""
        if self.root:
            # Tests: the programs of this system are not those of the guest.
            return 127, f"{arguments[0]} is not installed"
        environment = dict(os.environ, HISTSIZE="0", LC_ALL="C", DEBIAN_FRONTEND="noninteractive")
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
            # Kill its child processes, too. Processes that have left its session keep the output open, and are not waited for.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
            return 124, f"{arguments[0]} did not end within {limit} seconds"
        return process.returncode, output.decode("utf-8", "replace")

    def replace(self, path: str, text: str) -> None:
        """Replace the contents of a file atomically, keeping owner, mode, labels and other extended attributes."""
        target = self.local_path(self.resolve(path) or path)
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
        """Remove a file, a link or a directory with its contents, except for mount points. A failure does not prevent other removals.

        Raises:
            OSError: the first failure.
        """
        first_error = self._delete(path)
        if first_error is not None:
            raise first_error

    def delete_all(self, paths: list[str]) -> None:
        """Remove all paths that exist. A failure does not prevent the removal of the others.

        Raises:
            OSError: the first failure.
        """
        first_error = None
        for path in paths:
            try:
                if self.exists(path):
                    self.delete(path)
            except OSError as error:
                first_error = first_error or error
        if first_error is not None:
            raise first_error

    def _delete(self, path: str) -> OSError | None:
        target, first_error = self.local_path(path), None
        directory = is_directory(target)
        if path in self.mounts().by_point:
            return OSError(16, "Something is mounted there", path)
        try:
            for name in sorted(os.listdir(target)) if directory else ():
                failed = self._delete(f"{path.rstrip('/')}/{name}")
                first_error = first_error or failed
            if first_error is None:
                (os.rmdir if directory else os.unlink)(target)
        except OSError as error:
            first_error = error
        return first_error

    def truncate(self, path: str) -> None:
        """Truncate a file, so that processes can continue to write to it. If it has several hard links, only remove this one."""
        if os.lstat(self.local_path(path)).st_nlink > 1:
            os.unlink(self.local_path(path))
            return
        with open(self.local_path(path), "r+b") as handle:
            handle.truncate(0)

    def mounts_below(self, path: str) -> list[str]:
        """Return the mount points at or below a path."""
        return self.mounts().below(self.resolve(os.path.dirname(path)).rstrip("/") + "/" + os.path.basename(path))
