# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The role's scripts as they reach a guest: some have lines that say which other file comes there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

FILES = Path(__file__).resolve().parents[2] / "roles" / "windows_sysprep" / "files"
_LINE = re.compile(r"^# (\w+\.ps1) comes here\.$", re.MULTILINE)
#: Files that are parts of others.
PARTS = ("functions.ps1", "leftover_facts.ps1", "removal_functions.ps1")


@cache
def rendered(path: Path) -> str:
    """Give a script with its parts."""
    return _LINE.sub(lambda found: (FILES / found[1]).read_text(encoding="utf-8"), path.read_text(encoding="utf-8"))
