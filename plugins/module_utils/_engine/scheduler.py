# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Carry out many plans side by side.

Threads only send. What has started is waited for in one place (operation_watcher), so that a thousand operations cost no
thread and few reads. Writes are sent as the rate limiter admits them.
"""

from __future__ import annotations

import contextlib
import json
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import Accepted, ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.rate_limiter import request_kind
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Observation
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    DeadlineExceeded,
    Failure,
    LostResponse,
    NotFound,
)
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import (
    Executor,
    StepResult,
    Uploader,
    add_partial_result,
)
from ansible_collections.golden.azure.plugins.module_utils._engine.listings import Listings
from ansible_collections.golden.azure.plugins.module_utils._engine.operation_watcher import OperationWatcher, Pending
from ansible_collections.golden.azure.plugins.module_utils._local.controller import check_controller
from ansible_collections.golden.azure.plugins.module_utils._model.actions import CREATE_CONTAINERS

# Seconds: as long as the rate limiter holds writes back, nothing that polling shows could be continued any sooner.
_MAX_POLL_INTERVAL_WHEN_LIMITED = 60.0
# Seconds in which somebody looks whether a request has been answered.
_TICK = 0.05
# Seconds that any clock takes for more than none.
_MIN_SLEEP = 0.001


_NO_STEP = object()


@dataclass
class Job:
    """A plan that is being carried out.

    :param name: for progress lines.
    :param plan: as far as it is known; its first step tells what the first request will be.
    :param check: looks right before the first request whether all is as it was, and makes the plan anew.
    """

    name: str
    plan: Plan
    check: Callable[[], Plan] | None = None
    started: bool = False
    results: list[StepResult] = field(default_factory=list)
    failure: Failure | None = None
    started_at: float = 0.0
    #: The resource that is being written to, by its id in lower case.
    locked_resource: str = ""

    @property
    def step(self) -> Step | None:
        """The step that is to be done, or is under way; None when all are done, or one failed."""
        left = len(self.results) < len(self.plan.steps) and self.failure is None
        return self.plan.steps[len(self.results)] if left else None

    @property
    def seconds(self) -> float:
        """What its steps took."""
        return sum(result.seconds for result in self.results)

    def refresh_plan(self) -> None:
        """Look once whether all is as it was.

        :raises Failure: when that cannot be told.
        """
        if self.check is not None:
            check, self.check = self.check, None
            self.plan = check()

    def fail(self, failure: Failure) -> None:
        """End it; what was done before is told by the failure."""
        add_partial_result(failure, self.plan, self.results)
        self.failure = failure


class AsyncExecutor(Executor):
    """Begins steps, and answers what there is to wait for instead of waiting for it."""

    def write(self, step: Step, send: Callable[[], Accepted], effect: Callable[[Any], Observation]) -> Any:
        """Send a write; an answer that is lost is looked after at once, as it is rare."""

        def retry_synchronously(failure: Failure) -> Any:
            return Executor.write(self, step, _after(failure, send), effect)

        try:
            accepted = send()
        except (LostResponse, NotFound) as failure:
            return retry_synchronously(failure)
        if accepted.operation_url is None:
            return accepted.operation_id
        return Pending(step, effect, accepted, self.deadline, self.deadline.elapsed, retry_synchronously)

    def join(
        self, step: Step, effect: Callable[[Any], Observation], limit: Deadline | None = None, late: str = ""
    ) -> Any:
        """Answer what to watch."""

        def retry_synchronously(failure: Failure) -> Any:
            raise failure

        return Pending(step, effect, None, limit or self.deadline, self.deadline.elapsed, retry_synchronously, late)


def _after(failure: Failure, send: Callable[[], Accepted]) -> Callable[[], Accepted]:
    """Something that fails as sending just did, and sends when it is called again."""
    first = [failure]

    def next_attempt() -> Accepted:
        if first:
            raise first.pop()
        return send()

    return next_attempt


def _shared_creation(step: Step) -> tuple[str, str] | None:
    """What a step makes that serves several jobs, to compare; None for what is one job's own."""
    if step.action not in CREATE_CONTAINERS:
        return None
    return str(step.resource).lower(), json.dumps(step.body, sort_keys=True)


class Scheduler:
    """Carries out plans; one that fails does not stop the others.

    :param threads: how many requests may be under way at once.
    """

    def __init__(
        self,
        arm: ArmClient,
        deadline: Deadline,
        progress: Progress,
        listings: Listings,
        threads: int,
        uploader: Uploader | None = None,
    ) -> None:
        self._arm = arm
        self._deadline = deadline
        self._progress = progress
        self._threads = threads
        self._executor = AsyncExecutor(arm, deadline, progress, uploader)
        self._watcher = OperationWatcher(arm, deadline, listings)
        self._jobs: dict[int, Job] = {}
        #: What waits to be started, by the kind of its request; None for steps that send nothing.
        self._ready: dict[str | None, deque[Job]] = {}
        self._requests: dict[Future[Any], Job] = {}
        #: Those of them that have been answered.
        self._responses: SimpleQueue[Future[Any]] = SimpleQueue()
        #: Resources that are being written to, with the jobs that want to do so next.
        self._locked: dict[str, deque[Job]] = {}
        #: Resources shared by several jobs that were created already: resource groups and definitions, with their bodies.
        self._created: set[tuple[str, str]] = set()
        self._polled_at = 0.0

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Resources as they were last listed, by their ids in lower case."""
        return self._watcher.rows

    def run(self, jobs: Sequence[Job]) -> None:
        """Carry out all of them; each job tells afterwards what it came to."""
        for job in jobs:
            self._next(job)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="golden-azure") as pool:
            while self._pending_count() or self._requests or len(self._watcher):
                check_controller()
                if self._deadline.remaining <= 0:
                    self._give_up()
                    break
                self._send(pool)
                self._poll(pool)
                self._wait_for_work()
        # What was on its way when the time ran out has ended with the pool.
        for future, job in list(self._requests.items()):
            self._take_response(future, job)
        self._give_up()

    # -- beginning ----------------------------------------------------------------------------------------------

    def _next(self, job: Job) -> None:
        """Have a job's next step started."""
        step = job.step
        if step is None:
            return
        kind = request_kind(step.method, step.path or str(step.resource)) if step.method else None
        self._ready.setdefault(kind, deque()).append(job)

    def _pending_count(self) -> int:
        return sum(map(len, self._ready.values())) + sum(map(len, self._locked.values()))

    def _send(self, pool: ThreadPoolExecutor) -> None:
        """Begin as much as the threads and the rate limiter allow."""
        for kind in sorted(self._ready, key=self._urgency, reverse=True):
            waiting = self._ready[kind]
            while waiting and len(self._requests) < self._threads:
                if self._queue_if_locked(waiting[0]) or self._skip_if_created(waiting[0]):
                    waiting.popleft()
                    continue
                if kind is not None and not self._arm.rate_limiter.take(kind):
                    break
                self._begin(pool, waiting.popleft(), kind)
        self._ready = {kind: waiting for kind, waiting in self._ready.items() if waiting}

    def _urgency(self, kind: str | None) -> float:
        """What has not started has the longest way to go; of the rest, what has come furthest is finished first."""
        waiting = self._ready[kind]
        return (len(waiting[0].results) or float("inf")) if waiting else 0

    def _queue_if_locked(self, job: Job) -> bool:
        """Whether another job is writing to the same resource; the job goes on after it."""
        step = job.step
        queue = self._locked.get(str(step.resource).lower()) if step else None
        if queue is None:
            return False
        queue.append(job)
        return True

    def _skip_if_created(self, job: Job) -> bool:
        """Whether another job has done a job's next step for it; the job goes on with the one after."""
        step = job.step
        creation = _shared_creation(step) if step else None
        if creation is None or creation not in self._created:
            return False
        done = len(job.results)
        job.plan = replace(job.plan, steps=[*job.plan.steps[:done], *job.plan.steps[done + 1 :]])
        self._next(job)
        return True

    def _begin(self, pool: ThreadPoolExecutor, job: Job, kind: str | None) -> None:
        step = job.step
        if step is None:
            return
        job.locked_resource = str(step.resource).lower()
        self._locked[job.locked_resource] = deque()
        job.started_at = self._deadline.elapsed
        job.started = True
        self._submit(pool, job, partial(self._start, job, kind))

    def _submit(self, pool: ThreadPoolExecutor, job: Job, send: Callable[[], Any]) -> None:
        future = pool.submit(send)
        self._requests[future] = job
        future.add_done_callback(self._responses.put)

    def _start(self, job: Job, kind: str | None) -> Any:
        """Called in a thread."""
        if kind is None:
            return self._begin_step(job)
        with self._arm.rate_limiter.reserved(kind):
            return self._begin_step(job)

    def _begin_step(self, job: Job) -> Any:
        job.refresh_plan()
        step = job.step
        if step is None:
            return _NO_STEP
        self._progress(f"{job.name}: [{len(job.results) + 1}/{len(job.plan.steps)}] {step.description}")
        return self._executor.begin(step)

    # -- waiting ------------------------------------------------------------------------------------------------

    def _poll(self, pool: ThreadPoolExecutor) -> None:
        """Look at what has started, if it is time to."""
        if self._deadline.elapsed < self._next_poll():
            return
        self._polled_at = self._deadline.elapsed
        try:
            seen = self._watcher.poll(pool)
        except Failure as failure:
            # Without listings nothing can be seen any more.
            for pending in self._watcher.give_up():
                self._fail(pending, Failure(failure.message, failure.code, failure.request_id))
            return
        for pending in seen.done:
            self._done(self._job_of(pending), pending.accepted.operation_id if pending.accepted else None)
        for pending, reason in seen.failed:
            self._fail(pending, reason)
        for pending, reason in seen.lost:
            self._submit(pool, self._job_of(pending), partial(pending.retry_synchronously, reason))

    def _next_poll(self) -> float:
        due = self._watcher.next_poll()
        return max(due, self._polled_at + _MAX_POLL_INTERVAL_WHEN_LIMITED) if self._is_rate_limited() else due

    def _is_rate_limited(self) -> bool:
        """Whether the rate limiter holds something back; what waits for a thread or a response is continued soon."""
        return any(waiting and kind and self._arm.rate_limiter.wait(kind) for kind, waiting in self._ready.items())

    def _wait_for_work(self) -> None:
        """Wait until something may have happened, and take in what has."""
        seconds = min(
            self._next_poll() - self._deadline.elapsed, self._seconds_until_admitted(), self._deadline.remaining
        )
        if self._requests:
            self._process_responses(max(_TICK, seconds))
        elif seconds > 0 and (len(self._watcher) or self._pending_count()):
            self._deadline.clock.sleep(max(seconds, _MIN_SLEEP))

    def _process_responses(self, seconds: float) -> None:
        """Wait for the next answer, no longer than so many seconds, and go on with all that have been answered."""
        with contextlib.suppress(Empty):
            future = self._responses.get(timeout=seconds)
            while True:
                self._take_response(future, self._requests[future])
                future = self._responses.get_nowait()

    def _seconds_until_admitted(self) -> float:
        """Seconds until the rate limiter admits one of those that wait; infinite when none waits."""
        waits = (
            self._arm.rate_limiter.wait(kind) for kind, waiting in self._ready.items() if kind is not None and waiting
        )
        return min((seconds for seconds in waits if seconds is not None), default=float("inf"))

    def _take_response(self, future: Future[Any], job: Job) -> None:
        del self._requests[future]
        try:
            started = future.result()
        except Failure as failure:
            self._end_of_step(job)
            job.fail(failure)
            self._report_failure(job)
            return
        if started is _NO_STEP:
            self._end_of_step(job)
        elif isinstance(started, Pending):
            self._jobs[id(started)] = job
            self._watcher.add(started)
        else:
            self._done(job, started)

    # -- ending -------------------------------------------------------------------------------------------------

    def _job_of(self, pending: Pending) -> Job:
        return self._jobs.pop(id(pending))

    def _done(self, job: Job, operation_id: str | None) -> None:
        self._end_of_step(job)
        if job.step is not None:
            creation = _shared_creation(job.step)
            if creation:
                self._created.add(creation)
            job.results.append(StepResult(job.step, self._deadline.elapsed - job.started_at, operation_id))
        self._next(job)

    def _fail(self, pending: Pending, failure: Failure) -> None:
        job = self._job_of(pending)
        self._end_of_step(job)
        job.fail(failure)
        self._report_failure(job)

    def _report_failure(self, job: Job) -> None:
        self._progress(f"{job.name}: {job.failure}")

    def _end_of_step(self, job: Job) -> None:
        """Others may write to the resource now."""
        for waiting in self._locked.pop(job.locked_resource, ()):
            self._next(waiting)

    def _give_up(self) -> None:
        """The time is over: nothing more is started, and nothing waited for."""
        for pending in self._watcher.give_up():
            self._fail(pending, pending.too_late())
        waiting = [job for queue in (*self._ready.values(), *self._locked.values()) for job in queue]
        self._ready, self._locked = {}, {}
        for job in waiting:
            job.fail(
                DeadlineExceeded(
                    f"{job.plan.title} was not continued: the time limit of {self._deadline.seconds:g} s was exceeded; "
                    "no progress is lost: run the task again to continue, or increase 'timeout'."
                )
            )
