# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan an image definition: create it, change what Azure allows to change, delete it; pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import normalized_location
from ansible_collections.golden.azure.plugins.module_utils._definition.request import (
    DefinitionRequest,
    DefinitionState,
)
from ansible_collections.golden.azure.plugins.module_utils._definition.rules import (
    creation_settings,
    setting_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.actions import deletion_step
from ansible_collections.golden.azure.plugins.module_utils._model.definition_properties import (
    DEFINITION_PROPERTIES,
    FEATURES,
    DefinitionProperty,
    changed_features,
    feature_list,
    features_of,
)
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_containers import (
    IDENTIFIER,
    definition_step,
    identifier_taken_blockers,
    in_progress_step,
)
from ansible_collections.golden.azure.plugins.module_utils._model.publishing import end_of_life_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.quota import quota_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.regions import region_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.resource_names import (
    identifier_blockers,
    name_blockers,
)
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import merge_blockers, merge_step

Json = dict[str, Any]

_MAX_NAMED = 5


def plan_definition(request: DefinitionRequest, state: DefinitionState, now: datetime) -> Plan:
    """The plan that brings an image definition into the requested state."""
    label = request.definition.label
    settings = dict(request.settings) if state.exists else creation_settings(request)
    blockers = [
        *name_blockers([request.definition]),
        *_gallery_blockers(request, state),
        *setting_blockers(request, settings, state),
        *_end_of_life_blockers(request, state, now),
        *(_difference_blockers(request, state) if state.exists else _creation_blockers(request, settings, state)),
    ]
    warnings = [*state.unread, *_feature_warnings(request, state)]
    steps = [] if blockers else list(_steps(request, settings, state))
    blockers += list(quota_blockers(steps, state.usages))
    return Plan(f"{label[0].upper()}{label[1:]}", blockers, warnings, [] if blockers else steps)


# -- blockers -----------------------------------------------------------------------------------------------------


def _gallery_blockers(request: DefinitionRequest, state: DefinitionState) -> Iterator[Finding]:
    if state.gallery is None:
        yield Finding(
            "gallery_not_found",
            f"The {request.gallery.label} does not exist; create it first with golden.azure.vm_image_gallery, or check "
            "its name.",
        )
    elif machine.provisioning_state(state.gallery) == "Deleting":
        yield Finding(
            "gallery_being_deleted",
            f"The {request.gallery.label} is being deleted; choose another gallery, or create it again.",
        )


def _end_of_life_blockers(request: DefinitionRequest, state: DefinitionState, now: datetime) -> Iterator[Finding]:
    """A date in the past is accepted for a definition that has it already."""
    (row,) = [each for each in DEFINITION_PROPERTIES if each.option == "end_of_life_date"]
    wanted = request.settings.get(row.option)
    if wanted is not None and (not state.exists or row.differs(wanted, state.definition or {})):
        yield from end_of_life_blockers(request.definition.label, wanted, now)


def _creation_blockers(request: DefinitionRequest, settings: Json, state: DefinitionState) -> Iterator[Finding]:
    label = request.definition.label
    missing = [name for name in ("os_type", "security_type") if settings.get(name) is None]
    if missing:
        yield Finding(
            "definition_incomplete",
            f"The {label} does not exist, and {' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not set, "
            "which cannot be changed later; set what the virtual machines to be captured have.",
        )
    identifier = {name: str(settings[name]) for name in IDENTIFIER}
    yield from identifier_blockers(**identifier)
    yield from identifier_taken_blockers(request.definition, identifier, state.definitions)
    if state.regions is not None and request.location:
        yield from region_blockers(f"the {label}", [(request.location, None)], state.regions)


def _difference_blockers(request: DefinitionRequest, state: DefinitionState) -> Iterator[Finding]:
    """Blockers for properties that Azure does not change after creation."""
    label, definition = request.definition.label, state.definition or {}
    if machine.provisioning_state(definition) == "Deleting":
        yield Finding("definition_being_deleted", f"The {label} is being deleted; wait until it is deleted.")
        return
    present = str(definition.get("location"))
    if request.location and normalized_location(request.location) != normalized_location(present):
        yield Finding(
            "definition_location_differs",
            f"The {label} is in {present}, not in {request.location}, and Azure cannot move it; omit 'location', or "
            "create another definition.",
        )
    for each in DEFINITION_PROPERTIES:
        wanted = request.settings.get(each.option)
        if each.changeable or each.feature is not None or not each.differs(wanted, definition):
            continue
        yield Finding(
            "definition_property_fixed",
            f"The {label} exists with the {each.name} {_shown(each.present(definition))}, not {_shown(wanted)}, and "
            f"Azure cannot change that; omit '{each.option}', or create another definition, and capture into it.",
        )
    if not request.allow_update_image:
        for each in changed_features(definition, request.settings):
            yield Finding(
                "definition_features_differ",
                f"The {label} exists with the {each.name} {_shown(each.present(definition))}, not "
                f"{_shown(request.settings[each.option])}; set 'allow_update_image: true' with 'starts_at_version' if "
                "the versions from that number on support it, or create another definition.",
            )
    yield from merge_blockers(request.definition, definition.get("tags"), request.tags)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ":".join(str(part) for part in value.values())
    return "none" if value is None else str(value)


def _feature_warnings(request: DefinitionRequest, state: DefinitionState) -> Iterator[Finding]:
    """A warning if a feature is there already from another version on: the number is not moved."""
    if not (state.exists and request.allow_update_image):
        return
    definition = state.definition or {}
    for each in FEATURES:
        if request.settings.get(each.option) is None or each.differs(request.settings[each.option], definition):
            continue
        start = features_of(definition).get(str(each.feature).lower(), {}).get("startsAtVersion")
        if start and start != request.starts_at_version:
            yield Finding(
                "feature_start_kept",
                f"The {request.definition.label} has the {each.name} from version {start} on, which is kept.",
                quiet=True,
            )


# -- steps --------------------------------------------------------------------------------------------------------


def _steps(request: DefinitionRequest, settings: Json, state: DefinitionState) -> Iterator[Step]:
    if not state.exists:
        yield _creation_step(request, settings, state)
        return
    definition = state.definition or {}
    wait = in_progress_step(actions.WAIT_FOR_DEFINITION, request.definition, definition)
    if wait is not None:
        yield wait
    yield from _update_steps(request, definition)
    tagging = merge_step(request.definition, definition.get("tags"), request.tags)
    if tagging is not None:
        yield tagging


def _creation_step(request: DefinitionRequest, settings: Json, state: DefinitionState) -> Step:
    properties: Json = {}
    for each in DEFINITION_PROPERTIES:
        if settings.get(each.option) is not None:
            each.write(properties, settings[each.option])
    properties["features"] = feature_list(
        {
            str(each.feature): each.written(settings[each.option])
            for each in FEATURES
            if settings[each.option] is not None
        }
    )
    location = request.location or str((state.gallery or {}).get("location"))
    return definition_step(request.definition, location, properties, request.tags)


def _update_steps(request: DefinitionRequest, definition: Json) -> Iterator[Step]:
    """The step that changes properties, with the complete body: a partial one might drop the others."""
    body, changes = writable_definition(definition), []
    properties = body["properties"]
    for each in DEFINITION_PROPERTIES:
        wanted = request.settings.get(each.option)
        if each.changeable and each.differs(wanted, definition):
            each.write(properties, wanted)
            changes.append(f"set its {each.name}")
    features = changed_features(definition, request.settings)
    if features:
        properties["features"] = _with_features(request, definition, features)
        properties["allowUpdateImage"] = True
        named = ", ".join(f"{each.name} to {_shown(request.settings[each.option])}" for each in features)
        changes.append(f"set {named} from version {request.starts_at_version} on")
    if changes:
        yield Step(
            actions.UPDATE_DEFINITION,
            request.definition,
            f"change the {request.definition.label}: {', '.join(changes)}",
            method="PUT",
            path=str(request.definition),
            body=body,
        )


def _with_features(request: DefinitionRequest, definition: Json, changed: list[DefinitionProperty]) -> list[Json]:
    """All features, with the changed ones from the stated version on.

    Source: https://github.com/Azure/azure-cli/issues/33172
    """
    new = {
        str(each.feature).lower(): {
            "name": each.feature,
            "value": each.written(request.settings[each.option]),
            "startsAtVersion": request.starts_at_version,
        }
        for each in changed
    }
    return list({**features_of(definition), **new}.values())


def writable_definition(definition: Json) -> Json:
    """The complete body of a definition without read-only properties."""
    properties = copy.deepcopy(machine.properties(definition))
    properties.pop("provisioningState", None)
    return {"location": definition.get("location"), "tags": definition.get("tags") or {}, "properties": properties}


# -- removal ------------------------------------------------------------------------------------------------------


def plan_removal(request: DefinitionRequest, state: DefinitionState) -> Plan:
    """The plan that deletes an image definition, which must be empty."""
    label = request.definition.label
    title = f"Removal of {label}"
    if state.definition is None:
        return Plan(title)
    if machine.provisioning_state(state.definition) == "Deleting":
        wait = f"wait until the {label} is deleted, which is in progress"
        return Plan(title, steps=[Step(actions.WAIT_FOR_REMOVAL, request.definition, wait)])
    blockers = list(_content_blockers(request, state))
    return Plan(title, blockers, steps=[] if blockers else [deletion_step(request.definition)])


def _content_blockers(request: DefinitionRequest, state: DefinitionState) -> Iterator[Finding]:
    label = request.definition.label
    if state.versions:
        yield Finding(
            "definition_not_empty",
            f"The {label} contains {_counted(state.versions, 'version')}; delete them with golden.azure.vm_image_remove "
            "first.",
        )
    if state.soft_deleted:
        # https://learn.microsoft.com/azure/virtual-machines/soft-delete-gallery#frequently-asked-questions
        yield Finding(
            "soft_deleted_versions_left",
            f"The {label} contains {_counted(state.soft_deleted, 'soft-deleted version')}, with which Azure does not "
            "delete it; wait until their retention period has ended, delete them permanently, or disable 'soft_delete' "
            "with golden.azure.vm_image_gallery.",
        )


def _counted(rows: list[Json], what: str) -> str:
    names = sorted(str(row.get("name")) for row in rows)
    shown = ", ".join(names[:_MAX_NAMED]) + (", ..." if len(names) > _MAX_NAMED else "")
    return f"{len(names)} {what}{'s' if len(names) > 1 else ''} ({shown})"
