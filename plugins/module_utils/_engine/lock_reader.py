# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the management locks of resource groups, and hold a plan against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.locks import lock_blockers

Json = dict[str, Any]


def read_locks(arm: ArmReader, resources: Sequence[ResourceId]) -> tuple[list[Json], bool]:
    """Read the locks of the groups that resources lie in; each group is read once.

    :returns: the locks, and whether they could be read: that is a right of its own.
    :raises Failure: when they cannot be read for another reason.
    """
    locks: dict[str, Json] = {}
    # Keyed without case: source and targets mostly lie in one group.
    groups = {resource.group_id.lower(): resource for resource in resources}
    for resource in groups.values():
        path = f"{resource.group_id}/providers/Microsoft.Authorization/locks"
        try:
            for lock in arm.list(path, "locks", f"the locks of resource group '{resource.resource_group}'"):
                locks[str(lock.get("id")).lower()] = lock
        except SignInFailed:
            raise
        except NotFound:
            # With its group, everything that was in it is gone; the plan says so where it matters.
            continue
        except Refused as refused:
            # Without the right to read them the plan says so, and Azure has the last word.
            if refused.code != "AuthorizationFailed":
                raise
            return list(locks.values()), False
    return list(locks.values()), True


def with_locks(arm: ArmReader, plan: Plan) -> Plan:
    """Complete a plan, whose decisions do not depend on locks, by what locks forbid of its writes.

    :returns: the plan with what was found; without its steps where a lock stops one of them.
    :raises Failure: when they cannot be read, for another reason than a missing right.
    """
    written = [step.resource for step in plan.steps if step.method]
    if plan.blockers or not written:
        return plan
    locks, known = read_locks(arm, written)
    blockers = list(lock_blockers(locks, plan.steps))
    warnings = plan.warnings if known else [*plan.warnings, _unknown(written[0])]
    return replace(plan, blockers=blockers, warnings=warnings, steps=[] if blockers else plan.steps)


def _unknown(resource: ResourceId) -> Finding:
    return Finding(
        "locks_unknown",
        f"The locks on {resource.label} could not be read (permission denied); a lock may cause the run to fail.",
    )
