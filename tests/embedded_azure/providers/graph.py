# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.ResourceGraph/resources: queries over everything there is, at most 1000 rows at a time."""

from __future__ import annotations

from typing import Any

from ..errors import AzureError
from ..model import Body, Call, Provider, Response, Route
from ..plain_json import copied
from ..store import Resource
from . import community_graph
from .groups import GROUP
from .kusto import KustoError, Query, Row
from .power import power_state

_PAGE = 1000
_COLUMNS = ("kind", "location", "managedBy", "sku", "plan", "properties", "tags", "identity", "zones")


def _row(call: Call, resource: Resource) -> Row:
    body = resource.body
    row: Row = {
        "id": resource.id,
        "name": resource.name,
        "type": resource.type.lower(),
        "tenantId": call.cloud.settings.tenant,
        "resourceGroup": resource.group.lower(),
        "subscriptionId": resource.id.split("/")[2],
    }
    for column in _COLUMNS:
        row[column] = body.get(column, "" if column in ("kind", "managedBy", "location") else None)
    if resource.type == "Microsoft.Compute/virtualMachines":
        state = power_state(call.cloud, resource)
        view = {"powerState": {"code": f"PowerState/{state}", "displayStatus": f"VM {state}", "level": "Info"}}
        row["properties"] = {**resource.properties, "extended": {"instanceView": view}}
    return row


def _rows(call: Call, table: str) -> list[Row]:
    if table == community_graph.TABLE:
        return community_graph.rows(call)
    subscriptions = [str(id).lower() for id in (call.body or {}).get("subscriptions") or []]
    found = [
        resource
        for resource in call.cloud.store
        if (resource.type == GROUP) is (table != "resources")
        and (not subscriptions or resource.id.split("/")[2].lower() in subscriptions)
    ]
    if table != "resources":
        return [{**_row(call, group), "type": "microsoft.resources/subscriptions/resourcegroups"} for group in found]
    return [_row(call, resource) for resource in found if "/providers/Microsoft.Authorization/" not in resource.id]


def resources(call: Call) -> Response:
    """POST a query; the answer is an object array, or a table for older versions."""
    body = call.body or {}
    try:
        query = Query(str(body.get("query", "")))
        rows = query.run(_rows(call, query.table))
    except KustoError as reason:
        raise _refusal(str(reason)) from reason
    options = {key.lstrip("$").lower(): value for key, value in (body.get("options") or {}).items()}
    first = int(options.get("skiptoken") or options.get("skip") or 0)
    size = min(int(options.get("top") or _PAGE), _PAGE)
    # Rows share what they show with the store; the answer must not.
    page = copied(rows[first : first + size])
    answer: Body = {
        "totalRecords": len(rows),
        "count": len(page),
        "data": page if _wants_objects(call, options) else _table(page),
        "facets": [],
        "resultTruncated": "false",
    }
    if first + size < len(rows):
        answer["$skipToken"] = str(first + size)
    return Response(200, answer)


def _wants_objects(call: Call, options: dict[str, Any]) -> bool:
    default = "table" if call.api_version < "2021-03-01" else "objectArray"
    return str(options.get("resultformat") or default).lower() == "objectarray"


def _table(rows: list[Row]) -> Body:
    names = list(rows[0]) if rows else []
    kinds = {dict: "object", list: "object", int: "integer", bool: "boolean"}
    columns = [{"name": name, "type": kinds.get(type(rows[0][name]), "string")} for name in names]
    return {"columns": columns, "rows": [[row[name] for name in names] for row in rows]}


def _refusal(token: str) -> AzureError:
    refusal = AzureError(400, "BadRequest", "Please provide below info when asking for support.")
    refusal.details = [
        {
            "code": "InvalidQuery",
            "message": "Query is invalid. Please refer to the documentation for the Azure Resource Graph service and fix "
            "the error before retrying.",
        },
        {"code": "ParserFailure", "message": "ParserFailure", "token": token},
    ]
    return refusal


PROVIDER = Provider(
    namespace="Microsoft.ResourceGraph",
    routes=(Route("POST", "/providers/Microsoft.ResourceGraph/resources", resources, policy="ResourceGraph"),),
)
