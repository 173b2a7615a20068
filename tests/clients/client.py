# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a client is to those who run it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from .session import ClientError, Session

__all__ = ["Client", "ClientError"]


class Client(ABC):
    """One third-party client: `name` is its folder's, `title` its row's, `steps` what it has to do."""

    name: str
    title: str
    steps: tuple[str, ...]
    guests = False

    @abstractmethod
    def install(self, place: Path) -> str:
        """Install into a folder what is not there yet; return the version.

        Raises:
            ClientError: it cannot be installed; one sentence says why.
        """

    @abstractmethod
    def run(self, session: Session) -> Iterator[str]:
        """Do the steps in their order, yielding the name of each that is done.

        Raises:
            ClientError: a step failed; one sentence says which and why.
        """
