# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address inside a machine of Azure that gives out the tokens of its managed identity.

Source: https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from embedded_azure import EmbeddedAzure
from embedded_azure.client import signed_in

_PATH = "/metadata/identity/oauth2/token"


class _Requests(BaseHTTPRequestHandler):
    server: _Listener

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Give a token to who asks as it is to be asked."""
        address = urlsplit(self.path)
        query = parse_qs(address.query)
        right = address.path == _PATH and self.headers.get("Metadata") == "true" and "resource" in query
        self.server.clients.append(query.get("client_id", [""])[0])
        body = {
            "access_token": self.server.token,
            "expires_on": str(int(time.time()) + 3600),
            "expires_in": "3600",
            "resource": query.get("resource", [""])[0],
            "token_type": "Bearer",
        }
        content = json.dumps(body if right else {"error": "invalid_request"}).encode()
        self.send_response(200 if right else 400)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Requests)
        self.token = token
        self.clients: list[str] = []


@contextmanager
def identity_of_this_machine(azure: EmbeddedAzure) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Have this machine be one with a managed identity.

    :returns: what to add to the environment of who is to use it, and the clients that tokens were asked for.
    """
    token = str(signed_in(azure).headers["Authorization"]).removeprefix("Bearer ")
    server = _Listener(token)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}"
        yield {"AZURE_POD_IDENTITY_AUTHORITY_HOST": address, "NO_PROXY": "127.0.0.1"}, server.clients
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
