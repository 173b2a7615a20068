# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan the removal of an image definition, or of a gallery, with everything in it; pure.

Azure deletes a definition only without versions, soft-deleted ones included, and a gallery only without definitions:
https://learn.microsoft.com/azure/virtual-machines/soft-delete-gallery#frequently-asked-questions
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import ResourceId, same_id
from ansible_collections.golden.azure.plugins.module_utils._core.tags import tag_value
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import format_timestamp, parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import deletion_step
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_sharing import is_public, reset_step
from ansible_collections.golden.azure.plugins.module_utils._model.soft_deletion import (
    SoftDeletePolicy,
    policy_of,
    soft_deleted,
)
from ansible_collections.golden.azure.plugins.module_utils._model.usage import Usage
from ansible_collections.golden.azure.plugins.module_utils._removal.request import RemovalRequest

Json = dict[str, Any]


@dataclass(frozen=True)
class Contents:
    """A gallery and what is to be removed of it, as ARM JSON."""

    gallery_id: ResourceId
    #: None if it does not exist.
    gallery: Json | None = None
    #: The definitions to remove.
    definitions: tuple[tuple[ResourceId, Json], ...] = ()
    #: Their versions.
    versions: tuple[Json, ...] = ()
    #: Rows of their soft-deleted versions, by the ids of the definitions in lower case.
    soft_deleted: Mapping[str, Sequence[Json]] = field(default_factory=dict)

    @property
    def policy(self) -> SoftDeletePolicy:
        """The soft deletion of the gallery."""
        return policy_of(self.gallery)

    def definition_of(self, version: Json) -> Json | None:
        """The definition of a version."""
        parent = str(version.get("id")).rsplit("/versions/", 1)[0]
        return next((found for definition, found in self.definitions if same_id(str(definition), parent)), None)


@dataclass(frozen=True)
class ContainerPlan:
    """How definitions and the gallery are removed after the versions."""

    blockers: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    definitions: list[Step] = field(default_factory=list)
    #: Of the gallery itself: its sharing is reset, and it is deleted.
    gallery: list[Step] = field(default_factory=list)


def plan_containers(request: RemovalRequest, contents: Contents, usage: Usage | None, now: datetime) -> ContainerPlan:
    """Plan the removal of definitions, and of the gallery if the task names it.

    :param usage: None if it was not read because of force.
    """
    plan = ContainerPlan()
    if contents.gallery is None:
        return plan
    for definition, found in contents.definitions:
        plan.blockers.extend(_blockers(request, definition, found, usage))
        until = _deletable_from(request, contents, definition, now)
        if until is None:
            plan.definitions.append(_deletion(definition, found))
        else:
            plan.warnings.append(_kept_warning(definition, until))
    if request.whole == "gallery":
        plan.blockers.extend(_protection_blockers(request, contents.gallery_id, contents.gallery))
        if plan.warnings:
            plan.warnings.append(_gallery_warning(contents.gallery_id))
        else:
            plan.gallery.extend(_gallery_steps(contents.gallery_id, contents.gallery))
    return plan


def _gallery_steps(gallery_id: ResourceId, gallery: Json) -> Iterator[Step]:
    if machine.provisioning_state(gallery) != "Deleting" and is_public(gallery):
        yield reset_step(gallery_id)
    yield _deletion(gallery_id, gallery)


def _deletion(resource: ResourceId, found: Json) -> Step:
    if machine.provisioning_state(found) != "Deleting":
        return deletion_step(resource)
    return Step(actions.WAIT_FOR_REMOVAL, resource, f"wait until the {resource.label} is deleted, which is in progress")


def _blockers(request: RemovalRequest, definition: ResourceId, found: Json, usage: Usage | None) -> Iterator[Finding]:
    yield from _protection_blockers(request, definition, found)
    if usage is None:
        return
    users = usage.of_definition(str(definition))
    if users:
        yield Finding(
            "in_use",
            f"The {definition.label} is kept, used by {', '.join(user.label for user in users)}: stop using it, or set 'force'.",
        )
    elif usage.unreadable:
        yield Finding(
            "in_use",
            f"The {definition.label} is kept, its usage cannot be read ({', '.join(usage.unreadable)}): allow reading it, or "
            "set 'force'.",
        )


def _protection_blockers(request: RemovalRequest, resource: ResourceId, found: Json) -> Iterator[Finding]:
    if tag_value(found.get("tags"), request.protected_tag) is not None:
        yield Finding("protected", f"The {resource.label} is kept, protected by its tag: remove the tag first.")


def _deletable_from(request: RemovalRequest, contents: Contents, definition: ResourceId, now: datetime) -> str | None:
    """When a definition with soft-deleted versions can be removed, for messages; None if it can be removed now."""
    rows = contents.soft_deleted.get(str(definition).lower(), ())
    own = f"{definition}/versions/".lower()
    softly = contents.policy.enabled and not request.bypass_soft_delete
    will_have = softly and any(str(row.get("id")).lower().startswith(own) for row in contents.versions)
    if not rows and not will_have:
        return None
    moments = [parse_timestamp(soft_deleted(row).hard_deletion_at) for row in rows]
    if will_have:
        policy = contents.policy
        days = None if policy.retention_days is None else policy.retention_days + (policy.grace_days or 0)
        moments.append(None if days is None else now + timedelta(days=days))
    known = [moment for moment in moments if moment is not None]
    if len(known) < len(moments):
        return "when Azure has deleted these permanently"
    return f"from {format_timestamp(max(known))} on"


def _kept_warning(definition: ResourceId, until: str) -> Finding:
    return Finding(
        "soft_deleted_versions_left",
        f"The {definition.label} is kept, because Azure does not delete a definition with soft-deleted versions; it can be removed "
        f"{until}. With 'bypass_soft_delete', versions that are not soft-deleted yet are deleted permanently.",
    )


def _gallery_warning(gallery: ResourceId) -> Finding:
    return Finding(
        "gallery_kept",
        f"The {gallery.label} is kept, because image definitions in it are kept; run the task again when they can be removed.",
    )
