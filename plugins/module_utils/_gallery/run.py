# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_gallery: options -> state -> plan -> steps -> facts."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import refuse_reserved
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult, result_fields
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import with_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import get_or_none
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.gallery import plan_gallery
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.removal import plan_removal
from ansible_collections.golden.azure.plugins.module_utils._gallery.request import OPTIONS, RULES, parse_request
from ansible_collections.golden.azure.plugins.module_utils._gallery.state import read_state
from ansible_collections.golden.azure.plugins.module_utils._model.actions import SHARING
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_resource_facts import gallery_facts

__all__ = ["OPTIONS", "RULES", "execute"]

Json = dict[str, Any]


def execute(invocation: Invocation) -> Json:
    """Create, change, share or delete a gallery.

    :returns: the task's result, as the module documents it.
    :raises Failure: if it is blocked or refused, or exceeds its time limit.
    """
    refuse_reserved("tags", invocation.options["tags"])
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = parse_request(invocation.options, arm.subscription_id)
        state = read_state(arm, request)
        plan = (plan_removal if request.absent else plan_gallery)(request, state)
        plan = checked(arm, with_locks(arm, plan), invocation.check_mode)
        plan.raise_if_blocked()
        results: list[StepResult] = []
        present = state.gallery
        if not invocation.check_mode and plan.steps:
            results = Executor(arm, deadline, invocation.progress).run(plan)
            present = get_or_none(arm, request.gallery, **SHARING)
        if present is None and not request.absent and not invocation.check_mode:
            raise Failure(f"The {request.gallery.label} was deleted while it was being changed; run the task again.")
        return {
            "changed": plan.changed,
            "id": str(request.gallery),
            "gallery": gallery_facts(present) if present else None,
            **result_fields(arm, plan, results),
        }
    finally:
        arm.close()
