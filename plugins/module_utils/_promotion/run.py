# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_promote: options -> ids -> state -> plan -> steps -> facts."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.reserved_tags import refuse_reserved
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import GALLERY_DEFINITION, ResourceId
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult, result_fields
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import with_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader
from ansible_collections.golden.azure.plugins.module_utils._model.facts import gallery_version_facts, image_facts
from ansible_collections.golden.azure.plugins.module_utils._model.replication import EXPAND
from ansible_collections.golden.azure.plugins.module_utils._promotion.plan import (
    PromotionState,
    encryption_uses,
    new_regions,
    plan_promotion,
    predecessor_of,
)
from ansible_collections.golden.azure.plugins.module_utils._promotion.request import (
    OPTIONS,
    RULES,
    PromotionRequest,
    promotion_request,
)

__all__ = ["OPTIONS", "RULES", "execute"]

Json = dict[str, Any]


def execute(invocation: Invocation) -> Json:
    """Promote an image.

    :returns: the task's result, as the module documents it.
    :raises Failure: if it is blocked or refused, or exceeds its time limit.
    """
    refuse_reserved("tags", invocation.options["tags"])
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = promotion_request(invocation.options, arm.subscription_id)
        now = datetime.now(timezone.utc)
        state = _read(arm, request)
        plan = checked(arm, with_locks(arm, plan_promotion(request, state, now)), invocation.check_mode)
        plan.raise_if_blocked()
        results: list[StepResult] = []
        if not invocation.check_mode:
            results = Executor(arm, deadline, invocation.progress).run(plan)
        image = arm.get(request.image) if results else state.image
        if image is None:
            raise Failure(f"The {request.image.label} was deleted during its promotion.")
        before = predecessor_of(request, state)
        return {
            "changed": plan.changed,
            "image": _facts(arm, request, image, now),
            "predecessor": before.get("id") if before else None,
            **result_fields(arm, plan, results),
        }
    finally:
        arm.close()


def _definition_of(version: ResourceId) -> ResourceId:
    return ResourceId(version.subscription_id, version.resource_group, GALLERY_DEFINITION, version.names[:2])


def _read(arm: ArmClient, request: PromotionRequest) -> PromotionState:
    image = arm.get(request.image, expand=EXPAND) if request.in_gallery else arm.get(request.image)
    if image is None or not request.in_gallery:
        return PromotionState(image)
    definition = _definition_of(request.image)
    versions = arm.list(f"{definition}/versions", "galleries", f"the versions of {definition.label}")
    reader = TargetReader(arm)
    regions = reader.regions(request.image.subscription_id) if new_regions(request, image) else None
    uses = encryption_uses(request, image)
    sets = reader.resources("encryption_set_unknown", (use.resource for use in uses))
    return PromotionState(image, list(versions), regions, sets, tuple(reader.unread))


def _facts(arm: ArmClient, request: PromotionRequest, image: Json, now: datetime) -> Json:
    if not request.in_gallery:
        return image_facts(image)
    return gallery_version_facts(image, arm.get(_definition_of(request.image)), now)
