# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The transport of requests: one connection pool, with time limits, and retries within the task's time limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.golden.azure.plugins.module_utils._azure.auth.claims_challenge import challenge_of
from ansible_collections.golden.azure.plugins.module_utils._azure.auxiliary_tenants import AuxiliaryTenantsPolicy
from ansible_collections.golden.azure.plugins.module_utils._azure.rate_limiter import RateLimiter, request_kind
from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import (
    ARMChallengeAuthenticationPolicy,
    HTTPPolicyBase,
    PolicyBase,
    RetryBase,
    TransportBase,
    exceptions,
    policies,
    request_tools,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.tls import (
    TrustAdapter,
    bundle_of_environment,
    check_authorities,
)
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Throttled, Unreachable
from ansible_collections.golden.azure.plugins.module_utils._core.version import COLLECTION_VERSION
from ansible_collections.golden.azure.plugins.module_utils._local.controller import check_controller

USER_AGENT = f"golden.azure/{COLLECTION_VERSION}"

# Seconds. Azure usually responds in less than a second; a listing of a thousand items takes a few.
CONNECTION_TIMEOUT = 15
READ_TIMEOUT = 60

#: The maximum number of open connections to one host.
CONNECTIONS = 128
_HOSTS = 4


#: The user realm endpoint of Entra.
_USER_REALM = "/common/userrealm/"


class DeadlineTransport(TransportBase):
    """The SDK's transport on the task's clock: all of its waits, between retries too, end with the time limit.

    :raises FileUnusable: if the trusted certificate authorities cannot be read.
    """

    def __init__(self, deadline: Deadline, verify_certificates: bool = True, **options: Any) -> None:
        if verify_certificates:
            check_authorities()
        super().__init__(
            connection_timeout=CONNECTION_TIMEOUT,
            read_timeout=READ_TIMEOUT,
            connection_verify=verify_certificates,
            **options,
        )
        self.deadline = deadline
        self._proxies: dict[str, dict[str, str]] = {}
        self._bundle = bundle_of_environment() if verify_certificates else None

    def open(self) -> None:
        """Open the connection pool, with as many connections as threads: further ones would be closed after each use.

        The environment is read here and not by requests, which reads it for each request, taking a fifth of its time.
        In addition, requests would replace the token by a password for Azure's host in a .netrc file.
        """
        is_new = self.session is None
        super().open()
        if is_new and self.session is not None:
            retries = self.session.get_adapter("https://").max_retries
            adapter = TrustAdapter(pool_connections=_HOSTS, pool_maxsize=CONNECTIONS, max_retries=retries)
            self.session.mount("https://", adapter)
            self.session.trust_env = False

    def send(self, request: Any, **options: Any) -> Any:
        """Send one request, limited to the remaining time (but at least a second, to get its response).

        :raises ControllerGone: if the Ansible run has ended.
        """
        check_controller()
        left = max(1.0, self.deadline.remaining)
        options["connection_timeout"] = min(options.get("connection_timeout", CONNECTION_TIMEOUT), left)
        options["read_timeout"] = min(options.get("read_timeout", READ_TIMEOUT), left)
        options["proxies"] = options.get("proxies") or self._proxies_to(request.url)
        if self._bundle:
            options.setdefault("connection_verify", self._bundle)
        return super().send(request, **options)

    def _proxies_to(self, url: str) -> dict[str, str]:
        """The proxies from the environment for a host, as requests determines them."""
        host = urlsplit(url).netloc
        if host not in self._proxies:
            self._proxies[host] = request_tools.get_environ_proxies(url)
        return self._proxies[host]

    def sleep(self, duration: float) -> None:
        """Wait before a retry.

        :param duration: seconds.
        :raises Throttled: at once, if the wait would exceed the time limit of the task.
        """
        if duration > self.deadline.remaining:
            raise Throttled(
                f"Azure asks to wait {duration:g} s before the next request, but only {self.deadline.remaining:.0f} s "
                "of the task's time limit remain; run it again later, or increase 'timeout'."
            )
        self.deadline.clock.sleep(duration)


class SignInTransport(DeadlineTransport):
    """The transport of sign-ins: adds the port of the authority to requests of MSAL that omit it.

    MSAL omits it when it determines the realm of a user: `user_realm_discovery` in msal/authority.py of
    AzureAD/microsoft-authentication-library-for-python uses the hostname only.
    """

    def __init__(self, authority: str, deadline: Deadline, verify_certificates: bool = True) -> None:
        super().__init__(deadline, verify_certificates)
        named = urlsplit(authority if "://" in authority else f"https://{authority}")
        self._authority = named if named.netloc != named.hostname else None

    def send(self, request: Any, **options: Any) -> Any:
        """Send one request to the port of the authority."""
        asked = urlsplit(request.url)
        authority = self._authority
        if authority and asked.netloc == authority.hostname and asked.path.startswith(_USER_REALM):
            request.url = asked._replace(netloc=authority.netloc).geturl()
        return super().send(request, **options)


class PatientRetries(RetryBase):
    """The SDK's retries; if the next one would exceed the time limit, its cause is raised."""

    def sleep(self, settings: Any, transport: Any, response: Any = None) -> None:
        """Called by the SDK between two attempts.

        :raises Throttled: if Azure requests a longer wait than the time limit allows.
        :raises Failure: of the last attempt, if it was for another reason.
        """
        try:
            super().sleep(settings, transport, response=response)
        except Throttled as throttled:
            status = response.http_response.status_code if response is not None else None
            if status not in (None, 429):
                raise Unreachable(
                    f"Azure returned HTTP {status} until the time limit of the task; this is a problem of Azure; run "
                    "the task again later.",
                    code=f"HTTP {status}",
                ) from None
            if isinstance(throttled.__context__, exceptions.AzureError):
                raise throttled.__context__ from None
            raise


def retry_policy() -> Any:
    """Retries for throttling, server errors and connections; the transport's clock bounds them all."""
    return PatientRetries(retry_total=12, retry_connect=3, retry_read=3, retry_status=8, retry_backoff_max=30)


class RateLimitPolicy(PolicyBase):
    """Delays requests for the rate limiter, and reports the headers of each response to it."""

    def __init__(self, rate_limiter: RateLimiter) -> None:
        super().__init__()
        self.rate_limiter = rate_limiter

    def on_request(self, request: Any) -> None:
        """Called by the SDK before each attempt."""
        kind = _kind(request)
        if self.rate_limiter.applies_to(kind):
            self.rate_limiter.admit(kind)

    def on_response(self, request: Any, response: Any) -> None:
        """Called by the SDK for every response, including those that are retried."""
        kind, answer = _kind(request), response.http_response
        wait = seconds_of(answer.headers.get("Retry-After")) if answer.status_code == 429 else None
        self.rate_limiter.record_response(kind, answer.headers, wait)
        self._over(kind)

    def on_exception(self, request: Any) -> None:
        """Called by the SDK if there is no response."""
        self._over(_kind(request))

    def _over(self, kind: str) -> None:
        if self.rate_limiter.applies_to(kind):
            self.rate_limiter.give_back(kind)


class RefusedTokenPolicy(HTTPPolicyBase):
    """Signs in again, once per request, if Azure refuses a token that has not expired: it was revoked, or the clocks differ.

    A 401 response with a claims challenge is handled elsewhere, as signing in again in the same way does not help. A request
    that was refused has had no effect, and can be sent again, whatever its method.
    """

    def __init__(self, credential: Any) -> None:
        super().__init__()
        self.credential = credential

    def send(self, request: Any) -> Any:
        """Called by the SDK for each attempt."""
        response = self.next.send(request)
        if self._is_refused(request, response):
            rewind = getattr(request.http_request.body, "seek", None)
            if rewind:
                rewind(0)
            response = self.next.send(request)
            self._is_refused(request, response)
        return response

    def _is_refused(self, request: Any, response: Any) -> bool:
        """Whether its token was refused, which is then discarded."""
        if response.http_response.status_code != 401 or challenge_of(response.http_response.headers):
            return False
        self.credential.forget(request.http_request.headers.get("Authorization", "").partition(" ")[2])
        return True


def _kind(request: Any) -> str:
    return request_kind(request.http_request.method, urlsplit(request.http_request.url).path)


def seconds_of(retry_after: str | None) -> float | None:
    """The seconds of a Retry-After header; None if it is missing or a date, which Resource Manager does not send."""
    try:
        return float(retry_after) if retry_after else None
    except ValueError:
        return None


def arm_policies(
    credential: Any, scope: str, rate_limiter: RateLimiter, modelled: bool, auxiliary: Mapping[str, Any] | None = None
) -> list[Any]:
    """The pipeline of a request to Resource Manager.

    :param modelled: whether operations of the SDK use it, some releases of which require decoded responses;
        otherwise responses would be decoded twice.
    :param auxiliary: further tenants, with their credentials.

    The automatic registration of resource providers is omitted on purpose: it would change the subscription without a request.
    Nothing here logs, so no header or body can reach a task's output.
    """
    return [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy(base_user_agent=USER_AGENT),
        *([policies.ContentDecodePolicy()] if modelled else []),
        retry_policy(),
        RateLimitPolicy(rate_limiter),
        RefusedTokenPolicy(credential),
        ARMChallengeAuthenticationPolicy(credential, scope),
        *([AuxiliaryTenantsPolicy(auxiliary, scope)] if auxiliary else []),
    ]


def metadata_policies() -> list[Any]:
    """The pipeline of a request without a token."""
    return [policies.UserAgentPolicy(base_user_agent=USER_AGENT), policies.ContentDecodePolicy(), retry_policy()]
