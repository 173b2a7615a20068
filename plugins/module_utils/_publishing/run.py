# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_version: options -> ids -> state -> plan -> steps -> facts."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor, StepResult, result_fields
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import with_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._engine.target_reader import TargetReader, get_or_none
from ansible_collections.golden.azure.plugins.module_utils._model.facts import gallery_version_facts
from ansible_collections.golden.azure.plugins.module_utils._model.replication import EXPAND, replication_of
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import FEATURE, find_deleted, policy_of
from ansible_collections.golden.azure.plugins.module_utils._publishing.plan import VersionState, plan_changes
from ansible_collections.golden.azure.plugins.module_utils._publishing.regions import added_regions, encryption_uses
from ansible_collections.golden.azure.plugins.module_utils._publishing.request import (
    OPTIONS,
    RULES,
    VersionRequest,
    version_request,
)
from ansible_collections.golden.azure.plugins.module_utils._publishing.restoration import plan_restoration

__all__ = ["OPTIONS", "RULES", "execute"]

Json = dict[str, Any]


def execute(invocation: Invocation) -> Json:
    """Change or restore a gallery version, and wait until it is replicated.

    :returns: the task's result, as the module documents it.
    :raises Failure: if it is blocked or refused, fails in a region, or exceeds its time limit.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = version_request(invocation.options, arm.subscription_id)
        now = datetime.now(timezone.utc)
        state = _read(arm, request)
        plan = checked(arm, with_locks(arm, _plan(request, state, now)), invocation.check_mode)
        plan.raise_if_blocked()
        results: list[StepResult] = []
        if not invocation.check_mode:
            results = Executor(arm, deadline, invocation.progress).run(plan)
        version = arm.get(request.version, expand=EXPAND) if results else state.version
        if version is None and not invocation.check_mode:
            raise Failure(f"The {request.version.label} was deleted while it was being changed.")
        definition = arm.get(request.definition) if version else None
        return {
            "changed": plan.changed,
            "version": gallery_version_facts(version, definition, now) if version else None,
            "replication": [each.as_dict() for each in replication_of(version)],
            "soft_deletion": state.deleted.as_dict() if state.deleted else None,
            **result_fields(arm, plan, results),
        }
    finally:
        arm.close()


def _plan(request: VersionRequest, state: VersionState, now: datetime) -> Plan:
    return plan_restoration(request, state) if request.restored else plan_changes(request, state, now)


def _read(arm: ArmClient, request: VersionRequest) -> VersionState:
    version = get_or_none(arm, request.version, expand=EXPAND)
    reader = TargetReader(arm)
    if version is None:
        return _read_deleted(arm, request, reader)
    subscription = request.version.subscription_id
    stores = any(region.storage_account_type for region in request.regions)
    adds = stores or added_regions(request, version)
    regions = reader.regions(subscription) if adds else None
    uses = encryption_uses(request, version)
    sets = reader.resources("encryption_set_unknown", (use.resource for use in uses))
    return VersionState(version, regions=regions, encryption_sets=sets, unread=tuple(reader.unread))


def _read_deleted(arm: ArmClient, request: VersionRequest, reader: TargetReader) -> VersionState:
    """Read whether the version can be restored; galleries without soft deletion return an error for the listing."""
    registered = reader.feature(request.version.subscription_id, FEATURE) if request.restored else None
    gallery = get_or_none(arm, request.gallery)
    rows = reader.soft_deleted(request.definition) if policy_of(gallery).enabled and registered is not False else []
    return VersionState(
        None,
        deleted=find_deleted(rows, request.version),
        feature_registered=registered,
        unread=tuple(reader.unread),
    )
