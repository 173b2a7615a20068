# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Upload the pages of a disk to a page blob: those with data that are not uploaded yet, the VHD's footer last.

Azure accepts an upload only if the footer exists (it refuses to revoke the access with InvalidVhd before), so
that an interrupted upload can never be mistaken for a complete disk.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import exceptions
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import DeadlineExceeded, Failure, Throttled
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE, is_empty, occupied

_THREADS = 4
#: The interval of progress lines in percent.
_PERCENT = 10
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Content:
    """The content of a page blob: the first bytes of an open file, zeros up to its size, and a footer."""

    descriptor: int
    #: Bytes of the file that belong to the disk; a multiple of the sector size.
    file_size: int
    #: Bytes of the disk, without the footer.
    disk_size: int
    footer: bytes


@dataclass
class Sent:
    """Statistics of an upload, without the footer."""

    sent: int = 0
    uploaded_before: int = 0
    empty: int = 0

    def text(self) -> str:
        """A human-readable text."""
        parts = [f"{_mebibytes(self.sent)} sent", f"{_mebibytes(self.empty)} empty and skipped"]
        if self.uploaded_before:
            parts.insert(1, f"{_mebibytes(self.uploaded_before)} uploaded by an earlier run")
        return ", ".join(parts)


def send(
    client: Any, content: Content, deadline: Deadline, operation_label: str, progress: Callable[[str], None]
) -> Sent:
    """Upload the missing pages, without the footer.

    :param client: a BlobClient whose retries stop at the deadline.
    :param operation_label: for messages, as in "Uploading file 'web.vhd'".
    :raises Failure: if it fails; uploaded data is kept.
    """
    pages = list(occupied(content.descriptor, content.file_size))
    uploaded = _ranges(client, operation_label)
    result = Sent()
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="golden-azure-upload") as pool:
        running: set[Future[int]] = set()
        try:
            for number, offset in enumerate(pages, start=1):
                length = min(PAGE, content.file_size - offset)
                if _covered(uploaded, offset, offset + length):
                    result.uploaded_before += length
                else:
                    running.add(pool.submit(_send_page, client, content.descriptor, offset, length, operation_label))
                if len(running) >= _THREADS:
                    _take(running, result, FIRST_COMPLETED)
                _report_progress(progress, operation_label, number, len(pages))
                _check_time(deadline, operation_label)
            while running:
                _take(running, result, FIRST_COMPLETED)
        except BaseException:
            # The pool waits for requests in progress; the others are canceled.
            for future in running:
                future.cancel()
            raise
    result.empty = content.disk_size - result.sent - result.uploaded_before
    return result


def send_footer(client: Any, content: Content, operation_label: str) -> None:
    """Upload the footer, after which the disk is complete.

    :raises Failure: if it fails.
    """
    _put(client, content.footer, content.disk_size, operation_label)


def _send_page(client: Any, descriptor: int, offset: int, length: int, operation_label: str) -> int:
    """Send one page, unless it is empty.

    :returns: the bytes sent.
    """
    try:
        page = os.pread(descriptor, length, offset)
    except OSError as error:
        raise Failure(f"{operation_label} failed: the file can no longer be read: {error.strerror}.") from error
    if len(page) != length:
        raise Failure(f"{operation_label} failed: the file was truncated during the upload; run the task again.")
    if is_empty(page):
        return 0
    _put(client, page, offset, operation_label)
    return length


def _take(running: set[Future[Any]], result: Sent, when: str) -> None:
    """Process at least one of the pages in progress."""
    done, _waiting = wait(running, return_when=when)
    for future in done:
        running.discard(future)
        result.sent += future.result()


def _report_progress(progress: Callable[[str], None], operation_label: str, number: int, of_all: int) -> None:
    before, now = (100 * count // of_all // _PERCENT for count in (number - 1, number))
    if now > before:
        progress(f"{operation_label}: {now * _PERCENT} %")


def _check_time(deadline: Deadline, operation_label: str) -> None:
    """Continue only within the time limit.

    :raises DeadlineExceeded: if it is exceeded.
    """
    if deadline.remaining <= 0:
        raise DeadlineExceeded(
            f"{operation_label} did not complete within the time limit of {deadline.seconds:g} s; uploaded data is "
            "kept: run the task again to continue, or increase 'timeout'."
        )


# -- existing data ------------------------------------------------------------------------------------------------


def _ranges(client: Any, operation_label: str) -> list[tuple[int, int]]:
    """The existing ranges of the blob, sorted and without overlaps."""
    try:
        found = [
            (int(page.start), int(page.end) + 1)
            for page in client.list_page_ranges(retry_connect=3)
            if not page.cleared
        ]
    except exceptions.HttpResponseError as error:
        if error.status_code in (401, 403, 404, 405):
            # A SAS without read access: everything is uploaded again. If it lacks write access, too, the upload reports it.
            return []
        raise _storage_failure(operation_label, error) from None
    except exceptions.AzureError as error:
        raise _storage_failure(operation_label, error) from None
    return list(_joined(sorted(found)))


def _joined(ranges: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same ranges, with adjacent ones merged."""
    current: tuple[int, int] | None = None
    for start, end in ranges:
        if current and start <= current[1]:
            current = (current[0], max(current[1], end))
            continue
        if current:
            yield current
        current = (start, end)
    if current:
        yield current


def _covered(ranges: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    before = bisect_right(ranges, (start, float("inf"))) - 1
    return before >= 0 and end <= ranges[before][1]


# -- requests -----------------------------------------------------------------------------------------------------


def _put(client: Any, page: bytes, offset: int, operation_label: str) -> None:
    try:
        client.upload_page(page, offset=offset, length=len(page))
    except Throttled:
        # The next attempt would be after the end of the time limit.
        raise DeadlineExceeded(
            f"{operation_label} did not complete within the time limit, as the storage of the disk could not be "
            "reached; uploaded data is kept: run the task again to continue."
        ) from None
    except exceptions.AzureError as error:
        raise _storage_failure(operation_label, error) from None


def _storage_failure(operation_label: str, error: Any) -> Failure:
    """A failure without the SDK's message, which may contain the SAS URL."""
    status = getattr(error, "status_code", None)
    code = getattr(getattr(error, "error_code", None), "value", None) or getattr(error, "error_code", None)
    again = "uploaded data is kept: run the task again to continue"
    if status is None:
        return Failure(
            f"{operation_label} failed: the storage of the disk cannot be reached, or its certificate cannot be "
            f"verified; check the network and the proxy (HTTPS_PROXY); {again}."
        )
    if status in (401, 403):
        return Failure(
            f"{operation_label} failed: the access to the disk has ended; {again}.", code=str(code or status)
        )
    return Failure(
        f"{operation_label} failed: the storage of the disk returned HTTP {status}; {again}.", code=str(code or status)
    )


def _mebibytes(size: int) -> str:
    return f"{size / _MEBIBYTE:.1f} MiB"
