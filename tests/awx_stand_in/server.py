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
_PLATFORM = {"X-API-Product-Name": "Red Hat Ansible Automation Platform", "X-API-Product-Version": "4.7.0"}
_NOT_FOUND = {"detail": "The requested resource could not be found."}
_UPDATES = {"project_updates": "project_update", "inventory_updates": "inventory_update"}
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
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        stand_in = self.server.stand_in
        try:
            body = json.loads(sent or "{}")
        except ValueError as reason:
            status, answer = 400, {"detail": f"JSON parse error - {reason}"}
        else:
            status, answer = stand_in.answer(self.command, self.path, self.headers.get("Authorization", ""), body)
        content = b"" if status == 204 else json.dumps(answer).encode()
        self.send_response(status)
        product = _PLATFORM if stand_in.is_platform else _VERSION
        for name, value in {**product, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


class StandIn:
    """An AWX that is there for as long as its context.

    :param is_platform: the controller of an Ansible Automation Platform, behind its gateway: with another path
        (OPTIONAL_API_URLPATTERN_PREFIX of awx/settings/defaults.py), and organizations that the gateway makes.
    """

    def __init__(self, project: Path, is_platform: bool = False) -> None:
        self.is_platform = is_platform
        root = "/api/controller/v2" if is_platform else "/api/v2"
        self.store = Store(project, root, manages_organizations=not is_platform)
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
        prefix = {"CONTROLLER_OPTIONAL_API_URLPATTERN_PREFIX": "/api/controller/"} if self.is_platform else {}
        return {"CONTROLLER_HOST": f"http://{host}:{port}", "CONTROLLER_OAUTH_TOKEN": TOKEN, **prefix}

    def answer(self, method: str, target: str, authorization: str, body: dict[str, Any]) -> tuple[int, Any]:
        """Status and body of the answer to a request."""
        split = urlsplit(target)
        with self._lock:
            if method != "GET":
                self.writes.append((method, split.path, body))
            try:
                if authorization != f"Bearer {TOKEN}":
                    raise Refused(401, {"detail": "Authentication credentials were not provided."})
                root = f"{self.store.root}/"
                if not split.path.startswith(root) or not split.path.endswith("/"):
                    raise Refused(404, _NOT_FOUND)
                words = split.path.removeprefix(root).split("/")[:-1]
                return self._do(method, words, dict(parse_qsl(split.query)), body)
            except Refused as refusal:
                return refusal.status, refusal.body

    def _do(self, method: str, path: list[str], query: dict[str, str], body: dict[str, Any]) -> tuple[int, Any]:
        endpoint, number, below = path[0], _number(path), path[2] if len(path) > 2 else ""
        if endpoint in _UPDATES:
            return self._update(_UPDATES[endpoint], number, below, query)
        if endpoint == "jobs" and number in self.store.jobs:
            return 200, {"id": number, "type": "job", "status": self.store.jobs[number]}
        if endpoint not in KINDS and endpoint != "unified_job_templates":
            raise Refused(404, _NOT_FOUND)
        if not isinstance(body, dict):
            raise Refused(400, {"non_field_errors": ["Invalid data. Expected a dictionary."]})
        if below:
            return self._below(method, endpoint, number, below, body)
        if number:
            changed = self.store.update(endpoint, number, body) if method == "PATCH" else None
            return 200, self.store.shown(changed or self.store.get(endpoint, number))
        if endpoint in KINDS and not KINDS[endpoint].listed:
            raise Refused(404, _NOT_FOUND)
        if method == "POST":
            return 201, self.store.shown(self.store.create(endpoint, body))
        return 200, _page(f"{self.store.root}/{endpoint}/", list(map(self.store.shown, self.store.of(endpoint))), query)

    def _below(self, method: str, endpoint: str, number: int, below: str, body: dict[str, Any]) -> tuple[int, Any]:
        one = self.store.get(endpoint, number)
        if below == "create_approval_template" and method == "POST":
            return 201, self.store.shown(self.store.approval(number, body))
        if below == "survey_spec" and "survey_spec" in one:
            if method == "POST":
                self.store.survey(endpoint, number, body)
            return 200, one["survey_spec"]
        if below == "update" and method == "POST" and endpoint in ("projects", "inventory_sources"):
            update = self.store.update_project if endpoint == "projects" else self.store.update_source
            return 202, update(number)
        if below == "playbooks" and endpoint == "projects":
            return 200, one["playbooks"]
        if below not in KINDS[endpoint].associations:
            raise Refused(404, _NOT_FOUND)
        if method == "POST":
            self.store.associate(endpoint, number, below, body)
            return 204, {}
        path = f"{self.store.root}/{endpoint}/{number}/{below}/"
        return 200, _page(path, [self.store.shown(self.store.objects[other]) for other in one[below]], {})

    def _update(self, kind: str, number: int, below: str, query: dict[str, str]) -> tuple[int, Any]:
        update = self.store.updates.get((kind, number))
        if update is None or below not in ("", "events", "stdout"):
            raise Refused(404, _NOT_FOUND)
        if below == "events":
            return 200, _page(f"{update['url']}events/", self.store.events(kind, number), query)
        if below == "stdout":
            # UnifiedJobStdout of awx/api/views/__init__.py, with format=json.
            return 200, {"range": {"start": 0}, "content": self.store.output(kind, number)}
        return 200, update


def _number(path: list[str]) -> int:
    """The id in a path; 0 if there is none. Names in its place (named URLs) lead nowhere here."""
    if len(path) < 2:
        return 0
    if not path[1].isdigit():
        raise Refused(404, _NOT_FOUND)
    return int(path[1])


def _page(path: str, objects: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
    try:
        page, size = int(query.pop("page", 1)), int(query.pop("page_size", _PAGE))
    except ValueError:
        raise Refused(404, {"detail": "Invalid page."}) from None
    shown = [one for one in objects if _matches(one, query)]
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
