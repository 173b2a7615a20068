# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_run_command: a script in a guest by way of Azure, for guests to which there is no network path."""

from __future__ import annotations

import hashlib
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.apply import Executor, StepResult
from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils.operations import Effect, watch
from ansible_collections.golden.azure.plugins.module_utils.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils.resource_id import (
    RUN_COMMAND,
    VIRTUAL_MACHINE,
    ResourceId,
    child,
    locate,
)

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {
    "virtual_machine": {"type": "str", "required": True},
    "resource_group": {"type": "str"},
    "script": {"type": "str", "required": True},
    "parameters": {"type": "dict"},
    "protected_parameters": {"type": "dict", "no_log": True},
    "script_timeout": {"type": "int", "default": 600},
}

#: Seconds that Azure may take besides to bring the script to the guest and its answer back.
_ON_THE_WAY = 180
#: Seconds for the deletion of the command, whatever became of it.
_CLEARING = 120
#: https://learn.microsoft.com/azure/virtual-machines/linux/run-command-managed
_ENDED = ("succeeded", "failed", "timedout", "canceled")
_UNDER_WAY = ("pending", "running")


def execute(invocation: Invocation) -> Json:
    """Run a script in a guest.

    :returns: the task's result, as the module documents it.
    :raises Failure: when it cannot be run, does not end in time, or ends with another status than 0.
    """
    options = invocation.options
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        vm_id = locate(
            "virtual_machine",
            options["virtual_machine"],
            VIRTUAL_MACHINE,
            options["resource_group"],
            arm.subscription_id,
        )
        vm = arm.get(vm_id, expand="instanceView")
        command = _command_of(vm_id, options["script"])
        left = arm.get(command, expand="instanceView") if vm else None
        plan = checked(arm, _plan(vm_id, vm, command, left, options), invocation.check_mode)
        plan.raise_if_blocked()
        told = {
            "changed": True,
            "plan": plan.as_dict(),
            "plan_text": plan.text(),
            "account": arm.account,
            "diff": plan.diff(),
            "warnings": plan.loud_warnings,
        }
        if invocation.check_mode:
            return {**told, "steps": []}
        view, steps = _run(arm, deadline, invocation, plan, left is not None)
        return {**told, **_answer(vm_id, view), "steps": [step.as_dict() for step in steps]}
    finally:
        arm.close()


def _command_of(vm_id: ResourceId, script: str) -> ResourceId:
    """The same script goes by the same name: what a run that was killed has left is found and deleted."""
    digest = hashlib.sha256(script.encode()).hexdigest()
    return child(vm_id, RUN_COMMAND, f"golden-azure-{digest[:16]}")


def _is_running(command: Json | None) -> bool:
    view = machine.properties(command).get("instanceView") or {}
    return (
        machine.provisioning_state(command or {}) in ("Creating", "Updating")
        or str(view.get("executionState")).lower() in _UNDER_WAY
    )


def _plan(vm_id: ResourceId, vm: Json | None, command: ResourceId, left: Json | None, options: Json) -> Plan:
    title = f"Script in {vm_id.label}"
    if vm is None:
        message = f"There is no {vm_id.label}; check 'virtual_machine' and 'resource_group'."
        return Plan(title, blockers=[Finding("machine_not_found", message)])
    if machine.power_state(vm) != "running":
        message = f"The {vm_id.label} is {machine.power_state(vm)}, and nothing runs in it; start it first."
        return Plan(title, blockers=[Finding("machine_not_running", message)])
    if _is_running(left):
        message = (
            f"The same script still runs in {vm_id.label}, by another run or one that was killed ({command.label}); wait until it "
            "has ended, or delete that."
        )
        return Plan(title, blockers=[Finding("script_runs_already", message)])
    body = {
        "location": vm.get("location"),
        "properties": {
            "source": {"script": options["script"]},
            "parameters": _parameters(options["parameters"]),
            "protectedParameters": _parameters(options["protected_parameters"]),
            "timeoutInSeconds": options["script_timeout"],
            "asyncExecution": False,
            # How the script ended is told by the instance view, with its output.
            "treatFailureAsDeploymentFailure": False,
        },
    }
    run = Step(
        "run_command",
        command,
        f"run a script in {vm_id.label}, for at most {options['script_timeout']} s",
        method="PUT",
        path=str(command),
        body=body,
    )
    return Plan(title, steps=[run, _deletion(command)])


def _parameters(values: Json | None) -> list[Json]:
    return [{"name": str(name), "value": str(value)} for name, value in (values or {}).items()]


def _deletion(command: ResourceId) -> Step:
    description = f"delete the {command.label} with its parameters"
    return Step("delete_run_command", command, description, method="DELETE", path=str(command))


def _run(
    arm: Arm, deadline: Deadline, invocation: Invocation, plan: Plan, is_left: bool
) -> tuple[Json, list[StepResult]]:
    """Run the command and delete it again, also when it failed, did not end, or the task is interrupted.

    :param is_left: whether there is one that a run before has left.
    """
    run, deletion = plan.steps
    executor = Executor(arm, deadline, invocation.progress)
    limit = Deadline(min(invocation.options["script_timeout"] + _ON_THE_WAY, deadline.remaining), invocation.clock)
    steps: list[StepResult] = []
    if is_left:
        steps += executor.run(Plan(plan.title, steps=[deletion]))
    view: Json | None = None
    failed: Failure | None = None
    try:
        steps += Executor(arm, limit, invocation.progress).run(Plan(plan.title, steps=[run]))
        view = _watch(arm, limit, run)
    except Failure as failure:
        failed = failure
        raise
    finally:
        # Ansible ends a task whose own timeout is over by an exception that is no Failure.
        if view is None and not _clear(invocation, deletion) and failed:
            failed.details = {**failed.details, "remaining": [str(run.resource)]}
    try:
        steps += executor.run(Plan(plan.title, steps=[deletion]))
    except Failure as failure:
        failure.details = {**failure.details, **_shown(view), "remaining": [str(run.resource)], "changed": True}
        raise
    return view, steps


def _clear(invocation: Invocation, deletion: Step) -> bool:
    """Delete the command of a run that failed; what failed first is what is told.

    It has time of its own, and a connection that knows of it: the task's may be over.

    :returns: whether it was deleted.
    """
    invocation.progress(deletion.description)
    limit = Deadline(_CLEARING, invocation.clock)
    try:
        arm = invocation.open_arm(limit)
        try:
            Executor(arm, limit, lambda line: None).begin(deletion)
        finally:
            arm.close()
    except Failure as failure:
        invocation.progress(f"This did not work: {failure}")
        return False
    return True


def _watch(arm: Arm, limit: Deadline, run: Step) -> Json:
    seen: Json = {}

    def observe() -> tuple[Effect, str]:
        nonlocal seen
        command = arm.get(run.resource, expand="instanceView")
        if command is None:
            return Effect.FAILED, "NotFound"
        seen = machine.properties(command).get("instanceView") or {}
        state = str(seen.get("executionState") or "Unknown")
        return (Effect.DONE if state.lower() in _ENDED else Effect.UNDER_WAY), state

    watch(observe, limit, run.doing)
    return seen


def _answer(vm_id: ResourceId, view: Json) -> Json:
    """What the script answered.

    :raises Failure: when it did not end well; the details hold its output.
    """
    answer = _shown(view)
    state, code = answer["execution_state"], answer["rc"]
    if state.lower() != "succeeded" or code not in (0, None):
        ended = f"with status {code}" if state.lower() in ("succeeded", "failed") else f"by {state}"
        raise Failure(
            f"The script in {vm_id.label} ended {ended}; see its output.", details={**answer, "changed": True}
        )
    return answer


def _shown(view: Json) -> Json:
    return {
        "rc": view.get("exitCode"),
        "stdout": str(view.get("output") or ""),
        "stderr": str(view.get("error") or ""),
        "execution_state": str(view.get("executionState")),
        "start": view.get("startTime"),
        "end": view.get("endTime"),
    }
