# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""ARM's front door: HTTP in, a Call to the engine, HTTP out; with faults, throttling and the log."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from . import access, tenants
from .certificates import HOST_NAMES
from .cloud import Cloud
from .engine import Engine
from .entra import Entra
from .errors import AzureError, error
from .faults import Fault, FaultRules
from .model import Call, Response
from .policies import policy_of
from .providers.run_commands import report_outputs
from .request_log import RequestLog
from .resource_id import parse
from .storage_errors import StorageError
from .storage_service import StorageService, storage_request
from .throttling import Throttle

_GUID_LENGTH = 36

# Hosts of storage accounts and key vaults: we have the names, and nothing is in there.
_STORES = tuple(name[1:] for name in HOST_NAMES if name.startswith("*."))


async def bare_when_empty(_request: web.Request, response: web.StreamResponse) -> None:
    """An answer without a body has no content type (recorded); the server library would add one."""
    if isinstance(response, web.Response) and not response.body:
        response.headers.popall("Content-Type", None)


class FrontDoor:
    """Answers requests to Azure Resource Manager."""

    def __init__(
        self, cloud: Cloud, engine: Engine, entra: Entra, faults: FaultRules, log: RequestLog, lock: threading.RLock
    ) -> None:
        self._cloud = cloud
        self._engine = engine
        self._entra = entra
        self._faults = faults
        self._log = log
        self._lock = lock
        self.throttle = Throttle(cloud.clock)
        self.storage = cloud.data_plane = StorageService(cloud, entra)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        raw = await request.read()
        fault = self._faults.take(request.method, request.raw_path)
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if fault and fault.drop == "before":
            return self._cut(request, raw)
        if self.storage.knows(request.host):
            return await self._from_storage(request, raw, fault)
        try:
            response = self._answer(request, raw, fault)
        except AzureError as refusal:
            response = Response(refusal.status, {"error": refusal.body()}, self._failure_headers(request, refusal))
        if fault and fault.drop == "after":
            return self._cut(request, raw)
        return self._send(request, raw, response)

    async def _from_storage(self, request: web.Request, raw: bytes, fault: Fault | None) -> web.StreamResponse:
        """The answer of a storage account, which may have to fetch the source of a copy first."""
        refusal = fault.answer() if fault else None
        try:
            if refusal:
                raise StorageError(refusal.code, refusal.status, refusal.message, **refusal.headers)
            if request.method in ("GET", "HEAD"):
                with self._lock:
                    report_outputs(self._cloud)
            asked = storage_request(request.method, request.host, request.raw_path, request.headers, raw)
            answer = await asyncio.to_thread(self.storage.answer, asked)
            status, headers, body = answer.status, answer.headers, answer.body
        except StorageError as reason:
            status, headers, body = reason.status, dict(reason.headers), reason.body()
            headers |= {"x-ms-error-code": reason.code, "Content-Type": "application/xml"}
        if fault and fault.drop == "after":
            return self._cut(request, raw)
        headers = {
            **headers,
            "x-ms-request-id": str(uuid.uuid4()),
            "x-ms-version": request.headers.get("x-ms-version", ""),
        }
        if request.method == "HEAD":
            body = b""
        self._record(request, raw, status, headers, body)
        return web.Response(status=status, body=body, headers=headers)

    def _answer(self, request: web.Request, raw: bytes, fault: Fault | None) -> Response:
        if request.host.partition(":")[0].lower().endswith(_STORES):
            raise error("nothing_stored")
        caller = self._entra.check(request.headers.get("Authorization"))
        call = self._call(request, raw)
        tenants.check(call, caller, self._others(request), f"https://{request.host}")
        refusal = fault.answer() if fault else None
        if refusal:
            raise refusal
        with self._lock:
            headers = self._count(call)
            access.check(self._cloud, caller, call, f"https://{request.host}")
            lost = bool(fault and fault.operation == "lost")
            try:
                response = self._engine.handle(call, fault.outcome() if fault else None, lost)
            except AzureError as reason:
                reason.headers = {**headers, **reason.headers}
                raise
        return replace(response, headers={**headers, **response.headers})

    def _others(self, request: web.Request) -> list[dict[str, Any]]:
        """The claims of the auxiliary tokens, each of which must be good."""
        header = request.headers.get("x-ms-authorization-auxiliary", "")
        return [self._entra.check(one.strip()) for one in header.split(",") if one.strip()]

    def _count(self, call: Call) -> dict[str, str]:
        """Take the request's tokens; return the headers that say what is left."""
        uncounted = self._cloud.settings.uncounted
        if "*" in uncounted:
            return {}
        headers = self.throttle.take_arm(call.method, enforce=self._cloud.settings.throttles("ARM"))
        policy = policy_of(self._engine.router, call)
        if policy in uncounted:
            return headers
        return headers | self.throttle.take(
            policy, "", call.path.id.lower(), enforce=self._cloud.settings.throttles(policy)
        )

    def _call(self, request: web.Request, raw: bytes) -> Call:
        query = {}
        for name, value in request.query.items():
            query["api-version" if name.lower() == "api-version" else name] = value
        path = parse(unquote(request.raw_path.split("?", 1)[0]))
        api_version = query.get("api-version", "")
        if not api_version:
            raise error("no_api_version")
        if path.subscription is not None:
            self._check_subscription(path.subscription)
        elif path.scope not in ("/subscriptions", "/tenants") and (path.scope or not path.namespace):
            raise error("no_subscription")
        return Call(
            cloud=self._cloud,
            method=request.method,
            path=path,
            query=query,
            body=self._json(raw),
            api_version=api_version,
            origin=f"https://{request.host}",
            if_match=request.headers.get("If-Match", ""),
        )

    def _check_subscription(self, subscription: str) -> None:
        if subscription.lower() in map(str.lower, self._cloud.settings.subscriptions):
            return
        well_formed = len(subscription) == _GUID_LENGTH and subscription.count("-") == 4
        raise error("subscription_not_found" if well_formed else "bad_subscription", subscription=subscription)

    @staticmethod
    def _json(raw: bytes) -> Any:
        if not raw.strip():
            return None
        try:
            return json.loads(raw)
        except ValueError as reason:
            raise error("bad_content", reason=str(reason)) from reason

    def _failure_headers(self, request: web.Request, refusal: AzureError) -> dict[str, str]:
        headers = dict(refusal.headers)
        if refusal.gateway:
            headers["x-ms-failure-cause"] = "gateway"
        if refusal.status == 401 and "WWW-Authenticate" not in headers:
            headers["WWW-Authenticate"] = (
                f'Bearer authorization_uri="https://{request.host}/{self._cloud.settings.tenant}", '
                'error="invalid_token", error_description="The access token is missing or invalid."'
            )
        return headers

    def _send(self, request: web.Request, raw: bytes, response: Response) -> web.Response:
        request_id = str(uuid.uuid4())
        headers = {
            **response.headers,
            "x-ms-request-id": request_id,
            "x-ms-correlation-request-id": request.headers.get("x-ms-correlation-request-id", request_id),
            "x-ms-routing-request-id": f"EMBEDDED:{request_id}",
            "Cache-Control": "no-cache",
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        }
        client = request.headers.get("x-ms-client-request-id")
        if client and request.headers.get("x-ms-return-client-request-id", "").lower() == "true":
            headers["x-ms-client-request-id"] = client
        body = b""
        if response.body is not None and request.method != "HEAD":
            body = json.dumps(response.body).encode()
            headers["Content-Type"] = "application/json; charset=utf-8"
        self._record(request, raw, response.status, headers, body)
        return web.Response(status=response.status, body=body, headers=headers)

    def _cut(self, request: web.Request, raw: bytes) -> web.Response:
        """Cut the connection without an answer."""
        self._record(request, raw, None, {}, b"")
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    def _record(
        self, request: web.Request, raw: bytes, status: int | None, headers: dict[str, str], body: bytes
    ) -> None:
        self._log.add(request.method, request.raw_path, request.host, request.headers, raw, status, headers, body)
