# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Read the management locks of resource groups, and check a plan against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.reader import ArmReader
from ansible_collections.golden.azure.plugins.module_utils._core.errors import NotFound, Refused, SignInFailed
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Plan
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._model.locks import lock_blockers, unread_locks_warning

Json = dict[str, Any]


def read_locks(arm: ArmReader, resources: Sequence[ResourceId]) -> tuple[list[Json], bool]:
    """Read the locks of the resource groups of resources; each group is read once.

    :returns: the locks, and whether they could be read, which requires a permission.
    :raises Failure: if they cannot be read for another reason.
    """
    locks: dict[str, Json] = {}
    # Keys in lower case: source and targets are usually in the same group.
    groups = {resource.group_id.lower(): resource for resource in resources}
    for resource in groups.values():
        path = f"{resource.group_id}/providers/Microsoft.Authorization/locks"
        try:
            for lock in arm.list(path, "locks", f"the locks of resource group '{resource.resource_group}'"):
                locks[str(lock.get("id")).lower()] = lock
        except SignInFailed:
            raise
        except NotFound:
            # If the group does not exist, its resources do not exist either; the plan reports that if relevant.
            continue
        except Refused as refused:
            # Without the permission to read them the plan contains a warning, and Azure may deny a request.
            if refused.code != "AuthorizationFailed":
                raise
            return list(locks.values()), False
    return list(locks.values()), True


def with_locks(arm: ArmReader, plan: Plan) -> Plan:
    """Add blockers for writes that locks forbid to a plan whose decisions do not depend on locks.

    :returns: the plan with findings; without its steps if a lock blocks one of them.
    :raises Failure: if they cannot be read, for another reason than a missing permission.
    """
    written = [step.resource for step in plan.steps if step.method]
    if plan.blockers or not written:
        return plan
    locks, known = read_locks(arm, written)
    blockers = list(lock_blockers(locks, plan.steps))
    warnings = plan.warnings if known else [*plan.warnings, unread_locks_warning(written[0].label)]
    return replace(plan, blockers=blockers, warnings=warnings, steps=[] if blockers else plan.steps)
