# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults by rule: the nth request that matches goes wrong in a chosen way."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, fields
from typing import Any

from .errors import AzureError, error


@dataclass
class Fault:
    """One rule. It strikes from the `nth` match on, `times` times (0: always).

    method: HTTP method or `*`. path: a regular expression searched for in path and query, ignoring case.
    status, code, message, named (the target), headers: answer this instead. retry_after: adds Retry-After; status 429 alone is throttling.
    drop: `before` cuts the connection unheard, `after` when the write has taken effect but nobody was told.
    delay: seconds of real time before the answer.
    operation: `Failed` or `Canceled` (with code and message) ends the operation that the request starts so; `lost`
    makes its poll URL answer 404.
    """

    method: str = "*"
    path: str = ""
    nth: int = 1
    times: int = 1
    status: int | None = None
    code: str | None = None
    message: str | None = None
    #: The property that the error names.
    named: str | None = None
    headers: dict[str, str] | None = None
    retry_after: int | None = None
    drop: str | None = None
    delay: float = 0.0
    operation: str | None = None
    seen: int = 0

    def __post_init__(self) -> None:
        if self.drop not in (None, "before", "after"):
            raise ValueError("drop is before or after.")
        if self.operation not in (None, "Failed", "Canceled", "lost"):
            raise ValueError("operation is Failed, Canceled or lost.")
        if self.retry_after is not None and self.retry_after < 1:
            raise ValueError("retry_after must be at least 1: azure-core reads Retry-After: 0 as absent.")
        re.compile(self.path)

    def strikes(self, method: str, target: str) -> bool:
        """Count a request and say whether it is this rule's turn."""
        if self.method not in ("*", method) or not re.search(self.path, target, re.IGNORECASE):
            return False
        self.seen += 1
        return self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)

    def answer(self) -> AzureError | None:
        """The error to answer instead, or None when the rule only delays, drops or spoils the operation."""
        if self.status is None:
            return None
        plain = error("throttled") if self.status == 429 else None
        headers = dict(self.headers or {})
        if self.retry_after is not None:
            headers["Retry-After"] = str(self.retry_after)
        return AzureError(
            self.status,
            self.code or (plain.code if plain else "InternalServerError"),
            self.message or (plain.message if plain else "The server encountered an internal error."),
            headers=headers,
            target=self.named,
        )

    def outcome(self) -> tuple[str, AzureError | None] | None:
        """How the operation that the request starts is to end, if the rule says so."""
        if self.operation not in ("Failed", "Canceled"):
            return None
        if self.operation == "Canceled" and self.code is None:
            return "Canceled", error("preempted")
        reason = AzureError(409, self.code or "InternalOperationError", self.message or "The operation failed.")
        return self.operation, reason


class FaultRules:
    """All rules; the first whose turn it is wins."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, method: str = "*", path: str = "", **what: Any) -> Fault:
        """Add a rule; keywords are the fields of Fault. ValueError names a field that does not exist."""
        known = {item.name for item in fields(Fault)}
        for name in what:
            if name not in known:
                raise ValueError(f"A fault rule has no field {name}.")
        rule = Fault(method=method, path=path, **what)
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Forget all rules."""
        with self._lock:
            self._rules.clear()

    def take(self, method: str, target: str) -> Fault | None:
        """The rule that strikes this request, if any; every rule that matches counts it."""
        with self._lock:
            struck = [rule for rule in self._rules if rule.strikes(method, target)]
        return struck[0] if struck else None
