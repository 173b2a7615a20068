# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of exchanges: one file for many servers, and no secret for who reads it."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from embedded_azure.request_log import RequestLog

LONGER_THAN_A_BUFFER = json.dumps({"value": "x" * 100_000}).encode()


def add(log: RequestLog, name: str, times: int) -> None:
    for _number in range(times):
        log.add("GET", f"/{name}", "localhost", {}, b"", 200, {}, LONGER_THAN_A_BUFFER)


def test_servers_at_once_write_whole_lines_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    logs = [RequestLog(path) for _server in range(4)]
    threads = [threading.Thread(target=add, args=(log, str(number), 25)) for number, log in enumerate(logs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for log in logs:
        log.close()

    urls = [json.loads(line)["request"]["url"] for line in path.read_text().splitlines()]

    assert sorted(urls) == sorted(f"/{number}" for number in range(4) for _line in range(25))


def test_neither_an_exchange_nor_the_file_has_a_secret(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    log = RequestLog(path)
    sent = b'{"properties": {"osProfile": {"adminPassword": "Very-Secret-1", "computerName": "web"}}}'
    log.add(
        "PUT",
        "/web",
        "localhost",
        {"Authorization": "Bearer Very-Secret-2"},
        sent,
        200,
        {},
        b'{"accessSAS": "Very-Secret-3"}',
    )
    log.close()
    exchange = log.exchanges[0]

    assert exchange.request_body["properties"]["osProfile"] == {"adminPassword": "<scrubbed>", "computerName": "web"}
    assert exchange.response_body == {"accessSAS": "<scrubbed>"}
    assert "Very-Secret" not in repr(exchange) + json.dumps(exchange.as_line()) + path.read_text()


def test_what_is_no_json_is_kept_as_it_came() -> None:
    log = RequestLog(None)
    log.add("PUT", "/web", "localhost", {}, b"{half", None, {}, b"")
    assert (log.exchanges[0].request_body, log.exchanges[0].response_body) == ({"_raw": "{half"}, None)
