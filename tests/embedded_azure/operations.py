# Copyright (c) 2026 golden.azure contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Long-running operations: started by a write, ended by the clock and by the work on the guests."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .clock import Clock, timestamp
from .errors import AzureError, error
from .guests import GuestBackend, GuestError
from .model import Body, Style, Transition

_KEPT = 20_000
_WORKERS = 32


@dataclass
class Operation:
    """One operation. `target` is the id, lower-cased, of the resource it holds; one that is `held` runs on and on."""

    id: str
    style: Style
    target: str
    location: str
    api_version: str
    started: datetime
    due: datetime
    transition: Transition
    work: Future[Any] | None = None
    status: str = "InProgress"
    ended: datetime | None = None
    error: AzureError | None = None
    forced: str | None = None
    forced_error: AzureError | None = None
    lost: bool = False
    held: bool = False
    output: Any = None
    extra: Body = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.status == "InProgress"

    def document(self) -> Body:
        """The status body that Azure-AsyncOperation URLs answer."""
        body: Body = {"startTime": timestamp(self.started)}
        if self.ended:
            body["endTime"] = timestamp(self.ended)
        body["status"] = self.status
        if self.error:
            body["error"] = self.error.body()
        if self.ended and self.output is not None and self.style.family != "capsOperations":
            body["properties"] = {"output": self.output}
        body["name"] = self.id
        return body


class WorkQueue:
    """Runs the blocking work on guests in threads, one piece after another for each resource."""

    def __init__(self, guests: GuestBackend) -> None:
        self.guests = guests
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="embedded-azure-guest")
        self._last: dict[str, Future[Any]] = {}

    def submit(self, key: str, work: Callable[[GuestBackend], Any]) -> Future[Any]:
        """Queue the work behind what already runs for that key."""
        if not self.guests.takes_time:
            return self._at_once(work)
        before = self._last.get(key)

        def run() -> Any:
            if before is not None:
                before.exception()
            return work(self.guests)

        self._last[key] = self._pool.submit(run)
        return self._last[key]

    def _at_once(self, work: Callable[[GuestBackend], Any]) -> Future[Any]:
        """Without guests nothing blocks, so nothing has to wait for a thread either."""
        done: Future[Any] = Future()
        try:
            done.set_result(work(self.guests))
        except (GuestError, AzureError) as reason:
            done.set_exception(reason)
        return done

    def close(self) -> None:
        """Let what runs end; start nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)


class Operations:
    """All operations, running and ended."""

    def __init__(self, clock: Clock, work: WorkQueue) -> None:
        self._clock = clock
        self._work = work
        self._all: dict[str, Operation] = {}
        self._running: list[Operation] = []

    def failure_of(self, target: str) -> AzureError | None:
        """The error of the last operation on a resource that has failed."""
        failures = [each.error for each in self._all.values() if each.target == target.lower() and each.error]
        return failures[-1] if failures else None

    def start(
        self, transition: Transition, style: Style, *, target: str, location: str, api_version: str, seconds: float
    ) -> Operation:
        """Begin an operation which lasts `seconds` of the clock and at least as long as its work on the guests."""
        now = self._clock.now()
        operation = Operation(
            id=str(uuid.uuid4()),
            style=style,
            target=target.lower(),
            location=location,
            api_version=api_version,
            started=now,
            due=now + timedelta(seconds=seconds),
            transition=transition,
        )
        if transition.work:
            operation.work = self._work.submit(operation.target, transition.work)
        self._all[operation.id] = operation
        self._running.append(operation)
        while len(self._all) > _KEPT:
            self._all.pop(next(iter(self._all)))
        return operation

    def get(self, id: str) -> Operation | None:
        """The operation of that id; None when there is none, or its URL was lost by a fault rule."""
        operation = self._all.get(id.lower())
        return None if operation is None or operation.lost else operation

    def running(self, target: str) -> list[Operation]:
        """Operations that hold a resource."""
        return [operation for operation in self._running if operation.target == target.lower()]

    def preempt(self, target: str) -> None:
        """Cancel what holds a resource: a more recent operation takes over."""
        for operation in self.running(target):
            self._end(operation, "Canceled", error("preempted"))

    def advance(self) -> None:
        """End every operation whose time has come and whose work is done."""
        now = self._clock.now()
        progress = True
        while progress:
            ready = [o for o in self._running if o.due <= now and not o.held and (o.work is None or o.work.done())]
            progress = bool(ready)
            for operation in ready:
                if operation.is_running:
                    self._settle(operation)

    def hurry(self) -> None:
        """Let every running operation but those held end as soon as its work on the guests does, and wait for that."""
        while running := [operation for operation in self._running if not operation.held]:
            for operation in running:
                operation.due = self._clock.now()
                if operation.work is not None:
                    operation.work.exception()
            self.advance()

    def reset(self) -> None:
        """Forget all operations; what works on guests runs to its end unheard."""
        self._all.clear()
        self._running.clear()

    def _settle(self, operation: Operation) -> None:
        if operation.forced:
            self._end(operation, operation.forced, operation.forced_error)
            return
        result = None
        if operation.work is not None:
            failure = operation.work.exception()
            if isinstance(failure, AzureError):
                self._end(operation, "Failed", failure)
                return
            if failure is not None:
                self._end(operation, "Failed", error("internal", reason=str(failure)))
                return
            result = operation.work.result()
        try:
            if operation.transition.finish:
                operation.transition.finish(result)
        except AzureError as reason:
            self._end(operation, "Failed", reason)
            return
        if operation.transition.output:
            operation.output = operation.transition.output()
        self._end(operation, "Succeeded", None)

    def _end(self, operation: Operation, status: str, reason: AzureError | None) -> None:
        operation.status = status
        operation.error = reason
        operation.ended = max(operation.due, operation.started) if status == "Succeeded" else self._clock.now()
        if operation in self._running:
            self._running.remove(operation)
        if status != "Succeeded" and operation.transition.fail:
            operation.transition.fail(reason)
