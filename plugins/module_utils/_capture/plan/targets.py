# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Validate the targets of a capture, so that Azure does not refuse them during the run; pure.

``request_blockers`` needs only the options, so that an invalid task reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

from ansible_collections.golden.azure.plugins.module_utils._capture.existing import has_definition
from ansible_collections.golden.azure.plugins.module_utils._capture.plan.definitions import (
    controller_warnings,
    definition_warnings,
    image_controller_warnings,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.plan.version_differences import (
    difference_warnings,
    end_of_life_differs,
)
from ansible_collections.golden.azure.plugins.module_utils._capture.request import NEXT, CaptureRequest, CaptureState
from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    GALLERY_VERSION,
    RESOURCE_GROUP,
    ResourceId,
    child,
)
from ansible_collections.golden.azure.plugins.module_utils._core.timestamps import parse_timestamp
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.encryption_sets import encryption_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_containers import identifier_taken_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.publishing import (
    end_of_life_blockers,
    publishing_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.quota import quota_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.regions import region_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.resource_names import (
    identifier_blockers,
    name_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.source import Source
from ansible_collections.golden.azure.plugins.module_utils._model.tag_limits import tag_blockers, tag_count_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.version_body import missing_regions


def request_blockers(request: CaptureRequest) -> Iterator[Finding]:
    """Blockers for options that Azure would refuse, regardless of existing resources."""
    yield from name_blockers(_named(request))
    yield from tag_blockers(request.given_tags)
    for target in request.gallery_targets:
        new = target.new_definition
        if new is not None:
            yield from identifier_blockers(new.publisher, new.offer, new.sku)
        yield from publishing_blockers(target)
    if request.image is None and request.zone_resilient:
        yield Finding(
            "option_needs_image",
            "Option 'zone_resilient' applies only to a managed image; omit it, or set 'image'.",
        )
    if request.create_resource_group and not request.groups_to_create:
        yield Finding(
            "option_needs_image",
            "Option 'create_resource_group' applies only to the resource group of a managed image or of a gallery that "
            "is created; omit it, set 'image', or set 'create_gallery: true'.",
        )


def _named(request: CaptureRequest) -> Iterator[ResourceId | None]:
    yield request.image
    yield from request.groups_to_create
    for target in request.gallery_targets:
        yield target.gallery
        yield target.definition
        if target.version != NEXT:
            yield child(target.definition, GALLERY_VERSION, target.version)


def target_blockers(request: CaptureRequest, state: CaptureState, source: Source | None) -> Iterator[Finding]:
    """Blockers for containers in which Azure would not create the targets."""
    known = state.targets
    for identity, group in known.groups.items():
        label = f"resource group '{(group or {}).get('name') or identity.rsplit('/', 1)[-1]}'"
        if group is None:
            if identity not in state.groups:
                yield Finding(
                    "resource_group_not_found",
                    f"The {label} of a target does not exist; create it first, or check its name.",
                )
        elif machine.provisioning_state(group) == "Deleting":
            yield Finding(
                "resource_group_being_deleted",
                f"The {label} of a target is being deleted; wait until it is deleted, or choose another.",
            )
    yield from _region_blockers(request, state, source)
    yield from encryption_blockers(known.encryption_uses, known.encryption_sets)
    now = parse_timestamp(request.run.moment)
    for target, existing in zip(request.gallery_targets, state.galleries):
        version_id, version = existing.version_id, existing.version
        made = machine.exists_or_in_progress(version)
        if target.new_definition is not None and not has_definition(existing):
            known_ones = known.definitions.get(str(target.gallery).lower(), ())
            yield from identifier_taken_blockers(target.definition, asdict(target.new_definition), known_ones)
        # A date in the past is accepted for a version that has it already.
        checks_date = version is None or not made or end_of_life_differs(target, version)
        if checks_date and parse_timestamp(target.end_of_life_date) is not None:
            yield from end_of_life_blockers(version_id.label, target.end_of_life_date, now)


def _region_blockers(request: CaptureRequest, state: CaptureState, source: Source | None) -> Iterator[Finding]:
    for target, existing in zip(request.gallery_targets, state.galleries):
        regions = state.targets.regions.get(target.definition.subscription_id.lower())
        version = existing.version
        new_regions = missing_regions(target, version) if machine.exists_or_in_progress(version) else target.regions
        if regions is not None:
            label = f"version {target.version} of {target.definition.label}"
            yield from region_blockers(label, ((each.name, each.storage_account_type) for each in new_regions), regions)
    disk = request.upload_disk
    if disk is not None and request.location:
        regions = state.targets.regions.get(disk.subscription_id.lower())
        if regions is not None:
            yield from region_blockers(f"the {disk.label}", [(request.location, None)], regions)


def target_warnings(request: CaptureRequest, state: CaptureState, source: Source | None) -> Iterator[Finding]:
    """Warnings about differences that are kept, images that will not boot, and failed reads."""
    yield from state.targets.unread
    if request.image and source is not None and not machine.exists_or_in_progress(state.image):
        yield from image_controller_warnings(source, request.image)
    for target, existing in zip(request.gallery_targets, state.galleries):
        version_id, version = existing.version_id, existing.version
        definition = existing.definition if has_definition(existing) else None
        if definition is not None:
            yield from definition_warnings(target, definition)
        if version is not None and machine.exists_or_in_progress(version):
            yield from difference_warnings(target, version_id, version)
        elif definition is not None and source is not None:
            yield from controller_warnings(source, target.definition, definition)


def step_blockers(state: CaptureState, steps: Sequence[Step]) -> Iterator[Finding]:
    """Blockers for values in steps that Azure would refuse: derived names, merged tags, exceeded quotas."""
    yield from name_blockers(step.resource for step in steps if step.action.creates)
    for step in steps:
        tags = (step.body or {}).get("tags")
        if step.method == "PUT" and tags and step.resource.resource_type != RESOURCE_GROUP:
            yield from tag_count_blockers(step.resource, tags)
        elif step.method == "PATCH" and tags:
            yield from tag_count_blockers(step.resource, {**_tags_of(state, step.resource), **tags})
    yield from quota_blockers(steps, state.targets.usages)


def _tags_of(state: CaptureState, resource: ResourceId) -> dict[str, str]:
    """The existing tags of an image or version."""
    rows = [state.image, *(version for existing in state.galleries for version in existing.versions)]
    found = next((row for row in rows if row and str(row.get("id")).lower() == str(resource).lower()), None)
    return (found or {}).get("tags") or {}
