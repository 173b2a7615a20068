# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words in which providers describe their resource types: tables of rules over one generic engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .errors import error
from .guests import GuestBackend
from .locations import WITH_ZONES
from .plain_json import copied
from .resource_id import ArmPath
from .store import Resource
from .words import spelled

if TYPE_CHECKING:
    from .cloud import Cloud

Body = dict[str, Any]
Work = Callable[[GuestBackend], Any]


@dataclass(frozen=True)
class Response:
    """What the front door sends back."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """One request, as the rules see it; nothing of HTTP but the method is left in it."""

    cloud: Cloud
    method: str
    path: ArmPath
    query: dict[str, str]
    body: Any
    api_version: str
    origin: str
    existing: Resource | None = None
    #: The version of the resource that a write is for; empty for whichever is there.
    if_match: str = ""
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The time of the request."""
        return self.cloud.clock.now()

    @property
    def is_new(self) -> bool:
        """Whether a write makes a resource that was not there."""
        return self.existing is None

    @property
    def stated(self) -> Body:
        """The body as Azure understands it: without nulls, words in its own casing."""
        stated: Body = spelled(without_nulls(copied(self.body or {})))
        return stated

    @property
    def desired(self) -> Body:
        """What the client wants the whole resource to be: the body of a PUT, or a PATCH merged into what is there."""
        if self.method != "PATCH" or self.existing is None:
            return self.stated
        merged: Body = without_nulls(merge(self.existing.body, spelled(self.body or {})))
        return merged

    def require(self, condition: object, key: str, **names: Any) -> None:
        """Refuse the request with the error of that key unless the condition holds."""
        if not condition:
            raise error(key, **names)

    def require_zones(self, desired: Body) -> None:
        """Refuse availability zones in a region that has none."""
        zones, place = desired.get("zones") or [], desired["location"]
        self.require(
            not zones or place in WITH_ZONES,
            "no_zones",
            type="/".join(self.path.types),
            location=place,
            version=self.api_version,
        )

    def find(self, id: str | None, kind: str) -> Resource:
        """The resource another one refers to; ResourceNotFound 404 when there is none."""
        found = self.cloud.store.get(id)
        if found is None:
            raise error("resource_missing", kind=kind, id=id)
        return found


def without_nulls(node: Any) -> Any:
    """A null in a request is as good as nothing said."""
    if isinstance(node, dict):
        return {key: without_nulls(value) for key, value in node.items() if value is not None}
    if isinstance(node, list):
        return [without_nulls(item) for item in node]
    return node


def merge(base: Body, change: Body) -> Body:
    """A PATCH: objects merge, everything else (lists and tags, too) is replaced; null removes."""
    merged = copied(base)
    for key, value in change.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and isinstance(merged.get(key), dict) and key != "tags":
            merged[key] = merge(merged[key], value)
        else:
            merged[key] = copied(value)
    return merged


def defaulted(body: Body, defaults: Body) -> Body:
    """Fill in what the client left open; objects are filled level by level."""
    filled = copied(defaults)
    for key, value in body.items():
        filled[key] = (
            defaulted(value, filled[key]) if isinstance(value, dict) and isinstance(filled.get(key), dict) else value
        )
    return filled


def picked(body: Body | None, *keys: str) -> Body:
    """The named keys of an object, as far as they are there."""
    return {key: body[key] for key in keys if body and body.get(key) is not None}


@dataclass
class Transition:
    """The outcome of a rule: what is true at once has been applied, the rest follows when the operation ends.

    `work` runs in a worker thread on the guests; its result goes to `finish`. `fail` undoes or marks a failure.
    """

    resource: Resource | None = None
    work: Work | None = None
    finish: Callable[[Any], None] | None = None
    fail: Callable[[Any], None] | None = None
    output: Callable[[], Any] | None = None
    body: Any = None


@dataclass(frozen=True)
class Style:
    """How an operation answers: status, whether it runs on, which poll headers it sends (recorded traffic)."""

    status: int
    long_running: bool = True
    location: bool = False
    body: bool = False
    retry_after: int | None = None
    family: str = "operations"


Rule = Callable[[Call], Transition]
View = Callable[[Call, Resource], Body]


def plain_view(call: Call, resource: Resource) -> Body:
    """A resource as it is stored."""
    return resource.document()


def removal(call: Call, work: Work | None = None) -> Transition:
    """Delete a resource and what lies under it when the operation ends, after some work on the guests."""
    resource, store = call.existing, call.cloud.store

    def finish(_result: Any) -> None:
        for child in store.under(resource.id):
            store.remove(child.id)
        store.remove(resource.id)

    return Transition(resource, work=work, finish=finish)


def removal_with_disk(call: Call) -> Transition:
    """Delete a resource behind which there is a guest disk."""
    disk_id = call.existing.id.lower()
    return removal(call, lambda guests: guests.delete_disk(disk_id))


@dataclass(frozen=True)
class Action:
    """A POST on a resource."""

    apply: Rule
    style: Style
    policy: str = ""


@dataclass(frozen=True)
class ResourceType:
    """One row of a provider's table."""

    name: str
    build: Rule
    api_versions: tuple[str, ...]
    remove: Rule = removal
    view: View = plain_view
    list_view: View | None = None
    acknowledgement: View | None = None
    created: Style = Style(201, body=True)
    updated: Style = Style(200, body=True)
    patched: Style | None = None
    deleted: Style = Style(202, location=True)
    styles_until: tuple[str, dict[str, Style]] | None = None
    actions: dict[str, Action] = field(default_factory=dict)
    reads: dict[str, View] = field(default_factory=dict)
    located: bool = True
    nested_blocks_deletion: bool = False
    exclusive: bool = True
    absent: str = "resource_not_found"
    #: The error by which the provider itself says that a resource is not there any more.
    gone: str = "not_here"
    policies: dict[str, str] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)
    shouting_lists: bool = False

    def style(self, method: str, api_version: str, *, new: bool) -> Style:
        """How a write answers; `styles_until` holds the other ways of versions up to one."""
        word = "created" if new else "patched" if method == "PATCH" and self.patched else "updated"
        if self.styles_until and api_version <= self.styles_until[0] and word in self.styles_until[1]:
            return self.styles_until[1][word]
        found: Style = getattr(self, word)
        return found

    @property
    def short_name(self) -> str:
        """The last word of the type, such as virtualMachines."""
        return self.name.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Route:
    """An address that is no stored resource, such as a marketplace list or a poll URL."""

    method: str
    template: str
    handler: Callable[[Call], Response]
    policy: str = ""


@dataclass(frozen=True)
class Provider:
    """A namespace: its resource types and its other addresses."""

    namespace: str
    types: tuple[ResourceType, ...] = ()
    routes: tuple[Route, ...] = ()
