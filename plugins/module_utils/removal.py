# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_remove: options -> id -> state -> plan -> step -> facts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils.apply import Executor
from ansible_collections.golden.azure.plugins.module_utils.arm import Arm
from ansible_collections.golden.azure.plugins.module_utils.errors import NotFound
from ansible_collections.golden.azure.plugins.module_utils.facts import image_facts
from ansible_collections.golden.azure.plugins.module_utils.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils.plan import Plan, Step
from ansible_collections.golden.azure.plugins.module_utils.resource_id import IMAGE, ResourceId, locate

OPTIONS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "resource_group": {"type": "str"},
}


def execute(invocation: Invocation) -> dict[str, Any]:
    """Remove an image; one that is not there is removed already.

    :raises Failure: when Azure refuses, or the time is over.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        options = invocation.options
        image_id = locate("name", options["name"], IMAGE, options["resource_group"], arm.subscription_id)
        image = _read(arm, image_id)
        plan = plan_removal(image_id, image)
        results = [] if invocation.check_mode else Executor(arm, deadline, invocation.progress).run(plan)
        return {
            "changed": plan.changed,
            "removed": [image_facts(image)] if image and plan.changed else [],
            "plan": plan.as_dict(),
            "plan_text": plan.text(),
            "steps": [result.as_dict() for result in results],
            "account": arm.account,
            "diff": plan.diff(),
        }
    finally:
        arm.close()


def _read(arm: Arm, image_id: ResourceId) -> dict[str, Any] | None:
    try:
        return arm.get(image_id)
    except NotFound as missing:
        if missing.code != "ResourceGroupNotFound":
            raise
        # With its group, everything that was in it is gone.
        return None


def plan_removal(image_id: ResourceId, image: dict[str, Any] | None) -> Plan:
    """Decide what removing an image takes."""
    return Plan(f"Removal of {image_id.label}", steps=list(_steps(image_id, image)))


def _steps(image_id: ResourceId, image: dict[str, Any] | None) -> Iterator[Step]:
    if image is None:
        return
    if machine.provisioning_state(image) == "Deleting":
        yield Step("join_removal", image_id, f"wait until the {image_id.label} is deleted, which is under way")
        return
    yield Step("delete_image", image_id, f"delete the {image_id.label}", method="DELETE", path=str(image_id))
