# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Detect refusals by Azure that do not depend on source and target; the same checks for all modules that write.

API versions, permissions, Azure Policy, and users who signed in without multi-factor authentication. Only what the steps of the
plan require is read; a plan without writes requires no requests.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, group_of
from ansible_collections.golden.azure.plugins.module_utils._engine.older_versions import fitted_plan
from ansible_collections.golden.azure.plugins.module_utils._engine.permissions import Permissions, rights_findings
from ansible_collections.golden.azure.plugins.module_utils._engine.policy_restrictions import policy_findings
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model.rights import Right, rights_of

_TAG_RIGHT = "Microsoft.Resources/tags/write"


def checked(arm: ArmReader, plan: Plan, check_mode: bool) -> Plan:
    """Fit a plan to the API versions of this cloud, and complete it with checks of permissions and policies.

    :returns: the plan with findings; without its steps if it is blocked.
    :raises Failure: if they cannot be read, for another reason than a missing permission.
    """
    plan = fitted_plan(arm, plan)
    if plan.blockers or not any(step.method for step in plan.steps):
        return plan
    permissions = Permissions(arm, plan.steps)
    plan = _without_refused_claim(plan, permissions)
    missing, unknown = rights_findings(permissions, plan.steps)
    denied, unasked = policy_findings(arm, plan.steps)
    blockers = [*missing, *denied]
    warnings = [*plan.warnings, *unknown, *unasked]
    steps = plan.steps
    if arm.is_user:
        steps = _with_trial(plan.steps, permissions)
        warnings += _untried(arm, steps, check_mode)
    return replace(plan, blockers=blockers, warnings=warnings, steps=[] if blockers else steps)


def _without_refused_claim(plan: Plan, permissions: Permissions) -> Plan:
    """Drop the claim if only it lacks permissions, so that the capture is not blocked."""
    claim = next((step for step in plan.steps if step.action is actions.CLAIM_VM), None)
    if claim is None or all(permissions.grant(right) is not False for right in rights_of(claim)):
        return plan
    finding = Finding(
        "machine_not_claimed",
        f"The {claim.resource.label} cannot be claimed before its guest is prepared, as the signed-in identity lacks "
        f"the permission to write its tags ({claim.resource.resource_type}/write): another run could prepare it at the "
        "same time.",
        quiet=True,
    )
    return replace(plan, warnings=[*plan.warnings, finding], steps=[step for step in plan.steps if step is not claim])


def _with_trial(steps: list[Step], permissions: Permissions) -> list[Step]:
    """Insert a harmless write before the preparation of the guest, unless another write precedes it.

    It merges an empty set of tags into those of a resource group: nothing is changed, even with concurrent writes, and it can be
    repeated. It requires Microsoft.Resources/tags/write, so that a group is used on which that is granted.
    """
    planned = [step.action for step in steps]
    if actions.PREPARE not in planned or any(step.method for step in steps[: planned.index(actions.PREPARE)]):
        return steps
    groups = {
        str(group).lower(): group for group in (group_of(right.scope) for step in steps for right in rights_of(step))
    }
    group = next((one for one in groups.values() if permissions.grant(Right(_TAG_RIGHT, one))), None)
    if group is None:
        return steps
    before = planned.index(actions.PREPARE)
    return [*steps[:before], _trial(group), *steps[before:]]


def _trial(group: ResourceId) -> Step:
    return Step(
        actions.TRY_WRITE,
        group,
        f"test write access of the signed-in user by merging an empty set of tags into those of the {group.label}",
        method="PATCH",
        path=f"{group}/providers/Microsoft.Resources/tags/default",
        body={},
        no_effect=True,
    )


def _untried(arm: ArmReader, steps: list[Step], check_mode: bool) -> list[Finding]:
    """Warn about refusals that are detected only at the first write."""
    planned = [step.action for step in steps]
    prepares = actions.PREPARE in planned
    tried = prepares and any(step.method for step in steps[: planned.index(actions.PREPARE)])
    if tried and not check_mode:
        return []
    finding = Finding(
        "write_not_tried",
        "The signed-in identity is a user: Azure denies write operations to users without multi-factor authentication, "
        "which is detected only at the first write; service principals and managed identities are not affected.",
        # If a write is tested before the guest is changed, and the user seems to have MFA, the warning is quiet.
        quiet=arm.has_used_mfa,
    )
    # Otherwise the first step is a write anyway.
    return [finding] if check_mode or prepares else []
