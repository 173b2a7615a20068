# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Windows folder tree and registry of Wine's, with the stand-in for sysprep.exe in its place."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parent / "sysprep.c"
COMPILER = "x86_64-w64-mingw32-gcc"
SYSPREP = "C:\\Windows\\System32\\Sysprep"
#: Seconds: making the tree takes some ten, a call a fraction of one.
_MAKING_LIMIT = 300
_CALL_LIMIT = 60
_VALUE = re.compile(r"^\s+(?P<name>\S+)\s+REG_(?P<type>\w+)\s+(?P<value>.*?)\s*$", re.MULTILINE)


class Prefix:
    """One tree.

    :raises subprocess.CalledProcessError: when it cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self._environment = {
            **os.environ,
            "WINEPREFIX": str(folder),
            "WINEDEBUG": "-all",
            # No downloads of .NET and of a browser.
            "WINEDLLOVERRIDES": "mscoree=d;mshtml=d",
        }
        self._drive = folder / "drive_c"
        subprocess.run(["wineboot", "-i"], env=self._environment, check=True, timeout=_MAKING_LIMIT, **_QUIET)
        program = self.path(f"{SYSPREP}\\sysprep.exe")
        (program.parent / "Panther").mkdir(parents=True)
        subprocess.run([COMPILER, "-O1", "-Wall", "-Werror", "-o", str(program), str(SOURCE)], check=True, timeout=60)

    def path(self, windows_path: str) -> Path:
        """The file behind a path on drive C; folders that are there are found in any case."""
        found = self._drive
        for part in windows_path.partition(":\\")[2].split("\\"):
            alike = [
                entry for entry in (found.iterdir() if found.is_dir() else []) if entry.name.lower() == part.lower()
            ]
            found = alike[0] if alike else found / part
        return found

    def start(self, argv: list[str]) -> subprocess.Popen[bytes]:
        """Start a program."""
        return subprocess.Popen(["wine", *argv], env=self._environment, **_QUIET)

    def read_value(self, key: str, name: str) -> str | None:
        """Read a value of the registry; numbers come as reg.exe shows them."""
        asked = ["wine", "reg", "query", key, "/v", name]
        finished = subprocess.run(
            asked, env=self._environment, capture_output=True, text=True, timeout=_CALL_LIMIT, check=False
        )
        found = _VALUE.search(finished.stdout.replace("\r", ""))
        return found["value"] if finished.returncode == 0 and found else None

    def write_value(self, key: str, name: str, value: str, kind: str = "REG_SZ") -> None:
        """Write a value to the registry."""
        written = ["wine", "reg", "add", key, "/v", name, "/t", kind, "/d", value, "/f"]
        subprocess.run(written, env=self._environment, check=True, timeout=_CALL_LIMIT, **_QUIET)

    def close(self) -> None:
        """End everything that runs in it."""
        subprocess.run(["wineserver", "-k"], env=self._environment, check=False, timeout=_CALL_LIMIT, **_QUIET)


_QUIET = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
