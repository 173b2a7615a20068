# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the responses of Resource Manager, from the SDK's operations and from plain requests."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.transport import seconds_of


@dataclass(frozen=True)
class Accepted:
    """A write that Azure has accepted."""

    #: The URL for polling its progress; None if it is completed already.
    operation_url: str | None
    #: The Retry-After of the response in seconds; None if there is none.
    retry_after: float | None
    request_id: str | None
    #: The resource after the write, if the response contains it.
    body: dict[str, Any] | None
    #: Whether this write created the resource.
    created: bool = False

    @property
    def operation_id(self) -> str | None:
        """The last segment of the operation's URL, as the activity log shows it."""
        return self.operation_url.split("?")[0].rstrip("/").rsplit("/", 1)[-1] if self.operation_url else None


class KeepResponse:
    """A polling method for the SDK that does not poll: it stores the first response for :mod:`polling`."""

    response: Any = None

    def initialize(self, client: Any, initial_response: Any, deserialization_callback: Any) -> None:
        self.response = initial_response.http_response

    def run(self) -> None:
        pass

    def status(self) -> str:
        return "Accepted"

    def finished(self) -> bool:
        return True

    def resource(self) -> Any:
        return self.response


def as_json(pipeline_response: Any, deserialized: Any, headers: Any) -> dict[str, Any]:
    """For the SDK's parameter cls: the JSON of a response, without the SDK's models."""
    return pipeline_response.http_response.json()


def as_response(pipeline_response: Any, deserialized: Any, headers: Any) -> Any:
    """For the SDK's parameter cls: the response itself."""
    return pipeline_response.http_response


def payload_of(body: Mapping[str, Any]) -> io.BytesIO:
    """The bytes of a body: they bypass the SDK's models, so that the body of the plan is sent unchanged."""
    return io.BytesIO(json.dumps(body).encode())


def accepted_of(response: Any) -> Accepted:
    """Read the response to a write."""
    headers = response.headers
    done = response.status_code in (200, 204) and "Azure-AsyncOperation" not in headers
    return Accepted(
        operation_url=None if done else headers.get("Azure-AsyncOperation") or headers.get("Location"),
        retry_after=seconds_of(headers.get("Retry-After")),
        request_id=headers.get("x-ms-request-id"),
        body=body_of(response) or None,
        created=response.status_code == 201,
    )


def body_of(response: Any) -> dict[str, Any]:
    """The JSON of a response; empty if there is none."""
    # read() first: the SDK streams the responses of writes.
    text = response.read() if hasattr(response, "read") else response.body()
    if not text:
        return {}
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {"value": body}
