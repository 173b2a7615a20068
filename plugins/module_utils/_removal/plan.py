# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan removals: from images and their usage to decisions, and from decisions to steps; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, parse
from ansible_collections.golden.azure.plugins.module_utils._core.tags import (
    DEPRECATED_AT,
    VERIFIED,
    has_own_tag,
    tag_value,
)
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import format_timestamp, parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model.actions import deletion_step
from ansible_collections.golden.azure.plugins.module_utils._model.families import (
    family_key,
    latest_of_definitions,
    numbering_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.image_order import version_key
from ansible_collections.golden.azure.plugins.module_utils._model.locks import level_of, prevents, scope_of
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import SoftDeletePolicy
from ansible_collections.golden.azure.plugins.module_utils._model.usage import Usage
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import writable_version
from ansible_collections.golden.azure.plugins.module_utils._removal.request import RemovalRequest
from ansible_collections.golden.azure.plugins.module_utils._removal.retention import (
    DEPRECATED_ALREADY,
    Candidate,
    Code,
    Decision,
    Reason,
    RetentionAction,
    decide,
    reason_to_keep,
)

Json = dict[str, Any]

#: The policy of galleries without soft delete.
NO_SOFT_DELETE = SoftDeletePolicy()

#: The code of the warning that no image matches the rules.
NOTHING_MATCHED = "nothing_matched"

_PASSED = ("true", "yes", "passed", "succeeded")
#: Reason for keeping a named image -> code of the blocker, and advice; by default to try again later.
_OBJECTIONS = {
    Code.IN_USE: ("in_use", "stop using it, or set 'force'"),
    Code.USE_UNKNOWN: ("in_use", "stop using it, or set 'force'"),
    Code.LOCKED: ("locked", "remove the lock"),
    Code.PROTECTED: ("protected", "remove the tag first"),
}


@dataclass(frozen=True)
class PlannedRemoval:
    """The decision on one image, and its steps; none if it is kept."""

    decision: Decision
    steps: list[Step] = field(default_factory=list)

    def kept(self, reason: Reason) -> PlannedRemoval:
        """The same image, kept."""
        return PlannedRemoval(replace(self.decision, action=RetentionAction.KEEP, reason=reason))

    def now(self, resource: Json | None, usage: Usage | None, moment: datetime) -> list[Step]:
        """The planned steps immediately before execution: steps can only be dropped.

        Snapshots and disks that are in use now are kept, and updates of an image are based on its current content.

        :param resource: the current image.
        :param usage: None if it is not needed.
        """
        image = str(self.steps[0].resource) if self.steps else ""
        return [
            _deprecation(step.resource, resource, moment) if step.body is not None and resource else step
            for step in self.steps
            if str(step.resource) == image or usage is None or not usage.of(str(step.resource))
        ]


def candidates_of(images: Iterable[Json], usage: Usage | None, request: RemovalRequest) -> list[Candidate]:
    """The images as candidates of the rules.

    :param images: facts.
    :param usage: None if it was not read because of force.
    """
    listed = list(images)
    verified_families = {family_key(image, request.family_tag) for image in listed if _verified(image) is not None}
    latest = latest_of_definitions(listed)
    candidates = []
    for image in listed:
        tested = family_key(image, request.family_tag) in verified_families
        candidate = candidate_of(image, usage, request, tested)
        candidates.append(replace(candidate, latest=candidate.identity.lower() in latest))
    return candidates


def candidate_of(image: Json, usage: Usage | None, request: RemovalRequest, verified_family: bool = False) -> Candidate:
    """One image as the rules see it.

    :param verified_family: whether images of its family are verified, so that an unverified one is not eligible.
    """
    verified = _verified(image)
    untested = verified_family and verified is None
    tags = image["tags"]
    state = str(image["provisioning_state"] or "Unknown")
    return Candidate(
        identity=str(image["id"]),
        family=family_key(image, request.family_tag),
        created=parse_timestamp(image["created_at"]),
        numbering=numbering_of(image),
        number=version_key(image.get("version")),
        state=state,
        current=not image["deprecated"] and not untested and verified is not False,
        pending=verified is not False and not image["deprecated_at"] and (image["deprecated"] or untested),
        protected=tag_value(tags, request.protected_tag) is not None,
        tagged=has_own_tag(tags) or any(name.lower() in request.known_tags for name in tags),
        users=_users(image, usage),
        unread=tuple(usage.unreadable) if usage else (),
        end_of_life=parse_timestamp(image.get("end_of_life")),
        deprecated_since=parse_timestamp(image["deprecated_at"]) if image["deprecated"] else None,
    )


def _verified(image: Json) -> bool | None:
    value = tag_value(image["tags"], VERIFIED)
    return None if value is None else value.lower() in _PASSED


def _users(image: Json, usage: Usage | None) -> tuple[str, ...] | None:
    if usage is None:
        return ()
    users = tuple(user.label for user in usage.of(str(image["id"])))
    return None if usage.unreadable and not users else users


def decide_by_rules(
    images: Iterable[Json], usage: Usage | None, request: RemovalRequest, now: datetime
) -> list[Decision]:
    """Decide on the images that the rules choose."""
    return decide(candidates_of(images, usage, request), request.rules, now)


def decide_by_name(
    images: Iterable[Json], usage: Usage | None, request: RemovalRequest, now: datetime
) -> list[Decision]:
    """Decide on named images: only safety reasons keep them."""
    decisions = []
    for candidate in candidates_of(images, usage, request):
        if candidate.state == "Deleting":
            decisions.append(
                Decision(candidate, RetentionAction.REMOVE, Reason(Code.BEING_DELETED, "already being deleted"))
            )
            continue
        reason = reason_to_keep(candidate, request.rules.force, now)
        if reason:
            decisions.append(Decision(candidate, RetentionAction.KEEP, reason))
        else:
            decisions.append(_named(candidate, request, now))
    return decisions


def _named(candidate: Candidate, request: RemovalRequest, now: datetime) -> Decision:
    grace = request.rules.grace
    named = Reason(Code.NAMED, "named")
    if grace is None and not request.rules.deprecate_only:
        return Decision(candidate, RetentionAction.REMOVE, named)
    if candidate.deprecated_since is None:
        return Decision(candidate, RetentionAction.DEPRECATE, named)
    if grace is None or now - candidate.deprecated_since < grace:
        return Decision(candidate, RetentionAction.KEEP, DEPRECATED_ALREADY)
    return Decision(candidate, RetentionAction.REMOVE, Reason(Code.GRACE_OVER, "named, and deprecated for long enough"))


def warnings(decisions: Iterable[Decision], request: RemovalRequest) -> list[Finding]:
    """Warnings about a removal by rules."""
    count = len(list(decisions))
    if request.by_rules and not count:
        # An empty result may be correct, or the effect of a misspelled filter.
        message = f"No image of {_place_of(request)} matches the rules: check their scope and filters if images were expected."
        return [Finding(NOTHING_MATCHED, message, quiet=True)]
    if not request.is_single_family or count < 2:
        return []
    newest = "the newest is kept" if request.rules.keep_newest == 1 else f"{request.rules.keep_newest} of them are kept"
    return [
        Finding(
            "single_family",
            f"All {count} managed images that the rules match in {_place_of(request)} count as one family, of which "
            f"{newest} regardless of age; set 'rules.family_tag' to the tag that distinguishes families if there are "
            "several.",
        )
    ]


def _place_of(request: RemovalRequest) -> str:
    if request.resource_group:
        return f"resource group '{request.resource_group}'"
    several = len(request.subscriptions) > 1
    return f"{'subscriptions' if several else 'subscription'} {', '.join(request.subscriptions)}"


def _blockers_of_rules(decisions: Iterable[Decision], request: RemovalRequest) -> list[Finding]:
    """With rules, kept images are not an error; but a complete subscription is not pruned as one family unless the task allows it."""
    selected = [decision for decision in decisions if decision.action is not RetentionAction.KEEP]
    if not selected or not request.is_single_family or request.narrowed or request.single_family:
        return []
    return [
        Finding(
            "single_family_not_confirmed",
            f"{len(selected)} managed images of {_place_of(request)} would be removed as a single family; set "
            "'rules.family_tag' to the tag that distinguishes families, set 'resource_group', 'rules.name_pattern' or "
            "'rules.tags', or set 'rules.single_family' if they are one family.",
        )
    ]


def blockers(decisions: Iterable[Decision], request: RemovalRequest) -> list[Finding]:
    """Blockers of the removal of images."""
    if request.by_rules:
        return _blockers_of_rules(decisions, request)
    found = []
    count = 0
    for decision in decisions:
        label = label_of(decision.candidate)
        if decision.action is not RetentionAction.KEEP:
            count += 1
        elif decision.reason.code is not Code.DEPRECATED_ALREADY:
            found.append(_objection(label, decision.reason))
    limit = request.rules.max_removals
    if limit is not None and count > limit:
        message = f"{count} images are named, and 'max_removals' allows {limit}: increase it to remove all of them."
        found.append(Finding("too_many", message))
    return found


def _objection(label: str, reason: Reason) -> Finding:
    code, advice = _OBJECTIONS.get(reason.code, ("not_removable", "try again later"))
    return Finding(code, f"The {label} is kept, {reason.text}: {advice}.")


def label_of(candidate: Candidate) -> str:
    """The label of an image."""
    found = parse(candidate.identity)
    return found.label if found else candidate.identity


def text(plan: Plan, decisions: Iterable[Decision]) -> str:
    """The plan with all images and the reasons, in human-readable form."""
    lines = [plan.text().rstrip("\n")]
    lines += [
        f"  {decision.action.value:<9}  {label_of(decision.candidate)}: {decision.reason.text}"
        for decision in decisions
    ]
    return "\n".join(lines) + "\n"


def steps_of(
    decision: Decision,
    resource: Json | None,
    leftovers: Iterable[ResourceId],
    now: datetime,
    policy: SoftDeletePolicy = NO_SOFT_DELETE,
    bypass: bool = False,
) -> Iterator[Step]:
    """The steps that remove or deprecate one image.

    :param policy: the policy of a version's gallery.
    :param bypass: whether to delete a version permanently nevertheless.

    :param resource: the image as ARM JSON; if it was not read, the body of a deprecation is built at execution.
    :param leftovers: snapshots and disks that were created for it.
    """
    identity = parse(decision.candidate.identity)
    if identity is None or decision.action is RetentionAction.KEEP:
        return
    if decision.action is RetentionAction.DEPRECATE:
        yield _deprecation(identity, resource or {}, now)
        return
    if decision.candidate.state == "Deleting":
        yield Step(
            actions.WAIT_FOR_REMOVAL, identity, f"wait until the {identity.label} is deleted, which is in progress"
        )
        return
    is_version = len(identity.names) == 3
    yield actions.version_deletion_step(identity, policy, bypass) if is_version else deletion_step(identity)
    yield from map(deletion_step, leftovers)


def soft_delete_warnings(steps: Iterable[Step]) -> Iterator[Finding]:
    """A note that soft-deleted versions may still be billed.

    Source: https://learn.microsoft.com/azure/virtual-machines/soft-delete-gallery
    """
    count = sum(step.action is actions.SOFT_DELETE_VERSION for step in steps)
    if count:
        what = "1 image version is" if count == 1 else f"{count} image versions are"
        yield Finding(
            "soft_deleted_versions_cost",
            f"{what} soft-deleted: the storage of soft-deleted versions may still be billed until Azure deletes them permanently; "
            "set 'bypass_soft_delete' to delete them permanently at once, or restore one with golden.azure.vm_image_version.",
            quiet=True,
        )


def kept_definition_warnings(definitions: Iterable[ResourceId]) -> Iterator[Finding]:
    """A note on each definition that is kept because of soft-deleted versions.

    Source: https://learn.microsoft.com/azure/virtual-machines/soft-delete-gallery#limitations
    """
    for definition in definitions:
        yield Finding(
            "soft_deleted_versions_left",
            f"The {definition.label} is kept although it will have no versions: Azure does not delete a definition with "
            "soft-deleted versions before they are deleted permanently.",
            quiet=True,
        )


def without_locked(planned: Iterable[PlannedRemoval], locks: Sequence[Json]) -> list[PlannedRemoval]:
    """Keep images that a management lock protects: Azure would refuse their removal during the run."""
    return [removal.kept(reason) if (reason := _why_locked(locks, removal.steps)) else removal for removal in planned]


def _why_locked(locks: Sequence[Json], steps: Iterable[Step]) -> Reason | None:
    """The reason if a management lock protects an image, or None."""
    for step in steps:
        lock = next((lock for lock in locks if step.method and prevents(lock, step)), None)
        if lock is not None:
            description = f"locked by '{lock.get('name')}' ({level_of(lock)}) on '{scope_of(lock)}'"
            return Reason(Code.LOCKED, description)
    return None


def _deprecation(identity: ResourceId, resource: Json, now: datetime) -> Step:
    moment = format_timestamp(now)
    description = f"deprecate the {identity.label}"
    if len(identity.names) == 3:
        body = _with_end_of_life(resource, moment)
        return Step(actions.DEPRECATE_VERSION, identity, description, method="PUT", path=str(identity), body=body)
    tags = {**(resource.get("tags") or {}), DEPRECATED_AT: moment}
    return Step(actions.UPDATE_TAGS, identity, description, method="PATCH", path=str(identity), body={"tags": tags})


def _with_end_of_life(version: Json, moment: str) -> Json:
    """A version's complete body, excluded from latest and at its end of life."""
    body = writable_version(version)
    body["properties"]["publishingProfile"].update(excludeFromLatest=True, endOfLifeDate=moment)
    return body
