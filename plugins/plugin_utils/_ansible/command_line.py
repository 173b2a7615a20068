# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How ansible-playbook was called."""

from __future__ import annotations

import contextlib
from typing import Any

CLIARGS: Any = None
with contextlib.suppress(ImportError):
    from ansible.context import CLIARGS


def runs_nothing() -> bool:
    """Whether a playbook is only checked for its syntax or listed; where that cannot be told, it is run."""
    read = getattr(CLIARGS, "get", None)
    return callable(read) and any(bool(read(name)) for name in ("syntax", "listhosts", "listtasks", "listtags"))
