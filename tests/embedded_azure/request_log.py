# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every exchange, as JSON lines in the format of recorded traffic; secrets never get out."""

from __future__ import annotations

import functools
import json
import re
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SCRUBBED = "<scrubbed>"
_KEPT = 100_000
_HEADERS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-ms-authorization-auxiliary", "x-ms-copy-source"}
)
#: The signature of a SAS in a URL.
_SIGNATURE = re.compile(r"(?<=[?&]sig=)[^&]+")
#: A JSON Web Token, whatever its field is called.
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]*")
_FIELDS = frozenset(
    {
        "adminpassword",
        "client_secret",
        "client_assertion",
        "password",
        "access_token",
        "refresh_token",
        "id_token",
        "customdata",
        "userdata",
        "protectedsettings",
        "protectedparameters",
        "accesssas",
        "securitydataaccesssas",
        "securitymetadataaccesssas",
        "runaspassword",
    }
)
_RESOURCE_ID = re.compile(r"/subscriptions/[^/]+(/resourcegroups/[^/]+)?(/providers/(?P<rest>[^?]+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Exchange:
    """One request with its answer."""

    seq: int
    method: str
    url: str
    host: str
    request_headers: dict[str, str]
    status: int | None
    response_headers: dict[str, str]
    #: As they went over the wire, with their secrets: not for people.
    sent: bytes = field(repr=False)
    answered: bytes = field(repr=False)

    @functools.cached_property
    def request_body(self) -> Any:
        """What was sent, without secrets; of what is no JSON, `_raw`."""
        return _scrubbed_json(self.sent)

    @functools.cached_property
    def response_body(self) -> Any:
        """What was answered, without secrets."""
        return _scrubbed_json(self.answered)

    @property
    def path(self) -> str:
        """The path without the query."""
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The query, the last value of each name."""
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.url).query, keep_blank_values=True).items()}

    @property
    def api_version(self) -> str:
        """The api-version, or an empty string."""
        return next((value for name, value in self.query.items() if name.lower() == "api-version"), "")

    @property
    def op(self) -> str:
        """The operation with its names left out, such as `PUT Compute:images/{n}`."""
        return f"{self.method} {operation_name(self.path)}"

    def as_line(self) -> dict[str, Any]:
        """The JSON line; `status` null stands for a connection that a fault rule cut."""
        return {
            "seq": self.seq,
            "op": self.op,
            "request": {
                "method": self.method,
                "url": self.url,
                "headers": self.request_headers,
                "body": self.request_body,
            },
            "response": {"status": self.status, "headers": self.response_headers, "body": self.response_body},
        }


def operation_name(path: str) -> str:
    """The path with names as {n}: Compute:galleries/{n}/images/{n}."""
    match = _RESOURCE_ID.match(path)
    if not match:
        return path
    if match["rest"] is None:
        return "resourceGroups/{n}" if match[1] else "subscriptions/{n}"
    namespace, *parts = match["rest"].split("/")
    shown = [part if position % 2 == 0 else "{n}" for position, part in enumerate(parts)]
    return f"{namespace.removeprefix('Microsoft.')}:{'/'.join(shown)}"


def _scrubbed_json(text: bytes) -> Any:
    if not text.strip():
        return None
    try:
        return scrub(json.loads(text))
    except ValueError:
        return {"_raw": text.decode("utf-8", "replace")}


def scrub(value: Any) -> Any:
    """A copy in which every secret field is replaced."""
    if isinstance(value, dict):
        return {
            key: _hidden(item) if item is not None and _is_secret(key) else scrub(item) for key, item in value.items()
        }
    if isinstance(value, list):
        return [scrub(item) for item in value]
    if not isinstance(value, str):
        return value
    return SCRUBBED if _TOKEN.fullmatch(value) else _SIGNATURE.sub(SCRUBBED, value)


@functools.lru_cache(maxsize=4096)
def _is_secret(key: str) -> bool:
    return key.lower() in _FIELDS


def _hidden(item: Any) -> Any:
    """A secret: of a template's parameter the value goes and the declaration stays, of any other object everything."""
    if isinstance(item, dict):
        return {"value": SCRUBBED} if "value" in item else {key: item[key] for key in ("type",) if key in item}
    if isinstance(item, list):
        return []
    return SCRUBBED


class RequestLog:
    """Keeps exchanges, and writes them to a file if one is named, which other servers may be writing to as well."""

    def __init__(self, path: Path | None) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=_KEPT)
        self._count = 0
        self._lock = threading.Lock()
        # Unbuffered: a line goes out in one piece at the end of the file, whole beside those of other servers.
        self._file = path.open("ab", buffering=0) if path else None

    def add(
        self,
        method: str,
        url: str,
        host: str,
        request_headers: Mapping[str, str],
        sent: bytes,
        status: int | None,
        response_headers: Mapping[str, str],
        answered: bytes,
    ) -> None:
        """Log an exchange; what is read from the log, or written to its file, has no secret."""
        with self._lock:
            exchange = Exchange(
                seq=self._count,
                method=method,
                url=_SIGNATURE.sub(SCRUBBED, url),
                host=host,
                request_headers={
                    key: SCRUBBED if key.lower() in _HEADERS else value for key, value in request_headers.items()
                },
                status=status,
                response_headers=dict(response_headers),
                sent=sent,
                answered=answered,
            )
            self._count += 1
            self.exchanges.append(exchange)
            if self._file:
                self._file.write((json.dumps(exchange.as_line(), default=str) + "\n").encode())

    def clear(self) -> None:
        """Forget what was logged; the file keeps it."""
        with self._lock:
            self.exchanges.clear()
            self._count = 0

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None
