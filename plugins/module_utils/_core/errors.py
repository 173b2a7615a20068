# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The exceptions of this collection, each with a one-sentence message, and with Azure's code and request id if available."""

from __future__ import annotations

import re
from typing import Any

# Patterns of SAS signatures, bearer tokens, client secrets and passwords that a service may repeat in a message.
_SECRETS = (
    re.compile(r"(?i)((?:sig|client_secret|password|client_assertion|access_token)=)[^&\s'\"]+"),
    re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]+"),
    # User and password in a URL.
    re.compile(r"(?i)(https?://)[^/\s@'\"]+(?=@)"),
)


def without_secrets(text: str) -> str:
    """Mask secrets in a text."""
    for pattern in _SECRETS:
        text = pattern.sub(r"\1********", text)
    return text


#: The code of a task that exceeded its time limit.
TIME_LIMIT_EXCEEDED = "time_limit_exceeded"

#: The code of an invalid option without a more specific code.
OPTION_NOT_VALID = "option_not_valid"


class Failure(Exception):
    """An error that ends a task.

    :param message: one sentence: the error, the resource, and the remedy.
    :param code: Azure's error code, if Azure refused a request.
    :param request_id: Azure's x-ms-request-id, for Azure support.
    :param details: additional keys for the task's result.
    """

    #: The default code of the class.
    default_code: str | None = None
    #: The API versions that Azure knows, if it refused a request because it does not know that of the request.
    supported_versions: tuple[str, ...] = ()

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
        """The task's result: msg is human-readable, error is machine-readable."""
        result: dict[str, Any] = {"msg": str(self)}
        if self.code or self.request_id:
            result["error"] = {"code": self.code, "message": self.message, "request_id": self.request_id}
        result.update(self.details)
        return result


class InvalidInput(Failure):
    """An option, or a combination of options, is invalid."""

    default_code = OPTION_NOT_VALID


class SignInFailed(Failure):
    """No token was issued: credentials are missing, wrong, or not authorized."""

    default_code = "sign_in_failed"


class Unreachable(Failure):
    """The service did not respond, or its certificate cannot be verified."""

    default_code = "unreachable"


class LostResponse(Failure):
    """A write was sent and its response was lost: it may or may not have taken effect."""


class NotFound(Failure):
    """The resource or its resource group does not exist."""


class Throttled(Failure):
    """Azure requests a longer wait than the task's time limit allows."""


class Refused(Failure):
    """Azure refused a request or an operation."""


class DeadlineExceeded(Failure):
    """The task's time limit was exceeded; running it again continues where it stopped."""

    default_code = TIME_LIMIT_EXCEEDED


class Blocked(Failure):
    """The plan has blockers; nothing was changed."""
