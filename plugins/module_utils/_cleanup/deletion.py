# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Remove what is orphaned, several owners at a time; each is read again immediately before its removal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._cleanup.leases import Lease
from ansible_collections.golden.azure.plugins.module_utils._cleanup.owners import Kind, Owner
from ansible_collections.golden.azure.plugins.module_utils._cleanup.plan import (
    Code,
    Decision,
    Reason,
    Removal,
    removal_of,
)
from ansible_collections.golden.azure.plugins.module_utils._cleanup.state import StateReader
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import same_id
from ansible_collections.golden.azure.plugins.module_utils._engine.listings import Listings
from ansible_collections.golden.azure.plugins.module_utils._engine.scheduler import Job, Scheduler
from ansible_collections.golden.azure.plugins.module_utils._images.usage_reader import CurrentUsage

Json = dict[str, Any]


@dataclass
class Outcome:
    """The result of one owner."""

    removal: Removal
    #: The result of each decision: kept, removed, absent, failed or not_tried.
    results: list[tuple[Decision, str]]
    steps: list[Json] = field(default_factory=list)
    failure: Failure | None = None

    @property
    def has_changes(self) -> bool:
        """Whether anything was removed."""
        return bool(self.steps)

    def as_dicts(self) -> list[Json]:
        """For a task's result."""
        shown = []
        for decision, result in self.results:
            row: Json = {**decision.as_dict(), "result": result}
            if self.failure is not None and result in ("failed", "not_tried"):
                row["error"] = {
                    "code": self.failure.code,
                    "message": self.failure.message,
                    "request_id": self.failure.request_id,
                }
            shown.append(row)
        return shown


@dataclass(frozen=True)
class Runner:
    """Executes planned removals."""

    reader: StateReader
    deadline: Deadline
    progress: Callable[[str], None]
    usage: CurrentUsage

    def run(self, removals: Sequence[Removal], leases: Sequence[Lease]) -> list[Outcome]:
        """Execute all removals; a failure does not stop the others. Leases come last: they show whose run is over.

        :returns: the result of each owner.
        """
        first = [removal for removal in removals if removal.owner.kind is not Kind.LEASE]
        outcomes = self._run(first)
        left = [outcome.removal.owner for outcome in outcomes if outcome.failure is not None or not _is_done(outcome)]
        second = [_unless_needed(removal, leases, left) for removal in removals if removal.owner.kind is Kind.LEASE]
        return [*outcomes, *self._run(second)]

    def _run(self, removals: Sequence[Removal]) -> list[Outcome]:
        jobs = [_OwnerRemoval(removal, self) for removal in removals]
        arm = self.reader.arm
        scheduler = Scheduler(arm, self.deadline, self.progress, Listings(arm), self.reader.request.threads)
        scheduler.run([each.job for each in jobs if each.job is not None])
        return [each.outcome() for each in jobs]

    def current(self, removal: Removal) -> Removal:
        """The removal immediately before it is executed: steps can only be dropped.

        :raises Failure: if something cannot be read.
        """
        owner, state = self.reader.again(removal.owner)
        if owner is None:
            return removal.kept(Reason(Code.REMOVED_ALREADY, "it was removed by another process"))
        needed = any(step.resource.resource_type.endswith(("/disks", "/snapshots")) for step in removal.steps)
        state = replace(state, usage=self.usage.get() if needed else None)
        now = removal_of(owner, state, self.reader.request, self.reader.now)
        planned = {str(step.resource).lower() for step in removal.steps}
        steps = tuple(step for step in now.steps if str(step.resource).lower() in planned)
        if not steps:
            reason = next((each.reason for each in now.decisions if not each.removed), None)
            text = f"{reason.text if reason else 'it was changed'}, found immediately before the removal"
            return removal.kept(Reason(reason.code if reason else Code.CHANGED_SINCE, text))
        known = {str(each.resource).lower() for each in removal.decisions if each.removed}
        decisions = tuple(each for each in now.decisions if not each.removed or str(each.resource).lower() in known)
        return Removal(owner, decisions, steps)


def _unless_needed(removal: Removal, leases: Sequence[Lease], left: Sequence[Owner]) -> Removal:
    """The removal of a lease, unless it shows that the run of these owners is over."""
    lease = next((each for each in leases if same_id(str(each.group), str(removal.owner.group_id))), None)
    if lease is None or not any(lease.covers(owner) for owner in left):
        return removal
    return removal.kept(Reason(Code.RESOURCES_KEPT, "resources of its run are kept"))


def _is_done(outcome: Outcome) -> bool:
    return all(result in ("removed", "absent") for _decision, result in outcome.results)


class _OwnerRemoval:
    """The removal of the resources of one owner, and its progress.

    :param job: the job; None if everything is kept.
    """

    def __init__(self, removal: Removal, runner: Runner) -> None:
        self.job: Job | None = None
        self._removal = removal
        self._runner = runner
        if removal.steps:
            self.job = Job(removal.owner.label, self._plan(removal), check=self._check)

    def _plan(self, removal: Removal) -> Plan:
        return Plan(f"Removal of what was created for {removal.owner.label}", steps=list(removal.steps))

    def _check(self) -> Plan:
        """Called immediately before the first request."""
        self._removal = self._runner.current(self._removal)
        return self._plan(self._removal)

    def outcome(self) -> Outcome:
        """The result."""
        removal, job = self._removal, self.job
        if job is None or not removal.steps:
            return Outcome(removal, [(each, _result_of_kept(each)) for each in removal.decisions])
        steps = [done.as_dict() for done in job.results]
        if job.failure is None:
            results = [(each, "removed" if each.removed else "kept") for each in removal.decisions]
            return Outcome(removal, results, steps)
        return Outcome(removal, [self._failed(each, job) for each in removal.decisions], steps, job.failure)

    def _failed(self, decision: Decision, job: Job) -> tuple[Decision, str]:
        """The result of one resource after a step of its owner failed."""
        if not decision.removed:
            return decision, "kept"
        if any(done.step.resource == decision.resource for done in job.results):
            return decision, "removed"
        if not job.started:
            reason = Reason(Code.TIME_LIMIT_REACHED, "not attempted: the time limit of the task was exceeded")
            return replace(decision, reason=reason), "not_tried"
        message = job.failure.message if job.failure else ""
        return replace(decision, reason=Reason(Code.REMOVAL_FAILED, message)), "failed"


def _result_of_kept(decision: Decision) -> str:
    return "absent" if decision.reason.code is Code.REMOVED_ALREADY else "kept"
