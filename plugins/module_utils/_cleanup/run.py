# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_cleanup: options -> what was created -> decisions -> plan -> removals -> results."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._cleanup.deletion import Outcome, Runner
from ansible_collections.golden.azure.plugins.module_utils._cleanup.plan import (
    Decision,
    Removal,
    State,
    removal_of,
    within_limit,
    without_locked,
    without_needed_leases,
)
from ansible_collections.golden.azure.plugins.module_utils._cleanup.request import OPTIONS, cleanup_request
from ansible_collections.golden.azure.plugins.module_utils._cleanup.state import StateReader
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import read_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._images.usage_reader import CurrentUsage, read_usage
from ansible_collections.golden.azure.plugins.module_utils._local.awx_jobs import run_has_ended
from ansible_collections.golden.azure.plugins.module_utils._model.locks import unread_locks_warning

__all__ = ["OPTIONS", "RULES", "execute"]

Json = dict[str, Any]

RULES: dict[str, Any] = {}


def execute(invocation: Invocation) -> Json:
    """List what is orphaned, and remove it if the task says so.

    :returns: the task's result, as the module documents it.
    :raises Failure: if it is blocked, or something could not be removed; its details contain the results.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        return _CleanupRun(arm, deadline, invocation).execute()
    finally:
        arm.close()


class _CleanupRun:
    """One run of the module."""

    def __init__(self, arm: ArmClient, deadline: Deadline, invocation: Invocation) -> None:
        self.arm = arm
        self.invocation = invocation
        self.request = cleanup_request(invocation.options, arm.subscription_id)
        self.now = datetime.now(timezone.utc)
        self.reader = StateReader(arm, self.request, self.now, run_has_ended)
        self.usage = CurrentUsage(lambda: read_usage(arm, self.request.subscriptions, self.now), deadline)
        self.deadline = deadline
        self.warnings: list[Finding] = []

    def execute(self) -> Json:
        """Read, decide and plan; then execute the plan, unless in check mode or if nothing is to be removed."""
        owners, state = self.reader.read()
        removals = [removal_of(owner, state, self.request, self.now) for owner in owners]
        if any(_is_copied(removal) for removal in removals):
            state = State(state.leases, state.owners, state.parts, self.usage.get())
            removals = [removal_of(owner, state, self.request, self.now) for owner in owners]
        removals = without_locked(removals, self._locks(removals))
        removals = without_needed_leases(within_limit(removals, self.request.max_removals), state.leases)
        plan = self._plan(removals)
        plan = checked(self.arm, plan, self.invocation.check_mode)
        plan.raise_if_blocked()
        outcomes: list[Outcome] = []
        if self.request.remove and not self.invocation.check_mode:
            runner = Runner(self.reader, self.deadline, self.invocation.progress, self.usage)
            outcomes = runner.run(removals, state.leases)
        return _raise_on_failure(outcomes, self._result(removals, outcomes, plan))

    def _locks(self, removals: Sequence[Removal]) -> list[Json]:
        written = [step.resource for removal in removals for step in removal.steps]
        if not written:
            return []
        locks, known = read_locks(self.arm, written)
        if not known:
            self.warnings.append(unread_locks_warning("the resources"))
        return locks

    def _plan(self, removals: Sequence[Removal]) -> Plan:
        title = "Removal of orphaned resources" if self.request.remove else "Search for orphaned resources"
        count = sum(removal.count for removal in removals)
        if not self.request.remove and count:
            self.warnings.append(_listing_warning(count))
        steps = [step for removal in removals for step in removal.steps] if self.request.remove else []
        return Plan(title, warnings=self.warnings, steps=steps)

    def _result(self, removals: Sequence[Removal], outcomes: Sequence[Outcome], plan: Plan) -> Json:
        decisions = [decision for removal in removals for decision in removal.decisions]
        results = [row for outcome in outcomes for row in outcome.as_dicts()]
        if outcomes:
            removed = [row["id"] for row in results if row["result"] == "removed"]
            kept = [_without(row, "action", "result") for row in results if row["result"] == "kept"]
            changed = any(outcome.has_changes for outcome in outcomes)
        else:
            removed = [str(each.resource) for each in decisions if each.removed and self.request.remove]
            kept = [_without(each.as_dict(), "action") for each in decisions if not each.removed]
            changed = plan.changed
        plan_text = _text(plan, decisions, self.request.remove)
        result: Json = {
            "changed": changed,
            "orphans": [_without(each.as_dict(), "action") for each in decisions if each.removed],
            "removed": removed,
            "kept": kept,
            "results": results,
            "plan": plan.as_dict(),
            "plan_text": plan_text,
            "steps": [step for outcome in outcomes for step in outcome.steps],
            "account": self.arm.account,
            "diff": {"prepared": plan_text},
        }
        warnings = plan.displayed_warnings
        return {**result, "warnings": warnings} if warnings else result


def _listing_warning(count: int) -> Finding:
    what = "1 resource is" if count == 1 else f"{count} resources are"
    return Finding(
        "only_listed", f"{what} orphaned, and only listed; set 'remove: true' to remove what is orphaned.", quiet=True
    )


def _is_copied(removal: Removal) -> bool:
    """Whether it removes snapshots or disks, of which images may have been created."""
    return any(
        each.removed and each.resource.resource_type.endswith(("/disks", "/snapshots")) for each in removal.decisions
    )


def _without(row: Json, *names: str) -> Json:
    return {name: value for name, value in row.items() if name not in names}


def _text(plan: Plan, decisions: Sequence[Decision], remove: bool) -> str:
    """The plan with all resources and the reasons, in human-readable form."""
    orphaned = "remove" if remove else "orphan"
    lines = [plan.text().rstrip("\n")]
    lines += [
        f"  {orphaned if each.removed else 'keep':<9}  {each.resource.label}: {each.reason.text}" for each in decisions
    ]
    return "\n".join(lines) + "\n"


def _raise_on_failure(outcomes: Sequence[Outcome], result: Json) -> Json:
    """The result, unless a removal failed: then the failure contains the results.

    :raises Failure: with each resource that still exists, and the reason.
    """
    failed = [outcome for outcome in outcomes if outcome.failure is not None]
    if not failed:
        return result
    first = failed[0].failure
    reasons = [f"{outcome.removal.owner.label}: {str(outcome.failure).rstrip('.')}" for outcome in failed]
    raise Failure(
        f"The resources of {len(failed)} of {len(outcomes)} owners were not all removed: {'; '.join(reasons)}.",
        code=first.code if first else None,
        request_id=first.request_id if first else None,
        details=result,
    )
