# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The Pythons of this machine."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path

_SECONDS = 30


@functools.lru_cache
def find_python(version: str) -> str | None:
    """The program of a Python such as 3.10; None where there is none that runs."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    installed = sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))
    on_path = shutil.which(f"python{version}")
    for program in [*map(str, reversed(installed)), *([on_path] if on_path else [])]:
        if _runs(program):
            return program
    return None


def _runs(program: str) -> bool:
    # A version manager's program is there for each Python, and runs those only that are chosen.
    try:
        completed = subprocess.run(
            [program, "-c", "import ssl, venv"], capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return completed.returncode == 0
