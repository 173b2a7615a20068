# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""What Azure would refuse of a plan though source and target are in order: the same checks for every module that writes.

Rights, Azure Policy, and users who signed in without multi-factor authentication. Only that is read here which the steps
of the plan need; a plan without writes costs nothing.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, group_of
from ansible_collections.golden.azure.plugins.module_utils._engine.permissions import Permissions, rights_findings
from ansible_collections.golden.azure.plugins.module_utils._engine.policy_restrictions import policy_findings
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model.rights import Right, rights_of

_TAG_RIGHT = "Microsoft.Resources/tags/write"


def checked(arm: ArmReader, plan: Plan, check_mode: bool) -> Plan:
    """Complete a plan by what Azure says of its writes.

    :returns: the plan with what was found; without its steps where something blocks it.
    :raises Failure: when it cannot be read, for another reason than a missing right.
    """
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
    """Have nobody kept from a capture by a right that only the claim of its machine needs."""
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
    """Have a harmless write come before the guest is prepared, unless another write does.

    It merges no tags into those of a resource group: nothing is changed or left, whoever writes meanwhile, and it may be
    repeated. It takes Microsoft.Resources/tags/write, so that it goes to a group where that is granted.
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
    """Say what is known only once something has been written."""
    planned = [step.action for step in steps]
    prepares = actions.PREPARE in planned
    tried = prepares and any(step.method for step in steps[: planned.index(actions.PREPARE)])
    if tried and not check_mode:
        return []
    finding = Finding(
        "write_not_tried",
        "The signed-in identity is a user: Azure denies write operations to users without multi-factor authentication, "
        "which is detected only at the first write; service principals and managed identities are not affected.",
        # Where a write is tried before the guest is touched, and its user seems to have what it takes, it is but a note.
        quiet=arm.has_used_mfa,
    )
    # Elsewhere the first write is the first thing that is done.
    return [finding] if check_mode or prepares else []
