# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Concurrent requests in a limited number of threads; the first failure cancels the others."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

#: Threads for reading: Azure allows 25 reads per second of one identity
#: (https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling).
READERS = 8


def run_in_threads(work: Callable[[Item], Outcome], items: Iterable[Item], threads: int) -> list[Outcome]:
    """Call a function for each item in threads; results are in the order of the items.

    The pool is created and shut down here: threads do not survive a fork.

    :param threads: the maximum number of threads.
    :raises Exception: of the first item that failed, in their order; items that have not started are canceled.
    """
    waiting = list(items)
    if len(waiting) <= 1 or threads <= 1:
        return [work(item) for item in waiting]
    with ThreadPoolExecutor(max_workers=min(threads, len(waiting)), thread_name_prefix="golden-azure") as pool:
        futures = [pool.submit(work, item) for item in waiting]
        try:
            return [future.result() for future in futures]
        finally:
            for future in futures:
                future.cancel()
