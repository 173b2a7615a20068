# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Bound the number of requests of a search whose extent is not known in advance."""

from __future__ import annotations

import threading

from ansible_collections.golden.azure.plugins.module_utils._core.errors import InvalidInput


class RequestBudget:
    """The number of requests that a search may send; for several threads.

    :param limit: the number; None for no limit.
    """

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        #: The number of requests that were taken so far.
        self.taken = 0

    def take(self, count: int, reason: str) -> None:
        """Take requests before they are sent.

        :param reason: what requires them, for messages, as in "2180 publishers in westeurope".
        :raises InvalidInput: if they exceed the limit; none of them was sent.
        """
        with self._lock:
            if self._limit is not None and self.taken + count > self._limit:
                raise InvalidInput(
                    f"The search is too wide: {reason} require {self.taken + count} requests or more, and 'max_requests' is "
                    f"{self._limit}; narrow the search ('publisher', 'offer', 'sku', 'gallery' or 'definition', with * and ?), or "
                    "raise 'max_requests'.",
                    code="search_too_wide",
                    details={"requests": {"needed": self.taken + count, "limit": self._limit}},
                )
            self.taken += count
