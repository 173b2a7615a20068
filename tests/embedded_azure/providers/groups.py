# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Subscriptions, regions, resource groups and what lies in them."""

from __future__ import annotations

import copy
from typing import Any

from .. import locations, locks, tag_rules
from ..errors import error
from ..guests import GuestBackend
from ..model import Body, Call, Response, Route, Style, Transition, Work, picked
from ..polling import GROUP_RETRY_AFTER, RESULTS, operation_headers
from ..store import Resource

GROUP = "Microsoft.Resources/resourceGroups"
_DELETION = Style(202, family=RESULTS, retry_after=GROUP_RETRY_AFTER)
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"


def subscriptions(call: Call) -> Response:
    """GET /subscriptions"""
    shown = [_subscription(call, id) for id in call.cloud.settings.subscriptions]
    return Response(200, {"value": shown, "count": {"type": "Total", "value": len(shown)}})


def subscription(call: Call) -> Response:
    """GET /subscriptions/{id}"""
    return Response(200, _subscription(call, call.path.subscription or ""))


def _subscription(call: Call, id: str) -> Body:
    return {
        "id": f"/subscriptions/{id}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": id,
        "tenantId": call.cloud.settings.tenant,
        "displayName": "Embedded Azure",
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def tenants(call: Call) -> Response:
    """GET /tenants"""
    tenant = call.cloud.settings.tenant
    item = {"id": f"/tenants/{tenant}", "tenantId": tenant, "displayName": "Embedded Azure", "tenantCategory": "Home"}
    return Response(200, {"value": [item]})


def regions(call: Call) -> Response:
    """GET /subscriptions/{id}/locations"""
    subscription = call.path.subscription or ""
    return Response(200, {"value": [locations.document(name, subscription) for name in locations.DISPLAY_NAMES]})


def _group(call: Call) -> Resource:
    group = call.cloud.group(call.path.subscription or "", call.parameters["group"])
    if group is None:
        raise error("group_not_found", group=call.parameters["group"])
    return group


def _shown(group: Resource) -> Body:
    return {"id": group.id, "name": group.name, "type": GROUP, **copy.deepcopy(group.body)}


def list_groups(call: Call) -> Response:
    """GET resourceGroups, with the tag filter of `$filter=tagName eq 'a' and tagValue eq 'b'`."""
    groups = call.cloud.store.of_type(GROUP, f"/subscriptions/{call.path.subscription}")
    wanted = _tag_filter(call.query.get("$filter", ""))
    shown = [_shown(group) for group in groups if all(_bears(group, name, value) for name, value in wanted.items())]
    return Response(200, {"value": shown})


def _bears(resource: Resource, name: str, value: str | None) -> bool:
    tags = resource.body.get("tags") or {}
    return name in tags and value in (None, tags[name])


def _tag_filter(text: str) -> dict[str, str | None]:
    words = {}
    for clause in text.split(" and "):
        name, separator, value = clause.partition(" eq ")
        if separator:
            words[name.strip().lower()] = value.strip().strip("'")
    return {words["tagname"]: words.get("tagvalue")} if "tagname" in words else {}


def get_group(call: Call) -> Response:
    """GET a resource group."""
    return Response(200, _shown(_group(call)))


def head_group(call: Call) -> Response:
    """HEAD says 204 or 404, without a body."""
    group = call.cloud.group(call.path.subscription or "", call.parameters["group"])
    return Response(204) if group else Response(404, None, {"x-ms-failure-cause": "gateway"})


def put_group(call: Call) -> Response:
    """PUT makes a group, or replaces its tags."""
    body = call.body or {}
    wanted = body.get("location")
    if not wanted:
        raise error("no_location")
    tag_rules.check(body.get("tags"))
    location = locations.canonical(wanted)
    if not locations.is_well_formed(wanted):
        raise error("group_location_malformed", location=wanted)
    if location not in locations.DISPLAY_NAMES:
        raise error("group_location", location=wanted, locations=",".join(locations.DISPLAY_NAMES))
    group = call.cloud.group(call.path.subscription or "", call.parameters["group"])
    if group is not None and group.location != location:
        raise error("group_moved", location=wanted, existing=group.location)
    if group is not None and group.properties.get("provisioningState") == "Deleting":
        raise error("group_being_deleted", group=group.name)
    status = 201 if group is None else 200
    if group is None:
        id = f"/subscriptions/{call.path.subscription}/resourceGroups/{call.parameters['group']}"
        group = call.cloud.add(id, GROUP, {})
    else:
        locks.check(call.cloud.store, group.id, "write")
    group.body = {"location": location, **picked(body, "tags", "managedBy")}
    group.body["properties"] = {"provisioningState": "Succeeded"}
    return Response(status, _shown(group))


def patch_group(call: Call) -> Response:
    """PATCH replaces the tags."""
    group = _group(call)
    locks.check(call.cloud.store, group.id, "write")
    tag_rules.check((call.body or {}).get("tags"))
    group.body.update(picked(call.body or {}, "tags", "managedBy"))
    return Response(200, _shown(group))


def delete_group(call: Call) -> Response:
    """DELETE takes everything in the group with it; a lock anywhere inside forbids it."""
    group = _group(call)
    locks.check(call.cloud.store, group.id, "delete", including_below=True)
    group.properties["provisioningState"] = "Deleting"
    for resource in call.cloud.store.under(group.id):
        call.cloud.operations.preempt(resource.id)

    def fail(_reason: Any) -> None:
        group.properties["provisioningState"] = "Succeeded"

    transition = Transition(group, work=_end_guests(call, group), finish=lambda _result: _empty(call, group), fail=fail)
    operation = call.cloud.operations.start(
        transition,
        _DELETION,
        target=group.id,
        location=group.location,
        api_version=call.api_version,
        seconds=call.cloud.settings.seconds("DELETE", GROUP),
    )
    return Response(202, None, operation_headers(call, operation))


def _end_guests(call: Call, group: Resource) -> Work:
    inside = call.cloud.store.under(group.id)
    machines = [resource.id.lower() for resource in inside if resource.type == "Microsoft.Compute/virtualMachines"]
    disks = [resource.id.lower() for resource in inside]

    def work(guests: GuestBackend) -> None:
        for id in machines:
            guests.delete_machine(id)
        for id in disks:
            guests.delete_disk(id)

    return work


def _empty(call: Call, group: Resource) -> None:
    """Remove what is in a group, and the group unless a disk with an open SAS address stays (recorded)."""
    store = call.cloud.store
    blocked = []
    for resource in store.under(group.id):
        if resource.properties.get("diskState") == "ActiveSAS":
            blocked.append(resource)
        else:
            store.remove(resource.id)
    if blocked:
        names = ",".join("/".join(resource.id.split("/")[6:]) for resource in blocked)
        raise error("group_blocked", group=group.name, ids=names, tracking=call.cloud.new_id())
    store.remove(group.id)


def list_resources(call: Call) -> Response:
    """GET resources of a group or of the subscription, top-level ones in ARM's short form.

    $expand=createdTime adds when each was created: https://learn.microsoft.com/rest/api/resources/resources/list.
    """
    group = call.parameters.get("group")
    scope = f"/subscriptions/{call.path.subscription}" + (f"/resourceGroups/{group}" if group else "")
    if group:
        _group(call)
    wanted, tags = _type_filter(call.query.get("$filter", "")), _tag_filter(call.query.get("$filter", ""))
    dated = "createdtime" in call.query.get("$expand", "").lower().split(",")
    shown = [
        {"id": resource.id, "name": resource.name, "type": resource.type}
        | picked(resource.body, "sku", "managedBy", "location", "tags", "zones", "plan", "identity")
        | ({"createdTime": resource.private["created"]} if dated and "created" in resource.private else {})
        for resource in call.cloud.store.under(scope)
        if resource.type not in (GROUP, locks.TYPE)
        and resource.type.count("/") == 1
        and (not wanted or resource.type.lower() == wanted)
        and all(_bears(resource, name, value) for name, value in tags.items())
    ]
    return Response(200, {"value": shown})


def _type_filter(text: str) -> str:
    name, _separator, value = text.partition(" eq ")
    return value.strip().strip("'").lower() if name.strip().lower() == "resourcetype" else ""


ROUTES = (
    Route("GET", "/subscriptions", subscriptions),
    Route("GET", "/tenants", tenants),
    Route("GET", "/subscriptions/{subscription}", subscription),
    Route("GET", "/subscriptions/{subscription}/locations", regions),
    Route("GET", "/subscriptions/{subscription}/resourceGroups", list_groups),
    Route("GET", "/subscriptions/{subscription}/resources", list_resources),
    Route("GET", f"{_GROUP}/resources", list_resources),
    Route("GET", _GROUP, get_group),
    Route("HEAD", _GROUP, head_group),
    Route("PUT", _GROUP, put_group),
    Route("PATCH", _GROUP, patch_group),
    Route("DELETE", _GROUP, delete_group),
)
