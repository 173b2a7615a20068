# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Carry out the steps of a plan, one after the other; each may be repeated, and says what it took."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Callable

from ansible_collections.golden.azure.plugins.module_utils._azure.api_errors import refusal
from ansible_collections.golden.azure.plugins.module_utils._azure.client import Accepted, Arm
from ansible_collections.golden.azure.plugins.module_utils._azure.polling import (
    Effect,
    Observer,
    follow,
    intervals,
    watch,
)
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    DeadlineExceeded,
    Failure,
    InvalidInput,
    LostAnswer,
    NotFound,
    Refused,
)
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.progress import Progress, Teller
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import VIRTUAL_MACHINE, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model import effects
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import provisioning_failure
from ansible_collections.golden.azure.plugins.module_utils._upload import upload

#: How often a write is sent whose answers keep getting lost.
_ATTEMPTS = 3
#: Steps that make what is not undone when a later step fails, as it serves the next run.
_LEFT = ("create_definition",)
#: Seconds for which Azure may still see the last child of what has none any more.
_LAST_CHILD = 60


@dataclass(frozen=True)
class StepResult:
    """What a step came to."""

    step: Step
    seconds: float
    operation_id: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For a task's result."""
        return {
            "action": self.step.action,
            "resource_id": str(self.step.resource),
            "description": self.step.description,
            "seconds": round(self.seconds, 1),
            "operation_id": self.operation_id,
        }


class Executor:
    """Carries plans out.

    :param progress: told of each step as it begins, in a line for people.
    """

    def __init__(self, arm: Arm, deadline: Deadline, progress: Progress) -> None:
        self.arm = arm
        self.deadline = deadline
        self.progress = progress

    def run(self, plan: Plan, results: list[StepResult] | None = None) -> list[StepResult]:
        """Carry out all steps.

        :param results: of what was done before, to which those of the steps are added.
        :raises Failure: of the step that failed; its details tell what was done before.
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
        """Carry out one step.

        :returns: its operation's id, or None.
        :raises Failure: when it fails.
        """
        return _ACTIONS[step.action](self, step)

    # -- looking --------------------------------------------------------------------------------------------------

    def observer(self, step: Step, effect: Callable[[Any], effects.Seen]) -> Observer:
        """Something that reads the step's resource and tells the effect."""
        return lambda: effect(self.arm.get(step.resource, **expansion_of(step.resource)))

    # -- writing --------------------------------------------------------------------------------------------------

    def write(self, step: Step, send: Callable[[], Accepted], effect: Callable[[Any], effects.Seen]) -> str | None:
        """Send a write and wait for it; when its answer or its operation is lost, go by its effect.

        :returns: the operation's id.
        :raises Failure: when it is refused or fails.
        """
        observe = self.observer(step, effect)
        doing = step.doing
        teller = Teller(self.arm, step, self.deadline, self.progress)
        lost: LostAnswer | None = None
        for _attempt in range(_ATTEMPTS):
            try:
                accepted = send()
                follow(self.arm, accepted, self.deadline, doing, teller)
                return accepted.operation_id
            except LostAnswer as failure:
                lost = failure
            except NotFound as failure:
                # The operation is unknown by now, or the resource itself: the effect tells which.
                lost = LostAnswer(failure.message, failure.code, failure.request_id)
            if watch(observe, self.deadline, doing) is Effect.DONE:
                return None
        raise lost or Failure(f"{doing} was given up after {_ATTEMPTS} attempts.")

    def start(self, step: Step, send: Callable[[], Accepted], effect: Callable[[Any], effects.Seen]) -> str | None:
        """Send a write, and leave it to others to wait for it; when its answer is lost, go by its effect.

        :returns: the operation's id.
        :raises Failure: when it is refused.
        """
        observe = self.observer(step, effect)
        lost: LostAnswer | None = None
        for _attempt in range(_ATTEMPTS):
            try:
                return send().operation_id
            except LostAnswer as failure:
                lost = failure
            if observe()[0] in (Effect.UNDER_WAY, Effect.DONE):
                return None
        raise lost or Failure(f"{step.doing} was given up after {_ATTEMPTS} attempts.")

    # -- waiting --------------------------------------------------------------------------------------------------

    def join(
        self, step: Step, effect: Callable[[Any], effects.Seen], limit: Deadline | None = None, late: str = ""
    ) -> Any:
        """Wait for what others have begun, or the guest.

        :param limit: instead of the task's.
        :param late: what to say when that is over.
        :raises Failure: when it fails, or comes to nothing.
        """
        try:
            seen = watch(self.observer(step, effect), limit or self.deadline, step.doing)
        except DeadlineExceeded as failure:
            raise DeadlineExceeded(late or failure.message) from failure
        if seen is not Effect.DONE:
            raise came_to_nothing(step)


def expansion_of(resource: ResourceId) -> dict[str, str]:
    """What to ask for besides, when a resource is read for the effects of a write."""
    return {"expand": "instanceView"} if resource.resource_type == VIRTUAL_MACHINE else {}


def came_to_nothing(step: Step) -> Failure:
    """What was under way is not any more, and has left nothing."""
    return Failure(f"{step.doing} came to nothing; run the task again.")


def told(arm: Arm, plan: Plan, results: list[StepResult]) -> dict[str, Any]:
    """What every task tells that has a plan: the plan, what was done of it, and as whom."""
    return {
        "plan": plan.as_dict(),
        "plan_text": plan.text(),
        "steps": [result.as_dict() for result in results],
        "account": arm.account,
        "diff": plan.diff(),
        "warnings": plan.loud_warnings,
    }


def add_partial_result(failure: Failure, plan: Plan, results: list[StepResult]) -> None:
    """Have the failure of a step tell of the plan, of what was done before, and of what that has left."""
    done = [result.as_dict() for result in results]
    left = [result.step.resource for result in results if result.step.action in _LEFT]
    told = {"plan": plan.as_dict(), "steps": done, "changed": wrote(results)}
    if left:
        told["left"] = [str(resource) for resource in left]
        labels = " and ".join(resource.label for resource in left)
        failure.message = f"{failure.message.rstrip('.')}; the {labels}, made before, is left for the next run to use."
    failure.details = {**failure.details, **told}


def wrote(results: list[StepResult]) -> bool:
    """Whether anything was changed by what was done."""
    return any(result.step.changes for result in results)


def _deallocate(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.deallocate, step.resource), effects.deallocated)


def _generalize(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.generalize, step.resource), effects.generalized)


def _create(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.put, step.resource, step.body or {}), effects.created)


def _mark_belongings(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.update, step.resource, step.body or {}), effects.belongings_marked)


def _update_tags(executor: Executor, step: Step) -> str | None:
    body = step.body or {}
    return executor.write(
        step, partial(executor.arm.update, step.resource, body), partial(effects.tagged, body.get("tags") or {})
    )


def _disable_encryption(executor: Executor, step: Step) -> str | None:
    body = step.body or {}
    settings = (body.get("properties") or {}).get("settings") or {}
    return executor.write(step, partial(executor.arm.put, step.resource, body), partial(effects.told, settings))


def _close_access(executor: Executor, step: Step) -> str | None:
    body = step.body or {}
    wanted = body.get("properties") or {}
    return executor.write(step, partial(executor.arm.update, step.resource, body), partial(effects.closed, wanted))


def _merge_tags(executor: Executor, step: Step) -> str | None:
    tags = (step.body or {}).get("tags") or {}
    return executor.write(step, partial(executor.arm.merge_tags, step.resource, tags), partial(effects.tagged, tags))


def _delete(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.delete, step.resource), effects.deleted)


def _deprecate_version(executor: Executor, step: Step) -> str | None:
    return executor.write(step, partial(executor.arm.put, step.resource, step.body or {}), effects.deprecated)


def _publish_version(executor: Executor, step: Step) -> str | None:
    body = step.body or {}
    return executor.write(
        step, partial(executor.arm.put, step.resource, body), partial(effects.published, body.get("properties") or {})
    )


def _delete_definition(executor: Executor, step: Step) -> str | None:
    """Delete a definition whose last version has just gone: Azure goes on counting that one for 10 to 20 s."""
    interval = intervals()
    patience = Deadline(min(_LAST_CHILD, executor.deadline.remaining), executor.deadline.clock)
    while True:
        try:
            return _delete(executor, step)
        except Refused as refused:
            if refused.code != "CannotDeleteResource" or patience.remaining <= 0:
                raise
        patience.wait(interval(), f"{step.description} did not end")


def _join(executor: Executor, step: Step, effect: Callable[[Any], effects.Seen]) -> Any:
    return executor.join(step, effect)


def _wait_until_stopped(executor: Executor, step: Step) -> Any:
    limit = Deadline(min(step.seconds or 0, executor.deadline.remaining), executor.deadline.clock)
    late = (
        f"The {step.resource.label} is still running {limit.seconds:g} s after its guest should have shut down; "
        "nothing was changed: look at the guest (its serial log, or log in), then run the task again."
    )
    return executor.join(step, effects.stopped, limit, late)


def _begin_machine(executor: Executor, step: Step) -> str | None:
    return executor.start(step, partial(executor.arm.put, step.resource, step.body or {}), effects.created)


def _begin_group_removal(executor: Executor, step: Step) -> str | None:
    return executor.start(step, partial(executor.arm.delete, step.resource), effects.deleted)


def _join_machine(executor: Executor, step: Step) -> Any:
    """Wait for a machine that another task has begun: the operation that would tell why it fails is not known here."""
    try:
        return executor.join(step, effects.created)
    except Refused as refused:
        code, message = provisioning_failure(executor.arm.get(step.resource, **expansion_of(step.resource)))
        if code is None:
            raise
        raise refusal(step.doing, 0, {"code": code, "message": message}, refused.request_id) from refused


def _wait_for_agent(executor: Executor, step: Step) -> Any:
    limit = Deadline(min(step.seconds or 0, executor.deadline.remaining), executor.deadline.clock)
    late = (
        f"The agent of {step.resource.label} is not ready {limit.seconds:g} s after the machine was made: look at its serial "
        "log ('serial_log'), or set 'wait_for_agent: false' for a guest without an agent."
    )
    return executor.join(step, effects.agent_ready, limit, late)


def _try_write(executor: Executor, step: Step) -> str | None:
    """Write nothing to tags: whatever Azure says but that the user may not write, it has let him sign in for it.

    :raises SignInFailed: when it does not.
    """
    try:
        return executor.arm.merge_tags(step.resource, {}).operation_id
    except (Refused, NotFound):
        return None


def _prepare(executor: Executor, step: Step) -> None:
    raise InvalidInput(
        f"The guest of {step.resource.label} is still to be prepared ('preparation: pending'), which only a role can do: "
        "use that in check mode, to see the plan; run the role, then capture with 'preparation: done'."
    )


_ACTIONS: dict[str, Callable[[Executor, Step], str | None]] = {
    "prepare": _prepare,
    "try_write": _try_write,
    "wait_until_stopped": _wait_until_stopped,
    "join_deallocation": partial(_join, effect=effects.deallocated),
    "join_image": partial(_join, effect=effects.created),
    "join_removal": partial(_join, effect=effects.deleted),
    "deallocate": _deallocate,
    "generalize": _generalize,
    "mark_addresses": _create,
    "mark_belongings": _mark_belongings,
    "create_image": _create,
    "update_tags": _update_tags,
    "delete_vm": _delete,
    "disable_encryption": _disable_encryption,
    "await_decryption": partial(_join, effect=effects.decrypted),
    "delete_extension": _delete,
    "create_definition": _create,
    "join_definition": partial(_join, effect=effects.created),
    "create_version": _create,
    "join_version": partial(_join, effect=effects.created),
    "delete_version": _delete,
    "delete_image": _delete,
    "delete_snapshot": _delete,
    "delete_disk": _delete,
    "delete_network_interface": _delete,
    "delete_public_ip": _delete,
    "delete_group": _delete,
    "begin_group_removal": _begin_group_removal,
    "create_group": _create,
    "create_snapshot": _create,
    "close_access": _close_access,
    "create_disk": _create,
    "join_disk": partial(_join, effect=effects.created),
    "upload_file": upload.upload_file,
    "revoke_access": upload.revoke_access,
    "end_access": upload.end_access,
    "create_machine": _create,
    "begin_machine": _begin_machine,
    "join_machine": _join_machine,
    "wait_for_agent": _wait_for_agent,
    "merge_tags": _merge_tags,
    "run_command": _create,
    "delete_run_command": _delete,
    "publish_version": _publish_version,
    "delete_definition": _delete_definition,
    "deprecate_version": _deprecate_version,
}
