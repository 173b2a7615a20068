# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Execute the steps of a plan, one after the other; each is repeatable, and its duration is measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from functools import partial
from typing import Any, Callable, Protocol

from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import refusal
from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.polling import (
    intervals,
    poll_operation,
    wait_for_effect,
)
from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._azure.responses import Accepted
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect, Observation, Observer
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    DeadlineExceeded,
    Failure,
    LostResponse,
    NotFound,
    Refused,
)
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._engine.disk_access import end_access
from ansible_collections.golden.azure.plugins.module_utils._engine.progress_reporter import ProgressReporter
from ansible_collections.golden.azure.plugins.module_utils._engine.replication import Publication, accepted_write
from ansible_collections.golden.azure.plugins.module_utils._local.awx_jobs import run_has_ended
from ansible_collections.golden.azure.plugins.module_utils._model.actions import CREATE_DEFINITION, CREATE_GALLERY
from ansible_collections.golden.azure.plugins.module_utils._model.claim import CLAIM_OVER, read_claim

#: How often a write is sent if its responses are lost.
_MAX_ATTEMPTS = 3
#: Steps whose resources are kept if a later step fails, for the next run.
_KEPT_FOR_NEXT_RUN = (CREATE_GALLERY, CREATE_DEFINITION)


@dataclass(frozen=True)
class StepResult:
    """The result of a step."""

    step: Step
    seconds: float
    operation_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For a task's result."""
        return {
            "action": self.step.action.name,
            "resource_id": str(self.step.resource),
            "description": self.step.description,
            "seconds": round(self.seconds, 1),
            "operation_id": self.operation_id,
        }


class Uploader(Protocol):
    """Sends files to disks."""

    def upload_file(self, executor: Any, step: Step) -> str | None:
        """Send a file to the step's disk."""


class Exporter(Protocol):
    """Writes disks to files, or to blobs."""

    def create_blob(self, executor: Any, step: Step) -> str | None:
        """Create the blob that the step's disk is copied to."""

    def export_disk(self, executor: Any, step: Step) -> str | None:
        """Transfer the step's disk."""

    def verify(self, executor: Any, step: Step) -> str | None:
        """Verify what was transferred, and complete it."""


class Executor:
    """Executes plans.

    :param progress: called with a human-readable line at the start of each step.
    :param uploader: for plans that upload files.
    :param exporter: for plans that export disks.
    """

    def __init__(
        self,
        arm: ArmClient,
        deadline: Deadline,
        progress: Progress,
        uploader: Uploader | None = None,
        exporter: Exporter | None = None,
    ) -> None:
        self.arm = arm
        self.deadline = deadline
        self.progress = progress
        self._uploader = uploader
        self._exporter = exporter

    def run(self, plan: Plan, results: list[StepResult] | None = None) -> list[StepResult]:
        """Execute all steps.

        :param results: the results of earlier steps, to which those of the steps are added.
        :raises Failure: of the step that failed; its details contain the results of earlier steps.
        """
        results = [] if results is None else results
        for number, step in enumerate(plan.steps, start=1):
            self.progress(f"[{number}/{len(plan.steps)}] {step.description}")
            before = self.deadline.elapsed
            try:
                operation_id = self.begin(step)
            except Failure as failure:
                add_partial_result(failure, plan, results)
                raise
            results.append(StepResult(step, self.deadline.elapsed - before, operation_id))
        return results

    def begin(self, step: Step) -> Any:
        """Execute one step.

        :returns: the id of its operation, or None.
        :raises Failure: if it fails.
        """
        return step.action.perform(self, step)

    # -- reading --------------------------------------------------------------------------------------------------

    def observer(self, step: Step, effect: Callable[[Any], Observation]) -> Observer:
        """A function that reads the step's resource and returns the effect."""
        return lambda: effect(self.read(step))

    def read(self, step: Step) -> dict[str, Any] | None:
        """Read the step's resource, including the parts that show the effects of writes."""
        return self.arm.get(step.resource, **expand_params(step.resource))

    def claim_counts(self, vm: dict[str, Any]) -> bool:
        """Whether the claim of a run on a virtual machine is still valid."""
        claim = read_claim(vm)
        return claim is not None and not claim.is_over(datetime.now(timezone.utc), run_has_ended)

    # -- writing --------------------------------------------------------------------------------------------------

    def write(self, step: Step, send: Callable[[], Accepted], effect: Callable[[Any], Observation]) -> str | None:
        """Send a write and wait for it; if its response or its operation is lost, check its effect.

        :returns: the operation's id.
        :raises Failure: if it is refused or fails.
        """
        observe = self.observer(step, effect)
        operation_label = step.operation_label
        reporter = ProgressReporter(self.arm, step, self.deadline, self.progress)
        lost: LostResponse | None = None
        for _attempt in range(_MAX_ATTEMPTS):
            try:
                accepted = send()
                poll_operation(self.arm, accepted, self.deadline, operation_label, reporter)
                return accepted.operation_id
            except LostResponse as failure:
                lost = failure
            except NotFound as failure:
                # The operation has expired, or the resource does not exist: the effect shows which.
                lost = LostResponse(failure.message, failure.code, failure.request_id)
            if wait_for_effect(observe, self.deadline, operation_label) is Effect.DONE:
                return None
        raise lost or Failure(f"{operation_label} failed after {_MAX_ATTEMPTS} attempts.")

    def start(self, step: Step, send: Callable[[], Accepted], effect: Callable[[Any], Observation]) -> str | None:
        """Send a write without waiting for it; if its response is lost, check its effect.

        :returns: the operation's id.
        :raises Failure: if it is refused.
        """
        observe = self.observer(step, effect)
        lost: LostResponse | None = None
        for _attempt in range(_MAX_ATTEMPTS):
            try:
                return send().operation_id
            except LostResponse as failure:
                lost = failure
            if observe()[0] in (Effect.IN_PROGRESS, Effect.DONE):
                return None
        raise lost or Failure(f"{step.operation_label} failed after {_MAX_ATTEMPTS} attempts.")

    def publish(self, step: Step, effect: Callable[[Step], Callable[[Any], Observation]]) -> str | None:
        """Write a gallery version, and wait until it is replicated to each of its regions; also with many plans, as it is rare.

        :param effect: the effect of a step's body.
        :returns: the operation's id.
        :raises Failure: if it is refused, or fails in a region although it was repeated.
        """
        write = accepted_write(
            partial(Executor.write, self), lambda one: self.arm.put(one.resource, one.body or {}), effect
        )
        return Publication(self, step, write).run()

    # -- waiting --------------------------------------------------------------------------------------------------

    def wait_for_replication(self, step: Step) -> None:
        """Wait until a gallery version is replicated to each of its regions.

        :raises Failure: if that fails, or exceeds the time limit of the task.
        """
        Publication(self, step, lambda one: None).wait()

    def join(
        self, step: Step, effect: Callable[[Any], Observation], limit: Deadline | None = None, late: str = ""
    ) -> Any:
        """Wait for an operation that another process started, or for the guest.

        :param limit: used instead of the time limit of the task.
        :param late: the message if the limit is exceeded.
        :raises Failure: if it fails, or has no effect.
        """
        try:
            seen = wait_for_effect(self.observer(step, effect), limit or self.deadline, step.operation_label)
        except DeadlineExceeded as failure:
            raise DeadlineExceeded(late or failure.message) from failure
        if seen is not Effect.DONE:
            raise no_effect_error(step)

    def retry(self, step: Step, attempt: Callable[[], str | None], code: str, seconds: float) -> str | None:
        """Repeat a request that Azure refuses with this code, for a number of seconds.

        :raises Refused: if it is still refused afterwards.
        """
        interval = intervals()
        patience = Deadline(min(seconds, self.deadline.remaining), self.deadline.clock)
        while True:
            try:
                return attempt()
            except Refused as refused:
                if refused.code != code or patience.remaining <= 0:
                    raise
            patience.wait(interval(), f"{step.description} did not complete")

    def refusal(self, step: Step, code: str, message: str | None, request_id: str | None) -> Failure:
        """The error of a step that Azure has refused for this reason."""
        return refusal(step.operation_label, 0, {"code": code, "message": message}, request_id)

    # -- content of disks -----------------------------------------------------------------------------------------

    def upload(self, step: Step) -> str | None:
        """Send a file to the step's disk.

        :raises Failure: if it fails.
        """
        return self._uploader.upload_file(self, step) if self._uploader else None

    def create_blob(self, step: Step) -> str | None:
        """Create the blob that the step's disk is copied to.

        :raises Failure: if it fails.
        """
        return self._exporter.create_blob(self, step) if self._exporter else None

    def export(self, step: Step) -> str | None:
        """Transfer the step's disk to a file or a blob.

        :raises Failure: if it fails.
        """
        return self._exporter.export_disk(self, step) if self._exporter else None

    def verify_export(self, step: Step) -> str | None:
        """Verify an exported file or blob, and complete it.

        :raises Failure: if it differs from what was transferred.
        """
        return self._exporter.verify(self, step) if self._exporter else None

    def end_access(self, step: Step) -> None:
        """Revoke the access to a disk whether or not its upload is complete.

        :raises Failure: if that is refused for another reason than an incomplete upload.
        """
        end_access(self.arm, step.resource, self.deadline)


def expand_params(resource: ResourceId) -> dict[str, str]:
    """The URL parameters for reading a resource to detect the effect of a write."""
    return {"expand": "instanceView"} if resource.resource_type == VIRTUAL_MACHINE else {}


def no_effect_error(step: Step) -> Failure:
    """The failure for an operation that ended without an effect."""
    if step.claimed is not None:
        message = (
            f"The run that held the claim on the {step.claimed.label} ended without capturing it; run the task again."
        )
        return Failure(message, code=CLAIM_OVER)
    return Failure(f"{step.operation_label} had no effect; run the task again.")


def result_fields(arm: ArmReader, plan: Plan, results: list[StepResult]) -> dict[str, Any]:
    """The common result of tasks with a plan: the plan, the executed steps, and the signed-in identity."""
    return {
        "plan": plan.as_dict(),
        "plan_text": plan.text(),
        "steps": [result.as_dict() for result in results],
        "account": arm.account,
        "diff": plan.diff(),
        "warnings": plan.displayed_warnings,
    }


def add_partial_result(failure: Failure, plan: Plan, results: list[StepResult]) -> None:
    """Add the plan, the executed steps, and the remaining resources to the failure of a step."""
    done = [result.as_dict() for result in results]
    left = [result.step.resource for result in results if result.step.action in _KEPT_FOR_NEXT_RUN]
    details = {"plan": plan.as_dict(), "steps": done, "changed": has_changes(results)}
    if left:
        details["left"] = [str(resource) for resource in left]
        labels = " and ".join(resource.label for resource in left)
        failure.message = f"{failure.message.rstrip('.')}; the {labels}, created before, is kept for the next run."
    failure.details = {**failure.details, **details}


def has_changes(results: list[StepResult]) -> bool:
    """Whether the executed steps changed anything."""
    return any(result.step.changes for result in results)
