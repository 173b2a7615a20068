# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan a gallery: create it, change it, share it; pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Finding, Plan, Step
from ansible_collections.golden.azure.plugins.module_utils._core.resource_id import (
    ResourceId,
    group_of,
    normalized_location,
    parse,
    same_id,
)
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.sharing import (
    profile_body,
    sharing_blockers,
    sharing_steps,
    sharing_warnings,
)
from ansible_collections.golden.azure.plugins.module_utils._gallery.plan.soft_delete import (
    soft_delete_blockers,
    soft_delete_change,
    soft_delete_warnings,
)
from ansible_collections.golden.azure.plugins.module_utils._gallery.request import (
    GalleryRequest,
    GalleryState,
    Identity,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model import virtual_machine as machine
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_containers import (
    gallery_step,
    in_progress_step,
)
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_sharing import community_of, profile_of
from ansible_collections.golden.azure.plugins.module_utils._model.quota import quota_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.regions import region_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.resource_names import name_blockers
from ansible_collections.golden.azure.plugins.module_utils._model.tag_changes import merge_blockers, merge_step

Json = dict[str, Any]


def title_of(request: GalleryRequest) -> str:
    """The title of the plan."""
    return f"{request.gallery.label[0].upper()}{request.gallery.label[1:]}"


def plan_gallery(request: GalleryRequest, state: GalleryState) -> Plan:
    """The plan that brings a gallery into the requested state."""
    blockers = [
        *name_blockers([request.gallery]),
        *_existing_blockers(request, state),
        *sharing_blockers(request, state),
        *soft_delete_blockers(request, state),
    ]
    warnings = [*state.unread, *sharing_warnings(request, state), *soft_delete_warnings(request, state)]
    steps = [] if blockers else list(_steps(request, state))
    blockers += list(quota_blockers(steps, state.usages))
    return Plan(title_of(request), blockers, warnings, [] if blockers else steps)


# -- blockers -----------------------------------------------------------------------------------------------------


def _existing_blockers(request: GalleryRequest, state: GalleryState) -> Iterator[Finding]:
    if not state.exists:
        yield from _creation_blockers(request, state)
        return
    gallery = state.gallery or {}
    if machine.provisioning_state(gallery) == "Deleting":
        yield Finding(
            "gallery_being_deleted",
            f"The {request.gallery.label} is being deleted; wait until it is deleted, then run the task again.",
        )
        return
    present = str(gallery.get("location"))
    if request.location and normalized_location(request.location) != normalized_location(present):
        yield Finding(
            "gallery_location_differs",
            f"The {request.gallery.label} is in {present}, not in {request.location}, and Azure cannot move it; omit "
            "'location', or create another gallery there.",
        )
    yield from merge_blockers(request.gallery, gallery.get("tags"), request.tags)


def _creation_blockers(request: GalleryRequest, state: GalleryState) -> Iterator[Finding]:
    group = group_of(request.gallery)
    if state.group is None:
        yield Finding(
            "resource_group_not_found",
            f"The {group.label} of the gallery does not exist; create it first, or check its name.",
        )
        return
    if machine.provisioning_state(state.group) == "Deleting":
        yield Finding(
            "resource_group_being_deleted",
            f"The {group.label} of the gallery is being deleted; wait until it is deleted, or choose another.",
        )
    for other in state.galleries:
        if str(other.get("name")).lower() == request.gallery.name.lower() and not same_id(
            other.get("id"), str(request.gallery)
        ):
            found = parse(str(other.get("id")))
            yield Finding(
                "gallery_name_taken",
                f"The subscription already has the {found.label if found else other.get('id')}, and the name of a "
                "gallery must be unique in its subscription; choose another name, or use that gallery.",
            )
    if state.regions is not None and request.location:
        yield from region_blockers(f"the {request.gallery.label}", [(request.location, None)], state.regions)


# -- steps --------------------------------------------------------------------------------------------------------


def _steps(request: GalleryRequest, state: GalleryState) -> Iterator[Step]:
    if not state.exists:
        yield _creation_step(request, state)
    else:
        gallery = state.gallery or {}
        wait = in_progress_step(actions.WAIT_FOR_GALLERY, request.gallery, gallery)
        if wait is not None:
            yield wait
        yield from _update_steps(request, gallery)
        tagging = merge_step(request.gallery, gallery.get("tags"), request.tags)
        if tagging is not None:
            yield tagging
    yield from sharing_steps(request, state)


def _creation_step(request: GalleryRequest, state: GalleryState) -> Step:
    properties: Json = {}
    if request.description is not None:
        properties["description"] = request.description
    profile = profile_body(request)
    if profile:
        properties["sharingProfile"] = profile
    if request.soft_delete is not None:
        properties["softDeletePolicy"] = request.soft_delete
    identity = {"identity": request.identity.body()} if request.identity else {}
    location = request.location or str((state.group or {}).get("location"))
    return gallery_step(request.gallery, location, properties, request.tags, **identity)


def _update_steps(request: GalleryRequest, gallery: Json) -> Iterator[Step]:
    """The step that changes the gallery's own properties, with its complete body: a partial one might drop the others."""
    body, changes = writable_gallery(gallery), []
    properties = body["properties"]
    if request.description is not None and request.description != properties.get("description"):
        properties["description"] = request.description
        changes.append("set its description")
    changed = {name: value for name, value in request.community.items() if community_of(gallery).get(name) != value}
    if changed:
        information = {**properties["sharingProfile"]["communityGalleryInfo"], **changed}
        properties["sharingProfile"]["communityGalleryInfo"] = information
        changes.append(f"set {', '.join(sorted(changed))} of its publisher")
    policy, change = soft_delete_change(request, gallery)
    if policy is not None:
        properties["softDeletePolicy"] = policy
        changes.append(change)
    if request.identity is not None and _identity_differs(request.identity, gallery.get("identity") or {}):
        body["identity"] = request.identity.body()
        changes.append(f"set its identities to {_described(request.identity)}")
    if changes:
        yield Step(
            actions.UPDATE_GALLERY,
            request.gallery,
            f"change the {request.gallery.label}: {', '.join(changes)}",
            method="PUT",
            path=str(request.gallery),
            body=body,
        )


def writable_gallery(gallery: Json) -> Json:
    """The complete body of a gallery without read-only properties."""
    properties = dict(machine.properties(gallery))
    for read_only in ("provisioningState", "identifier", "sharingStatus"):
        properties.pop(read_only, None)
    profile = {name: value for name, value in profile_of(gallery).items() if name != "groups"}
    information = {
        name: value
        for name, value in community_of(gallery).items()
        if name not in ("communityGalleryEnabled", "publicNames")
    }
    if information:
        profile["communityGalleryInfo"] = information
    if profile:
        properties["sharingProfile"] = profile
    body: Json = {"location": gallery.get("location"), "tags": gallery.get("tags") or {}, "properties": properties}
    present = gallery.get("identity") or {}
    if present.get("type"):
        body["identity"] = {"type": present["type"]}
        if present.get("userAssignedIdentities"):
            body["identity"]["userAssignedIdentities"] = {each: {} for each in present["userAssignedIdentities"]}
    return body


def _identity_differs(wanted: Identity, present: Json) -> bool:
    kinds = {word.strip().lower() for word in str(present.get("type") or "None").split(",")} - {"none"}
    has = {each.lower() for each in present.get("userAssignedIdentities") or {}}
    asked = {word.strip().lower() for word in wanted.body()["type"].split(",")} - {"none"}
    return kinds != asked or has != {str(each).lower() for each in wanted.user_assigned}


def _described(identity: Identity) -> str:
    names = [_quoted(each) for each in identity.user_assigned]
    return " and ".join([*(["its own one"] if identity.system_assigned else []), *names]) or "none"


def _quoted(identity: ResourceId) -> str:
    return f"'{identity.name}'"
