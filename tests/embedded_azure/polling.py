# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Poll URLs of long-running operations: where they lie, and what they answer."""

from __future__ import annotations

from .errors import error
from .model import Call, Response, Route
from .operations import Operation
from .resource_id import parse

_FAMILIES = ("operations", "DiskOperations", "capsOperations")
GROUP_RETRY_AFTER = 15
# A write of Microsoft.Resources with no status of its own to read: Location only.
RESULTS = "operationresults"

# What the result of a deletion is: an empty 200 for a group (recorded), 204 for a deployment (Learn, Deployments - Delete).
_DELETED = {"microsoft.resources/deployments": 204}


def _url(call: Call, operation: Operation, monitor: bool) -> str:
    subscription = f"{call.origin}/subscriptions/{call.path.subscription}"
    ticks = int(operation.started.timestamp() * 10_000_000) + 621_355_968_000_000_000
    if operation.style.family == RESULTS:
        return f"{subscription}/operationresults/{operation.id}?api-version={operation.api_version}&t={ticks}"
    flag = "monitor=true&" if monitor else ""
    place = f"{subscription}/providers/Microsoft.Compute/locations/{operation.location}"
    return f"{place}/{operation.style.family}/{operation.id}?{flag}api-version={operation.api_version}&t={ticks}"


def _retry_after(call: Call, seconds: int | None) -> dict[str, str]:
    if seconds is None:
        return {}
    return {"Retry-After": str(call.cloud.settings.retry_after or seconds)}


def operation_headers(call: Call, operation: Operation) -> dict[str, str]:
    """The headers with which a write announces its operation; they carry the host the client came to."""
    headers = _retry_after(call, operation.style.retry_after)
    if operation.style.family == RESULTS:
        return {"Location": _url(call, operation, monitor=False), **headers}
    headers["Azure-AsyncOperation"] = _url(call, operation, monitor=False)
    if operation.style.location:
        headers["Location"] = _url(call, operation, monitor=True)
    return headers


def _find(call: Call) -> Operation:
    operation = call.cloud.operations.get(call.parameters["id"])
    if operation is None:
        raise error("operation_not_found")
    return operation


def poll(call: Call) -> Response:
    """Answer an Azure-AsyncOperation URL with the status, a Location URL (monitor=true) with the result."""
    operation = _find(call)
    waiting = _retry_after(call, operation.style.retry_after) if operation.is_running else {}
    if "monitor" not in call.query:
        return Response(200, operation.document(), waiting)
    if operation.is_running:
        return Response(202, None, {"Location": _url(call, operation, monitor=True), **waiting})
    if operation.error:
        raise operation.error
    return Response(200, operation.output) if operation.output is not None else Response(200)


def poll_deletion(call: Call) -> Response:
    """Answer the poll URL of a group's or a deployment's deletion: 202 while it runs, then an empty answer."""
    operation = _find(call)
    if operation.is_running:
        headers = {"Location": _url(call, operation, monitor=False)}
        return Response(202, None, {**headers, **_retry_after(call, GROUP_RETRY_AFTER)})
    if operation.error:
        raise operation.error
    return Response(_DELETED.get(parse(operation.target).type.lower(), 200))


ROUTES = (
    *(
        Route(
            "GET",
            f"/subscriptions/{{subscription}}/providers/Microsoft.Compute/locations/{{location}}/{family}/{{id}}",
            poll,
            policy="GetOperation",
        )
        for family in _FAMILIES
    ),
    Route("GET", "/subscriptions/{subscription}/operationresults/{id}", poll_deletion),
)
