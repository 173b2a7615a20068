# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Recorded traffic: one JSON line per exchange, one file per scenario."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from embedded_azure.resource_id import ArmPath, parse

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
_POLLS = ("locations/{n}/operations/{id}", "/DiskOperations/{id}", "/capsOperations/{id}", "operationresults/{id}")


@dataclass(frozen=True)
class Recorded:
    """One recorded exchange."""

    scenario: str
    seq: int
    op: str
    method: str
    url: str
    body: Any
    status: int
    headers: dict[str, str]
    answer: Any

    @property
    def is_poll(self) -> bool:
        """Whether it asks after an operation."""
        return any(part in self.op for part in _POLLS)

    @property
    def path(self) -> ArmPath:
        """The address, taken apart."""
        return parse(unquote(urlsplit(self.url).path))

    @property
    def query(self) -> dict[str, str]:
        """The query."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True))

    @property
    def succeeded(self) -> bool:
        """Whether Azure accepted it."""
        return self.status < 400

    @property
    def place(self) -> str:
        """File and line, for reports."""
        return f"{self.scenario}:{self.seq}"


def load(directory: Path) -> dict[str, list[Recorded]]:
    """Every scenario of a directory, in order of its file names."""
    scenarios = {}
    for path in sorted([*directory.glob("*.jsonl"), *directory.glob("*.jsonl.gz")]):
        text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
        name = path.name.split(".jsonl")[0]
        scenarios[name] = [_exchange(name, json.loads(line)) for line in text.splitlines() if line]
    return scenarios


def _exchange(scenario: str, line: dict[str, Any]) -> Recorded:
    request, response = line["request"], line["response"]
    body = request.get("body")
    return Recorded(
        scenario=scenario,
        seq=line["seq"],
        op=line["op"],
        method=request["method"],
        url=request["url"],
        body=None if isinstance(body, dict) and "_raw" in body else body,
        status=response["status"],
        headers={name.lower(): value for name, value in (response.get("headers") or {}).items()},
        answer=response.get("body"),
    )
