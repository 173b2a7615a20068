# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_prepare: options -> ids -> state -> plan -> steps -> facts."""

from __future__ import annotations

import uuid
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult, result_fields
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import read_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._model import disk_encryption as encryption
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.facts import as_option
from ansible_collections.golden.azure.plugins.module_utils._preparation.plan import plan_preparation
from ansible_collections.golden.azure.plugins.module_utils._preparation.request import (
    Json,
    PreparationRequest,
    PreparationState,
    parse_request,
)


def execute(invocation: Invocation) -> dict[str, Any]:
    """Perform the actions in the options.

    :returns: the task's result, as the module documents it.
    :raises Failure: if it is blocked or refused, or exceeds its time limit.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = parse_request(invocation.options, arm.subscription_id, str(uuid.uuid4()))
        state = _read_state(arm, request)
        plan = checked(arm, plan_preparation(request, state), invocation.check_mode)
        plan.raise_if_blocked()
        results: list[StepResult] = []
        if not invocation.check_mode:
            results = Executor(arm, deadline, invocation.progress).run(plan)
        return _result(arm, request, state, plan, results)
    finally:
        arm.close()


def _read_state(arm: ArmClient, request: PreparationRequest) -> PreparationState:
    vm = _read_machine(arm, request)
    locks, locks_known = read_locks(arm, [request.source]) if vm else ([], True)
    return PreparationState(vm, locks, locks_known)


def _read_machine(arm: ArmClient, request: PreparationRequest) -> Json | None:
    return arm.get(request.source, expand="instanceView")


def _result(
    arm: ArmClient, request: PreparationRequest, state: PreparationState, plan: Plan, results: list[StepResult]
) -> dict[str, Any]:
    # Nothing was written: the state is still valid.
    vm = _read_machine(arm, request) if results else state.vm
    if vm is None:
        raise Failure(
            f"The {request.source.label} was deleted during its preparation; run the task again with an existing "
            "virtual machine."
        )
    return {
        "changed": plan.changed,
        "extensions": sorted(map(encryption.name_of, encryption.extensions(vm))),
        "encrypted_disks": encryption.disk_states(vm),
        "source": {
            "id": str(request.source),
            "vm_id": machine.identity(vm),
            "power_state": machine.power_state(vm),
            "os_type": as_option(machine.os_type(vm)),
        },
        **result_fields(arm, plan, results),
    }
