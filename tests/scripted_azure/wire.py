# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A scripted wire: the requests that are expected, in their order, and what Azure answers; nothing of ours is replaced."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import requests
import responses

MANAGEMENT = "https://management.azure.com"
LOGIN = "https://login.microsoftonline.com"
SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
OPERATION = f"{SUBSCRIPTION}/providers/Microsoft.Compute/locations/westeurope/operations/operation-1"
JSON = "application/json"
TOKEN = "the-token"


#: The sizes that every region offers.
_SIZES = ("Standard_D2s_v3", "Standard_D2s_v5", "Standard_D2s_v6", "Standard_D2ps_v5", "Standard_D2ps_v6")


@dataclass
class Exchange:
    """One expected request and its answer."""

    method: str
    path: str
    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None


@dataclass
class Wire:
    """Answers the script, and keeps what was asked."""

    script: list[Exchange] = field(default_factory=list)
    asked: list[requests.PreparedRequest] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    standing: dict[tuple[str, str], Exchange] = field(default_factory=dict)
    #: What is granted everywhere, as sets of permissions; and what policies say of everything.
    permissions: list[dict[str, Any]] = field(default_factory=lambda: [{"actions": ["*"], "notActions": []}])
    restrictions: dict[str, Any] = field(default_factory=dict)
    #: Questions about rights and policies: they come before every plan with writes, and in no script.
    preflight: list[requests.PreparedRequest] = field(default_factory=list)

    def expect(self, method: str, path: str, status: int = 200, body: Any = None, **more: Any) -> None:
        """Append to the script; a path that starts with /providers or /resourceGroups lies in the subscription.

        What a module names at random is written as *.
        """
        full = path if path.startswith("/subscriptions") else SUBSCRIPTION + path
        self.script.append(Exchange(method, full, status, body, **more))

    def expect_anywhere(self, method: str, path: str, status: int = 200, body: Any = None, **more: Any) -> None:
        """Append to the script what lies in no subscription."""
        self.script.append(Exchange(method, path, status, body, **more))

    def stand(self, method: str, path: str, status: int = 200, body: Any = None, **more: Any) -> None:
        """Answer so whenever asked, in any order: for what is read in threads."""
        full = (
            path if path.startswith(("/subscriptions", "/providers/Microsoft.ResourceGraph")) else SUBSCRIPTION + path
        )
        self.standing[(method, full.lower())] = Exchange(method, full, status, body, **more)

    def refuse(self, method: str, path: str, status: int, code: str, message: str) -> None:
        """Append an error answer."""
        self.expect(
            method,
            path,
            status,
            {"error": {"code": code, "message": message}},
            headers={"x-ms-request-id": "request-7"},
        )

    def operation(self, status: str = "Succeeded", error: dict[str, str] | None = None, **headers: str) -> None:
        """Append a poll of the operation that :func:`accepted` announces."""
        body: dict[str, Any] = {"status": status, **({"error": error} if error else {})}
        self.expect("GET", OPERATION, 200, body, headers=headers)

    def answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        """Called for each request to Resource Manager."""
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        path = urlsplit(request.url).path
        told = self._preflight(path)
        if told is not None and (request.method, path.lower()) not in self.standing:
            self.preflight.append(request)
            return 200, {}, json.dumps(told)
        room = self._room(request.method, path)
        if room is not None:
            self.preflight.append(request)
            return 200, {}, json.dumps(room)
        self.asked.append(request)
        standing = self.standing.get((request.method, path.lower()))
        if standing:
            return standing.status, standing.headers, json.dumps(standing.body)
        if not self.script:
            self.unexpected.append(f"{request.method} {path}")
            return 500, {}, '{"error": {"code": "UnexpectedRequest", "message": "not in the script"}}'
        exchange = self.script[0]
        if request.method != exchange.method or not fnmatchcase(path.lower(), exchange.path.lower()):
            self.unexpected.append(f"{request.method} {path} instead of {exchange.method} {exchange.path}")
            return 400, {}, '{"error": {"code": "UnexpectedRequest", "message": "not in the script"}}'
        self.script.pop(0)
        if exchange.error:
            raise exchange.error
        text = "" if exchange.body is None else json.dumps(exchange.body)
        return exchange.status, exchange.headers, text

    def _preflight(self, path: str) -> dict[str, Any] | None:
        if path.endswith("/providers/Microsoft.Authorization/permissions"):
            return {"value": self.permissions}
        return self.restrictions if path.endswith("/checkPolicyRestrictions") else None

    def _room(self, method: str, path: str) -> dict[str, Any] | None:
        """What every plan of an instance asks, and no script tells unless it is about it: sizes and quotas. There is room."""
        scripted = bool(self.script) and fnmatchcase(path.lower(), self.script[0].path.lower())
        if scripted or (method, path.lower()) in self.standing:
            return None
        if path.endswith("/providers/Microsoft.Compute/skus"):
            return {"value": [{"resourceType": "virtualMachines", "name": name} for name in _SIZES]}
        return {"value": []} if path.endswith("/usages") else None

    def sent(self, method: str) -> list[Any]:
        """The JSON bodies of the requests with that method."""
        return [json.loads(request.body or "null") for request in self.asked if request.method == method]

    def verify(self) -> None:
        """Fail unless the script was followed to its end."""
        assert not self.unexpected, self.unexpected
        assert not self.script, f"never asked for: {[(exchange.method, exchange.path) for exchange in self.script]}"


def accepted(**more: str) -> dict[str, str]:
    """Headers by which Azure takes a write on."""
    return {"Azure-AsyncOperation": f"{MANAGEMENT}{OPERATION}?api-version=2024-07-01", **more}


def install(mock: responses.RequestsMock, wire: Wire) -> None:
    """Put the wire under the requests library, with an identity service that knows one client and its secret."""
    for method in ("GET", "PUT", "POST", "PATCH", "DELETE"):
        mock.add_callback(method, re.compile(re.escape(MANAGEMENT) + "/.*"), callback=wire.answer, content_type=JSON)
    tenant = f"{LOGIN}/the-tenant"
    mock.add(
        "GET",
        re.compile(re.escape(tenant) + r"/v2\.0/\.well-known/openid-configuration.*"),
        json={
            "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{tenant}/oauth2/v2.0/token",
            "issuer": f"{tenant}/v2.0",
        },
    )
    mock.add(
        "GET",
        re.compile(re.escape(LOGIN) + r"/common/discovery/instance.*"),
        json={"tenant_discovery_endpoint": f"{tenant}/v2.0/.well-known/openid-configuration", "metadata": []},
    )
    mock.add_callback("POST", f"{tenant}/oauth2/v2.0/token", callback=_token, content_type=JSON)


def _token(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
    if "client_secret=the-secret" in str(request.body):
        return 200, {}, json.dumps({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
    return (
        401,
        {},
        json.dumps(
            {
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the "
                "request is the client secret value, not the client secret ID. Trace ID: 1 Correlation ID: 2",
            }
        ),
    )
