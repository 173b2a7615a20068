# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Replays one scenario: sends what was sent, in order, and compares what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from embedded_azure import AzureError, DrivenClock, EmbeddedAzure
from embedded_azure.providers.galleries import GALLERY
from embedded_azure.resource_id import ArmPath, parse

from . import order, platform_images, prerequisites, timing
from .compare import Answer, Difference, Names, compare
from .coverage import covers
from .documented import is_either, reason_for
from .traffic import SUBSCRIPTION, Recorded
from .wire import Wire

# Recordings do not have passwords, and this is one that Azure takes.
_SCRUBBED = "<scrubbed>"
_PASSWORD = "Not-recorded-1"


@dataclass
class Result:
    """One exchange: covered or not, and how it differs."""

    recorded: Recorded
    covered: bool
    differences: list[Difference] = field(default_factory=list)
    note: str = ""
    answer: Answer | None = None
    judge: Callable[[Answer], list[Difference]] | None = None

    @property
    def matched(self) -> bool:
        """Whether the answer was Azure's to the letter."""
        return self.covered and not self.differences

    @property
    def either(self) -> bool:
        """Whether it differs only where recordings disagree."""
        op, version = self.recorded.op, self.recorded.query.get("api-version", "")
        return (
            self.covered and bool(self.differences) and all(is_either(op, version, each) for each in self.differences)
        )

    @property
    def allowed(self) -> bool:
        """Whether it differs only in documented ways."""
        return (
            self.covered
            and bool(self.differences)
            and all(reason_for(self.recorded.op, difference) for difference in self.differences)
        )


class Replay:
    """One scenario against an embedded Azure that is reset for it."""

    def __init__(self, azure: EmbeddedAzure, wire: Wire, scenario: list[Recorded]) -> None:
        self._azure = azure
        self._wire = wire
        self._scenario = scenario = order.chronological(scenario)
        self._names = Names()
        self._bodies = prerequisites.bodies(scenario)
        self._operations: dict[str, dict[str, str]] = {}
        self._requested: dict[str, Any] = {}
        self._making: set[str] = set()
        self._shown: dict[str, dict[str, Any]] = {}
        self._made: set[str] = set()
        self._position = 0
        self._running_until = timing.running_until(scenario)

    def run(self) -> Iterator[Result]:
        """Send everything; yield a result for each exchange."""
        self._azure.reset()
        images = platform_images.seeds(self._scenario)
        for image in images:
            self._azure.cloud.catalogue.withdraw(image["publisher"], image["offer"], image["sku"])
        accepted = prerequisites.accepted_terms(self._scenario)
        may_buy = prerequisites.may_buy(self._scenario)
        self._azure.seed({"marketplace": images, "settings": {"accepted_terms": accepted, "purchases": may_buy}})
        for position, exchange in enumerate(self._scenario):
            self._position = position
            if exchange.is_poll:
                yield self._poll(exchange)
            elif not covers(self._azure, exchange):
                yield Result(exchange, covered=False)
            else:
                yield self._exchange(position, exchange)

    def _poll(self, exchange: Recorded) -> Result:
        urls = self._operations.get(timing.operation_of(exchange.url) or "")
        if urls is None:
            return Result(exchange, covered=False, note="its operation was started by an uncovered request")
        if not timing.is_in_progress(exchange):
            self._pass_time()
        url = urls.get("location" if "monitor=true" in exchange.url else "azure-asyncoperation") or urls.get("location")
        if url is None:
            return Result(exchange, covered=True, differences=[Difference("headers", "no poll URL was given")])
        answer = self._wire.send("GET", url)
        self._remember(exchange, answer)
        return self._judged(exchange, answer, None)

    def _pass_time(self) -> None:
        """Let everything end that runs, but for operations that the recording finds running later on."""
        assert isinstance(self._azure.clock, DrivenClock)
        for recorded, urls in self._operations.items():
            timing.hold(self._azure, urls, running=self._running_until.get(recorded, -1) > self._position)
        self._azure.clock.advance(timing.DURATION * 2)

    def _exchange(self, position: int, exchange: Recorded) -> Result:
        self._azure.settings.agent_delay = timing.agent_delay(exchange)
        self._azure.settings.deletion_delay = timing.deletion_delay(exchange)
        if not timing.shows_movement(exchange):
            self._pass_time()
        body = exchange.body
        if body is None and exchange.method in ("PUT", "PATCH") and exchange.succeeded and exchange.answer:
            body = prerequisites.writable(exchange.answer)
        body = self._translated(body)
        try:
            self._prepare(position, exchange, body)
        except (AzureError, ValueError) as reason:
            return Result(exchange, True, [Difference("prerequisite", str(reason))])
        answer = self._wire.send(exchange.method, self._names.translate(exchange.url), body)
        key = prerequisites.owner(exchange.path).id.lower()
        if exchange.method == "PUT" and exchange.succeeded:
            self._requested[key] = body
        elif exchange.method == "DELETE":
            self._requested.pop(key, None)
        asked = body if exchange.method in ("PUT", "PATCH") else self._requested.get(key)
        self._remember(exchange, answer)
        return self._judged(exchange, answer, asked)

    def _judged(self, exchange: Recorded, answer: Answer, asked: Any) -> Result:
        """Compare an answer; `asked` is what the last write set."""

        def judge(other: Answer) -> list[Difference]:
            return compare(exchange, other, asked, self._names)

        return Result(exchange, True, judge(answer), answer=answer, judge=judge)

    def _translated(self, body: Any) -> Any:
        if isinstance(body, dict):
            return {key: self._translated(value) for key, value in body.items()}
        if isinstance(body, list):
            return [self._translated(item) for item in body]
        if body == _SCRUBBED:
            return _PASSWORD
        return self._names.translate(body) if isinstance(body, str) else body

    def _remember(self, exchange: Recorded, answer: Answer) -> None:
        """Learn which of our poll URLs stands for a recorded one."""
        for header in ("azure-asyncoperation", "location"):
            recorded, ours = exchange.headers.get(header), answer.headers.get(header)
            operation = timing.operation_of(recorded or "")
            if operation and ours:
                self._operations.setdefault(operation, {})[header] = ours

    # what the recording takes for granted

    def _prepare(self, position: int, exchange: Recorded, body: Any) -> None:
        self._unmake(exchange)
        if not exchange.succeeded:
            self._prepare_refused(position, exchange, body)
            return
        path = prerequisites.owner(exchange.path)
        if not (exchange.op.startswith("PUT resourceGroups") and exchange.status == 201):
            self._group(path)
        if path.names and path.is_resource:
            creates = exchange.method == "PUT" and path.id == exchange.path.id
            if path.parent is not None:
                self._make(path.parent, position)
            if (not creates or exchange.status == 200) and not self._deleted_already(exchange):
                self._make(path, position)
        for id in prerequisites.references(body):
            self._make(parse(id), position)
        if exchange.method == "GET" and isinstance(exchange.answer, dict):
            for item in exchange.answer.get("value") or []:
                self._listed(position, item)
        self._state(exchange, path, body if isinstance(body, dict) else {})
        self._unrecorded_changes(exchange)

    def _unmake(self, exchange: Recorded) -> None:
        """What we made too early (recorders write down parallel requests in any order) goes before it is found."""
        key = exchange.path.id.lower()
        absent = exchange.status == 404 or (exchange.method == "PUT" and exchange.status == 201)
        if absent and key in self._made:
            self._made.discard(key)
            self._azure.forget(key)

    def _listed(self, position: int, item: Any) -> None:
        """Make what a recorded list shows."""
        id = item.get("id") if isinstance(item, dict) else None
        if not isinstance(id, str):
            return
        path = parse(id)
        if item.get("type") == "Microsoft.Authorization/locks":
            level = item["properties"]["level"]
            scope = id[: id.lower().rindex("/providers/microsoft.authorization/")]
            lock = {"scope": scope, "name": item["name"], "level": level, "notes": item["properties"].get("notes")}
            self._azure.seed({"locks": [lock]})
        elif path.namespace:
            self._make(path, position)
        elif path.group:
            self._group(path)

    def _prepare_refused(self, position: int, exchange: Recorded, body: Any) -> None:
        """A refused request finds its group and what it refers to, unless the refusal is about that."""
        code = (
            str((exchange.answer or {}).get("error", {}).get("code", "")) if isinstance(exchange.answer, dict) else ""
        )
        path = prerequisites.owner(exchange.path)
        if path.group and path.namespace and code != "ResourceGroupNotFound":
            self._group(path)
            if exchange.status == 409 and path.is_resource:
                self._make(path, 0)
            if exchange.status != 404 and code not in ("InvalidResourceReference", "NotFound"):
                for id in prerequisites.references(body):
                    self._make(parse(id), position)

    @staticmethod
    def _deleted_already(exchange: Recorded) -> bool:
        return exchange.method == "DELETE" and exchange.status == 204

    def _group(self, path: ArmPath) -> None:
        if not path.group or self._azure.cloud.group(SUBSCRIPTION, path.group) is not None:
            return
        id = prerequisites.group_id(path).lower()
        shown = [body for _position, body in self._bodies.get(id, [])]
        inside = [
            body
            for key, bodies in self._bodies.items()
            if key.startswith(f"{id}/")
            for _position, body in bodies
            if body.get("location") not in (None, "global")
        ]
        place = prerequisites.location_of((shown or inside or [None])[0])
        tags = shown[0].get("tags") if shown else None
        self._azure.seed({"groups": {path.group: {"location": place, "tags": tags}}})
        self._made.add(id)

    def _make(self, path: ArmPath, position: int, place: str | None = None) -> None:
        """Make a resource that the recording finds already there."""
        id = path.id.lower()
        translated = self._names.translate(path.id)
        kind = self._azure.router.find(path.type) if path.namespace else None
        if kind is None or not path.is_resource or self._azure.cloud.store.get(translated) or id in self._making:
            return
        if self._has_namesake(path):
            return
        self._making.add(id)
        try:
            shown = self._bodies.get(id, [])
            later = [body for place, body in shown if place >= position] or [body for _place, body in shown]
            if later and later[0].get("managedBy"):
                self._make(parse(later[0]["managedBy"]), position)
                if self._azure.cloud.store.get(translated):
                    return
            body = self._translated(prerequisites.writable(later[0])) if later else self._guess(path, place)
            if path.parent is not None:
                self._make(path.parent, position)
            self._group(path)
            for reference in prerequisites.references(body):
                self._make(parse(reference), position, body.get("location"))
            self._azure.seed({"resources": [{"id": path.id, **body}]})
            self._made.add(id)
            if later and path.types[-1].lower() == "virtualmachines":
                self._extensions(later[0])
                self._power(path, later[0])
        finally:
            self._making.discard(id)

    def _has_namesake(self, path: ArmPath) -> bool:
        """Whether it is a gallery that is there: in lists over a subscription, recorders leave groups their real names."""
        galleries = self._azure.cloud.store.of_type(GALLERY) if path.type.lower() == GALLERY.lower() else []
        return any(gallery.name.lower() == path.name.lower() for gallery in galleries)

    def _guess(self, path: ArmPath, place: str | None) -> dict[str, Any]:
        group = self._azure.cloud.group(SUBSCRIPTION, path.group or "")
        return prerequisites.minimal(path, place or (group.location if group else "westus"))

    def _extensions(self, body: dict[str, Any]) -> None:
        for item in body.get("resources") or []:
            if self._azure.cloud.store.get(item["id"]) is not None:
                continue
            shown = prerequisites.writable(item) if "properties" in item else prerequisites.extension(item["id"], body)
            self._azure.seed({"resources": [{"id": item["id"], **shown}]})
            self._made.add(item["id"].lower())

    def _power(self, path: ArmPath, body: dict[str, Any]) -> None:
        """Bring a machine into the state in which the recording first shows it."""
        view = body.get("properties", {}).get("instanceView", {})
        codes = {status.get("code") for status in view.get("statuses", [])}
        if "PowerState/deallocated" in codes:
            self._act(path, "deallocate")
        elif "PowerState/stopped" in codes or "OSState/generalized" in codes:
            self._act(path, "powerOff")
        if "OSState/generalized" in codes:
            self._act(path, "generalize")

    def _act(self, path: ArmPath, action: str) -> None:
        self._azure.act(path.id, action)

    def _unrecorded_changes(self, exchange: Recorded) -> None:
        """Tags, data disks and extensions that change between two answers without a recorded write: somebody did it.

        A policy of the recorder's subscription adds tags to groups; some recorders dropped PATCH requests.
        """
        key, answer = exchange.path.id.lower(), exchange.answer
        if exchange.method in ("POST", "DELETE"):
            self._shown.pop(prerequisites.owner(exchange.path).id.lower(), None)
        if not isinstance(answer, dict) or answer.get("id", "").lower() != key:
            return
        before = self._shown.get(key)
        self._shown[key] = answer
        if self._azure.cloud.store.get(self._names.translate(exchange.path.id)) is None:
            return
        self._extensions(answer)
        if exchange.method != "GET":
            return
        change = prerequisites.unrecorded(before, answer) if before else {}
        if change:
            self._azure.change(self._names.translate(exchange.path.id), self._translated(change))

    def _state(self, exchange: Recorded, path: ArmPath, body: dict[str, Any]) -> None:
        """Steps the recording left out: a machine is stopped before it is generalized, generalized before captured."""
        source = ((body.get("properties") or {}).get("sourceVirtualMachine") or {}).get("id")
        if exchange.op == "PUT Compute:images/{n}" and source:
            self._generalized(parse(source))
        if exchange.op.endswith("/generalize"):
            self._stopped(path)
        if exchange.op.endswith("/capture"):
            self._generalized(path)
        if exchange.op.endswith(("/runCommand", "/restart")):
            self._running(path)

    def _generalized(self, path: ArmPath) -> None:
        self._make(path, 0)
        vm = self._azure.cloud.store.get(path.id)
        if vm is not None and not vm.private["generalized"]:
            self._stopped(path)
            self._act(path, "generalize")

    def _stopped(self, path: ArmPath) -> None:
        vm = self._azure.cloud.store.get(path.id)
        if vm is not None and vm.private["power"] == "running":
            self._act(path, "powerOff")

    def _running(self, path: ArmPath) -> None:
        vm = self._azure.cloud.store.get(path.id)
        if vm is not None and vm.private["power"] in ("stopped", "deallocated"):
            self._act(path, "start")
