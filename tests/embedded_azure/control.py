# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control API under /embedded/: guests, clock, faults, requests, resources, seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from .clock import DrivenClock
from .errors import AzureError
from .guests import GuestError

if TYPE_CHECKING:
    from .azure import EmbeddedAzure

Handler = Callable[["EmbeddedAzure", web.Request, Any], Any]


class ControlError(Exception):
    """A request to the control API that cannot be met; the message says why."""


def _guests(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    """How each running machine is reached by ssh."""
    shown = {}
    for vm in azure.cloud.store.of_type("Microsoft.Compute/virtualMachines"):
        vm_id = vm.id.lower()
        try:
            access = azure.cloud.guests.ssh_access(vm_id)
        except GuestError as reason:
            shown[vm.id] = {"running": azure.cloud.guests.is_running(vm_id), "reason": str(reason)}
            continue
        shown[vm.id] = {
            "running": azure.cloud.guests.is_running(vm_id),
            "host": access.host,
            "port": access.port,
            "proxy_command": access.proxy_command,
        }
    return shown


def _clock(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    return {"now": azure.clock.now().isoformat(), "driven": isinstance(azure.clock, DrivenClock)}


def _advance(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    if not isinstance(azure.clock, DrivenClock):
        raise ControlError("The clock is real; start with a driven clock to move it.")
    azure.clock.advance(float((body or {}).get("advance", 0)))
    return _clock(azure, request, body)


def _add_fault(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    try:
        azure.faults.add(**(body or {}))
    except (TypeError, ValueError) as reason:
        raise ControlError(str(reason)) from reason
    return {"added": True}


def _clear_faults(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    azure.faults.clear()
    return {"cleared": True}


def _requests(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    since = int(request.query.get("since", "0"))
    return [exchange.as_line() for exchange in azure.requests if exchange.seq >= since]


def _resources(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    return azure.resources()


def _seed(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    try:
        azure.seed(body or {})
    except (ValueError, AzureError) as reason:
        raise ControlError(str(reason)) from reason
    return {"resources": len(azure.cloud.store)}


def _serial_log(azure: EmbeddedAzure, request: web.Request, body: Any) -> Any:
    return {"log": azure.cloud.guests.serial_log(request.query.get("id", "").lower())}


def _serial_console(azure: EmbeddedAzure, request: web.Request, body: Any) -> web.Response:
    """The console log as its blob holds it."""
    return web.Response(text=azure.cloud.guests.serial_log(request.query.get("id", "").lower()))


HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "guests"): _guests,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _advance,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "requests"): _requests,
    ("GET", "resources"): _resources,
    ("POST", "seed"): _seed,
    ("GET", "serial-log"): _serial_log,
    ("GET", "serial-console"): _serial_console,
}


async def handle(azure: EmbeddedAzure, request: web.Request) -> web.Response:
    """Answer a request to /embedded/{word}."""
    handler = HANDLERS.get((request.method, request.match_info["word"]))
    if handler is None:
        return web.json_response({"error": "There is no such control."}, status=404)
    raw = await request.read()
    try:
        body = json.loads(raw) if raw.strip() else None
        answer = await azure.in_thread(handler, azure, request, body)
    except (ControlError, ValueError, GuestError) as reason:
        return web.json_response({"error": str(reason)}, status=400)
    return answer if isinstance(answer, web.Response) else web.json_response(answer)
