# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""One family of failures, each a single sentence for people, with Azure's code and request id where there are any."""

from __future__ import annotations

import re
from typing import Any

# What a SAS signature, a bearer token, a client secret or a password looks like when a service repeats it in a message.
_SECRETS = (
    re.compile(r"(?i)((?:sig|client_secret|password|client_assertion|access_token)=)[^&\s'\"]+"),
    re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]+"),
    # User and password in an address.
    re.compile(r"(?i)(https?://)[^/\s@'\"]+(?=@)"),
)


def without_secrets(text: str) -> str:
    """Blank out what must never be shown, whoever wrote the text."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1********", text)
    return text


#: The code of a task whose time limit is over.
TIME_LIMIT_EXCEEDED = "time_limit_exceeded"

#: The code of what a task asks for and no code of its own says more of.
OPTION_NOT_VALID = "option_not_valid"


class Failure(Exception):
    """Something a task cannot go on from.

    :param message: one sentence: what, which resource, what to do.
    :param code: Azure's error code, if Azure refused.
    :param request_id: Azure's x-ms-request-id, for its support.
    :param details: further keys for the task's result.
    """

    #: The code of failures of a class that are given none.
    default_code: str | None = None

    def __init__(
        self,
        message: str,
        code: str | None = None,
        request_id: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = without_secrets(message)
        self.code = code or self.default_code
        self.request_id = request_id
        self.details = details or {}

    def __str__(self) -> str:
        known = [part for part in (self.code, self.request_id and f"request id {self.request_id}") if part]
        return f"{self.message} ({', '.join(known)})" if known else self.message

    def as_result(self) -> dict[str, Any]:
        """The task's result: msg for people, error for programs."""
        result: dict[str, Any] = {"msg": str(self)}
        if self.code or self.request_id:
            result["error"] = {"code": self.code, "message": self.message, "request_id": self.request_id}
        result.update(self.details)
        return result


class InvalidInput(Failure):
    """The task asks for something that cannot be meant."""

    default_code = OPTION_NOT_VALID


class SignInFailed(Failure):
    """No token: no credentials, wrong ones, or none that may do this."""

    default_code = "sign_in_failed"


class Unreachable(Failure):
    """The service did not answer, or its certificate does not verify."""

    default_code = "unreachable"


class LostResponse(Failure):
    """A write went out and its answer did not come back: it may or may not have taken effect."""


class NotFound(Failure):
    """Azure says that the resource, or the group it should be in, is not there."""


class Throttled(Failure):
    """Azure asks to wait for longer than the task's time limit allows."""


class Refused(Failure):
    """Azure refused a request or an operation."""


class DeadlineExceeded(Failure):
    """The task's time limit is over; running it again continues where it stopped."""

    default_code = TIME_LIMIT_EXCEEDED


class Blocked(Failure):
    """The plan has blockers; nothing was changed."""
