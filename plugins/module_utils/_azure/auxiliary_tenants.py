# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Requests that refer to resources of other tenants, such as a gallery from whose image version another version is created.

Resource Manager accepts the token of the tenant of the subscription only, and for what a write refers to in other tenants further
tokens in a header: https://learn.microsoft.com/azure/azure-resource-manager/management/authenticate-multi-tenant
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.sdk import HTTPPolicyBase

_HEADER = "x-ms-authorization-auxiliary"
_SUBSCRIPTION = re.compile(r"^https://[^/]+/subscriptions/(?P<id>[0-9A-Fa-f-]{36})(?:[/?]|$)")
#: What Azure responds to the token of another tenant: the authority with the tenant of the subscription
#: (https://github.com/Azure/azure-sdk-for-net/issues/49391).
_AUTHORITY = re.compile(r'authorization_uri="https://[^/"]+/(?P<tenant>[0-9A-Fa-f-]{36})')
_READS = ("GET", "HEAD")


class AuxiliaryTenantsPolicy(HTTPPolicyBase):
    """Adds the tokens of other tenants to writes, and reads the subscriptions of these tenants with their tokens.

    :param credentials: tenant -> its credential.
    :param scope: of the tokens.
    """

    def __init__(self, credentials: Mapping[str, Any], scope: str) -> None:
        super().__init__()
        self._credentials = credentials
        self._scope = scope
        #: Subscription -> its tenant, if that is one of these.
        self._tenants: dict[str, str] = {}

    def send(self, request: Any) -> Any:
        """Called by the SDK for each attempt."""
        sent = request.http_request
        found = _SUBSCRIPTION.match(sent.url)
        subscription = found["id"].lower() if found else ""
        if subscription in self._tenants:
            return self._send_as(self._tenants[subscription], request)
        if sent.method not in _READS:
            sent.headers[_HEADER] = ", ".join(f"Bearer {self._token(tenant)}" for tenant in self._credentials)
        response = self.next.send(request)
        tenant = self._tenant_of(response) if subscription else None
        if tenant is None:
            return response
        # A request that was refused for its token has had no effect.
        self._tenants[subscription] = tenant
        rewind = getattr(sent.body, "seek", None)
        if rewind:
            rewind(0)
        return self._send_as(tenant, request)

    def _send_as(self, tenant: str, request: Any) -> Any:
        sent = request.http_request
        sent.headers["Authorization"] = f"Bearer {self._token(tenant)}"
        sent.headers.pop(_HEADER, None)
        return self.next.send(request)

    def _tenant_of(self, response: Any) -> str | None:
        """The tenant that Azure names when it refuses a token, if it is one of these."""
        if response.http_response.status_code != 401:
            return None
        named = _AUTHORITY.search(response.http_response.headers.get("WWW-Authenticate") or "")
        tenant = named["tenant"].lower() if named else None
        return tenant if tenant in self._credentials else None

    def _token(self, tenant: str) -> str:
        return str(self._credentials[tenant].get_token(self._scope).token)
