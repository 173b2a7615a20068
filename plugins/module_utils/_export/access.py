# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Open the disk of an export. The URLs are secrets, and their access has to be revoked by whoever opens it."""

from __future__ import annotations

from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.errors import Failure
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._engine.disk_access import GUEST_STATE, grant_access
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor
from ansible_collections.golden.azure.plugins.module_utils._export.plan import Transfer, access_blockers

Json = dict[str, Any]


def checked_disk(executor: Executor, step: Step) -> Json:
    """Read the disk, whose properties a policy may have changed when it was created.

    :raises Failure: if it must not be exported.
    """
    disk = executor.arm.get(step.resource) or {}
    for blocker in access_blockers(step.resource, disk):
        raise Failure(blocker.message, code=blocker.code)
    return disk


def granted_access(executor: Executor, step: Step) -> Json:
    """Request the URLs of a disk, and of its guest state if it is exported.

    :returns: what grant_access() returns.
    :raises Failure: if it is refused; access may have been granted.
    """
    export: Transfer = step.upload
    access = grant_access(executor.arm, step.resource, step.body or {}, executor.deadline)
    if export.with_guest_state and not access.get(GUEST_STATE):
        raise Failure(
            f"Azure returned no URL for the guest state of {step.resource.label}; set 'guest_state: false' to export its "
            "disk only."
        )
    return access
