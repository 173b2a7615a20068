# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How ansible-playbook was called."""

from __future__ import annotations

try:
    from ansible.context import CLIARGS
except ImportError:
    CLIARGS = None


def runs_nothing() -> bool:
    """Whether a playbook is only checked for its syntax or listed; False if unknown."""
    read = getattr(CLIARGS, "get", None)
    return callable(read) and any(bool(read(name)) for name in ("syntax", "listhosts", "listtasks", "listtags"))
