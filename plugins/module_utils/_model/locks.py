# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Determine which operations management locks forbid; pure.

Source: https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import RESOURCE_GROUP, ResourceId

Json = dict[str, Any]

#: Methods that locks treat as writes, including POST requests for actions.
_WRITES = ("PUT", "PATCH", "POST")


def forbids(lock: Json, resource: ResourceId, *, writes: bool, deletes: bool) -> bool:
    """Whether a lock on the resource or its parents forbids writing or deleting it."""
    scope = scope_of(lock)
    target = str(resource).lower()
    if target != scope and not target.startswith(scope + "/"):
        return False
    level = level_of(lock).lower()
    return (level == "readonly" and (writes or deletes)) or (level == "cannotdelete" and deletes)


def prevents(lock: Json, step: Step) -> bool:
    """Whether a lock prevents the write of a step; a group can be deleted only if nothing in it is locked."""
    inside = f"{step.resource}/".lower()
    if step.method == "DELETE" and step.resource.resource_type == RESOURCE_GROUP and scope_of(lock).startswith(inside):
        return True
    return forbids(lock, step.resource, writes=step.method in _WRITES, deletes=step.method == "DELETE")


def lock_blockers(locks: Sequence[Json], steps: Sequence[Step]) -> Iterator[Finding]:
    """A blocker for each lock that stops one of these steps, with the first such step."""
    for lock in locks:
        stopped = [step for step in steps if step.method and prevents(lock, step)]
        if stopped:
            yield Finding(
                "locked",
                f"The lock '{lock.get('name')}' ({level_of(lock)}) on '{scope_of(lock)}' prevents this step: "
                f"{stopped[0].description}; remove the lock, or choose another resource group.",
            )


def unread_locks_warning(what: str) -> Finding:
    """The warning that the locks on something could not be read."""
    return Finding(
        "locks_unknown",
        f"The locks on {what} could not be read (permission denied); a lock may cause the run to fail.",
    )


def resource_lock_blockers(
    locks: Sequence[Json], written: Sequence[ResourceId], deleted: Sequence[ResourceId], writes: bool
) -> Iterator[Finding]:
    """A blocker for each lock on resources to write or delete, before any steps are known.

    :param deleted: those of the written resources that are deleted.
    :param writes: whether the other ones are changed.
    """
    for lock in locks:
        for resource in written:
            if forbids(lock, resource, writes=writes, deletes=resource in deleted):
                level = level_of(lock)
                yield Finding(
                    "locked",
                    f"The lock '{lock.get('name')}' ({level}) on '{scope_of(lock)}' prevents "
                    f"{'deleting' if level.lower() == 'cannotdelete' else 'changing'} the {resource.label}; remove the "
                    "lock.",
                )


def scope_of(lock: Json) -> str:
    """The id, in lower case, of the scope of the lock: a resource, a group or the subscription."""
    return str(lock.get("id") or "").lower().partition("/providers/microsoft.authorization/locks/")[0]


def level_of(lock: Json) -> str:
    """ReadOnly or CanNotDelete."""
    return str((lock.get("properties") or {}).get("level") or "")
