# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Something that a guest must not carry into an image."""

from __future__ import annotations

from collections.abc import Callable


class Leftover:
    """Paths of one kind that must not get into an image, and how they go.

    `volatile` ones are filled again by every running system (logs, /tmp): they go along with the others, but alone
    they do not make a guest unprepared. `critical` ones decide the verification.
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
        """Return a line for people per path."""
        return [f"{self.what}: {path}" for path in self.paths]
