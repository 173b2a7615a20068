# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the restoration of a soft-deleted gallery version from the request and the current state; pure.

A version is restored by a PUT with the property restore, in its home region:
https://learn.microsoft.com/rest/api/compute/gallery-image-versions/create-or-update and
https://learn.microsoft.com/powershell/module/az.compute/restore-azgalleryimageversion
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import FEATURE, SoftDeleted
from ansible_collections.golden.azure.plugins.module_utils._publishing.plan import VersionState
from ansible_collections.golden.azure.plugins.module_utils._publishing.request import VersionRequest

Json = dict[str, Any]


def plan_restoration(request: VersionRequest, state: VersionState) -> Plan:
    """Create the plan.

    :returns: a plan whose steps, executed in order, restore the version; without steps if it exists.
    """
    identity, version = request.version, state.version
    title = f"Restoration of {identity.label}"
    if version is not None:
        condition = machine.provisioning_state(version)
        if condition == "Deleting":
            blocker = Finding(
                "version_being_deleted", f"The {identity.label} is being deleted; wait until it is deleted."
            )
            return Plan(title, [blocker], list(state.unread))
        joins = condition in ("Creating", "Updating")
        step = Step(
            actions.WAIT_FOR_REPLICATION, identity, f"wait for the {identity.label}, which is being restored or updated"
        )
        return Plan(title, [], list(state.unread), [step] if joins else [])
    blockers = list(_blockers(request, state))
    steps = [] if blockers or state.deleted is None else [_step(request, state.deleted)]
    return Plan(title, blockers, list(state.unread), steps)


def _blockers(request: VersionRequest, state: VersionState) -> Iterator[Finding]:
    label = request.version.label
    if state.feature_registered is False:
        yield Finding(
            "soft_delete_not_registered",
            f"The subscription '{request.version.subscription_id}' has not registered the feature Microsoft.Compute/{FEATURE}, "
            f"which the restoration of {label} requires; register it with 'az feature register --namespace Microsoft.Compute "
            f"--name {FEATURE}', and wait until it is registered.",
        )
    elif state.deleted is None:
        yield Finding(
            "version_not_restorable",
            f"The {label} neither exists nor is it soft-deleted, so that it cannot be restored; check its name, or capture "
            "it again.",
        )


def _step(request: VersionRequest, deleted: SoftDeleted) -> Step:
    identity = request.version
    return Step(
        actions.RESTORE_VERSION,
        identity,
        f"restore the {identity.label} in {deleted.location}, deleted at {deleted.soft_deleted_at}, with all its regions",
        method="PUT",
        path=str(identity),
        body={"location": deleted.location, "properties": {"restore": True, "storageProfile": {}}},
    )
