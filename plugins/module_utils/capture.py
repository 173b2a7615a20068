# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_capture: options -> ids -> state -> plan -> steps -> facts."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.apply import Executor, StepResult
from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.capture_plan import (
    CaptureRequest,
    CaptureState,
    normalized_location,
    plan_capture,
)
from ansible_collections.golden.azure.plugins.module_utils.errors import Failure, InvalidInput, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils.facts import image_facts
from ansible_collections.golden.azure.plugins.module_utils.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils.resource_id import IMAGE, VIRTUAL_MACHINE, locate

OPTIONS: dict[str, Any] = {
    "source_vm": {"type": "str", "required": True},
    "image": {"type": "str", "required": True, "aliases": ["name"]},
    "resource_group": {"type": "str"},
    "generalize": {"type": "bool", "default": False},
    "preparation": {"type": "str", "choices": ["done", "pending"], "default": "done"},
    "shutdown_timeout": {"type": "int", "default": 0},
    "location": {"type": "str"},
    "zone_resilient": {"type": "bool"},
    "tags": {"type": "dict"},
    "delete_source_vm": {"type": "bool", "default": False},
}


def execute(invocation: Invocation) -> dict[str, Any]:
    """Capture a virtual machine into a managed image.

    :returns: the task's result, as the module documents it.
    :raises Failure: when it is blocked, refused, or out of time.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = _request(invocation.options, arm.subscription_id)
        state = read_state(arm, request)
        plan = plan_capture(request, state)
        plan.raise_if_blocked()
        results: list[StepResult] = []
        if not invocation.check_mode:
            results = Executor(arm, deadline, invocation.progress).run(plan)
        return _result(arm, request, state, plan, results, invocation.check_mode)
    finally:
        arm.close()


def _request(options: dict[str, Any], subscription_id: str) -> CaptureRequest:
    group = options["resource_group"]
    if options["shutdown_timeout"] < 0:
        raise InvalidInput("Option 'shutdown_timeout' is below zero: give seconds, or 0 not to wait.")
    source = locate("source_vm", options["source_vm"], VIRTUAL_MACHINE, group, subscription_id)
    # The image lies beside its source unless the task says otherwise.
    image = locate("image", options["image"], IMAGE, group or source.resource_group, subscription_id)
    return CaptureRequest(
        source=source,
        image=image,
        generalize=options["generalize"],
        preparation_pending=options["preparation"] == "pending",
        shutdown_timeout=options["shutdown_timeout"],
        location=options["location"],
        zone_resilient=options["zone_resilient"],
        tags={str(name): str(value) for name, value in (options["tags"] or {}).items()},
        delete_source_vm=options["delete_source_vm"],
    )


def read_state(arm: Arm, request: CaptureRequest) -> CaptureState:
    """Read what the plan needs to know; nothing is written.

    :raises Failure: when something but the locks cannot be read.
    """
    vm = arm.get(request.source, expand="instanceView")
    image = arm.get(request.image)
    disks = [disk for disk in (arm.get(disk_id) for disk_id in machine.managed_disk_ids(vm or {})) if disk]
    locks, locks_known = _read_locks(arm, request)
    zones = _has_zones(arm, request, vm) if vm and request.zone_resilient else None
    return CaptureState(vm, image, disks, locks, locks_known, zones)


def _read_locks(arm: Arm, request: CaptureRequest) -> tuple[list[dict[str, Any]], bool]:
    locks: dict[str, dict[str, Any]] = {}
    # Keyed without case: source and image mostly lie in one group, whose locks are then read once.
    groups = {resource.group_id.lower(): resource for resource in (request.source, request.image)}
    for resource in groups.values():
        path = f"{resource.group_id}/providers/Microsoft.Authorization/locks"
        try:
            for lock in arm.list(path, "locks", f"the locks of resource group '{resource.resource_group}'"):
                locks[str(lock.get("id")).lower()] = lock
        except SignInFailed:
            raise
        except Refused as refused:
            # Reading locks is a right of its own; without it the plan says so, and Azure has the last word.
            if refused.code != "AuthorizationFailed":
                raise
            return list(locks.values()), False
    return list(locks.values()), True


def _has_zones(arm: Arm, request: CaptureRequest, vm: dict[str, Any]) -> bool:
    path = f"/subscriptions/{request.source.subscription_id}/locations"
    for location in arm.list(path, "locations", "the regions of the subscription"):
        if str(location.get("name")).lower() == normalized_location(str(vm.get("location"))):
            return bool(location.get("availabilityZoneMappings"))
    return False


def _result(
    arm: Arm, request: CaptureRequest, state: CaptureState, plan: Plan, results: list[StepResult], check_mode: bool
) -> dict[str, Any]:
    # Nothing was written: what was read before still holds.
    image = arm.get(request.image) if results else state.image
    if image is None and not check_mode:
        raise Failure(f"The {request.image.label} is not there though Azure reported it made; run the task again.")
    return {
        "changed": plan.changed,
        "image": image_facts(image) if image else None,
        "source": {
            "id": str(request.source),
            "vm_id": machine.identity(state.vm) if state.vm else None,
            "power_state": machine.power_state(state.vm) if state.vm else None,
            "generalized": machine.is_generalized(state.vm) if state.vm else None,
            "os_type": machine.os_type(state.vm) if state.vm else None,
        },
        "plan": plan.as_dict(),
        "plan_text": plan.text(),
        "steps": [result.as_dict() for result in results],
        "account": arm.account,
        "diff": plan.diff(),
        "warnings": [warning.message for warning in plan.warnings],
    }
