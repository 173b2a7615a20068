# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP side of login and of the cloud's metadata."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from aiohttp import web

from . import ci_tokens, metadata
from .entra import Entra, EntraError, instance_discovery, openid_configuration
from .request_log import RequestLog
from .settings import Settings


def _answer(log: RequestLog, request: web.Request, form: Any, status: int, body: Any) -> web.Response:
    headers = {"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store, no-cache"}
    text = json.dumps(body).encode()
    sent = json.dumps(form).encode() if form else b""
    log.add(request.method, request.raw_path, request.host, request.headers, sent, status, headers, text)
    return web.Response(body=text, status=status, headers=headers)


async def _job_token(settings: Settings, log: RequestLog, request: web.Request) -> web.Response:
    authorization = request.headers.get("Authorization", "")
    status, body = ci_tokens.answer_to_job(settings, authorization, request.query.get("audience", ""))
    return _answer(log, request, None, status, body)


def login_routes(settings: Settings, entra: Entra, log: RequestLog) -> list[web.RouteDef]:
    """Routes of Entra and of /metadata/endpoints."""

    answer = partial(_answer, log)

    def origin(request: web.Request) -> str:
        return f"https://{request.host}"

    def version(request: web.Request) -> int:
        return 2 if "v2.0" in request.path else 1

    async def token(request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        tenant = request.match_info["tenant"]
        issuer = f"https://sts.windows.net/{settings.tenant}/"
        try:
            body = entra.token(tenant, form, version=version(request), issuer=issuer)
        except EntraError as refusal:
            return answer(request, form, refusal.status, refusal.body())
        return answer(request, form, 200, body)

    async def configuration(request: web.Request) -> web.Response:
        tenant = request.match_info["tenant"]
        try:
            entra.check_tenant(tenant)
        except EntraError as refusal:
            return answer(request, None, refusal.status, refusal.body())
        return answer(request, None, 200, openid_configuration(origin(request), tenant, version(request)))

    async def discovery(request: web.Request) -> web.Response:
        return answer(request, None, 200, instance_discovery(origin(request), request.host))

    async def realm(request: web.Request) -> web.Response:
        # Whose passwords a user's are: those of the tenant.
        return answer(request, None, 200, {"ver": "1.0", "account_type": "Managed"})

    async def endpoints(request: web.Request) -> web.Response:
        api_version = request.query.get("api-version", "")
        return answer(
            request, None, 200, metadata.endpoints(origin(request), request.host, settings.tenant, api_version)
        )

    return [
        web.post("/{tenant}/oauth2/v2.0/token", token),
        web.post("/{tenant}/oauth2/token", token),
        web.get("/{tenant}/v2.0/.well-known/openid-configuration", configuration),
        web.get("/{tenant}/.well-known/openid-configuration", configuration),
        web.get("/common/discovery/instance", discovery),
        web.get("/common/userrealm/{user}", realm),
        web.get("/metadata/endpoints", endpoints),
        web.get(ci_tokens.PATH, partial(_job_token, settings, log)),
    ]
