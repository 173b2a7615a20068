# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Stock machines of the marketplace after their first sign-in, as far as is known of them.

Each file in stock/ has the facts of one, where they are known from (known), and what is not known and so taken from a healthy guest
(not_known). tests/azure/windows.yml records those of a real machine; such a file replaces the one that is here.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "stock"
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.json")))


def stock(name: str) -> dict[str, Any]:
    """Give the facts of a stock machine."""
    return describe(name)["facts"]


def describe(name: str) -> dict[str, Any]:
    """Give all that is written of it."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
