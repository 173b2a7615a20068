# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_run_command: a script in a guest through Azure, for guests without a network path."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._azure.polling import wait_for_effect
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.effect import Effect
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    DeadlineExceeded,
    Failure,
    InvalidInput,
    Refused,
)
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    RUN_COMMAND,
    VIRTUAL_MACHINE,
    ResourceId,
    child,
    locate,
    parent,
)
from ansible_collections.golden.azure.plugins.module_utils._core.script_parameters import parameter_findings
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import with_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._run_command.names import (
    CLEANUP_SECONDS,
    DELIVERY_SECONDS,
    ENDED,
    is_abandoned,
    is_running,
    new_command,
    read_commands,
    seconds_run,
)

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {
    "vm_name": {"type": "str", "required": True},
    "resource_group": {"type": "str"},
    "script": {"type": "str", "required": True},
    "parameters": {"type": "dict"},
    "protected_parameters": {"type": "dict", "no_log": True},
    "script_timeout": {"type": "int", "default": 600},
}

#: The maximum number of run commands on a virtual machine (MicrosoftDocs/azure-docs#117976).
_MAX_COMMANDS = 25
#: The maximum number of leftovers of earlier runs to delete. Together with the writes of this run, this is the number of concurrent
#: writes that Azure allows for one virtual machine (UpdateVM of https://learn.microsoft.com/azure/virtual-machines/compute-throttling-limits).
_MAX_DELETED = 10
#: Azure's error code for deleting a command while the virtual machine is not running.
_NOT_RUNNING = "OperationNotAllowed"
#: The maximum size in bytes of each output in Azure.
_MAX_OUTPUT = 4096
#: The replacement for bytes that are not valid characters.
_REPLACEMENT = "\ufffd"


def execute(invocation: Invocation) -> Json:
    """Run a script in a guest.

    :returns: the task's result, as the module documents it.
    :raises InvalidInput: for parameters that are not strings.
    :raises Failure: if it cannot be run, does not complete in time, or fails.
    """
    options = invocation.options
    for option in ("parameters", "protected_parameters"):
        for finding in parameter_findings(option, options[option]):
            raise InvalidInput(finding.message, code=finding.code)
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        vm_id = locate(
            "vm_name",
            options["vm_name"],
            VIRTUAL_MACHINE,
            options["resource_group"],
            arm.subscription_id,
        )
        vm = arm.get(vm_id, expand="instanceView")
        runs = machine.power_state(vm) == "running" if vm else False
        commands, count = read_commands(arm, vm_id) if runs else ([], 0)
        now = datetime.now(timezone.utc)
        plan = checked(arm, with_locks(arm, _plan(vm_id, vm, commands, count, now, options)), invocation.check_mode)
        plan.raise_if_blocked()
        result = {
            "changed": True,
            "plan": plan.as_dict(),
            "plan_text": plan.text(),
            "account": arm.account,
            "diff": plan.diff(),
            "warnings": plan.displayed_warnings,
        }
        if invocation.check_mode:
            return {**result, "steps": []}
        return _with_output(result, vm_id, options, *_run(arm, deadline, invocation, plan))
    finally:
        arm.close()


def _plan(vm_id: ResourceId, vm: Json | None, commands: list[Json], count: int, now: datetime, options: Json) -> Plan:
    """Plan the run command.

    :param commands: this collection's run commands on the virtual machine.
    :param count: the number of all run commands.
    """
    title = f"Script in {vm_id.label}"
    if vm is None:
        message = f"The {vm_id.label} does not exist; check 'vm_name' and 'resource_group'."
        return Plan(title, blockers=[Finding("machine_not_found", message)])
    if machine.power_state(vm) != "running":
        message = f"The {vm_id.label} is {machine.power_state(vm)}, and run commands require a running virtual machine; start it first."
        return Plan(title, blockers=[Finding("machine_not_running", message)])
    left = [command for command in commands if is_abandoned(command, now)][:_MAX_DELETED]
    for command in commands:
        if command not in left and is_running(command) and _script_of(command) == options["script"]:
            name = _id_of(vm_id, command).label
            message = (
                f"The same script is still running in {vm_id.label}, started by another run or by one that was killed "
                f"({name}); wait until it has ended, or delete that run command."
            )
            return Plan(title, blockers=[Finding("script_runs_already", message)])
    if count - len(left) >= _MAX_COMMANDS:
        message = (
            f"The {vm_id.label} has {count} run commands, and Azure allows {_MAX_COMMANDS}; none of them is a leftover "
            "of this module: delete those that are no longer needed."
        )
        return Plan(title, blockers=[Finding("too_many_run_commands", message, {"count": count})])
    body = {
        "location": vm.get("location"),
        "properties": {
            "source": {"script": options["script"]},
            "parameters": _parameters(options["parameters"]),
            "protectedParameters": _parameters(options["protected_parameters"]),
            "timeoutInSeconds": options["script_timeout"],
            "asyncExecution": False,
            # How the script ended is shown by the instance view, with its output.
            "treatFailureAsDeploymentFailure": False,
        },
    }
    own = new_command(vm_id, now)
    description = f"run a script in {vm_id.label}, for at most {options['script_timeout']} s"
    run = Step(actions.RUN_COMMAND, own, description, method="PUT", path=str(own), body=body)
    return Plan(
        title,
        steps=[
            *(_deletion(_id_of(vm_id, command), ", a leftover of an earlier run") for command in left),
            run,
            _deletion(own),
        ],
    )


def _id_of(vm_id: ResourceId, command: Json) -> ResourceId:
    return child(vm_id, RUN_COMMAND, str(command.get("name")))


def _script_of(command: Json) -> str | None:
    return (machine.properties(command).get("source") or {}).get("script")


def _parameters(values: Json | None) -> list[Json]:
    return [{"name": str(name), "value": str(value)} for name, value in (values or {}).items()]


def _deletion(command: ResourceId, more: str = " with its parameters") -> Step:
    description = f"delete the {command.label}{more}"
    return Step(actions.DELETE_RUN_COMMAND, command, description, method="DELETE", path=str(command))


def _run(
    arm: ArmClient, deadline: Deadline, invocation: Invocation, plan: Plan
) -> tuple[Json, list[StepResult], Refused | None]:
    """Run the command and delete it afterwards, even if it failed or did not end, or the task is interrupted.

    :returns: the ended command, the completed steps, and Azure's refusal of the deletion if the virtual machine is no longer running.
    """
    *before, run, deletion = plan.steps
    executor = Executor(arm, deadline, invocation.progress)
    steps: list[StepResult] = executor.run(replace(plan, steps=before))
    limit = Deadline(min(invocation.options["script_timeout"] + DELIVERY_SECONDS, deadline.remaining), invocation.clock)
    command: Json | None = None
    failed: Failure | None = None
    try:
        steps += Executor(arm, limit, invocation.progress).run(replace(plan, steps=[run]))
        command = _watch(arm, limit, run)
    except DeadlineExceeded:
        # A script cannot be continued, so the message warns users who run the task again.
        failed = DeadlineExceeded(
            f"The script in {parent(run.resource).label} did not complete within the time limit of {limit.seconds:.0f} "
            "s; its changes are not undone, and it is started again when the task is run again: increase 'timeout' and "
            "'script_timeout' if it needs more time."
        )
        raise failed from None
    except Failure as failure:
        failed = failure
        raise
    finally:
        # Ansible ends a task at its timeout keyword with an exception that is not a Failure.
        if command is None and not _clear(invocation, deletion) and failed:
            failed.details = {**failed.details, "remaining": [str(run.resource)]}
    try:
        steps += executor.run(replace(plan, steps=[deletion]))
    except Failure as failure:
        if isinstance(failure, Refused) and failure.code == _NOT_RUNNING:
            return command, steps, failure
        failure.details = {**failure.details, **_output_of(command), "remaining": [str(run.resource)], "changed": True}
        raise
    return command, steps, None


def _clear(invocation: Invocation, deletion: Step) -> bool:
    """Delete the run command after a failure; the first failure is reported.

    It has its own time limit and connection: the task's time limit may be exceeded.

    :returns: whether it was deleted.
    """
    invocation.progress(deletion.description)
    limit = Deadline(CLEANUP_SECONDS, invocation.clock)
    try:
        arm = invocation.open_arm(limit)
        try:
            Executor(arm, limit, lambda line: None).begin(deletion)
        finally:
            arm.close()
    except Failure as failure:
        invocation.progress(f"This failed: {failure}")
        return False
    return True


def _watch(arm: ArmClient, limit: Deadline, run: Step) -> Json:
    seen: Json = {}

    def observe() -> tuple[Effect, str]:
        nonlocal seen
        command = arm.get(run.resource, expand="instanceView")
        if command is None:
            return Effect.FAILED, "NotFound"
        seen = command
        state = str(_view_of(seen).get("executionState") or "Unknown")
        return (Effect.DONE if state.lower() in ENDED else Effect.IN_PROGRESS), state

    wait_for_effect(observe, limit, run.operation_label)
    return seen


def _with_output(
    result: Json, vm_id: ResourceId, options: Json, command: Json, steps: list[StepResult], refused: Refused | None
) -> Json:
    """Add the result of the script to the task's result.

    :param refused: Azure's refusal to delete the run command, if the virtual machine is no longer running.
    :raises Failure: if the script failed; the details contain its output.
    """
    answer = _output_of(command)
    if refused:
        answer["remaining"] = [str(command.get("id"))]
        message = (
            f"{refused} The virtual machine is no longer running: a later run of this module deletes the run command."
        )
        result = {**result, "warnings": [*result["warnings"], message]}
    state, code = answer["execution_state"].lower(), answer["rc"]
    if state != "succeeded" or code not in (0, None):
        limit = options["script_timeout"]
        if state == "timedout" or (code == -1 and seconds_run(command) >= limit - 1):
            ended = f"did not complete within 'script_timeout' ({limit} s) and was killed, but processes that it started may continue"
        elif state in ("succeeded", "failed"):
            ended = f"failed with exit code {code}"
        else:
            ended = f"ended with the execution state {answer['execution_state']}"
        raise Failure(f"The script in {vm_id.label} {ended}; see its output.", details={**answer, "changed": True})
    return {**result, **answer, "steps": [step.as_dict() for step in steps]}


def _view_of(command: Json) -> Json:
    return machine.properties(command).get("instanceView") or {}


def _output_of(command: Json) -> Json:
    view = _view_of(command)
    return {
        "rc": view.get("exitCode"),
        "stdout": _without_partial_character(str(view.get("output") or "")),
        "stderr": _without_partial_character(str(view.get("error") or "")),
        "execution_state": str(view.get("executionState")),
        "start": view.get("startTime"),
        "end": view.get("endTime"),
    }


def _without_partial_character(text: str) -> str:
    """An output without the partial character that remains if Azure has truncated it."""
    whole = text.lstrip(_REPLACEMENT)
    left = len(text) - len(whole)
    is_cut = 0 < left <= 3 and left + len(whole.encode(errors="surrogatepass")) >= _MAX_OUTPUT
    return whole if is_cut else text
