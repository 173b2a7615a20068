# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide whether a run may claim the refresh of an image: the claim that is there in, a plan out; pure.

A claim is a resource group with nothing in it. Azure tells who made a group of two who write it at once, which is what
makes it a claim; whose it is, is in its tags.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import format_timestamp, parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import merge_step

Json = dict[str, Any]

#: The image that is claimed; a group without it is no claim.
CLAIM = "golden.azure.claim"
RUN = "golden.azure.run"
HOLDER = "golden.azure.holder"
PROCESS = "golden.azure.process"
CLAIMED_AT = "golden.azure.claimed_at"
#: As the process of a run that has ended and left something for a look.
ENDED = "ended"


@dataclass(frozen=True)
class ClaimRequest:
    """What the task wants.

    :param group: the resource group that is the claim.
    :param image: what is claimed.
    :param holder: who claims it, for people.
    :param process: see processes.identify(); nothing where it cannot be told.
    :param take_over_after: hours after which a claim counts no more, unless it is renewed.
    """

    group: ResourceId
    image: str
    run: str
    holder: str
    process: str
    take_over_after: float
    notes: dict[str, str] = field(default_factory=dict)

    def tags(self, now: datetime) -> dict[str, str]:
        """The tags of the claim."""
        own = {CLAIM: self.image, RUN: self.run, HOLDER: self.holder, PROCESS: self.process}
        return {**self.notes, **own, CLAIMED_AT: format_timestamp(now)}


def is_own(request: ClaimRequest, group: Json | None) -> bool:
    """Whether the run has the claim already."""
    if group is None or is_leaving(group):
        return False
    wanted = {CLAIM: request.image, RUN: request.run, HOLDER: request.holder, PROCESS: request.process}
    return all((tag_value(group.get("tags"), name) or "") == value for name, value in wanted.items())


def is_over(request: ClaimRequest, group: Json, now: datetime, has_ended: Callable[[str], bool]) -> bool:
    """Whether the claim counts no more: its run has ended, or has not renewed it for long."""
    tags = group.get("tags")
    process = tag_value(tags, PROCESS) or ""
    if process == ENDED or (process and has_ended(process)):
        return True
    since = parse_timestamp(tag_value(tags, CLAIMED_AT))
    return since is None or now - since >= timedelta(hours=request.take_over_after)


def plan_claim(
    request: ClaimRequest, group: Json | None, location: str | None, now: datetime, has_ended: Callable[[str], bool]
) -> Plan:
    """Decide how the run comes to have the claim.

    :param group: the claim that is there.
    :param location: where it is made if there is none.
    :param has_ended: tells of a process whether it is known to have ended.
    """
    title = f"Claim of the refresh of image '{request.image}' by run '{request.run}'"
    leaving = is_leaving(group)
    if group is None or leaving:
        return Plan(title, steps=[*([_joining(request.group)] if leaving else []), _creation(request, location, now)])
    tags = group.get("tags")
    if tag_value(tags, CLAIM) is None:
        message = f"There is a {request.group.label} that is no claim; choose another 'name'."
        return Plan(title, blockers=[Finding("name_taken", message)])
    wanted = request.tags(now)
    if is_own(request, group):
        # To say when is for a renewal: what is done already is not done again.
        wanted.pop(CLAIMED_AT)
    elif not is_over(request, group, now, has_ended):
        return Plan(title, blockers=[_held(request, tags)])
    step = merge_step(request.group, tags, wanted)
    return Plan(title, steps=[step] if step else [])


def plan_renewal(request: ClaimRequest, group: Json | None, now: datetime) -> Plan:
    """Decide how the run goes on with its claim, unless another has it by now."""
    title = f"Renewal of the claim of run '{request.run}' on image '{request.image}'"
    if not is_own(request, group) and not _is_blank(request, group):
        run = tag_value((group or {}).get("tags"), RUN) or "unknown"
        whose = "is gone" if group is None else f"is that of run '{run}' by now"
        message = f"The claim ({request.group.label}) {whose}: this run stops here; what it has made is the other's to remove."
        return Plan(title, blockers=[Finding("claim_lost", message)])
    step = merge_step(request.group, (group or {}).get("tags"), request.tags(now))
    return Plan(title, steps=[step] if step else [])


def _is_blank(request: ClaimRequest, group: Json | None) -> bool:
    """Whether one who came second has taken its own name from the claim again, and the first one's with it."""
    tags = (group or {}).get("tags")
    return tag_value(tags, CLAIM) == request.image and tag_value(tags, RUN) == ""


def plan_end(request: ClaimRequest, group: Json | None) -> Plan:
    """Decide how the run says that it has ended, and has left something for a look."""
    step = merge_step(request.group, (group or {}).get("tags"), {**request.notes, PROCESS: ENDED})
    return Plan(
        f"End of the claim of run '{request.run}' on image '{request.image}'",
        steps=[step] if step and is_own(request, group) else [],
    )


def plan_release(request: ClaimRequest, group: Json | None, resources: int) -> Plan:
    """Decide how the run gives the claim back; one that it does not have is left alone.

    :param resources: how many there are in the group, which are not the claim's.
    """
    title = f"Return of the claim of run '{request.run}' on image '{request.image}'"
    if is_leaving(group):
        return Plan(title, steps=[_joining(request.group)])
    if not is_own(request, group):
        return Plan(title)
    if resources:
        message = (
            f"The {request.group.label} was a claim and stays, as it holds {resources} resources that are not of it."
        )
        return Plan(title, warnings=[Finding("group_kept", message)], steps=plan_end(request, group).steps)
    path = str(request.group)
    step = Step(actions.DELETE_GROUP, request.group, f"delete the {request.group.label}", method="DELETE", path=path)
    return Plan(title, steps=[step])


def is_leaving(group: Json | None) -> bool:
    """Whether the claim is being deleted."""
    return group is not None and machine.provisioning_state(group) == "Deleting"


def _held(request: ClaimRequest, tags: Json | None) -> Finding:
    run, holder, since = (tag_value(tags, name) or "unknown" for name in (RUN, HOLDER, CLAIMED_AT))
    image = tag_value(tags, CLAIM)
    return Finding(
        "claimed",
        f"The image '{image}' is being refreshed by run '{run}' ({holder}), which said so at {since}; wait until it has ended. "
        f"If it was broken off, this run may take over {request.take_over_after:g} hours after that ('take_over_after', 0 for "
        "at once).",
    )


def _joining(group: ResourceId) -> Step:
    return Step(actions.JOIN_REMOVAL, group, f"wait until the {group.label} is deleted, which is under way")


def _creation(request: ClaimRequest, location: str | None, now: datetime) -> Step:
    return Step(
        actions.CREATE_GROUP,
        request.group,
        f"create the {request.group.label} in {location}",
        method="PUT",
        path=str(request.group),
        body={"location": location, "tags": request.tags(now)},
    )
