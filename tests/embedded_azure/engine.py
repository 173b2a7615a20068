# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The generic engine: create, read, update, delete, list and act on any resource type of any provider's table.

Pure apart from the guests' work it queues: a Call goes in, a Response comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from . import known_versions, locations, locks, members, names, quotas, tag_rules
from .cloud import Cloud
from .errors import AzureError, error
from .model import Body, Call, Provider, ResourceType, Response, Style, Transition, View
from .polling import operation_headers
from .resource_id import ArmPath, parse
from .routing import Router
from .since import trimmed
from .store import Resource

# From about this api-version on, Compute tells who made a resource and when (azure-mgmt-compute 37 and later).
_SYSTEM_DATA = "2025-01-01"

Outcome = tuple[str, AzureError | None] | None


class Engine:
    """Answers every ARM request from the tables of the providers."""

    def __init__(self, cloud: Cloud, providers: Iterable[Provider]) -> None:
        self.cloud = cloud
        self.router = Router(providers)
        cloud.send = self.send

    def send(self, method: str, id: str, body: Any, api_version: str) -> Response:
        """Answer a request that comes from within, such as a deployment's; the operation it starts runs its course."""
        query = {"api-version": api_version}
        return self.handle(Call(self.cloud, method, parse(id), query, body, api_version, "https://localhost"))

    def handle(self, call: Call, outcome: Outcome = None, lose_operation: bool = False) -> Response:
        """Answer a request; AzureError when it is refused.

        `outcome` makes the operation that the request starts end Failed or Canceled, `lose_operation` makes its poll
        URL unknown: both come from fault rules.
        """
        self.cloud.operations.advance()
        route, parameters = self.router.route(call.method, call.path)
        if route is not None:
            known_versions.check_route(call)
            return route.handler(replace(call, parameters=parameters))
        self._check_group(call)
        kind, rest = self.router.resource_type(call)
        if rest is not None:
            return self._act(call, kind, rest, outcome, lose_operation)
        if not call.path.is_resource:
            return self._list(call, kind)
        call = replace(call, existing=self.cloud.store.get(call.path.id))
        if call.method in ("GET", "HEAD"):
            return self._get(call, kind)
        if call.method in ("PUT", "PATCH"):
            return self._write(call, kind, outcome, lose_operation)
        if call.method == "DELETE":
            return self._delete(call, kind, outcome, lose_operation)
        raise error("method_not_allowed", method=call.method)

    def _check_group(self, call: Call) -> None:
        path = call.path
        if path.group is None or not path.namespace:
            return
        group = self.cloud.group(path.subscription or "", path.group)
        if group is None:
            raise error("group_not_found", group=path.group)
        if call.method in ("PUT", "PATCH", "POST") and group.properties.get("provisioningState") == "Deleting":
            raise error("group_being_deleted", group=path.group)

    def _get(self, call: Call, kind: ResourceType) -> Response:
        if call.existing is None:
            raise self._gone(call, kind) or self._absent(call, kind)
        body = self._view(kind, call, call.existing)
        return Response(200, body, self._etag(body))

    def _gone(self, call: Call, kind: ResourceType) -> AzureError | None:
        """For a while after a deletion the front door does not know of it, and the provider answers."""
        deleted = self.cloud.deleted.get(call.path.id.lower())
        if deleted is None or (call.now - deleted).total_seconds() >= self.cloud.settings.deletion_delay:
            return None
        return error(kind.gone, name=call.path.name)

    @staticmethod
    def _view(kind: ResourceType, call: Call, resource: Resource, view: View | None = None) -> Body:
        body = trimmed((view or kind.view)(call, resource), kind.since, call.api_version)
        created = resource.private.get("created")
        if created and call.api_version >= _SYSTEM_DATA and kind.name.startswith("Microsoft.Compute/"):
            body["systemData"] = {"createdAt": created}
        return body

    def _list(self, call: Call, kind: ResourceType) -> Response:
        if call.method != "GET":
            raise error("method_not_allowed", method=call.method)
        path = call.path
        if path.names:
            self._check_parent(call, kind, "read")
            prefix = ArmPath(path.scope, path.subscription, path.group, path.namespace, path.types[:-1], path.names).id
            depth = True
        else:
            prefix, depth = path.scope, False
        shout = kind.shouting_lists and path.group is None and path.subscription is not None
        found = self.cloud.store.of_type(kind.name, prefix)
        if depth:
            found = [resource for resource in found if len(resource.id.split("/")) == len(prefix.split("/")) + 2]
        size = self.cloud.settings.page_size
        first = int(call.query.get("$skiptoken", "0") or 0)
        items = [self._view(kind, call, resource, kind.list_view) for resource in found[first : first + size]]
        if shout:
            items = [self._shouted(item) for item in items]
        return self._page(call, items, first, len(found))

    def _page(self, call: Call, items: list[Body], first: int, total: int) -> Response:
        size = self.cloud.settings.page_size
        body: Body = {"value": items}
        if first + size < total:
            query = {**call.query, "$skiptoken": str(first + size)}
            body["nextLink"] = f"{call.origin}{call.path.id}?{urlencode(query)}"
        return Response(200, body)

    @staticmethod
    def _shouted(body: Body) -> Body:
        """Lists over a whole subscription answer ids with the group in capitals (recorded)."""
        parts = body["id"].split("/")
        parts[4] = parts[4].upper()
        return {**body, "id": "/".join(parts)}

    def _write(self, call: Call, kind: ResourceType, outcome: Outcome, lost: bool) -> Response:
        existing = call.existing
        if call.method == "PATCH" and existing is None:
            raise self._absent(call, kind)
        if not isinstance(call.body, dict):
            raise error("bad_content", reason="The request body must be a JSON object")
        self._check_parent(call, kind, "write")
        locks.check(self.cloud.store, call.path.id, "write")
        tag_rules.check(call.body.get("tags"))
        members.check(call, kind)
        call = self._located(call, kind)
        self._check_version(call, kind)
        self._claim(call, kind)
        if existing is None:
            names.check(kind.name, call.path.name)
            quotas.check(self.cloud, kind.name, call)
        transition = kind.build(call)
        resource = transition.resource
        resource.revision += 0 if existing is None else 1
        if existing is None:
            resource.private.setdefault("created", call.cloud.timestamp())
        style = kind.style(call.method, call.api_version, new=existing is None)
        self.cloud.store.add(resource)
        if not style.long_running:
            self._finish_now(transition)
            resource.properties["provisioningState"] = "Succeeded"
            body = self._view(kind, call, resource)
            return Response(style.status, body, self._etag(body))
        resource.properties["provisioningState"] = "Creating" if existing is None else "Updating"
        self._chain_state(transition, resource)
        body = self._view(kind, call, resource, kind.acknowledgement)
        headers = self._start(call, kind.name, call.method, transition, style, outcome, lost)
        return Response(style.status, body, {**headers, **self._etag(body)})

    def _delete(self, call: Call, kind: ResourceType, outcome: Outcome, lost: bool) -> Response:
        resource = call.existing
        if resource is None:
            if call.path.parent is not None:
                self._check_parent(call, kind, "delete")
            return Response(204)
        locks.check(self.cloud.store, resource.id, "delete")
        running = self.cloud.operations.running(resource.id)
        if running and resource.properties.get("provisioningState") == "Deleting":
            return Response(kind.deleted.status, None, operation_headers(call, running[-1]))
        if kind.nested_blocks_deletion:
            self._check_nested(call, resource)
        transition = kind.remove(call)
        self._chain_emptied(call, transition)
        if not kind.deleted.long_running:
            self._finish_now(transition)
            return Response(kind.deleted.status)
        self.cloud.operations.preempt(resource.id)
        resource.properties["provisioningState"] = "Deleting"
        self._chain_failure(transition, resource)
        return Response(
            kind.deleted.status, None, self._start(call, kind.name, "DELETE", transition, kind.deleted, outcome, lost)
        )

    def _check_nested(self, call: Call, resource: Resource) -> None:
        """A gallery or definition with something in it stays, and for a while after the last child has gone."""
        nested = [child.id for child in self.cloud.store.under(resource.id) if child.type != locks.TYPE]
        if nested:
            raise error("nested", ids=",".join(nested[:5]))
        emptied = resource.private.get("emptied")
        if emptied and (call.now - emptied).total_seconds() < self.cloud.settings.nested_delay:
            raise error("nested_before")

    def _act(self, call: Call, kind: ResourceType, word: str, outcome: Outcome, lost: bool) -> Response:
        path = call.path.with_last_type_dropped()
        resource = self.cloud.store.get(path.id)
        call = replace(call, path=path, existing=resource)
        if resource is None:
            raise self._absent(call, kind)
        names = {name.lower(): name for name in (*kind.actions, *kind.reads)}
        name = names[word.lower()]
        if name in kind.reads:
            return Response(200, kind.reads[name](call, resource))
        action = kind.actions[name]
        locks.check(self.cloud.store, resource.id, "write")
        transition = action.apply(call)
        if not action.style.long_running:
            self._finish_now(transition)
            return Response(action.style.status, transition.body)
        headers = self._start(call, kind.name, name, transition, action.style, outcome, lost)
        return Response(action.style.status, transition.body if action.style.body else None, headers)

    def _check_parent(self, call: Call, kind: ResourceType, action: str) -> None:
        path = call.path
        names = path.names[:-1] if path.is_resource else path.names
        if not names:
            return
        parent = ArmPath(path.scope, path.subscription, path.group, path.namespace, path.types[: len(names)], names)
        if self.cloud.store.get(parent.id) is None:
            short = kind.name.split("/", 1)[1]
            raise error("parent_not_found", action=action, type=short, parent=parent.id)

    def _located(self, call: Call, kind: ResourceType) -> Call:
        """Check the region of a write and bring it into its canonical form."""
        if not kind.located:
            return call
        wanted = call.body.get("location")
        if call.existing is not None:
            if wanted and locations.canonical(wanted) != call.existing.location:
                raise error(
                    "moved",
                    name=call.path.name,
                    existing=call.existing.location,
                    group=call.path.group,
                    location=wanted,
                )
            return replace(call, body={**call.body, "location": call.existing.location})
        if not wanted:
            raise error("no_location")
        if locations.canonical(wanted) not in locations.DISPLAY_NAMES:
            raise error("bad_location", location=wanted, type=kind.name, locations=",".join(locations.DISPLAY_NAMES))
        return replace(call, body={**call.body, "location": locations.canonical(wanted)})

    def _check_version(self, call: Call, kind: ResourceType) -> None:
        """A write for another version of a resource than the one that is there is refused."""
        if not call.if_match or call.existing is None:
            return
        present = self._etag(self._view(kind, call, call.existing)).get("ETag", call.if_match)
        if present != call.if_match:
            raise error("precondition", asked=call.if_match, present=present)

    def _claim(self, call: Call, kind: ResourceType) -> None:
        """A write on a resource that another operation holds is a conflict."""
        if kind.exclusive and call.existing is not None and self.cloud.operations.running(call.existing.id):
            raise error("conflict")

    def _absent(self, call: Call, kind: ResourceType) -> AzureError:
        parent = call.path.parent
        if call.method != "GET" and parent is not None and self.cloud.store.get(parent.id) is None:
            short = kind.name.split("/", 1)[1]
            return error("parent_not_found", action=call.method.lower(), type=short, parent=parent.id)
        words = kind.name.split("/")
        names = [words[0], *(part for pair in zip(words[1:], call.path.names, strict=False) for part in pair)]
        return error(kind.absent, resource="/".join(names), group=call.path.group or "", name=call.path.name)

    @staticmethod
    def _finish_now(transition: Transition) -> None:
        if transition.finish:
            transition.finish(None)

    @staticmethod
    def _chain_state(transition: Transition, resource: Resource) -> None:
        """A write ends in provisioningState Succeeded or Failed, whatever else its rule does at the end."""
        rule_finish, rule_fail = transition.finish, transition.fail

        def finish(result: Any) -> None:
            if rule_finish:
                rule_finish(result)
            resource.properties["provisioningState"] = "Succeeded"

        def fail(reason: Any) -> None:
            resource.properties["provisioningState"] = "Failed"
            if rule_fail:
                rule_fail(reason)

        transition.finish, transition.fail = finish, fail

    def _chain_emptied(self, call: Call, transition: Transition) -> None:
        """Note when a resource has gone, on its parent, too."""
        parent = self.cloud.store.get(call.path.parent.id) if call.path.parent else None
        rule_finish = transition.finish

        def finish(result: Any) -> None:
            if rule_finish:
                rule_finish(result)
            call.cloud.deleted[call.path.id.lower()] = call.cloud.clock.now()
            if parent is not None:
                parent.private["emptied"] = call.cloud.clock.now()

        transition.finish = finish

    @staticmethod
    def _chain_failure(transition: Transition, resource: Resource) -> None:
        rule_fail = transition.fail

        def fail(reason: Any) -> None:
            resource.properties["provisioningState"] = "Failed"
            if rule_fail:
                rule_fail(reason)

        transition.fail = fail

    def _start(
        self, call: Call, type: str, action: str, transition: Transition, style: Style, outcome: Outcome, lost: bool
    ) -> dict[str, str]:
        operation = self.cloud.operations.start(
            transition,
            style,
            target=call.path.id,
            location=transition.resource.location if transition.resource else "",
            api_version=call.api_version,
            seconds=self.cloud.settings.seconds(action, type),
        )
        if outcome:
            operation.forced, operation.forced_error = outcome
        operation.lost = lost
        return operation_headers(call, operation)

    @staticmethod
    def _etag(body: Any) -> dict[str, str]:
        tag = body.get("etag") if isinstance(body, dict) else None
        return {"ETag": tag} if tag else {}
