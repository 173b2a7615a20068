# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Execute many plans concurrently.

Threads only send. Started operations are polled in one place (operation_watcher), so that a thousand operations need no
threads and few reads. Writes are sent as the rate limiter admits them.
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

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.rate_limiter import request_kind
from ansible_collections.golden.azure.plugins.module_utils._azure.responses import Accepted
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

# In seconds: while the rate limiter delays writes, more frequent polling would not speed up anything.
_MAX_POLL_INTERVAL_WHEN_LIMITED = 60.0
# Interval in seconds for checking responses.
_TICK = 0.05
# The shortest sleep in seconds that any clock can measure.
_MIN_SLEEP = 0.001


_NO_STEP = object()


@dataclass
class Job:
    """A plan in execution.

    :param name: for progress lines.
    :param plan: as far as it is known; its first step determines the kind of the first request.
    :param check: called immediately before the first request to refresh the plan.
    """

    name: str
    plan: Plan
    check: Callable[[], Plan] | None = None
    started: bool = False
    results: list[StepResult] = field(default_factory=list)
    failure: Failure | None = None
    started_at: float = 0.0
    #: The id of the resource being written to, in lower case.
    locked_resource: str = ""

    @property
    def step(self) -> Step | None:
        """The next or current step; None if all are done, or one failed."""
        left = len(self.results) < len(self.plan.steps) and self.failure is None
        return self.plan.steps[len(self.results)] if left else None

    @property
    def seconds(self) -> float:
        """The duration of its steps."""
        return sum(result.seconds for result in self.results)

    def refresh_plan(self) -> None:
        """Refresh the plan once.

        :raises Failure: if that is not possible.
        """
        if self.check is not None:
            check, self.check = self.check, None
            self.plan = check()

    def fail(self, failure: Failure) -> None:
        """End it; the failure gets the results of earlier steps."""
        add_partial_result(failure, self.plan, self.results)
        self.failure = failure


class AsyncExecutor(Executor):
    """Starts steps, and returns pending operations instead of waiting for them."""

    def write(self, step: Step, send: Callable[[], Accepted], effect: Callable[[Any], Observation]) -> Any:
        """Send a write; a lost response is handled synchronously, as it is rare."""

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
        """Return the pending operation."""

        def retry_synchronously(failure: Failure) -> Any:
            raise failure

        return Pending(step, effect, None, limit or self.deadline, self.deadline.elapsed, retry_synchronously, late)


def _after(failure: Failure, send: Callable[[], Accepted]) -> Callable[[], Accepted]:
    """A function that first raises the failure, and sends when it is called again."""
    first = [failure]

    def next_attempt() -> Accepted:
        if first:
            raise first.pop()
        return send()

    return next_attempt


def _shared_creation(step: Step) -> tuple[str, str] | None:
    """The key of a resource that several jobs share; None if a step's resource belongs to one job."""
    if step.action not in CREATE_CONTAINERS:
        return None
    return str(step.resource).lower(), json.dumps(step.body, sort_keys=True)


class Scheduler:
    """Executes plans; a failed one does not stop the others.

    :param threads: the maximum number of concurrent requests.
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
        #: Jobs ready to start, by the kind of their request; None for steps without a request.
        self._ready: dict[str | None, deque[Job]] = {}
        self._requests: dict[Future[Any], Job] = {}
        #: Completed requests.
        self._responses: SimpleQueue[Future[Any]] = SimpleQueue()
        #: Resources being written to, with the jobs queued for them.
        self._locked: dict[str, deque[Job]] = {}
        #: Resources shared by several jobs that were created already: resource groups and definitions, with their bodies.
        self._created: set[tuple[str, str]] = set()
        self._polled_at = 0.0

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """Resources from the last listings, by their ids in lower case."""
        return self._watcher.rows

    def run(self, jobs: Sequence[Job]) -> None:
        """Execute all jobs; each job contains its result afterwards."""
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
        # Requests in progress at the time limit have completed with the pool.
        for future, job in list(self._requests.items()):
            self._take_response(future, job)
        self._give_up()

    # -- beginning ----------------------------------------------------------------------------------------------

    def _next(self, job: Job) -> None:
        """Queue a job's next step."""
        step = job.step
        if step is None:
            return
        kind = request_kind(step.method, step.path or str(step.resource)) if step.method else None
        self._ready.setdefault(kind, deque()).append(job)

    def _pending_count(self) -> int:
        return sum(map(len, self._ready.values())) + sum(map(len, self._locked.values()))

    def _send(self, pool: ThreadPoolExecutor) -> None:
        """Start as many steps as the threads and the rate limiter allow."""
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
        """Jobs that have not started come first, as they take longest; then those with the most completed steps."""
        waiting = self._ready[kind]
        return (len(waiting[0].results) or float("inf")) if waiting else 0

    def _queue_if_locked(self, job: Job) -> bool:
        """Whether another job is writing to the same resource; if so, the job is queued after it."""
        step = job.step
        queue = self._locked.get(str(step.resource).lower()) if step else None
        if queue is None:
            return False
        queue.append(job)
        return True

    def _skip_if_created(self, job: Job) -> bool:
        """Whether another job has created the resource of the next step; if so, the step is skipped."""
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
        """Poll pending operations, if due."""
        if self._deadline.elapsed < self._next_poll():
            return
        self._polled_at = self._deadline.elapsed
        try:
            seen = self._watcher.poll(pool)
        except Failure as failure:
            # Pending operations cannot be polled without listings.
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
        """Whether the rate limiter delays a request."""
        return any(waiting and kind and self._arm.rate_limiter.wait(kind) for kind, waiting in self._ready.items())

    def _wait_for_work(self) -> None:
        """Wait for responses, or until the next poll is due."""
        seconds = min(
            self._next_poll() - self._deadline.elapsed, self._seconds_until_admitted(), self._deadline.remaining
        )
        if self._requests:
            self._process_responses(max(_TICK, seconds))
        elif seconds > 0 and (len(self._watcher) or self._pending_count()):
            self._deadline.clock.sleep(max(seconds, _MIN_SLEEP))

    def _process_responses(self, seconds: float) -> None:
        """Wait for the next response up to a number of seconds, and process all responses."""
        with contextlib.suppress(Empty):
            future = self._responses.get(timeout=seconds)
            while True:
                self._take_response(future, self._requests[future])
                future = self._responses.get_nowait()

    def _seconds_until_admitted(self) -> float:
        """Seconds until the rate limiter admits a queued request; infinite if none is queued."""
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
        """Release the lock of the resource."""
        for waiting in self._locked.pop(job.locked_resource, ()):
            self._next(waiting)

    def _give_up(self) -> None:
        """Stop at the time limit: nothing is started or polled any more."""
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
