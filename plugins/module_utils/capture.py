# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_capture: options -> ids -> state -> plan -> steps -> facts."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.apply import Executor, StepResult
from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.capture_plan import plan_capture
from ansible_collections.golden.azure.plugins.module_utils.capture_request import (
    CaptureRequest,
    CaptureState,
    GalleryState,
    GalleryTarget,
    parse_request,
)
from ansible_collections.golden.azure.plugins.module_utils.errors import Failure, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils.facts import gallery_version_facts, image_facts
from ansible_collections.golden.azure.plugins.module_utils.gallery_plan import find_version
from ansible_collections.golden.azure.plugins.module_utils.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils.resource_id import (
    GALLERY_VERSION,
    ResourceId,
    normalized_location,
)

_REGION: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "replicas": {"type": "int"},
    "storage_account_type": {"type": "str"},
    "disk_encryption_set": {"type": "str"},
}

_NEW_DEFINITION: dict[str, Any] = {
    "publisher": {"type": "str", "required": True},
    "offer": {"type": "str", "required": True},
    "sku": {"type": "str", "required": True},
    "description": {"type": "str"},
}

_GALLERY_VERSION: dict[str, Any] = {
    "gallery": {"type": "str", "required": True},
    "definition": {"type": "str", "required": True},
    "version": {"type": "str", "default": "next"},
    "regions": {"type": "list", "elements": "dict", "options": _REGION},
    "exclude_from_latest": {"type": "bool", "default": False},
    "end_of_life": {"type": "str"},
    "block_deletion_before_end_of_life": {"type": "bool", "default": False},
    "replication_mode": {"type": "str", "choices": ["full", "shallow"], "default": "full"},
    "create_definition": {"type": "dict", "options": _NEW_DEFINITION},
}

OPTIONS: dict[str, Any] = {
    "source_vm": {"type": "str", "required": True},
    "image": {"type": "str", "aliases": ["name"]},
    "gallery_versions": {"type": "list", "elements": "dict", "options": _GALLERY_VERSION},
    "resource_group": {"type": "str"},
    "os_state": {"type": "str", "choices": ["generalized", "specialized"], "default": "generalized"},
    "generalize": {"type": "bool", "default": False},
    "preparation": {"type": "str", "choices": ["done", "pending"], "default": "done"},
    "shutdown_timeout": {"type": "int", "default": 0},
    "location": {"type": "str"},
    "zone_resilient": {"type": "bool"},
    "tags": {"type": "dict"},
    "delete_source_vm": {"type": "bool", "default": False},
    "concurrent_deployments": {"type": "int"},
    "deployments_per_replica": {"type": "int", "default": 20},
}

RULES: dict[str, Any] = {"required_one_of": [("image", "gallery_versions")]}


def execute(invocation: Invocation) -> dict[str, Any]:
    """Capture a virtual machine into a managed image.

    :returns: the task's result, as the module documents it.
    :raises Failure: when it is blocked, refused, or out of time.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = parse_request(invocation.options, arm.subscription_id, datetime.now(timezone.utc))
        state = read_state(arm, request)
        plan = plan_capture(request, state)
        plan.raise_if_blocked()
        results: list[StepResult] = []
        if not invocation.check_mode:
            results = Executor(arm, deadline, invocation.progress).run(plan)
        return _result(arm, request, state, plan, results, invocation.check_mode)
    finally:
        arm.close()


def read_state(arm: Arm, request: CaptureRequest) -> CaptureState:
    """Read what the plan needs to know; nothing is written.

    :raises Failure: when something but the locks cannot be read.
    """
    vm = arm.get(request.source, expand="instanceView")
    image = arm.get(request.image) if request.image else None
    disks = [disk for disk in (arm.get(disk_id) for disk_id in machine.managed_disk_ids(vm or {})) if disk]
    locks, locks_known = _read_locks(arm, request)
    zones = _has_zones(arm, request, vm) if vm and request.zone_resilient else None
    galleries = [_read_gallery(arm, target) for target in request.gallery_targets]
    return CaptureState(vm, image, disks, locks, locks_known, zones, galleries)


def _read_gallery(arm: Arm, target: GalleryTarget) -> GalleryState:
    gallery = arm.get(target.gallery)
    definition = arm.get(target.definition) if gallery else None
    if definition is None:
        return GalleryState(gallery, None)
    versions = arm.list(f"{target.definition}/versions", "galleries", f"the versions of {target.definition.label}")
    return GalleryState(gallery, definition, list(versions))


def _read_locks(arm: Arm, request: CaptureRequest) -> tuple[list[dict[str, Any]], bool]:
    locks: dict[str, dict[str, Any]] = {}
    # Keyed without case: source and targets mostly lie in one group, whose locks are then read once.
    groups = {resource.group_id.lower(): resource for resource in (request.source, *request.targets)}
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
    image = arm.get(request.image) if request.image and results else state.image
    if request.image and image is None and not check_mode:
        raise Failure(f"The {request.image.label} is not there though Azure reported it made; run the task again.")
    return {
        "changed": plan.changed,
        "image": image_facts(image) if image else None,
        "gallery_versions": [] if check_mode else _versions(arm, request, state, results),
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


def _versions(
    arm: Arm, request: CaptureRequest, state: CaptureState, results: list[StepResult]
) -> list[dict[str, Any]]:
    """The versions that the targets came to: those just made, and those that were there."""
    made: dict[str, ResourceId] = {}
    for result in results:
        if result.step.resource.resource_type == GALLERY_VERSION:
            made[str(result.step.resource).rsplit("/versions/", 1)[0].lower()] = result.step.resource
    found = []
    source = machine.identity(state.vm) if state.vm else None
    for target, there in zip(request.gallery_targets, state.galleries):
        version_id = made.get(str(target.definition).lower())
        version = arm.get(version_id) if version_id else find_version(target, there, source)[1]
        if version is None:
            raise Failure(
                f"The version of {target.definition.label} is not there though Azure made it; run the task again."
            )
        definition = there.definition or arm.get(target.definition)
        found.append(gallery_version_facts(version, definition, datetime.now(timezone.utc)))
    return found
