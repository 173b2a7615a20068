# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide what is orphaned, each resource with its reason, and plan its removal; pure.

If in doubt, a resource is kept: if its owner or its age is unknown, or something else uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._cleanup.leases import Lease, is_abandoned_build
from ansible_collections.golden.azure.plugins.module_utils._cleanup.owners import Kind, Owner, Part
from ansible_collections.golden.azure.plugins.module_utils._cleanup.request import CleanupRequest
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    VIRTUAL_MACHINE,
    ResourceId,
    same_id,
)
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import format_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import deletion_step
from ansible_collections.golden.azure.plugins.module_utils._model.instance_parts import deleted_with
from ansible_collections.golden.azure.plugins.module_utils._model.locks import level_of, prevents, scope_of
from ansible_collections.golden.azure.plugins.module_utils._model.usage import Usage

Json = dict[str, Any]

#: States of disks and snapshots whose content somebody can read or write with a signature, so that Azure does not delete them:
#: https://learn.microsoft.com/rest/api/compute/disks/get#diskstate
_ACCESSED = ("ActiveSAS", "ActiveSASFrozen", "ActiveUpload")
#: Whose disks and snapshots are made to create images of them, so that their usage must be known.
_SOURCES = (Kind.IMAGE, Kind.BACKUP)
_MAX_NAMED = 5
_HOURS_OF_TWO_DAYS = 48
#: How something is shown that could not be read.
UNREAD: Json = {"unread": True}


class Code(Enum):
    """The reason as a code; vm_image_cleanup documents the values as reason_code."""

    # Orphaned.
    IMAGE_GONE = "image_gone"
    UPLOAD_COMPLETE = "upload_complete"
    MACHINE_GONE = "machine_gone"
    RUN_OVER = "run_over"
    BACKUP_EXPIRED = "backup_expired"
    BACKUP_OVER = "backup_over"
    BUILD_OVER = "build_over"
    # Kept.
    LEASED = "leased"
    IMAGE_EXISTS = "image_exists"
    MACHINE_EXISTS = "machine_exists"
    BACKUP = "backup"
    OWNER_UNKNOWN = "owner_unknown"
    AGE_UNKNOWN = "age_unknown"
    NOT_OLD_ENOUGH = "not_old_enough"
    PROTECTED = "protected"
    IN_USE = "in_use"
    USE_UNKNOWN = "use_unknown"
    LOCKED = "locked"
    STATE_NOT_FINAL = "state_not_final"
    OTHER_RESOURCES = "other_resources"
    RESOURCES_KEPT = "resources_kept"
    REMOVAL_LIMIT_REACHED = "removal_limit_reached"
    # Outcomes of the execution.
    CHANGED_SINCE = "changed_since"
    REMOVED_ALREADY = "removed_already"
    REMOVAL_FAILED = "removal_failed"
    TIME_LIMIT_REACHED = "time_limit_reached"


@dataclass(frozen=True)
class Reason:
    """The reason of a decision: as a code, and as text without the action."""

    code: Code
    text: str


@dataclass(frozen=True)
class State:
    """What was read about owners and their resources."""

    leases: Sequence[Lease] = ()
    #: Images and virtual machines by their ids in lower case; None for those that do not exist, UNREAD if that is unknown.
    owners: Mapping[str, Json | None] = field(default_factory=dict)
    #: The same for the resources.
    parts: Mapping[str, Json | None] = field(default_factory=dict)
    #: What uses snapshots and disks; None if there are none that are orphaned.
    usage: Usage | None = None


@dataclass(frozen=True)
class Decision:
    """The decision on one resource."""

    resource: ResourceId
    owner: Owner
    removed: bool
    reason: Reason
    created: datetime | None = None

    def as_dict(self) -> Json:
        """For a task's result."""
        return {
            "id": str(self.resource),
            "created_for": self.owner.kind.value,
            "owner": self.owner.label,
            "created_at": format_timestamp(self.created) if self.created else None,
            "action": "remove" if self.removed else "keep",
            "reason": self.reason.text,
            "reason_code": self.reason.code.value,
        }


@dataclass(frozen=True)
class Removal:
    """The decisions on the resources of one owner, and the steps that remove the orphaned ones."""

    owner: Owner
    decisions: tuple[Decision, ...]
    steps: tuple[Step, ...] = ()

    @property
    def count(self) -> int:
        """How many resources it removes."""
        return sum(decision.removed for decision in self.decisions)

    def kept(self, reason: Reason) -> Removal:
        """Nothing of it is removed."""
        decisions = (replace(each, removed=False, reason=reason) if each.removed else each for each in self.decisions)
        return Removal(self.owner, tuple(decisions))


def removal_of(owner: Owner, state: State, request: CleanupRequest, now: datetime) -> Removal:
    """Decide on the resources of one owner."""
    reason, orphaned = _judge(owner, state, request, now)
    group = owner.group_id
    resources = [*owner.parts, *([Part(group, (owner.group or {}).get("tags") or {})] if group else [])]
    objections: dict[str, Reason | None] = {}
    for part in resources:
        objections[part.key] = reason if not orphaned else _objection(part, owner, state, request, objections)
    if orphaned and group is not None and (owner.kind is not Kind.INSTANCE) and any(objections.values()):
        # A lease is its group, and of a build of Packer not all resources are removed one by one.
        first = objections[str(group).lower()] or Reason(Code.RESOURCES_KEPT, "other resources of it are kept")
        objections = {key: objection or first for key, objection in objections.items()}
    decisions = tuple(
        Decision(part.resource, owner, not objections[part.key], objections[part.key] or reason, part.created)
        for part in resources
    )
    return Removal(owner, decisions, tuple(_steps(owner, decisions, state)))


# -- owners -------------------------------------------------------------------------------------------------------


def _judge(owner: Owner, state: State, request: CleanupRequest, now: datetime) -> tuple[Reason, bool]:
    """Whether an owner's resources are orphaned, and why."""
    judges = {
        Kind.IMAGE: _image_reason,
        Kind.INSTANCE: _instance_reason,
        Kind.BACKUP: _backup_reason,
        Kind.BACKUP_SOURCE: _backup_source_reason,
        Kind.LEASE: _lease_reason,
        Kind.PACKER: _packer_reason,
    }
    reason, orphaned = judges[owner.kind](owner, state, request)
    if not orphaned:
        return reason, False
    if owner.group is not None and machine.provisioning_state(owner.group) == "Deleting":
        return Reason(Code.STATE_NOT_FINAL, "its resource group is being deleted"), False
    lease = next((lease for lease in state.leases if lease.covers(owner)), None)
    created = _created(owner, state, lease)
    if created is None:
        return Reason(Code.AGE_UNKNOWN, f"{reason.text}, but its age is unknown"), False
    span = request.backups_older_than if owner.kind is Kind.BACKUP else request.older_than
    limit = span or request.older_than
    age = now - created
    if age <= limit:
        text = f"{reason.text}, but {_span(age)} old, not older than {_span(limit)}"
        return Reason(Code.NOT_OLD_ENOUGH, text), False
    return Reason(reason.code, f"{reason.text}, {_span(age)} old"), True


def _image_reason(owner: Owner, state: State, _request: CleanupRequest) -> tuple[Reason, bool]:
    image = _read(state.owners, owner.identity)
    if image is UNREAD:
        return Reason(Code.OWNER_UNKNOWN, "whether its image exists cannot be determined"), False
    if image is None:
        return Reason(Code.IMAGE_GONE, "its image does not exist"), True
    uploaded = all(_create_option(state.parts.get(part.key)) == "Upload" for part in owner.parts)
    if uploaded and machine.provisioning_state(image) == "Succeeded":
        return Reason(Code.UPLOAD_COMPLETE, "its image was created from it, which ends the upload"), True
    return Reason(Code.IMAGE_EXISTS, "its image exists"), False


def _create_option(disk: Json | None) -> str:
    return str((machine.properties(disk).get("creationData") or {}).get("createOption") or "")


def _instance_reason(owner: Owner, state: State, _request: CleanupRequest) -> tuple[Reason, bool]:
    lease = next((lease for lease in state.leases if lease.covers(owner)), None)
    if lease is not None and not lease.over:
        return Reason(Code.LEASED, f"the {lease.group.label} is leased by {lease.holder_label}"), False
    vm = state.parts.get(owner.machine.key) if owner.machine else _read(state.owners, owner.identity)
    if vm is None:
        return Reason(Code.MACHINE_GONE, "its virtual machine does not exist"), True
    kept = _reason_to_keep_machine(vm)
    if kept is not None:
        return kept, False
    if lease is not None:
        return Reason(Code.RUN_OVER, f"{lease.holder_label}, which created its virtual machine, is over"), True
    if is_abandoned_build(owner, state.leases):
        return Reason(Code.RUN_OVER, "the run that built an image with its virtual machine is over"), True
    return Reason(Code.MACHINE_EXISTS, "its virtual machine exists, and no lease shows whether a run uses it"), False


def _reason_to_keep_machine(vm: Json) -> Reason | None:
    if vm is UNREAD:
        return Reason(Code.OWNER_UNKNOWN, "whether its virtual machine exists cannot be determined")
    if machine.provisioning_state(vm) == "Deleting":
        return Reason(Code.STATE_NOT_FINAL, "its virtual machine is being deleted")
    return None


def _backup_reason(_owner: Owner, _state: State, request: CleanupRequest) -> tuple[Reason, bool]:
    if request.backups_older_than is None:
        return Reason(Code.BACKUP, "a backup, which is removed only with 'backups_older_than_days'"), False
    return Reason(Code.BACKUP_EXPIRED, "a backup"), True


def _backup_source_reason(_owner: Owner, _state: State, _request: CleanupRequest) -> tuple[Reason, bool]:
    # A run needs them for minutes, and the next one continues with them or replaces them.
    return Reason(Code.BACKUP_OVER, "needed only while the disks of a virtual machine are backed up"), True


def _lease_reason(owner: Owner, state: State, _request: CleanupRequest) -> tuple[Reason, bool]:
    lease = _lease_of(owner, state)
    if lease is None or not lease.over:
        return Reason(Code.LEASED, f"leased by {lease.holder_label if lease else 'a run'}"), False
    return Reason(Code.RUN_OVER, f"{lease.holder_label} is over"), True


def _packer_reason(owner: Owner, _state: State, _request: CleanupRequest) -> tuple[Reason, bool]:
    if owner.group is None and owner.machine is not None:
        return Reason(Code.MACHINE_EXISTS, "its virtual machine exists, so that the build may be running"), False
    return Reason(Code.BUILD_OVER, "a temporary resource of Packer"), True


def _lease_of(owner: Owner, state: State) -> Lease | None:
    return next((lease for lease in state.leases if same_id(str(lease.group), str(owner.group_id))), None)


def _created(owner: Owner, state: State, lease: Lease | None) -> datetime | None:
    """When the last of the resources was created; the last sign of life of the run counts as well."""
    if owner.kind is Kind.LEASE:
        own = _lease_of(owner, state)
        return own.since if own else None
    if lease is None or lease.since is None:
        return owner.newest
    return max(lease.since, owner.newest or lease.since)


def _read(found: Mapping[str, Json | None], identity: ResourceId | None) -> Json | None:
    return found.get(str(identity).lower(), UNREAD) if identity is not None else UNREAD


# -- resources ----------------------------------------------------------------------------------------------------


def _objection(
    part: Part, owner: Owner, state: State, request: CleanupRequest, objections: Mapping[str, Reason | None]
) -> Reason | None:
    """The reason for keeping one resource of an owner that is orphaned.

    :param objections: those of the resources before it, by their ids in lower case; resources that use others come first.
    """
    found = state.parts.get(part.key)
    tags = [part.tags, (found or {}).get("tags")]
    if any(tag_value(each, request.protected_tag) is not None for each in tags):
        return Reason(Code.PROTECTED, "protected by its tag")
    if same_id(str(part.resource), str(owner.group_id)):
        return _group_objection(owner, objections)
    removed = [key for key, objection in objections.items() if objection is None]
    if owner.identity is not None and _read(state.owners, owner.identity) is None:
        # A reference to a virtual machine that does not exist is no use.
        removed.append(str(owner.identity).lower())
    return _use_of(part, owner, found, state, removed)


def _use_of(part: Part, owner: Owner, found: Json | None, state: State, removed: Sequence[str]) -> Reason | None:
    """What uses a resource, other than resources that are removed."""
    if found is UNREAD:
        return Reason(Code.USE_UNKNOWN, "whether it is used cannot be read")
    user = next((user for user in _users(found or {}) if not _is_in_any(user, removed)), None)
    if user is not None:
        return Reason(Code.IN_USE, f"used by '{user}'")
    if machine.properties(found).get("diskState") in _ACCESSED:
        return Reason(Code.IN_USE, "it is being exported or uploaded")
    users = state.usage.of(str(part.resource)) if state.usage is not None else []
    if users:
        return Reason(Code.IN_USE, f"used by {', '.join(user.label for user in users)}")
    if owner.kind in _SOURCES and state.usage is not None and state.usage.unreadable:
        return Reason(Code.USE_UNKNOWN, f"its usage cannot be read ({', '.join(state.usage.unreadable)})")
    return None


def _users(found: Json) -> Iterator[str]:
    """The ids of the resources that a disk, an interface or an address is attached to."""
    properties = machine.properties(found)
    yield from filter(None, [found.get("managedBy"), *(found.get("managedByExtended") or [])])
    for name in ("virtualMachine", "privateEndpoint", "privateLinkService", "ipConfiguration", "natGateway"):
        reference = (properties.get(name) or {}).get("id")
        if reference:
            yield str(reference)


def _is_in_any(user: str, resources: Sequence[str]) -> bool:
    """Whether a resource is, or is inside, one of others, whose ids are in lower case."""
    return any(f"{user}/".lower().startswith(f"{key}/") for key in resources)


def _group_objection(owner: Owner, objections: Mapping[str, Reason | None]) -> Reason | None:
    """The reason for keeping the resource group that was created for an owner."""
    if owner.foreign:
        shown = ", ".join(resource.label for resource in owner.foreign[:_MAX_NAMED])
        return Reason(Code.OTHER_RESOURCES, f"it contains resources that do not belong to it ({shown})")
    if any(objections.values()):
        return Reason(Code.RESOURCES_KEPT, "it contains resources that are kept")
    return None


# -- steps --------------------------------------------------------------------------------------------------------


def _steps(owner: Owner, decisions: Sequence[Decision], state: State) -> Iterator[Step]:
    group = owner.group_id
    if group is not None and any(each.removed and each.resource == group for each in decisions):
        description = f"delete the {group.label} with everything in it"
        yield Step(actions.DELETE_GROUP, group, description, method="DELETE", path=str(group))
        return
    removed = [each.resource for each in decisions if each.removed]
    vm = next((each for each in removed if each.resource_type == VIRTUAL_MACHINE), None)
    found = state.parts.get(str(vm).lower()) if vm is not None else None
    network = [each for each in removed if each.resource_type.lower().startswith("microsoft.network/")]
    gone = deleted_with(found, network) if found else set()
    for resource in removed:
        if str(resource).lower() not in gone:
            yield deletion_step(resource)


def within_limit(removals: Iterable[Removal], limit: int) -> list[Removal]:
    """Keep what exceeds the maximum number of removals: the oldest owners come first, and each is removed completely or not at all."""
    left, allowed = limit, []
    for removal in sorted(removals, key=lambda each: _order(each.owner)):
        if removal.count > left:
            reason = Reason(Code.REMOVAL_LIMIT_REACHED, f"limit of {limit} removals per run ('max_removals') reached")
            allowed.append(removal.kept(reason))
        else:
            left -= removal.count
            allowed.append(removal)
    return allowed


def _order(owner: Owner) -> tuple[bool, bool, float, str]:
    newest = owner.newest
    return (owner.kind is Kind.LEASE, newest is None, newest.timestamp() if newest else 0.0, owner.label)


def without_locked(removals: Iterable[Removal], locks: Sequence[Json]) -> list[Removal]:
    """Keep what a management lock protects."""
    return [removal.kept(reason) if (reason := _lock_reason(removal, locks)) else removal for removal in removals]


def _lock_reason(removal: Removal, locks: Sequence[Json]) -> Reason | None:
    lock = next((lock for lock in locks for step in removal.steps if prevents(lock, step)), None)
    if lock is None:
        return None
    return Reason(Code.LOCKED, f"locked by '{lock.get('name')}' ({level_of(lock)}) on '{scope_of(lock)}'")


def without_needed_leases(removals: Sequence[Removal], leases: Sequence[Lease]) -> list[Removal]:
    """Keep a lease as long as it shows that the run of machines that are kept is over."""
    checked = []
    for removal in removals:
        lease = next((each for each in leases if same_id(str(each.group), str(removal.owner.group_id))), None)
        covered = [each for each in removals if lease is not None and lease.covers(each.owner)]
        if removal.owner.kind is Kind.LEASE and any(
            not decision.removed for each in covered for decision in each.decisions
        ):
            reason = Reason(Code.RESOURCES_KEPT, "resources of its run are kept")
            checked.append(removal.kept(reason))
        else:
            checked.append(removal)
    return checked


def _span(span: timedelta) -> str:
    hours = span.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < _HOURS_OF_TWO_DAYS else f"{hours / 24:.0f} days"
