# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Something that must be removed from a guest before it is captured."""

from __future__ import annotations

from collections.abc import Callable


class CleanupItem:
    """Paths of one kind that must not be part of an image, and the function that removes them.

    `volatile` items are recreated by every running system (logs, /tmp): they are removed together with the others, but a guest that has
    only volatile items counts as prepared. The verification fails if `critical` items remain.
    """

    def __init__(
        self,
        what: str,
        paths: list[str],
        remove: Callable[[], None],
        phase: str = "finish",
        volatile: bool = False,
        critical: bool = False,
    ) -> None:
        self.what = what
        self.paths = paths
        self.remove = remove
        self.phase = phase
        self.volatile = volatile
        self.critical = critical

    def lines(self) -> list[str]:
        """Return a human-readable line for each path."""
        return [f"{self.what}: {path}" for path in self.paths]
