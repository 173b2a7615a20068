# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A step of the deletions before sysprep; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: What a step deletes: files, directories and registry keys; scheduled tasks; or profiles of users.
PATH, TASK, PROFILE = "path", "task", "profile"


def removal(
    action: str, path: str, reason: str, source: str, what: str = PATH, late: bool = False, services: Sequence[str] = ()
) -> dict[str, Any]:
    """A step, as plans show it.

    :param action: the action that it belongs to.
    :param source: the source of the reason.
    :param late: whether it is deleted together with the shutdown.
    :param services: services to stop before, because they would recreate it.
    """
    shown = {"action": action, "path": path, "reason": reason, "source": source}
    return {**shown, "what": what, "late": late, "services": list(services)}
