# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The pages of a large file: which of them hold anything, and what tells its content from that of others."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator

#: Bytes; what a single Put Page takes at most:
#: https://learn.microsoft.com/rest/api/storageservices/put-page
PAGE = 4 * 1024 * 1024

_ZEROS = bytes(PAGE)


def is_empty(page: bytes) -> bool:
    """Whether a page, of PAGE bytes at most, holds nothing but zeros."""
    return page == (_ZEROS if len(page) == PAGE else _ZEROS[: len(page)])


def occupied(descriptor: int, size: int) -> Iterator[int]:
    """The offsets of the pages that may hold something, in their order; holes of a sparse file are left out unread.

    :param descriptor: of the open file.
    :param size: bytes to look at, from its beginning.
    """
    following = 0
    for start, end in _extents(descriptor, size):
        first = max(following, start // PAGE * PAGE)
        following = -(-end // PAGE) * PAGE
        yield from range(first, following, PAGE)


def digest(descriptor: int, size: int) -> str:
    """What tells a file from others: a SHA-256 of its size and of those of its pages that are not empty.

    A copy with other holes has the same; all of it is read but the holes.
    """
    found = hashlib.sha256(f"{PAGE} {size}".encode())
    for offset in occupied(descriptor, size):
        page = os.pread(descriptor, min(PAGE, size - offset), offset)
        if not is_empty(page):
            found.update(b"%d " % offset)
            found.update(page)
    return f"sha256:{found.hexdigest()}"


def _extents(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Where a file holds data, as its file system tells; all of it where that does not."""
    if not hasattr(os, "SEEK_DATA"):
        yield 0, size
        return
    end = 0
    while end < size:
        try:
            start = os.lseek(descriptor, end, os.SEEK_DATA)
            end = min(os.lseek(descriptor, start, os.SEEK_HOLE), size)
        except OSError as error:
            if error.errno == errno.ENXIO:
                # Nothing but a hole up to the end.
                return
            yield end, size
            return
        if start < size:
            yield start, end
