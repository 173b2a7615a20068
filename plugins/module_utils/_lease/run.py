# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_lease: only one run refreshes an image at a time."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Blocked, Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import LEASE_TAGS, refuse_reserved
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import RESOURCE_GROUP, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult, result_fields
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import with_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._lease.plan import (
    LeaseRequest,
    is_being_deleted,
    is_own,
    plan_end,
    plan_lease,
    plan_release,
    plan_renewal,
)
from ansible_collections.golden.azure.plugins.module_utils._local.awx_jobs import run_has_ended
from ansible_collections.golden.azure.plugins.module_utils._model.actions import CREATE_GROUP
from ansible_collections.golden.azure.plugins.module_utils._model.lease_tags import (
    HOLDER,
    LEASE,
    LEASED_AT,
    PROCESS,
    RUN,
    STALE_AFTER_HOURS,
)
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import read_tags

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "image": {"type": "str", "required": True},
    "run": {"type": "str", "required": True},
    "holder": {"type": "str", "required": True},
    "process": {"type": "str", "default": ""},
    "tags": {"type": "dict"},
    "resource_group": {"type": "str"},
    "location": {"type": "str"},
    "stale_after_hours": {"type": "float", "default": STALE_AFTER_HOURS},
    "state": {"type": "str", "choices": ["present", "renewed", "ended", "absent"], "default": "present"},
}
RULES: dict[str, Any] = {"required_if": [("state", "present", ("resource_group", "location"), True)]}

_OWN_TAGS = (LEASE, RUN, HOLDER, PROCESS, LEASED_AT)


def execute(invocation: Invocation) -> Json:
    """Acquire, renew or release the lease of an image.

    :returns: the task's result, as the module documents it.
    :raises Blocked: if another run holds it.
    :raises Failure: if Azure refuses.
    """
    refuse_reserved("tags", invocation.options["tags"], LEASE_TAGS)
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = _request(invocation.options, arm.subscription_id)
        group = arm.get(request.group)
        if invocation.options["state"] == "present":
            return _take(arm, deadline, invocation, request, group)
        plan = checked(arm, _plan(arm, invocation.options["state"], request, group), invocation.check_mode)
        plan.raise_if_blocked()
        results = [] if invocation.check_mode else Executor(arm, deadline, invocation.progress).run(plan)
        return {
            "changed": plan.changed,
            "id": str(request.group),
            "previous": None,
            **result_fields(arm, plan, results),
        }
    finally:
        arm.close()


def _request(options: Json, subscription_id: str) -> LeaseRequest:
    own = read_tags({name: options[name] for name in ("image", "run", "holder", "process")})
    return LeaseRequest(
        group=_group(options["name"], subscription_id),
        stale_after_hours=options["stale_after_hours"],
        tags=read_tags(options["tags"]),
        **own,
    )


def _group(name: str, subscription_id: str) -> ResourceId:
    return ResourceId(subscription_id, name, RESOURCE_GROUP, (name,))


# -- acquisition ---------------------------------------------------------------------------------------------------


def _take(
    arm: ArmClient, deadline: Deadline, invocation: Invocation, request: LeaseRequest, group: Json | None
) -> Json:
    now = datetime.now(timezone.utc)
    location = None
    if group is None or is_being_deleted(group):
        location = invocation.options["location"] or _location_of(arm, invocation.options["resource_group"])
    plan = checked(
        arm, with_locks(arm, plan_lease(request, group, location, now, run_has_ended)), invocation.check_mode
    )
    plan.raise_if_blocked()
    results: list[StepResult] = []
    if not invocation.check_mode:
        results = Executor(arm, deadline, invocation.progress).run(plan.before(CREATE_GROUP))
        for step in plan.steps[len(results) :]:
            results.append(_create(arm, deadline, request, step))
        if plan.changed and group is not None and not is_being_deleted(group):
            _verify_lease(arm, request)
    previous = None if group is None or is_being_deleted(group) or is_own(request, group) else _previous_lease(group)
    return {
        "changed": plan.changed,
        "id": str(request.group),
        "previous": previous,
        **result_fields(arm, plan, results),
    }


def _location_of(arm: ArmClient, name: str) -> str:
    group = arm.get(_group(name, arm.subscription_id))
    if group is None:
        raise Failure(
            f"The resource group '{name}', whose region the lease uses, does not exist; check 'resource_group'.",
            code="resource_group_not_found",
        )
    return str(group.get("location"))


def _create(arm: ArmClient, deadline: Deadline, request: LeaseRequest, step: Step) -> StepResult:
    """Create the group, unless another run does so at the same time, when Azure reports an update instead of a creation."""
    before = deadline.elapsed
    if not arm.put(request.group, step.body or {}).created:
        # The first run must find the lease without the name of another run.
        arm.merge_tags(request.group, {RUN: "", HOLDER: "", PROCESS: ""})
        raise Blocked(
            f"Another run acquired the lease of image '{request.image}' at the same time, nothing was changed; run "
            "this one again when the other has ended."
        )
    return StepResult(step, deadline.elapsed - before)


def _verify_lease(arm: ArmClient, request: LeaseRequest) -> None:
    """Of two runs that take over the lease of a third, the last writer holds it."""
    if not is_own(request, arm.get(request.group)):
        raise Blocked(f"Another run took over the lease of image '{request.image}'; nothing else was changed.")


def _previous_lease(group: Json) -> Json:
    tags = group.get("tags") or {}
    own = {name.lower() for name in _OWN_TAGS}
    return {
        "run": tag_value(tags, RUN),
        "holder": tag_value(tags, HOLDER),
        "leased_at": tag_value(tags, LEASED_AT),
        "tags": {name: value for name, value in tags.items() if name.lower() not in own},
    }


# -- renewal and release --------------------------------------------------------------------------------------------


def _plan(arm: ArmClient, state: str, request: LeaseRequest, group: Json | None) -> Plan:
    if state == "renewed":
        return plan_renewal(request, group, datetime.now(timezone.utc))
    if state == "ended":
        return plan_end(request, group)
    return plan_release(request, group, _count(arm, request.group) if is_own(request, group) else 0)


def _count(arm: ArmClient, group: ResourceId) -> int:
    return sum(1 for _row in arm.list(f"{group}/resources", "resources", f"the resources of {group.label}"))
