# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_instance: options -> ids -> state -> plan -> steps -> facts."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import VM_TAGS, refuse_reserved
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult, result_fields
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._instance.facts import instance_facts
from ansible_collections.golden.azure.plugins.module_utils._instance.options import OPTIONS, RULES
from ansible_collections.golden.azure.plugins.module_utils._instance.plan import plan_instance
from ansible_collections.golden.azure.plugins.module_utils._instance.removal import plan_removal
from ansible_collections.golden.azure.plugins.module_utils._instance.request import parse_machine, parse_request
from ansible_collections.golden.azure.plugins.module_utils._instance.serial_log import check_directory, store_serial_log
from ansible_collections.golden.azure.plugins.module_utils._instance.state import read_interfaces, read_state
from ansible_collections.golden.azure.plugins.module_utils._instance.teardown_state import (
    read_teardown_state,
    verify_deleted,
)
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import public_address_ids

__all__ = ["OPTIONS", "RULES", "execute"]

Json = dict[str, Any]

#: Time limit in seconds for reading the serial log of a virtual machine that failed.
_LOG_TIMEOUT = 60


def execute(invocation: Invocation) -> Json:
    """Create an instance, or delete one and all its resources.

    :returns: the task's result, as the module documents it.
    :raises Failure: if it is blocked or refused, exceeds its time limit, or leaves resources behind.
    """
    refuse_reserved("tags", invocation.options["tags"], VM_TAGS)
    deadline = invocation.deadline()
    check_directory(invocation.options["serial_log"])
    arm = invocation.open_arm(deadline)
    try:
        perform = _remove if invocation.options["state"] == "absent" else _create
        return perform(arm, deadline, invocation)
    finally:
        arm.close()


def _create(arm: ArmClient, deadline: Deadline, invocation: Invocation) -> Json:
    request = parse_request(invocation.options, arm.subscription_id)
    state = read_state(arm, request)
    plan = checked(arm, plan_instance(request, state), invocation.check_mode)
    plan.raise_if_blocked()
    results: list[StepResult] = []
    if not invocation.check_mode:
        try:
            results = Executor(arm, deadline, invocation.progress).run(plan)
        except Failure as failure:
            _store_log(request.machine, invocation, failure)
            raise
    vm = arm.get(request.machine, expand="instanceView") if results else state.vm
    if vm is None and not invocation.check_mode:
        raise Failure(f"The {request.machine.label} was reported as created but cannot be found; run the task again.")
    if vm is None or (plan.changed and invocation.check_mode):
        return {**_common_result(arm, plan, results), "instance": None}
    interfaces = read_interfaces(arm, vm) if results else state.interfaces
    return {**_common_result(arm, plan, results), "instance": _facts(arm, vm, interfaces, state.copied)}


def _facts(arm: ArmClient, vm: Json, interfaces: list[Json], copied: Json | None) -> Json:
    addresses = [address for address in map(arm.get, public_address_ids(interfaces)) if address]
    return instance_facts(vm, interfaces, addresses, copied)


def _store_log(machine: ResourceId, invocation: Invocation, failure: Failure) -> None:
    """Store the serial log of a virtual machine that failed, and add its path to the failure.

    Reading it has its own time limit and connection, because the time limit of the task may be exceeded.
    """
    path = invocation.options["serial_log"]
    if not path:
        return
    try:
        arm = invocation.open_arm(Deadline(_LOG_TIMEOUT, invocation.clock))
    except Failure:
        problem: str | None = "signing in failed"
    else:
        try:
            problem = store_serial_log(arm, machine, path)
        finally:
            arm.close()
    failure.details = {**failure.details, "serial_log": None if problem else path}


def _remove(arm: ArmClient, deadline: Deadline, invocation: Invocation) -> Json:
    state = read_teardown_state(arm, parse_machine(invocation.options, arm.subscription_id))
    plan = checked(arm, plan_removal(state, invocation.options["wait"]), invocation.check_mode)
    plan.raise_if_blocked()
    results: list[StepResult] = []
    warnings: list[str] = []
    if not invocation.check_mode:
        path = invocation.options["serial_log"]
        if path and state.vm and plan.changed and virtual_machine.provisioning_state(state.vm) != "Deleting":
            warnings += filter(None, [store_serial_log(arm, state.machine, path)])
        results = Executor(arm, deadline, invocation.progress).run(plan)
        if invocation.options["wait"]:
            verify_deleted(arm, deadline, state)
    removed = [str(step.resource) for step in plan.steps if step.method]
    result = {**_common_result(arm, plan, results), "instance": None, "removed": removed}
    result["warnings"] += warnings
    return result


def _common_result(arm: ArmClient, plan: Plan, results: list[StepResult]) -> Json:
    return {
        "changed": plan.changed,
        **result_fields(arm, plan, results),
    }
