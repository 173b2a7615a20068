# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Authorization at any scope: locks, the caller's permissions, and the definitions of policies."""

from __future__ import annotations

from .. import locks, policy_assignments
from ..errors import error
from ..model import Call, Provider, Response, Route
from ..resource_id import parse
from ..rights import permissions_at
from ..store import Resource

_LIST = "*scope*/providers/Microsoft.Authorization/locks"
_ONE = f"{_LIST}/{{name}}"
_PERMISSIONS = "*scope*/providers/Microsoft.Authorization/permissions"
_POLICY = f"{policy_assignments.DEFINITIONS}/{{name}}"
#: What an identity has that is not restricted.
_EVERYTHING = [{"scope": "", "actions": ["*"]}]


def _id(call: Call) -> str:
    return f"{call.parameters['scope']}/providers/Microsoft.Authorization/locks/{call.parameters['name']}"


def _check_scope(call: Call) -> None:
    path = parse(call.parameters["scope"])
    if path.group and call.cloud.group(path.subscription or "", path.group) is None:
        raise error("group_not_found", group=path.group)


def _shown(lock: Resource) -> dict[str, object]:
    return {"properties": dict(lock.properties), "id": lock.id, "type": locks.TYPE, "name": lock.name}


def put(call: Call) -> Response:
    """Make or change a lock."""
    _check_scope(call)
    wanted = (call.body or {}).get("properties") or {}
    if wanted.get("level") not in ("CanNotDelete", "ReadOnly"):
        raise error("bad_content", reason="level must be CanNotDelete or ReadOnly")
    always_created = call.api_version <= "2015-01-01"
    status = 201 if always_created or call.cloud.store.get(_id(call)) is None else 200
    lock = call.cloud.add(_id(call), locks.TYPE, {"properties": dict(wanted)})
    return Response(status, _shown(lock))


def get(call: Call) -> Response:
    """Read a lock."""
    lock = call.cloud.store.get(_id(call))
    if lock is None:
        raise error("lock_not_found", name=call.parameters["name"])
    return Response(200, _shown(lock))


def delete(call: Call) -> Response:
    """Remove a lock."""
    return Response(200 if call.cloud.store.remove(_id(call)) else 204)


def list_at(call: Call) -> Response:
    """All locks at, above and below a scope."""
    _check_scope(call)
    scope = f"{call.parameters['scope']}/".lower()
    shown = [
        _shown(lock)
        for lock in call.cloud.store.of_type(locks.TYPE)
        if f"{locks.scope_of(lock)}/".lower().startswith(scope) or scope.startswith(f"{locks.scope_of(lock)}/".lower())
    ]
    return Response(200, {"value": shown})


def permissions(call: Call) -> Response:
    """What the caller may do on a scope (Learn, Permissions - List For Resource Group)."""
    _check_scope(call)
    assignments = call.cloud.settings.rights
    given = permissions_at(_EVERYTHING if assignments is None else assignments, call.parameters["scope"])
    return Response(200, {"value": given})


def policy(call: Call) -> Response:
    """The definition of a policy."""
    wanted = call.parameters["name"].lower()
    found = next((one for one in call.cloud.settings.policies if one["name"].lower() == wanted), None)
    if found is None:
        raise error("policy_not_found", name=call.parameters["name"])
    properties = {"displayName": found["display_name"], "policyType": "Custom", "mode": "Indexed"}
    return Response(200, {"id": call.path.id, "name": found["name"], "properties": properties})


PROVIDER = Provider(
    namespace="Microsoft.Authorization",
    routes=(
        Route("PUT", _ONE, put),
        Route("GET", _ONE, get),
        Route("DELETE", _ONE, delete),
        Route("GET", _LIST, list_at),
        Route("GET", _PERMISSIONS, permissions),
        Route("GET", _POLICY, policy),
    ),
)
