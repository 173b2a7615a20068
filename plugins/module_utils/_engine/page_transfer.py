# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Transfer the pages of a disk in several threads, for uploads and exports: progress, time limit, and the errors of storage."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable, TypeVar

from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import exceptions
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import DeadlineExceeded, Failure, Throttled
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress
from ansible_collections.golden.azure.plugins.module_utils._local.pages import PAGE

_THREADS = 4
#: The interval of progress lines in percent.
_PERCENT = 10
_MEBIBYTE = 1024 * 1024

PageT = TypeVar("PageT")


@dataclass(frozen=True)
class PageTransfer:
    """The transfer of the pages of a disk."""

    #: For messages, as in "Uploading file 'web.vhd' to disk 'web-upload'".
    operation_label: str
    #: What a failed transfer leaves, for messages, as in "uploaded data is kept".
    kept: str
    deadline: Deadline
    progress: Progress
    #: Explains an HTTP status (None without a response) and an error code of storage; None: it is that of the disk.
    explain: Callable[[int | None, str], Failure] | None = None

    def run(self, pages: Sequence[PageT], begin: Callable[[PageT], Callable[[], int] | None]) -> int:
        """Transfer pages in their order, several of them at the same time.

        :param begin: returns the function that transfers a page and returns its bytes; None if it is transferred already.
        :returns: the bytes that were transferred.
        :raises Failure: if it fails, or exceeds the time limit; transferred pages are kept.
        """
        moved = 0
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="golden-azure-pages") as pool:
            running: set[Future[int]] = set()
            try:
                for number, page in enumerate(pages, start=1):
                    send = begin(page)
                    if send is not None:
                        running.add(pool.submit(send))
                    if len(running) >= _THREADS:
                        moved += _take(running)
                    self._report_progress(number, len(pages))
                    self._check_time()
                while running:
                    moved += _take(running)
            except BaseException:
                # The pool waits for requests in progress; the others are canceled.
                for future in running:
                    future.cancel()
                raise
        return moved

    @contextmanager
    def requests(self) -> Iterator[None]:
        """Requests to the storage of the disk.

        :raises Failure: with a sentence of this collection instead of the SDK's message, which may contain the SAS URL.
        """
        try:
            yield
        except Throttled:
            # The next attempt would be after the end of the time limit.
            raise DeadlineExceeded(
                f"{self.operation_label} did not complete within the time limit, as storage could not be reached; {self.kept}: run "
                "the task again to continue."
            ) from None
        except (exceptions.AzureError, OSError) as error:
            # The library below the SDK raises OSErrors while it reads the body of a response.
            raise self._failure(error) from None

    def _failure(self, error: Any) -> Failure:
        status = getattr(error, "status_code", None)
        code = getattr(getattr(error, "error_code", None), "value", None) or getattr(error, "error_code", None)
        if self.explain:
            return self.explain(status, str(code or ""))
        again = f"{self.kept}: run the task again to continue"
        if status is None:
            return Failure(
                f"{self.operation_label} failed: the storage of the disk cannot be reached, or its certificate cannot be "
                f"verified; check the network and the proxy (HTTPS_PROXY); {again}."
            )
        reason = "the access to the disk has ended"
        if status not in (401, 403):
            reason = f"the storage of the disk returned HTTP {status}"
        return Failure(f"{self.operation_label} failed: {reason}; {again}.", code=str(code or status))

    def _report_progress(self, number: int, of_all: int) -> None:
        before, now = (100 * count // of_all // _PERCENT for count in (number - 1, number))
        if now > before:
            self.progress(f"{self.operation_label}: {now * _PERCENT} %")

    def _check_time(self) -> None:
        """Continue only within the time limit.

        :raises DeadlineExceeded: if it is exceeded.
        """
        if self.deadline.remaining <= 0:
            raise DeadlineExceeded(
                f"{self.operation_label} did not complete within the time limit of {self.deadline.seconds:g} s; {self.kept}: "
                "run the task again to continue, or increase 'timeout'."
            )


def _take(running: set[Future[int]]) -> int:
    """Wait for at least one of the pages in progress, and return the bytes of those that are done."""
    done, _waiting = wait(running, return_when=FIRST_COMPLETED)
    running -= done
    return sum(future.result() for future in done)


def page_ranges(client: Any) -> list[tuple[int, int]]:
    """The ranges of a page blob that contain data, sorted and without overlaps; each with its start and its end.

    :raises AzureError: if they cannot be read.
    """
    found = [
        (int(page.start), int(page.end) + 1) for page in client.list_page_ranges(retry_connect=3) if not page.cleared
    ]
    return list(_joined(sorted(found)))


def _joined(ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
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


def page_spans(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The part of each page from its first to its last byte with data, as offset and length."""
    found: dict[int, tuple[int, int]] = {}
    for start, end in ranges:
        for page in range(start // PAGE, -(-end // PAGE)):
            first, last = max(start, page * PAGE), min(end, (page + 1) * PAGE)
            found[page] = (found[page][0] if page in found else first, last)
    return [(first, last - first) for first, last in found.values()]


def covered(ranges: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    """Whether one of the ranges, as page_ranges() returns them, contains another one."""
    before = bisect_right(ranges, (start, float("inf"))) - 1
    return before >= 0 and end <= ranges[before][1]


def joined(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sorted ranges with adjacent ones merged."""
    return list(_joined(ranges))


def mebibytes(size: int) -> str:
    """A number of bytes for messages."""
    return f"{size / _MEBIBYTE:.1f} MiB"
