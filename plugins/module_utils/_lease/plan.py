# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the lease of an image for a run, from the existing lease; pure.

A lease is an empty resource group. Of two concurrent writes Azure reports only one as the creation, which
makes the lease exclusive; its holder is recorded in its tags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.awx_job import job_of
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import format_timestamp, parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import merge_step

Json = dict[str, Any]

#: The image that is leased; a group without it is not a lease.
LEASE = "golden.azure.lease"
RUN = "golden.azure.run"
HOLDER = "golden.azure.holder"
PROCESS = "golden.azure.process"
LEASED_AT = "golden.azure.leased_at"
#: The process of a run that has ended and kept resources for inspection.
ENDED = "ended"


@dataclass(frozen=True)
class LeaseRequest:
    """The request of the task.

    :param group: the resource group that is the lease.
    :param image: the name of the image.
    :param holder: the host of the run, for messages.
    :param process: see processes.identify(); empty if it cannot be determined.
    :param stale_after_hours: hours after which a lease expires, unless it is renewed.
    """

    group: ResourceId
    image: str
    run: str
    holder: str
    process: str
    stale_after_hours: float
    tags: dict[str, str] = field(default_factory=dict)

    def all_tags(self, now: datetime) -> dict[str, str]:
        """The tags of the lease."""
        own = {LEASE: self.image, RUN: self.run, HOLDER: self.holder, PROCESS: self.process}
        return {**self.tags, **own, LEASED_AT: format_timestamp(now)}


def is_own(request: LeaseRequest, group: Json | None) -> bool:
    """Whether the run has the lease already."""
    if group is None or is_being_deleted(group):
        return False
    wanted = {LEASE: request.image, RUN: request.run, HOLDER: request.holder, PROCESS: request.process}
    return all((tag_value(group.get("tags"), name) or "") == value for name, value in wanted.items())


def is_over(request: LeaseRequest, group: Json, now: datetime, has_ended: Callable[[str], bool]) -> bool:
    """Whether the lease is no longer valid: its run has ended, or has not renewed it in time."""
    tags = group.get("tags")
    process = tag_value(tags, PROCESS) or ""
    if process == ENDED or (process and has_ended(process)):
        return True
    since = parse_timestamp(tag_value(tags, LEASED_AT))
    return since is None or now - since >= timedelta(hours=request.stale_after_hours)


def plan_lease(
    request: LeaseRequest, group: Json | None, location: str | None, now: datetime, has_ended: Callable[[str], bool]
) -> Plan:
    """Plan the acquisition of the lease.

    :param group: the existing lease.
    :param location: the region of a new lease.
    :param has_ended: whether a process is known to have ended.
    """
    title = f"Lease of image '{request.image}' by run '{request.run}'"
    leaving = is_being_deleted(group)
    if group is None or leaving:
        return Plan(
            title,
            steps=[*([_wait_for_deletion(request.group)] if leaving else []), _create_step(request, location, now)],
        )
    tags = group.get("tags")
    if tag_value(tags, LEASE) is None:
        message = f"The {request.group.label} exists already and is not a lease; choose another 'name'."
        return Plan(title, blockers=[Finding("name_taken", message)])
    wanted = request.all_tags(now)
    if is_own(request, group):
        # Only a renewal updates the time: an acquired lease is not changed.
        wanted.pop(LEASED_AT)
    elif not is_over(request, group, now, has_ended):
        return Plan(title, blockers=[_held_by_other_run(request, tags)])
    step = merge_step(request.group, tags, wanted)
    return Plan(title, steps=[step] if step else [])


def plan_renewal(request: LeaseRequest, group: Json | None, now: datetime) -> Plan:
    """Plan the renewal of the lease, unless another run holds it."""
    title = f"Renewal of the lease of run '{request.run}' on image '{request.image}'"
    if not is_own(request, group) and not _is_without_owner(request, group):
        run = tag_value((group or {}).get("tags"), RUN) or "unknown"
        state = "no longer exists" if group is None else f"now belongs to run '{run}'"
        message = f"The lease ({request.group.label}) {state}: this run stops; the resources that it created are removed by the other run."
        return Plan(title, blockers=[Finding("lease_lost", message)])
    step = merge_step(request.group, (group or {}).get("tags"), request.all_tags(now))
    return Plan(title, steps=[step] if step else [])


def _is_without_owner(request: LeaseRequest, group: Json | None) -> bool:
    """Whether a concurrent second run has removed its own name from the lease, and that of the first run with it."""
    tags = (group or {}).get("tags")
    return tag_value(tags, LEASE) == request.image and tag_value(tags, RUN) == ""


def plan_end(request: LeaseRequest, group: Json | None) -> Plan:
    """Plan the mark that the run has ended, and kept resources for inspection."""
    step = merge_step(request.group, (group or {}).get("tags"), {**request.tags, PROCESS: ENDED})
    return Plan(
        f"End of the lease of run '{request.run}' on image '{request.image}'",
        steps=[step] if step and is_own(request, group) else [],
    )


def plan_release(request: LeaseRequest, group: Json | None, resources: int) -> Plan:
    """Plan the release of the lease; that of another run is not changed.

    :param resources: the number of resources in the group, which do not belong to the lease.
    """
    title = f"Release of the lease of run '{request.run}' on image '{request.image}'"
    if is_being_deleted(group):
        return Plan(title, steps=[_wait_for_deletion(request.group)])
    if not is_own(request, group):
        return Plan(title)
    if resources:
        message = (
            f"The {request.group.label} was a lease and is kept, since it contains {resources} resources that do not "
            "belong to the lease."
        )
        return Plan(title, warnings=[Finding("group_kept", message)], steps=plan_end(request, group).steps)
    path = str(request.group)
    step = Step(actions.DELETE_GROUP, request.group, f"delete the {request.group.label}", method="DELETE", path=path)
    return Plan(title, steps=[step])


def is_being_deleted(group: Json | None) -> bool:
    """Whether the lease is being deleted."""
    return group is not None and machine.provisioning_state(group) == "Deleting"


def _held_by_other_run(request: LeaseRequest, tags: Json | None) -> Finding:
    run, holder, since = (tag_value(tags, name) or "unknown" for name in (RUN, HOLDER, LEASED_AT))
    image = tag_value(tags, LEASE)
    return Finding(
        "leased",
        f"The image '{image}' is being refreshed by run '{run}' ({holder}), which renewed its lease at {since}; wait "
        f"until it has ended. If it was interrupted, this run can take over {request.stale_after_hours:g} hours after "
        f"that ({_way_to_take_over(request)}, 0 for immediately).",
    )


def _way_to_take_over(request: LeaseRequest) -> str:
    """What to set; in AWX, the question of the survey, since its users see no options of modules."""
    if job_of(request.process):
        return "the survey's question for the hours after which the lease of another run is taken over"
    return "'stale_after_hours'"


def _wait_for_deletion(group: ResourceId) -> Step:
    return Step(actions.WAIT_FOR_REMOVAL, group, f"wait until the {group.label} is deleted, which is in progress")


def _create_step(request: LeaseRequest, location: str | None, now: datetime) -> Step:
    return Step(
        actions.CREATE_GROUP,
        request.group,
        f"create the {request.group.label} in {location}",
        method="PUT",
        path=str(request.group),
        body={"location": location, "tags": request.all_tags(now)},
    )
