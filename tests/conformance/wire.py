# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The way a replay asks: over HTTPS, with a token, in a connection that stays open."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from embedded_azure import EmbeddedAzure
from embedded_azure.client import signed_in

from .compare import Answer

Mutation = Callable[[str, str, Any, Answer], Answer]


class Wire:
    """Sends requests to an embedded Azure; `mutate` may change every answer, to prove the comparison can fail."""

    def __init__(self, azure: EmbeddedAzure, mutate: Mutation | None = None) -> None:
        self._azure = azure
        self._mutate = mutate
        self._session = signed_in(azure)

    def send(self, method: str, url: str, body: Any = None) -> Answer:
        """Send a request to a path, or to a whole URL that the server gave."""
        whole = url if url.startswith("https://") else self._azure.url + url
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} if data else {}
        got = self._session.request(method, whole, data=data, headers=headers, timeout=60, allow_redirects=False)
        answer = Answer(
            got.status_code,
            {name.lower(): value for name, value in got.headers.items()},
            got.json() if got.content else None,
        )
        return self._mutate(method, url, body, answer) if self._mutate else answer

    def close(self) -> None:
        """Close the connection."""
        self._session.close()
