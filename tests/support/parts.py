# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of the tests: together all of them, and none twice."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

import pytest

_PART = re.compile(r"([1-9]\d*)/([1-9]\d*)")


@dataclass(frozen=True)
class Part:
    """One of a number of parts."""

    number: int
    of: int

    @classmethod
    def parse(cls, words: str) -> Part:
        """Read 1/3.

        :raises ValueError: for anything else.
        """
        match = _PART.fullmatch(words)
        if match is None or int(match[1]) > int(match[2]):
            raise ValueError(f"'{words}' is no part: say one as 1/3")
        return cls(int(match[1]), int(match[2]))

    def has(self, item: pytest.Item) -> bool:
        """Whether a test is in it, with all the others of its group."""
        mark = item.get_closest_marker("xdist_group")
        key = mark.args[0] if mark else item.nodeid
        return zlib.crc32(key.encode()) % self.of == self.number - 1
