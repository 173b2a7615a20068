# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Execute removals concurrently; each image is checked again immediately before its removal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, parse
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import StepResult
from ansible_collections.golden.azure.plugins.module_utils._engine.listings import Listings
from ansible_collections.golden.azure.plugins.module_utils._engine.scheduler import Job, Scheduler
from ansible_collections.golden.azure.plugins.module_utils._images.filters import selection
from ansible_collections.golden.azure.plugins.module_utils._images.usage_reader import CurrentUsage
from ansible_collections.golden.azure.plugins.module_utils._model import facts
from ansible_collections.golden.azure.plugins.module_utils._removal.plan import PlannedRemoval, candidate_of, label_of
from ansible_collections.golden.azure.plugins.module_utils._removal.request import RemovalRequest
from ansible_collections.golden.azure.plugins.module_utils._removal.retention import (
    Code,
    Decision,
    Reason,
    RetentionAction,
    reason_to_keep,
)

Json = dict[str, Any]


@dataclass
class Outcome:
    """The result of one image."""

    decision: Decision
    #: kept, removed, deprecated, absent (it was removed by another process), failed or not_tried.
    result: str
    reason: Reason
    steps: list[StepResult] = field(default_factory=list)
    seconds: float = 0.0
    failure: Failure | None = None

    def steps_done(self) -> list[Json]:
        """The completed steps, including those of a removal that failed later."""
        if self.failure:
            return list(self.failure.details.get("steps", []))
        return [step.as_dict() for step in self.steps]

    @property
    def has_changes(self) -> bool:
        """Whether anything was written."""
        if self.failure:
            return bool(self.failure.details.get("changed"))
        return any(step.step.changes for step in self.steps)

    def as_dict(self) -> Json:
        """For a task's result."""
        shown: Json = {
            "id": self.decision.candidate.identity,
            "action": self.decision.action.value,
            "result": self.result,
            "reason": self.reason.text,
            "reason_code": self.reason.code.value,
            "seconds": round(self.seconds, 1),
        }
        if self.failure:
            shown["error"] = {
                "code": self.failure.code,
                "message": self.failure.message,
                "request_id": self.failure.request_id,
            }
        return shown


@dataclass(frozen=True)
class Runner:
    """Executes planned removals."""

    arm: ArmClient
    deadline: Deadline
    progress: Callable[[str], None]
    request: RemovalRequest
    usage: CurrentUsage
    now: datetime

    def run(self, planned: Sequence[PlannedRemoval]) -> list[Outcome]:
        """Execute all removals; a failure does not stop the others.

        :returns: the result of each image, in the same order.
        """
        removals = [_ImageRemoval(each, self) for each in planned]
        scheduler = Scheduler(self.arm, self.deadline, self.progress, Listings(self.arm), self.request.threads)
        scheduler.run([removal.job for removal in removals if removal.job])
        return [removal.outcome() for removal in removals]

    def look(self, decision: Decision) -> tuple[Json | None, Outcome | None]:
        """Check an image immediately before its removal.

        :returns: the image, and its result if nothing is to be done.
        :raises Failure: if it cannot be read.
        """
        if decision.candidate.state == "Deleting":
            return None, None
        resource = self.arm.get(identity_of(decision))
        if resource is None:
            return None, Outcome(decision, "absent", Reason(Code.REMOVED_ALREADY, "it was removed by another process"))
        objection = self._objection(resource, decision)
        if objection:
            reason = f"{objection.text}, found immediately before the removal"
            return resource, Outcome(decision, "kept", Reason(objection.code, reason))
        return resource, None

    def _objection(self, resource: Json, decision: Decision) -> Reason | None:
        """A change since the decision that prevents the removal, if any."""
        image = facts_of(resource, self.now)
        candidate = candidate_of(image, self.usage.get(), self.request)
        if candidate.state == "Deleting":
            return None
        reason = reason_to_keep(candidate, self.request.rules.force, self.now)
        if reason or not self.request.by_rules:
            return reason
        # The filters by names were applied to the listing; only tags may change.
        if not selection({"tags": self.request.filters.get("tags")})(image):
            return Reason(Code.TAGS_CHANGED, "its tags were changed")
        if (
            self.request.rules.grace
            and decision.action is RetentionAction.REMOVE
            and candidate.deprecated_since is None
        ):
            return Reason(Code.NOT_DEPRECATED_ANY_MORE, "it is no longer deprecated")
        if candidate.created != decision.candidate.created:
            return Reason(Code.REPLACED, "it was replaced by another image")
        return None


class _ImageRemoval:
    """One image, and its progress.

    :param job: the job; None for a kept image.
    """

    def __init__(self, planned: PlannedRemoval, runner: Runner) -> None:
        self.decision = planned.decision
        self.job: Job | None = None
        self._planned = planned
        self._runner = runner
        self._early: Outcome | None = None
        if self.decision.action is RetentionAction.KEEP:
            self._early = Outcome(self.decision, "kept", self.decision.reason)
            return
        try:
            self.job = Job(identity_of(self.decision).name, self._plan(planned.steps), check=self._check)
        except Failure as failure:
            self._early = _failed(self.decision, failure)

    def _plan(self, steps: list[Step]) -> Plan:
        return Plan(f"Removal of {identity_of(self.decision).label}", steps=steps)

    def _check(self) -> Plan:
        """Called immediately before the first request."""
        resource, self._early = self._runner.look(self.decision)
        if self._early:
            return Plan("Nothing to do")
        usage = self._runner.usage.get() if len(self._planned.steps) > 1 else None
        return self._plan(self._planned.now(resource, usage, self._runner.now))

    def outcome(self) -> Outcome:
        """The result."""
        job, decision = self.job, self.decision
        if self._early or job is None:
            return self._early or Outcome(decision, "kept", decision.reason)
        if job.failure and not job.started:
            reason = f"The {label_of(decision.candidate)} was not attempted: the time limit of the task was exceeded; run it again."
            return Outcome(decision, "not_tried", Reason(Code.TIME_LIMIT_REACHED, reason), failure=Failure(reason))
        if job.failure:
            return _failed(decision, job.failure, job.seconds)
        joined = decision.candidate.state == "Deleting"
        result = "deprecated" if decision.action is RetentionAction.DEPRECATE else "absent" if joined else "removed"
        return Outcome(decision, result, decision.reason, job.results, job.seconds)


def _failed(decision: Decision, failure: Failure, seconds: float = 0.0) -> Outcome:
    return Outcome(decision, "failed", Reason(Code.REMOVAL_FAILED, failure.message), seconds=seconds, failure=failure)


def identity_of(decision: Decision) -> ResourceId:
    """The image's id.

    :raises Failure: if Azure's response contains none.
    """
    identity = parse(decision.candidate.identity)
    if identity is None:
        raise Failure(f"The image '{decision.candidate.identity}' has no valid resource id.")
    return identity


def facts_of(resource: Json, now: datetime) -> Json:
    """The facts of an image or a version, without those of its definition."""
    found = parse(str(resource.get("id") or ""))
    if found and len(found.names) == 3:
        return facts.gallery_version_facts(resource, None, now)
    return facts.image_facts(resource)
