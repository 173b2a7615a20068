# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""A large file that is written page by page, and a journal of its pages, so that a killed run can be continued.

Each line of the journal has the offset, the length and the SHA-256 of a page that was received. It is written after the page, and
does not prove that the page is in the file (the machine may have lost power): a page is read again before it is relied on.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE, FileDigest, is_empty, occupied

#: Such files contain everything that is on a disk: only their owner may read them.
_MODE = 0o600
_FIELDS = 3

#: Writes to a place in a file; a name for tests of full file systems.
pwrite = os.pwrite

#: The offset, the length and the SHA-256 of what was received of a page.
_Received = tuple[int, int, str]


@dataclass(frozen=True)
class FileSums:
    """The size and the sums of a file."""

    size: int
    #: SHA-256 of the file, as sha256sum prints it.
    sha256: str
    #: The digest that pages.digest() returns: it can be computed without reading the holes of the file.
    digest: str


class PartialFile:
    """An open partial file; see :func:`opened_partial`."""

    def __init__(self, path: str, size: int, descriptor: int, journal: int, pages: dict[int, _Received]) -> None:
        self.path = path
        self.size = size
        self._descriptor = descriptor
        self._journal = journal
        #: Number of the page -> what of it is in the journal.
        self._pages = pages
        self._writing = threading.Lock()

    def contains(self, offset: int, length: int) -> bool:
        """Whether a part of a page was received by an earlier run and can still be read."""
        received = self._pages.get(offset // PAGE)
        if received is None or received[:2] != (offset, length):
            return False
        return received[2] == _sum(os.pread(self._descriptor, length, offset))

    def write(self, offset: int, data: bytes) -> None:
        """Write a page, or the part of it that contains data; an empty one remains a hole. May be called by several threads.

        :raises Failure: if it cannot be written.
        """
        try:
            # What an earlier run has left at this place may be damaged.
            if not is_empty(data) or not is_empty(os.pread(self._descriptor, len(data), offset)):
                _write_all(self._descriptor, data, offset)
            received = (offset, len(data), _sum(data))
            with self._writing:
                self._pages[offset // PAGE] = received
                os.write(self._journal, f"{received[0]} {received[1]} {received[2]}\n".encode())
        except OSError as error:
            raise unwritable(self.path, error) from error

    def verify(self) -> FileSums:
        """Read the file, and compare it with what was received.

        :raises Failure: if it differs.
        """
        os.fsync(self._descriptor)
        plain, digest = hashlib.sha256(), FileDigest(self.size)
        filled = set(occupied(self._descriptor, self.size))
        for offset in range(0, self.size, PAGE):
            length = min(PAGE, self.size - offset)
            page = os.pread(self._descriptor, length, offset) if offset in filled else bytes(length)
            if len(page) != length or not self._is_as_received(offset, page):
                raise Failure(
                    f"The file '{self.path}' differs from what was downloaded at {offset} bytes: the file system has lost or changed "
                    "data; check it, then run the task again, which downloads that part again.",
                    code="export_file_damaged",
                )
            plain.update(page)
            digest.add(offset, page)
        return FileSums(self.size, plain.hexdigest(), digest.text())

    def _is_as_received(self, offset: int, page: bytes) -> bool:
        if offset // PAGE not in self._pages:
            return is_empty(page)
        start, length, received = self._pages[offset // PAGE]
        first, last = start - offset, start - offset + length
        return _sum(page[first:last]) == received and is_empty(page[:first]) and is_empty(page[last:])


@contextmanager
def opened_partial(path: str, content: str, size: int) -> Iterator[PartialFile]:
    """Open the partial file of a path, with what an earlier run has received; that of another content is replaced.

    :param path: the name of the complete file.
    :param content: identifies the content.
    :param size: of the complete file in bytes.
    :raises Failure: if it cannot be written, or another process writes it.
    """
    part, journal_path = partial_paths(path)
    with _opened(journal_path) as journal, _opened(part) as descriptor:
        try:
            fcntl.flock(journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise unwritable(path, error) from error
            raise Failure(
                f"The file '{path}' is being written by another run on this host; wait until it has ended.",
                code="export_running",
            ) from error
        header = f"{content} {size}"
        pages = _journaled(journal, header)
        try:
            if pages is None:
                pages = {}
                os.ftruncate(descriptor, 0)
                os.ftruncate(journal, 0)
                os.write(journal, f"{header}\n".encode())
            os.ftruncate(descriptor, size)
        except OSError as error:
            raise unwritable(path, error) from error
        yield PartialFile(part, size, descriptor, journal, pages)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    try:
        # A link would lead elsewhere.
        descriptor = os.open(
            path, os.O_RDWR | os.O_CREAT | os.O_APPEND * path.endswith(_JOURNAL) | os.O_NOFOLLOW, _MODE
        )
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _journaled(journal: int, header: str) -> dict[int, _Received] | None:
    """The pages in a journal; None if it is that of another content. The last line may be incomplete."""
    with os.fdopen(os.dup(journal), "rb") as stream:
        stream.seek(0)
        lines = stream.read().decode("ascii", errors="replace").split("\n")
    if lines[0] != header or len(lines) == 1:
        return None
    rows = [line.split() for line in lines[1:-1]]
    if lines[-1]:
        # A line that follows an incomplete one would be part of it.
        os.write(journal, b"\n")
    return {
        int(row[0]) // PAGE: (int(row[0]), int(row[1]), row[2])
        for row in rows
        if len(row) == _FIELDS and row[0].isdigit() and row[1].isdigit()
    }


_JOURNAL = ".journal"


def partial_paths(path: str) -> tuple[str, str]:
    """The partial file of a path, and its journal; the same for every run."""
    directory, name = os.path.split(path)
    part = os.path.join(directory, f".{name}.part")
    return part, f"{part}{_JOURNAL}"


def complete(path: str) -> None:
    """Give a partial file its name, and remove its journal.

    :raises Failure: if that is not possible.
    """
    part, journal = partial_paths(path)
    try:
        os.replace(part, path)
        with suppress(FileNotFoundError):
            os.unlink(journal)
    except OSError as error:
        raise unwritable(path, error) from error


def discard(path: str) -> None:
    """Remove what a killed run has left beside a complete file, unless another run is writing it anew."""
    part, journal = partial_paths(path)
    if not os.path.lexists(part) and not os.path.lexists(journal):
        return
    with suppress(OSError, Failure), _opened(journal) as descriptor:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for leftover in (part, journal):
            with suppress(FileNotFoundError):
                os.unlink(leftover)


def unwritable(path: str, error: OSError) -> Failure:
    """The failure for a file that cannot be written."""
    return Failure(
        f"The file '{path}' cannot be written: {error.strerror}; free space, or choose another 'path'.",
        code="export_not_written",
    )


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = pwrite(descriptor, view, offset)
        view, offset = view[written:], offset + written


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
