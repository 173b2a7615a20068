# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Microsoft.Resources/tags: the tags of any resource, merged, replaced or deleted."""

from __future__ import annotations

from .. import locks, tag_rules
from ..errors import error
from ..model import Call, Response, Route
from ..store import Resource

_TEMPLATE = "*scope*/providers/Microsoft.Resources/tags/default"


def _owner(call: Call) -> Resource:
    owner = call.cloud.store.get(call.parameters["scope"])
    if owner is None:
        path = call.parameters["scope"].split("/")
        raise error("resource_not_found", resource="/".join(path[6:]), group=path[4] if len(path) > 4 else "")
    return owner


def _answer(owner: Resource) -> Response:
    return Response(
        200,
        {
            "id": f"{owner.id}/providers/Microsoft.Resources/tags/default",
            "name": "default",
            "type": "Microsoft.Resources/tags",
            "properties": {"tags": dict(owner.body.get("tags") or {})},
        },
    )


def _wanted(call: Call) -> dict[str, str]:
    tags = ((call.body or {}).get("properties") or {}).get("tags") or {}
    tag_rules.check(tags)
    return dict(tags)


def read(call: Call) -> Response:
    """GET"""
    return _answer(_owner(call))


def replace(call: Call) -> Response:
    """PUT replaces all tags."""
    owner = _owner(call)
    locks.check(call.cloud.store, owner.id, "write")
    owner.body["tags"] = _wanted(call)
    return _answer(owner)


def change(call: Call) -> Response:
    """PATCH with operation Merge, Replace or Delete."""
    owner = _owner(call)
    locks.check(call.cloud.store, owner.id, "write")
    operation, wanted = str((call.body or {}).get("operation", "")).lower(), _wanted(call)
    tags = dict(owner.body.get("tags") or {})
    if operation == "merge":
        tags.update(wanted)
    elif operation == "replace":
        tags = wanted
    elif operation == "delete":
        tags = {name: value for name, value in tags.items() if wanted.get(name, object()) != value}
    else:
        raise error("bad_content", reason="operation must be Merge, Replace or Delete")
    if len(tags) > tag_rules.MOST:
        raise error("too_many_tags", count=len(tags), limit=tag_rules.MOST)
    if tags or owner.body.get("tags"):
        owner.body["tags"] = tags
        owner.revision += 1
    return _answer(owner)


def delete(call: Call) -> Response:
    """DELETE removes all tags."""
    owner = _owner(call)
    locks.check(call.cloud.store, owner.id, "write")
    owner.body["tags"] = {}
    return Response(200)


ROUTES = (
    Route("GET", _TEMPLATE, read),
    Route("PUT", _TEMPLATE, replace),
    Route("PATCH", _TEMPLATE, change),
    Route("DELETE", _TEMPLATE, delete),
)
