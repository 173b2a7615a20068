# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""How requests leave: over one connection pool, with time limits, and retried only as long as the task may take."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils.errors import Throttled
from ansible_collections.golden.azure.plugins.module_utils.sdk import (
    ARMChallengeAuthenticationPolicy,
    TransportBase,
    policies,
)

USER_AGENT = "golden.azure/0.1.0"

# Seconds. Azure answers in less than a second as a rule; a listing of a thousand items takes a few.
CONNECTION_TIMEOUT = 15
READ_TIMEOUT = 60

#: Connections that are kept for one host.
CONNECTIONS = 64
_HOSTS = 4


class DeadlineTransport(TransportBase):
    """The SDK's transport on the task's clock: all of its waits, between retries too, end with the time limit."""

    def __init__(self, deadline: Deadline, verify_certificates: bool = True, **options: Any) -> None:
        super().__init__(
            connection_timeout=CONNECTION_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            connection_verify=verify_certificates,
            **options,
        )
        self.deadline = deadline

    def open(self) -> None:
        """Open the pool, with room for as many connections as there may be threads: others are closed after each use."""
        is_new = self.session is None
        super().open()
        if is_new and self.session is not None:
            self.session.get_adapter("https://").init_poolmanager(_HOSTS, CONNECTIONS)

    def send(self, request: Any, **options: Any) -> Any:
        """Send one request, allowing it no more time than is left (but a second, to learn what became of it)."""
        left = max(1.0, self.deadline.remaining)
        options["connection_timeout"] = min(options.get("connection_timeout", CONNECTION_TIMEOUT), left)
        options["read_timeout"] = min(options.get("read_timeout", READ_TIMEOUT), left)
        return super().send(request, **options)

    def sleep(self, duration: float) -> None:
        """Wait before a retry.

        :param duration: seconds.
        :raises Throttled: at once, when the wait would outlast the task.
        """
        if duration > self.deadline.remaining:
            raise Throttled(
                f"Azure asks to wait {duration:g} s before the next request, but only {self.deadline.remaining:.0f} s of "
                "the task's time limit are left; run it again later, or raise 'timeout'."
            )
        self.deadline.clock.sleep(duration)


def retry_policy() -> Any:
    """Retries for throttling, server errors and connections; the transport's clock bounds them all."""
    return policies.RetryPolicy(retry_total=12, retry_connect=3, retry_read=3, retry_status=8, retry_backoff_max=30)


def arm_policies(credential: Any, scope: str) -> list[Any]:
    """The pipeline of a request to Resource Manager.

    Registration of resource providers is left out on purpose: it changes the subscription without having been asked.
    Nothing here logs, so no header or body can reach a task's output.
    """
    return [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy(base_user_agent=USER_AGENT),
        policies.ContentDecodePolicy(),
        retry_policy(),
        ARMChallengeAuthenticationPolicy(credential, scope),
    ]


def metadata_policies() -> list[Any]:
    """The pipeline of a request that needs no token."""
    return [policies.UserAgentPolicy(base_user_agent=USER_AGENT), policies.ContentDecodePolicy(), retry_policy()]
