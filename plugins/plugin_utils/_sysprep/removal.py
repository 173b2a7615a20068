# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A step of what is deleted right before sysprep; pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

#: What a step deletes: files, folders and registry keys, scheduled tasks, or profiles of users.
PATH, TASK, PROFILE = "path", "task", "profile"


def removal(
    action: str, path: str, reason: str, source: str, what: str = PATH, late: bool = False, services: Sequence[str] = ()
) -> dict[str, Any]:
    """Something to delete, as plans show it.

    :param action: what was asked for.
    :param source: where the reason is known from.
    :param late: whether it goes with the shutdown.
    :param services: services to stop before, because they would write it again.
    """
    told = {"action": action, "path": path, "reason": reason, "source": source}
    return {**told, "what": what, "late": late, "services": list(services)}
