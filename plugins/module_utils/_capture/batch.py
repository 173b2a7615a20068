# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Perform many captures in one task: over one connection, with shared reads and concurrent execution, each with its own result."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._capture import contention
from ansible_collections.golden.azure.plugins.module_utils._capture.contention import may_be_contested
from ansible_collections.golden.azure.plugins.module_utils._capture.options import ITEM, OPTIONS
from ansible_collections.golden.azure.plugins.module_utils._capture.overtaken import replan
from ansible_collections.golden.azure.plugins.module_utils._capture.parsing import parse_request
from ansible_collections.golden.azure.plugins.module_utils._capture.plan.capture import (
    before_preparation,
    plan_capture,
    refuse_request,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.request import CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._capture.state import read_state
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure, InvalidInput, Unreachable
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._engine.cached_reader import CachedReader
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import StepResult
from ansible_collections.golden.azure.plugins.module_utils._engine.listings import Listings
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._engine.scheduler import Job, Scheduler
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import CREATE_CONTAINERS
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import public_address_ids
from ansible_collections.golden.azure.plugins.module_utils._upload import upload

Json = dict[str, Any]

#: Returns the result of a capture from its request, its state, its plan and its steps.
ResultOf = Callable[[Any, CaptureRequest, CaptureState, Plan, list[StepResult], bool], Json]
#: Raises the failure of a blocked capture, with the result that a single capture would have.
RefuseBlocked = Callable[[CaptureRequest, CaptureState, Plan], None]

_MAX_CONCURRENCY = 128
# The number of failures whose reasons a task's message contains; of the others it contains the names.
_MAX_REASONS = 5


@dataclass
class _Item:
    """One capture."""

    name: str
    request: CaptureRequest
    state: CaptureState | None = None
    plan: Plan | None = None
    failure: Failure | None = None
    job: Job | None = None
    #: The steps that were executed before a conflict with another run.
    results: list[StepResult] = field(default_factory=list)


def capture_all(
    arm: ArmClient,
    deadline: Deadline,
    options: Json,
    check_mode: bool,
    progress: Progress,
    result_of: ResultOf,
    refuse_blocked: RefuseBlocked,
) -> Json:
    """Execute the items of ``captures``.

    :param result_of: creates an item's result.
    :param refuse_blocked: raises the failure of a blocked item.
    :raises InvalidInput: for invalid items, before anything is read.
    :raises Failure: if at least one of them failed; its details contain the result of each.
    """
    items = _items(options, arm.subscription_id)
    for item in items:
        try:
            refuse_request(item.request)
        except Failure as failure:
            item.failure = failure
    arm.rate_limiter.limits_reads = True
    listings = Listings(arm)
    reads = CachedReader(arm, listings)
    _read(reads, items, check_mode, refuse_blocked)
    if not check_mode:
        _carry_out(arm, Scheduler(arm, deadline, progress, listings, options["max_concurrency"], upload), items, reads)
    results = [_result(reads, item, check_mode, result_of) for item in items]
    return _of_task(arm, items, results)


# -- options ----------------------------------------------------------------------------------------------------------


def _items(options: Json, subscription_id: str) -> list[_Item]:
    _check(options)
    now = datetime.now(timezone.utc)
    items = []
    for number, each in enumerate(options["captures"], start=1):
        try:
            request = parse_request(each, subscription_id, now)
        except InvalidInput as failure:
            raise InvalidInput(f"Item {number} of 'captures': {failure.message}", code=failure.code) from failure
        items.append(_Item(_name(request), request))
    _refuse_conflicts(items)
    return items


def _check(options: Json) -> None:
    if not options["captures"]:
        raise InvalidInput("Option 'captures' is empty: specify at least one capture.")
    if not 1 <= options["max_concurrency"] <= _MAX_CONCURRENCY:
        raise InvalidInput(f"Option 'max_concurrency' is {options['max_concurrency']}: set 1 to {_MAX_CONCURRENCY}.")
    misplaced = [name for name in ITEM if options.get(name) not in (None, OPTIONS[name].get("default"))]
    if misplaced:
        raise InvalidInput(
            f"Option '{misplaced[0]}' cannot be combined with 'captures': set it in each item of 'captures' instead."
        )


def _name(request: CaptureRequest) -> str:
    source = request.source
    return source.name if isinstance(source, ResourceId) else str(source).rsplit("/", 1)[-1]


def _refuse_conflicts(items: Sequence[_Item]) -> None:
    """Refuse several captures of the same virtual machine, or into the same target, which would conflict.

    :raises InvalidInput: with the numbers of both.
    """
    taken: dict[str, int] = {}
    for number, item in enumerate(items, start=1):
        for what, key in _claims(item.request):
            other = taken.setdefault(key.lower(), number)
            if other != number:
                raise InvalidInput(
                    f"Items {other} and {number} of 'captures' both specify the {what}: remove it from one of them."
                )


def _claims(request: CaptureRequest) -> Iterator[tuple[str, str]]:
    """The resources that a capture needs exclusively, with a label and a key."""
    if request.of_machine and isinstance(request.source, ResourceId):
        yield request.source.label, str(request.source)
    if request.image:
        yield request.image.label, str(request.image)
    for target in request.gallery_targets:
        yield f"version {target.version} of {target.definition.label}", f"{target.definition}/versions/{target.version}"


# -- reading ----------------------------------------------------------------------------------------------------------


def _read(reads: CachedReader, items: Sequence[_Item], check_mode: bool, refuse_blocked: RefuseBlocked) -> None:
    """Read the state of all items, and create their plans; an item that cannot be read or is blocked does not affect the others."""
    reads.expect_reads(resource for item in items if not item.failure for resource in item.request.resources)
    for more in (_of_machine, _of_interfaces):
        reads.expect_reads(
            resource for found in run_in_threads(partial(more, reads), items, READERS) for resource in found
        )
    run_in_threads(partial(_plan, reads, check_mode, refuse_blocked), items, READERS)
    _agree_on_containers(items)


def _of_machine(reads: CachedReader, item: _Item) -> list[ResourceId]:
    """The resources of a virtual machine that are read after it."""
    request = item.request
    if item.failure or not request.of_machine or not isinstance(request.source, ResourceId):
        return []
    try:
        vm = reads.get(request.source, expand="instanceView") or {}
    except Failure as failure:
        item.failure = failure
        return []
    return machine.managed_disk_ids(vm) + (machine.interface_ids(vm) if request.delete_source_vm else [])


def _of_interfaces(reads: CachedReader, item: _Item) -> list[ResourceId]:
    """The public IP addresses of a virtual machine to be deleted, which are read after its interfaces."""
    source = item.request.source
    if item.failure or not item.request.delete_source_vm or not isinstance(source, ResourceId):
        return []
    try:
        vm = reads.get(source, expand="instanceView") or {}
        found = [reads.get(interface) for interface in machine.interface_ids(vm)]
    except Failure as failure:
        item.failure = failure
        return []
    return public_address_ids(interface for interface in found if interface)


def _plan(reads: CachedReader, check_mode: bool, refuse_blocked: RefuseBlocked, item: _Item) -> None:
    if item.failure:
        return
    try:
        item.state = read_state(reads, item.request, check_mode)
        item.plan = checked(reads, plan_capture(item.request, item.state), check_mode)
        refuse_blocked(item.request, item.state, item.plan)
    except Failure as failure:
        item.failure = failure


def _agree_on_containers(items: Sequence[_Item]) -> None:
    """Merge the tags of all captures that create the same group or definition, and use the first location of a group.

    A PUT replaces existing tags, and a group cannot be created again in another region (InvalidResourceGroupLocation). Other
    properties of definitions are not merged: Azure refuses those that differ before their virtual machines are changed.
    """
    plans = [item.plan for item in items if item.plan and not item.failure]
    bodies: dict[str, Json] = {}
    for step in (step for plan in plans for step in plan.steps if step.action in CREATE_CONTAINERS):
        agreed = bodies.setdefault(str(step.resource).lower(), {"location": (step.body or {}).get("location")})
        tags = {**((step.body or {}).get("tags") or {}), **agreed.get("tags", {})}
        if tags:
            agreed["tags"] = tags
    for item in items:
        if item.plan and not item.failure:
            item.plan = replace(item.plan, steps=[_agreed(step, bodies) for step in item.plan.steps])


def _agreed(step: Step, bodies: dict[str, Json]) -> Step:
    if step.action not in CREATE_CONTAINERS:
        return step
    return replace(step, body={**(step.body or {}), **bodies[str(step.resource).lower()]})


# -- execution --------------------------------------------------------------------------------------------------------


def _carry_out(arm: ArmClient, scheduler: Scheduler, items: Sequence[_Item], reads: CachedReader) -> None:
    for item in items:
        if item.plan and not item.failure:
            item.plan = before_preparation(item.request, item.plan)
            item.job = Job(item.name, item.plan)
    jobs = [item.job for item in items if item.job]
    for attempt in range(1, contention.ATTEMPTS + 1):
        scheduler.run(jobs)
        jobs = []
        if attempt < contention.ATTEMPTS:
            contested = [item for item in items if item.job and item.job.failure and may_be_contested(item.job.failure)]
            # Earlier reads are outdated.
            fresh = CachedReader(arm, Listings(arm))
            fresh.expect_reads(resource for item in contested for resource in item.request.resources)
            jobs = list(filter(None, run_in_threads(partial(_replan_item, fresh), contested, READERS)))
        if not jobs:
            break
    for item in items:
        if item.job:
            item.failure = item.job.failure
    reads.remember(scheduler.rows)


def _replan_item(reads: CachedReader, item: _Item) -> Job | None:
    """The new job of an item that conflicted with another run; None if there was no conflict."""
    before = item.job
    if before is None or before.failure is None or item.plan is None:
        return None
    try:
        plan, item.state = replan(reads, item.request, before.failure)
    except Failure:
        return None
    item.plan = contention.with_findings(item.plan, item.request, item.state)
    item.results += before.results
    item.job = Job(item.name, plan)
    return item.job


# -- results ----------------------------------------------------------------------------------------------------------


def _result(reads: CachedReader, item: _Item, check_mode: bool, result_of: ResultOf) -> Json:
    if not item.failure and item.state and item.plan:
        try:
            steps = [*item.results, *(item.job.results if item.job else [])]
            return {
                "name": item.name,
                "failed": False,
                **result_of(reads, item.request, item.state, item.plan, steps, check_mode),
            }
        except Failure as failure:
            item.failure = failure
    reason = item.failure or Unreachable(f"The capture of '{item.name}' was not attempted.")
    plan = item.plan or Plan(f"Capture of {item.name}")
    fields = {"plan": plan.as_dict(), "plan_text": plan.text(), "steps": [], "changed": False, **reason.as_result()}
    return {"name": item.name, "failed": True, **fields}


def _of_task(arm: ArmClient, items: Sequence[_Item], results: list[Json]) -> Json:
    text = "\n".join(result["plan_text"] for result in results)
    warnings = [warning for result in results for warning in result.pop("warnings", [])]
    for result in results:
        # It is part of the task's result.
        result.pop("diff", None)
    whole: Json = {
        "changed": any(result["changed"] for result in results),
        "results": results,
        "plan_text": text,
        "account": arm.account,
        "diff": {"prepared": text},
        "warnings": warnings,
    }
    failed = [item for item in items if item.failure]
    if failed:
        raise _failure(failed, len(items), whole)
    return whole


def _failure(failed: Sequence[_Item], of_all: int, whole: Json) -> Failure:
    reasons = [f"{item.name}: {str(item.failure).rstrip('.')}" for item in failed[:_MAX_REASONS]]
    more = ", ".join(item.name for item in failed[_MAX_REASONS:])
    first = failed[0].failure
    return Failure(
        f"{len(failed)} of {of_all} captures failed: {'; '.join(reasons)}{'; and ' + more if more else ''}.",
        code=first.code if first and len(failed) == 1 else None,
        request_id=first.request_id if first and len(failed) == 1 else None,
        details=whole,
    )
