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
from ansible_collections.golden.azure.plugins.module_utils._instance.serial_log import check_place, keep_serial_log
from ansible_collections.golden.azure.plugins.module_utils._instance.state import read_interfaces, read_state
from ansible_collections.golden.azure.plugins.module_utils._instance.teardown_state import read_remains, verify_deleted
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine
from ansible_collections.golden.azure.plugins.module_utils._model.instance_view import public_address_ids

__all__ = ["OPTIONS", "RULES", "execute"]

Json = dict[str, Any]

#: Seconds for reading the log of a machine that did not come up.
_MAX_VERIFICATION = 60


def execute(invocation: Invocation) -> Json:
    """Make an instance, or remove one with all that belongs to it.

    :returns: the task's result, as the module documents it.
    :raises Failure: when it is blocked, refused, out of time, or leaves something behind.
    """
    refuse_reserved("tags", invocation.options["tags"], VM_TAGS)
    deadline = invocation.deadline()
    check_place(invocation.options["serial_log"])
    arm = invocation.open_arm(deadline)
    try:
        do = _remove if invocation.options["state"] == "absent" else _make
        return do(arm, deadline, invocation)
    finally:
        arm.close()


def _make(arm: ArmClient, deadline: Deadline, invocation: Invocation) -> Json:
    request = parse_request(invocation.options, arm.subscription_id)
    state = read_state(arm, request)
    plan = checked(arm, plan_instance(request, state), invocation.check_mode)
    plan.raise_if_blocked()
    results: list[StepResult] = []
    if not invocation.check_mode:
        try:
            results = Executor(arm, deadline, invocation.progress).run(plan)
        except Failure as failure:
            _keep_log(request.machine, invocation, failure)
            raise
    vm = arm.get(request.machine, expand="instanceView") if results else state.vm
    if vm is None and not invocation.check_mode:
        raise Failure(f"The {request.machine.label} was reported as created but cannot be found; run the task again.")
    if vm is None or (plan.changed and invocation.check_mode):
        return {**_told(arm, plan, results), "instance": None}
    interfaces = read_interfaces(arm, vm) if results else state.interfaces
    return {**_told(arm, plan, results), "instance": _facts(arm, vm, interfaces, state.copied)}


def _facts(arm: ArmClient, vm: Json, interfaces: list[Json], copied: Json | None) -> Json:
    addresses = [address for address in map(arm.get, public_address_ids(interfaces)) if address]
    return instance_facts(vm, interfaces, addresses, copied)


def _keep_log(machine: ResourceId, invocation: Invocation, failure: Failure) -> None:
    """Say with a failure where the log of the machine is that did not come up.

    Reading it has time of its own, and a connection that knows of it: the task's may be over.
    """
    path = invocation.options["serial_log"]
    if not path:
        return
    try:
        arm = invocation.open_arm(Deadline(_MAX_VERIFICATION, invocation.clock))
    except Failure:
        why_not: str | None = "signing in failed"
    else:
        try:
            why_not = keep_serial_log(arm, machine, path)
        finally:
            arm.close()
    failure.details = {**failure.details, "serial_log": None if why_not else path}


def _remove(arm: ArmClient, deadline: Deadline, invocation: Invocation) -> Json:
    remains = read_remains(arm, parse_machine(invocation.options, arm.subscription_id))
    plan = checked(arm, plan_removal(remains, invocation.options["wait"]), invocation.check_mode)
    plan.raise_if_blocked()
    results: list[StepResult] = []
    notes: list[str] = []
    if not invocation.check_mode:
        path = invocation.options["serial_log"]
        if path and remains.vm and plan.changed and virtual_machine.provisioning_state(remains.vm) != "Deleting":
            notes += filter(None, [keep_serial_log(arm, remains.machine, path)])
        results = Executor(arm, deadline, invocation.progress).run(plan)
        if invocation.options["wait"]:
            verify_deleted(arm, deadline, remains)
    removed = [str(step.resource) for step in plan.steps if step.method]
    result = {**_told(arm, plan, results), "instance": None, "removed": removed}
    result["warnings"] += notes
    return result


def _told(arm: ArmClient, plan: Plan, results: list[StepResult]) -> Json:
    return {
        "changed": plan.changed,
        **result_fields(arm, plan, results),
    }
