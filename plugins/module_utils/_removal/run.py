# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The code of vm_image_remove: options -> images and their uses -> decisions -> plan -> removals -> results."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._azure.client import ArmClient
from ansible_collections.golden.azure.plugins.module_utils._core.deadline import Deadline
from ansible_collections.golden.azure.plugins.module_utils._core.errors import (
    Blocked,
    Failure,
    NotFound,
    Refused,
    SignInFailed,
)
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_DEFINITION,
    ResourceId,
    distinct,
    parse,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import MADE_FOR, image_mark, tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.thread_pool import READERS, run_in_threads
from ansible_collections.golden.azure.plugins.module_utils._engine.executor import Executor
from ansible_collections.golden.azure.plugins.module_utils._engine.invocation import Invocation
from ansible_collections.golden.azure.plugins.module_utils._engine.lock_reader import read_locks
from ansible_collections.golden.azure.plugins.module_utils._engine.preflight import checked
from ansible_collections.golden.azure.plugins.module_utils._images.filters import selection
from ansible_collections.golden.azure.plugins.module_utils._images.sources import ImageReader, Scope
from ansible_collections.golden.azure.plugins.module_utils._images.usage_reader import CurrentUsage, read_usage
from ansible_collections.golden.azure.plugins.module_utils._model import facts
from ansible_collections.golden.azure.plugins.module_utils._model.actions import (
    DELETE_DEFINITION,
    DELETE_GALLERY,
    deletion_step,
)
from ansible_collections.golden.azure.plugins.module_utils._model.export_access import is_being_exported
from ansible_collections.golden.azure.plugins.module_utils._model.families import family_of
from ansible_collections.golden.azure.plugins.module_utils._model.locks import lock_blockers, unread_locks_warning
from ansible_collections.golden.azure.plugins.module_utils._model.usage import Usage
from ansible_collections.golden.azure.plugins.module_utils._removal.deletion import Outcome, Runner
from ansible_collections.golden.azure.plugins.module_utils._removal.plan import (
    NO_SOFT_DELETE,
    NOTHING_MATCHED,
    PlannedRemoval,
    blockers,
    decide_by_name,
    decide_by_rules,
    kept_definition_warnings,
    label_of,
    soft_delete_warnings,
    steps_of,
    text,
    warnings,
    without_locked,
)
from ansible_collections.golden.azure.plugins.module_utils._removal.request import (
    OPTIONS,
    RemovalRequest,
    removal_request,
)
from ansible_collections.golden.azure.plugins.module_utils._removal.retention import Decision, RetentionAction
from ansible_collections.golden.azure.plugins.module_utils._removal.soft_deletion import SoftDeletion, read_contents
from ansible_collections.golden.azure.plugins.module_utils._removal.whole import (
    ContainerPlan,
    Contents,
    plan_containers,
)

__all__ = ["OPTIONS", "execute"]

Json = dict[str, Any]


def execute(invocation: Invocation) -> dict[str, Any]:
    """Remove or deprecate images, by name or by rules; one that does not exist counts as removed.

    :raises Failure: if the removal is blocked or refused, or the time limit is exceeded; its details contain the results.
    """
    deadline = invocation.deadline()
    arm = invocation.open_arm(deadline)
    try:
        request = removal_request(invocation.options, arm.subscription_id)
        return _RemovalRun(arm, deadline, request, invocation).execute()
    finally:
        arm.close()


@dataclass
class _State:
    """The current state."""

    #: Facts by id, in lower case.
    images: dict[str, Json]
    #: ARM JSON by id, in lower case, of images that were named.
    resources: dict[str, Json]
    leftovers: dict[str, list[ResourceId]]
    #: Definitions that are removed if they become empty.
    definitions: list[ResourceId]
    #: The definition or gallery that is removed with everything in it.
    contents: Contents | None = None


class _RemovalRun:
    """One run of the module."""

    def __init__(self, arm: ArmClient, deadline: Deadline, request: RemovalRequest, invocation: Invocation) -> None:
        self.arm = arm
        self.deadline = deadline
        self.request = request
        self.invocation = invocation
        self.now = datetime.now(timezone.utc)
        self.notes: list[str] = []
        #: What could not be read that may stop the run.
        self.unknown: list[Finding] = []
        self.soft_deletion = SoftDeletion(arm)
        #: Definitions that are kept because of soft-deleted versions.
        self.kept_definitions: list[ResourceId] = []
        self.usage = CurrentUsage(None if request.rules.force else self._read_usage, deadline)

    def execute(self) -> Json:
        """Read, decide and plan; then execute the plan, unless in check mode."""
        state = self._read()
        decided = self._decide(state)
        if self.request.source == "gallery" and state.contents is None:
            removed = [d for d in decided if d.action is RetentionAction.REMOVE]
            self.soft_deletion.read(filter(None, (parse(d.candidate.identity) for d in removed)))
        planned = self._without_locked([self._planned(state, decision) for decision in decided])
        decisions = [removal.decision for removal in planned]
        containers = self._containers(state, decisions)
        plan = checked(self.arm, self._plan(planned, containers), self.invocation.check_mode)
        try:
            plan.raise_if_blocked()
        except Blocked as blocked:
            # A blocked plan shows what the rules would remove.
            blocked.details = {**blocked.details, "plan_text": text(plan, decisions)}
            raise
        for finding in plan.warnings:
            # In check mode the plan contains it.
            if finding.code == NOTHING_MATCHED and not self.invocation.check_mode:
                self.invocation.progress(finding.message)
        outcomes: list[Outcome] = []
        if not self.invocation.check_mode:
            runner = Runner(
                self.arm,
                self.deadline,
                self.invocation.progress,
                self.request,
                self.usage,
                self.now,
            )
            outcomes = runner.run(planned)
        result = self._result(state, decisions, outcomes, plan)
        if not self.invocation.check_mode:
            self._remove_containers(containers, outcomes, result)
        return _raise_on_failure(outcomes, result, by_name=not self.request.by_rules)

    # -- reading ------------------------------------------------------------------------------------------------

    def _read(self) -> _State:
        resources: dict[str, Json] = {}
        contents = read_contents(self.arm, self.request) if self.request.whole else None
        if contents is not None:
            resources = {str(row["id"]).lower(): row for row in contents.versions}
            images = [
                facts.gallery_version_facts(row, contents.definition_of(row), self.now) for row in contents.versions
            ]
        elif self.request.by_rules:
            images = self._chosen()
        else:
            found = [row for row in run_in_threads(self._get, self.request.named, READERS) if row]
            resources = {str(row["id"]).lower(): row for row in found}
            images = [self._facts(row) for row in found]
        for image in images:
            image["family"] = family_of(image, self.request.family_tag)
        by_id = {str(image["id"]).lower(): image for image in images}
        return _State(by_id, resources, self._leftovers(images), self._definitions(images), contents)

    def _get(self, identity: ResourceId) -> Json | None:
        try:
            return self.arm.get(identity)
        except NotFound as missing:
            if missing.code != "ResourceGroupNotFound":
                raise
            # If the group does not exist, its resources do not exist either.
            return None

    def _facts(self, row: Json) -> Json:
        if self.request.source == "managed":
            return facts.image_facts(row)
        found = parse(str(row["id"]))
        if found is None:
            return facts.gallery_version_facts(row, None, self.now)
        definition = ResourceId(found.subscription_id, found.resource_group, GALLERY_DEFINITION, found.names[:2])
        return facts.gallery_version_facts(row, self.arm.get(definition), self.now)

    def _chosen(self) -> list[Json]:
        """The images in the scope of the rules, from Resource Manager, which is consistent and returns their age."""
        request = self.request
        reader = ImageReader(self.arm, Scope(request.subscriptions, request.resource_group, by_graph=False), self.now)
        gallery = request.source == "gallery"
        images = reader.gallery_versions(request.gallery, request.definition) if gallery else reader.managed()
        chosen = selection(request.filters)
        return [image for image in images if chosen(image)]

    def _read_usage(self) -> Usage:
        return read_usage(self.arm, self.subscriptions, self.now)

    @property
    def subscriptions(self) -> tuple[str, ...]:
        """The subscriptions of the images."""
        if not self.request.named:
            return self.request.subscriptions
        return distinct(identity.subscription_id for identity in self.request.named)

    def _leftovers(self, images: list[Json]) -> dict[str, list[ResourceId]]:
        """Unused snapshots and disks that were created for images, by the images' marks."""
        found: dict[str, list[ResourceId]] = {}
        if not self.request.remove_leftovers or not any(image["provisioning_state"] != "Deleting" for image in images):
            return found
        for subscription in self.subscriptions:
            for row in (*self._disks(subscription, "snapshots"), *self._disks(subscription, "disks")):
                mark = tag_value(row.get("tags"), MADE_FOR)
                identity = parse(str(row.get("id")))
                in_use = row.get("managedBy") or row.get("managedByExtended") or is_being_exported(row)
                if mark and identity and not in_use:
                    found.setdefault(mark.lower(), []).append(identity)
        return found

    def _disks(self, subscription: str, collection: str) -> list[Json]:
        path = f"/subscriptions/{subscription}/providers/Microsoft.Compute/{collection}"
        try:
            return list(self.arm.list(path, "disks", f"the {collection} of the subscription"))
        except SignInFailed:
            raise
        except Refused as refused:
            if refused.code != "AuthorizationFailed":
                raise
            self.notes.append(f"Leftover {collection} of the images were not searched: {refused.message}")
            return []

    def _leftovers_of(self, state: _State, identity: str) -> list[ResourceId]:
        """Snapshots and disks to remove with an image: created for it, and not the source of anything else."""
        made = state.leftovers.get(image_mark(identity), [])
        usage = self.usage.get() if made else None
        return [leftover for leftover in made if usage is None or not usage.of(str(leftover))]

    def _definitions(self, images: list[Json]) -> list[ResourceId]:
        """The definitions that may be removed when they are empty."""
        if not self.request.remove_empty_definitions:
            return []
        if self.request.by_rules:
            request = self.request
            reader = ImageReader(
                self.arm, Scope(request.subscriptions, request.resource_group, by_graph=False), self.now
            )
            identities = [str(row["id"]) for row in reader.definitions(request.gallery, request.definition)]
        else:
            parents = (str(image["id"]).rsplit("/versions/", 1)[0] for image in images)
            identities = list({identity.lower(): identity for identity in parents}.values())
        return list(filter(None, map(parse, identities)))

    # -- deciding -----------------------------------------------------------------------------------------------

    def _decide(self, state: _State) -> list[Decision]:
        images = list(state.images.values())
        # The usage of images being deleted is not relevant.
        asked = any(image["provisioning_state"] != "Deleting" for image in images)
        usage = self.usage.get() if asked else None
        decide = decide_by_rules if self.request.by_rules else decide_by_name
        return decide(images, usage, self.request, self.now)

    def _planned(self, state: _State, decision: Decision) -> PlannedRemoval:
        identity = decision.candidate.identity
        leftovers = self._leftovers_of(state, identity)
        resource = state.resources.get(identity.lower())
        version = parse(identity) if self.request.source == "gallery" else None
        policy = self.soft_deletion.policy(version) if version else NO_SOFT_DELETE
        if state.contents is not None:
            policy = state.contents.policy
        steps = steps_of(decision, resource, leftovers, self.now, policy, self.request.bypass_soft_delete)
        return PlannedRemoval(decision, list(steps))

    def _without_locked(self, planned: list[PlannedRemoval]) -> list[PlannedRemoval]:
        resources = [step.resource for removal in planned for step in removal.steps if step.method]
        if not resources:
            return planned
        locks, known = read_locks(self.arm, resources)
        if not known:
            self.unknown.append(unread_locks_warning("the images"))
        return without_locked(planned, locks)

    def _containers(self, state: _State, decisions: list[Decision]) -> ContainerPlan:
        """How definitions, and a gallery, are removed after the images."""
        if state.contents is None:
            emptied = self._definitions_to_empty(state, decisions)
            return ContainerPlan(definitions=[deletion_step(definition) for definition in emptied])
        usage = self.usage.get() if state.contents.definitions else None
        plan = plan_containers(self.request, state.contents, usage, self.now)
        steps = [*plan.definitions, *plan.gallery]
        locks, known = read_locks(self.arm, [step.resource for step in steps])
        if not known:
            self.unknown.append(unread_locks_warning("the images"))
        return replace(plan, blockers=[*plan.blockers, *lock_blockers(locks, steps)])

    def _definitions_to_empty(self, state: _State, decisions: list[Decision]) -> list[ResourceId]:
        """The definitions that will be empty, and are not referenced."""
        if not state.definitions:
            return []
        removed_ids = {d.candidate.identity.lower() for d in decisions if d.action is RetentionAction.REMOVE}
        usage = self.usage.get()
        self.soft_deletion.read(state.definitions)

        def becomes_empty(definition: ResourceId) -> bool:
            if usage is not None and (usage.unreadable or usage.of_definition(str(definition))):
                return False
            rows = self.arm.list(f"{definition}/versions", "galleries", f"the versions of {definition.label}")
            if not {str(row["id"]).lower() for row in rows} <= removed_ids or self._is_protected(definition):
                return False
            return not self._keeps_soft_deleted(definition, removed_ids)

        emptied = run_in_threads(becomes_empty, state.definitions, READERS)
        return [definition for definition, is_emptied in zip(state.definitions, emptied) if is_emptied]

    def _keeps_soft_deleted(self, definition: ResourceId, removed_ids: set[str]) -> bool:
        """Whether the definition has, or will have, soft-deleted versions, so that Azure does not delete it."""
        own = any(identity.startswith(f"{definition}/versions/".lower()) for identity in removed_ids)
        will_have = own and self.soft_deletion.policy(definition).enabled and not self.request.bypass_soft_delete
        if not will_have and not self.soft_deletion.has_deleted(definition):
            return False
        self.kept_definitions.append(definition)
        return True

    def _is_protected(self, definition: ResourceId) -> bool:
        tags = (self.arm.get(definition) or {}).get("tags")
        return tag_value(tags, self.request.protected_tag) is not None

    def _plan(self, planned: list[PlannedRemoval], containers: ContainerPlan) -> Plan:
        decisions = [removal.decision for removal in planned]
        images = [step for removal in planned for step in removal.steps]
        steps = [*images, *containers.definitions, *containers.gallery]
        return Plan(
            self._title(),
            blockers=[*blockers(decisions, self.request), *containers.blockers],
            warnings=[
                *warnings(decisions, self.request),
                *soft_delete_warnings(steps),
                *kept_definition_warnings(self.kept_definitions),
                *containers.warnings,
                *self.unknown,
                *self.soft_deletion.unread,
            ],
            steps=steps,
        )

    def _title(self) -> str:
        named = self.request.named
        if self.request.whole:
            return f"Removal of {self.request.container.label} with everything in it"
        if len(named) == 1:
            return f"Removal of {named[0].label}"
        what = "image versions" if self.request.source == "gallery" else "images"
        return f"Removal of {len(named)} {what}" if named else f"Removal of {what} by rules"

    # -- results ------------------------------------------------------------------------------------------------

    def _result(self, state: _State, decisions: list[Decision], outcomes: list[Outcome], plan: Plan) -> Json:
        plan_text = text(plan, decisions)
        if outcomes:
            results = [outcome.as_dict() for outcome in outcomes]
            removed = [o.decision for o in outcomes if o.result == "removed"]
            deprecated = [o.decision for o in outcomes if o.result == "deprecated"]
            kept = [(o.decision, o.reason) for o in outcomes if o.result == "kept"]
            changed = any(outcome.has_changes for outcome in outcomes)
        else:
            results = []
            writes = [d for d in decisions if d.candidate.state != "Deleting"]
            removed = [d for d in writes if d.action is RetentionAction.REMOVE]
            deprecated = [d for d in writes if d.action is RetentionAction.DEPRECATE]
            kept = [(d, d.reason) for d in decisions if d.action is RetentionAction.KEEP]
            changed = plan.changed
        result: Json = {
            "changed": changed,
            "removed": [state.images[d.candidate.identity.lower()] for d in removed],
            "deprecated": [state.images[d.candidate.identity.lower()] for d in deprecated],
            "kept": [
                {"id": d.candidate.identity, "reason": reason.text, "reason_code": reason.code.value}
                for d, reason in kept
            ],
            "results": results,
            "removed_definitions": [str(s.resource) for s in plan.steps if s.action is DELETE_DEFINITION]
            if self.invocation.check_mode
            else [],
            "removed_gallery": next((str(s.resource) for s in plan.steps if s.action is DELETE_GALLERY), None)
            if self.invocation.check_mode
            else None,
            "plan": plan.as_dict(),
            "plan_text": plan_text,
            "steps": [step for outcome in outcomes for step in outcome.steps_done()],
            "account": self.arm.account,
            "diff": {"prepared": plan_text},
        }
        warnings = [*self.notes, *plan.displayed_warnings]
        return {**result, "warnings": warnings} if warnings else result

    def _remove_containers(self, containers: ContainerPlan, outcomes: list[Outcome], result: Json) -> None:
        """Remove definitions without images, and then a gallery without definitions; those with a remaining image are kept."""
        kept_definitions = {
            o.decision.candidate.identity.rsplit("/versions/", 1)[0].lower()
            for o in outcomes
            if o.result not in ("removed", "absent")
        }
        for step in containers.definitions:
            if str(step.resource).lower() not in kept_definitions:
                self._remove_container([step], result)
                result["removed_definitions"].append(str(step.resource))
        if containers.gallery and not kept_definitions:
            self._remove_container(containers.gallery, result)
            result["removed_gallery"] = str(containers.gallery[-1].resource)

    def _remove_container(self, steps: list[Step], result: Json) -> None:
        executor = Executor(self.arm, self.deadline, self.invocation.progress)
        try:
            done = executor.run(Plan(f"Removal of {steps[0].resource.label}", steps=steps))
        except Failure as failure:
            failure.details = {**failure.details, **result}
            raise
        result["steps"] += [finished.as_dict() for finished in done]
        result["changed"] = result["changed"] or any(step.changes for step in steps)


def _raise_on_failure(outcomes: list[Outcome], result: Json, by_name: bool) -> Json:
    """The result, unless a removal failed: then the failure contains the results.

    :raises Failure: with each image that still exists, and the reason.
    """
    failed = [outcome for outcome in outcomes if outcome.failure is not None]
    # A named image that is found in use at execution is a failure.
    refused = [
        outcome
        for outcome in outcomes
        if by_name and outcome.result == "kept" and outcome.decision.action is not RetentionAction.KEEP
    ]
    if not failed and not refused:
        return result
    first = failed[0].failure if failed else None
    if first is not None and len(outcomes) == 1:
        first.details = {**first.details, **result}
        raise first
    reasons = [f"{label_of(o.decision.candidate)}: {o.reason.text.rstrip('.')}" for o in (*failed, *refused)]
    wanted = sum(outcome.decision.action is not RetentionAction.KEEP for outcome in outcomes)
    raise Failure(
        f"{len(reasons)} of {wanted} images were not removed: {'; '.join(reasons)}.",
        code=first.code if first else None,
        request_id=first.request_id if first else None,
        details=result,
    )
