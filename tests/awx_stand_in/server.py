# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The HTTP side: a server on loopback, one thread per request."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from .kinds import KINDS
from .store import Refused, Store

TOKEN = "a-token-of-awx"
_VERSION = {"X-API-Product-Name": "AWX", "X-API-Product-Version": "24.6.1"}
#: As many as AWX lists at once, unless it is asked for more.
_PAGE = 25


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: StandIn


class _Requests(BaseHTTPRequestHandler):
    server: _Listener
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a request to read."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a request to make something."""
        self._answer()

    def do_PATCH(self) -> None:
        """Answer a request to change something."""
        self._answer()

    def _answer(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
        authorization = self.headers.get("Authorization", "")
        status, answer = self.server.stand_in.answer(self.command, self.path, authorization, body)
        content = b"" if status == 204 else json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {**_VERSION, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class StandIn:
    """An AWX that is there for as long as its context."""

    def __init__(self, project: Path) -> None:
        self.store = Store(project)
        #: Requests that were to change something: method, path and body.
        self.writes: list[tuple[str, str, dict[str, Any]]] = []
        self._lock = threading.Lock()
        self._server = _Listener(("127.0.0.1", 0), _Requests)
        self._server.stand_in = self
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> StandIn:
        self._thread.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def environment(self) -> dict[str, str]:
        """What the modules of awx.awx take it from."""
        host, port = self._server.server_address[:2]
        return {"CONTROLLER_HOST": f"http://{host}:{port}", "CONTROLLER_OAUTH_TOKEN": TOKEN}

    def answer(self, method: str, target: str, authorization: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and body of the answer to a request."""
        split = urlsplit(target)
        with self._lock:
            if method != "GET":
                self.writes.append((method, split.path, body))
            try:
                if authorization != f"Bearer {TOKEN}":
                    raise Refused(401, {"detail": "Authentication credentials were not provided."})
                if not split.path.startswith("/api/v2/") or not split.path.endswith("/"):
                    raise Refused(404, {"detail": "The requested resource could not be found."})
                return self._do(method, split.path.split("/")[3:-1], dict(parse_qsl(split.query)), body)
            except Refused as refusal:
                return refusal.status, refusal.body

    def _do(self, method: str, path: list[str], query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        endpoint, number, below = path[0], int(path[1]) if len(path) > 1 else 0, path[2] if len(path) > 2 else ""
        if endpoint == "project_updates":
            return 200, {"id": number, "status": "successful"}
        if endpoint not in KINDS and endpoint != "unified_job_templates":
            raise Refused(404, {"detail": "The requested resource could not be found."})
        if below:
            return self._below(method, endpoint, number, below, body)
        if number:
            changed = self.store.update(endpoint, number, body) if method == "PATCH" else None
            return 200, self.store.shown(changed or self.store.get(endpoint, number))
        if endpoint in KINDS and not KINDS[endpoint].listed:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        if method == "POST":
            return 201, self.store.shown(self.store.create(endpoint, body))
        return 200, self._page(f"/api/v2/{endpoint}/", self.store.of(endpoint), query)

    def _below(self, method: str, endpoint: str, number: int, below: str, body: dict[str, Any]) -> tuple[int, Any]:
        one = self.store.get(endpoint, number)
        if below == "create_approval_template" and method == "POST":
            return 201, self.store.shown(self.store.approval(number, body))
        if below == "survey_spec" and "survey_spec" in one:
            if method == "POST":
                self.store.survey(endpoint, number, body)
            return 200, one["survey_spec"]
        if below not in KINDS[endpoint].associations:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        if method == "POST":
            self.store.associate(endpoint, number, below, body)
            return 204, {}
        path = f"/api/v2/{endpoint}/{number}/{below}/"
        return 200, self._page(path, [self.store.objects[other] for other in one[below]], {})

    def _page(self, path: str, objects: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        page, size = int(query.pop("page", 1)), int(query.pop("page_size", _PAGE))
        shown = [one for one in map(self.store.shown, objects) if _matches(one, query)]
        more = urlencode({**query, "page": page + 1, "page_size": size}) if len(shown) > page * size else None
        results = shown[(page - 1) * size : page * size]
        return {"count": len(shown), "next": f"{path}?{more}" if more else None, "results": results}


def _matches(one: dict[str, Any], query: dict[str, str]) -> bool:
    """Whether all of a query's fields fit, and one of those that begin with or__ (awx/api/filters.py)."""
    either = {name.removeprefix("or__"): value for name, value in query.items() if name.startswith("or__")}
    every = {name: value for name, value in query.items() if not name.startswith("or__")}
    unknown = sorted(name for name in {**either, **every} if name not in one)
    if unknown:
        raise Refused(400, {"detail": f"{one['type']} has no field named '{unknown[0]}'"})
    fitting = [str(one[name]) == value for name, value in either.items()]
    return all(str(one[name]) == value for name, value in every.items()) and (not fitting or any(fitting))
