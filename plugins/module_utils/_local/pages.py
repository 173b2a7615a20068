# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The pages of a large file: which of them contain data, and a digest of its content."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterator

#: Bytes; the maximum of a single Put Page:
#: https://learn.microsoft.com/rest/api/storageservices/put-page
PAGE = 4 * 1024 * 1024

_ZEROS = bytes(PAGE)


def is_empty(page: bytes) -> bool:
    """Whether a page, of PAGE bytes at most, contains only zeros."""
    return page == (_ZEROS if len(page) == PAGE else _ZEROS[: len(page)])


def occupied(descriptor: int, size: int) -> Iterator[int]:
    """The offsets of the pages that may contain data, in their order; holes of a sparse file are skipped.

    :param descriptor: of the open file.
    :param size: bytes to read, from its beginning.
    """
    following = 0
    for start, end in _extents(descriptor, size):
        first = max(following, start // PAGE * PAGE)
        following = -(-end // PAGE) * PAGE
        yield from range(first, following, PAGE)


def digest(descriptor: int, size: int) -> str:
    """A digest of a file: a SHA-256 of its size and of its pages that are not empty.

    A copy with other holes has the same digest; everything but the holes is read.
    """
    found = FileDigest(size)
    for offset in occupied(descriptor, size):
        found.add(offset, os.pread(descriptor, min(PAGE, size - offset), offset))
    return found.text()


class FileDigest:
    """The digest of a file, from its pages in their order.

    :param size: of the file in bytes.
    """

    def __init__(self, size: int) -> None:
        self._found = hashlib.sha256(f"{PAGE} {size}".encode())

    def add(self, offset: int, page: bytes) -> None:
        """Add a page; an empty one changes nothing."""
        if not is_empty(page):
            self._found.update(b"%d " % offset)
            self._found.update(page)

    def text(self) -> str:
        """The digest of the pages so far."""
        return f"sha256:{self._found.hexdigest()}"


def _extents(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """The data ranges of a file from its file system; the complete file if that is not supported."""
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
                # There is only a hole up to the end.
                return
            yield end, size
            return
        if start < size:
            yield start, end
