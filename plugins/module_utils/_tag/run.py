# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_tag: add tags to an image, and keep its other tags."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import TEST_TAGS, refuse_reserved
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult, result_fields
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import with_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._images.reference import (
    REFERENCE_OPTIONS,
    REFERENCE_RULES,
    referenced_image,
)
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import (
    merge_blockers,
    merge_step,
    read_tags,
)

Json = dict[str, Any]

OPTIONS: dict[str, Any] = {**REFERENCE_OPTIONS, "tags": {"type": "dict", "required": True}}
RULES = REFERENCE_RULES


def execute(invocation: Invocation) -> Json:
    """Add tags to an image.

    :raises Failure: if the image does not exist, or Azure refuses.
    """
    refuse_reserved("tags", invocation.options["tags"], TEST_TAGS)
    tags = read_tags(invocation.options["tags"])
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        image = referenced_image(invocation.options, arm.subscription_id)
        plan = checked(arm, with_locks(arm, _plan(image, arm.get(image), tags)), invocation.check_mode)
        plan.raise_if_blocked()
        results: list[StepResult] = []
        if not invocation.check_mode:
            results = Executor(arm, deadline, invocation.progress).run(plan)
        present = arm.get(image)
        if present is None:
            raise Failure(f"The {image.label} was deleted while it was being tagged.")
    finally:
        arm.close()
    return {
        "changed": plan.changed,
        "id": str(image),
        "tags": present.get("tags") or {},
        **result_fields(arm, plan, results),
    }


def _plan(image: ResourceId, present: Json | None, tags: dict[str, str]) -> Plan:
    title = f"Tags of {image.label}"
    if present is None:
        return Plan(title, blockers=[Finding("image_not_found", f"The {image.label} does not exist; check its name.")])
    step = merge_step(image, present.get("tags"), tags)
    blockers = list(merge_blockers(image, present.get("tags"), tags))
    return Plan(title, blockers, steps=[step] if step and not blockers else [])
