# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs in this process that end as if they were killed, after any of their requests."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.azure.plugins.module_utils._azure import transport


class Killed(BaseException):
    """The end of the process, which nothing catches."""


def dying(monkeypatch: pytest.MonkeyPatch, requests: int, everywhere: bool = False) -> None:
    """The end comes after so many requests to Resource Manager, or with everywhere, after so many to anything."""
    send = transport.DeadlineTransport.send
    left = requests

    def sending(self: Any, request: Any, **options: Any) -> Any:
        nonlocal left
        if left <= 0:
            # The dead send nothing more, at cleaning up neither.
            raise Killed
        response = send(self, request, **options)
        left -= everywhere or "/subscriptions/" in request.url
        return response

    monkeypatch.setattr(transport.DeadlineTransport, "send", sending)
