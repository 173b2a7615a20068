# Copyright (c) 2026 golden.azure contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Plan with whom a gallery is shared; pure.

Azure sets how a gallery is shared when it is created. Afterwards, sharing can only be reset, which makes it private:
https://learn.microsoft.com/azure/virtual-machines/share-gallery-direct#prerequisites and
https://learn.microsoft.com/azure/virtual-machines/share-gallery-community#limitations-for-sharing-images-with-the-community
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ansible_collections.golden.azure.plugins.module_utils._core.plan import Action, Finding, Step
from ansible_collections.golden.azure.plugins.module_utils._gallery.request import (
    COMMUNITY_PROPERTIES,
    GalleryRequest,
    GalleryState,
)
from ansible_collections.golden.azure.plugins.module_utils._model import actions
from ansible_collections.golden.azure.plugins.module_utils._model.gallery_sharing import (
    COMMUNITY,
    GROUPS,
    PRIVATE,
    SUBSCRIPTIONS,
    TENANTS,
    community_of,
    group_blockers,
    group_ids,
    is_public,
    permissions_of,
    prefix_blockers,
    reset_step,
)

Json = dict[str, Any]

_SHARED_WITH = {GROUPS: "subscriptions and tenants", COMMUNITY: "the community"}
_KINDS = {SUBSCRIPTIONS: "subscriptions", TENANTS: "tenants"}
_PREFIX = "publicNamePrefix"
_NEEDED = ("public_name_prefix", "publisher_uri", "publisher_contact")


def profile_body(request: GalleryRequest) -> Json:
    """The sharing profile of a new gallery; empty for a private one."""
    if request.permissions in (None, PRIVATE):
        return {}
    information = {"communityGalleryInfo": dict(request.community)} if request.community else {}
    return {"permissions": request.permissions, **information}


# -- findings -----------------------------------------------------------------------------------------------------


def sharing_blockers(request: GalleryRequest, state: GalleryState) -> Iterator[Finding]:
    """Blockers for sharing that Azure would refuse."""
    label = request.gallery.label
    yield from prefix_blockers(request.community.get(_PREFIX))
    for kind in request.groups:
        yield from group_blockers(label, kind, _resulting(request, state, kind))
    if not state.exists:
        yield from _information_blockers(request)
        return
    present = permissions_of(state.gallery)
    if request.permissions in (GROUPS, COMMUNITY) and request.permissions != present:
        yield Finding(
            "sharing_not_changeable",
            f"The {label} exists with the sharing '{present.lower()}', and Azure cannot change that to "
            f"'{request.permissions.lower()}'; create another gallery with 'sharing: "
            f"{request.permissions.lower()}', and publish the versions there with 'source_image' of "
            "golden.azure.vm_image_capture.",
        )
    elif request.permissions == COMMUNITY:
        yield from _public_name_blockers(request, state)


def _resulting(request: GalleryRequest, state: GalleryState, kind: str) -> list[str]:
    """The ids that the gallery would be shared with."""
    wanted = request.groups[kind]
    kept = [] if request.exact_sharing else group_ids(state.gallery, kind)
    known = {each.lower() for each in wanted}
    return [*wanted, *(each for each in kept if each.lower() not in known)]


def _information_blockers(request: GalleryRequest) -> Iterator[Finding]:
    """A community gallery needs its publisher's facts when it is created; a test of azure-sdk-for-net creates one without EULA."""
    if request.permissions != COMMUNITY:
        return
    missing = [name for name in _NEEDED if COMMUNITY_PROPERTIES[name] not in request.community]
    if missing:
        yield Finding(
            "community_information_missing",
            f"The {request.gallery.label} is to be a community gallery, for which Azure requires "
            f"{', '.join(missing)}; set {'them' if len(missing) > 1 else 'it'}.",
        )


def _public_name_blockers(request: GalleryRequest, state: GalleryState) -> Iterator[Finding]:
    label, has = request.gallery.label, community_of(state.gallery)
    wanted = request.community.get(_PREFIX)
    if wanted is not None and wanted != has.get(_PREFIX):
        yield Finding(
            "public_name_fixed",
            f"The {label} has the public name {', '.join(has.get('publicNames') or ['unknown'])}, by which others use "
            f"it, so that its prefix cannot be changed to '{wanted}'; omit 'public_name_prefix', or create another "
            "gallery.",
        )
    if request.public is False and is_public(state.gallery):
        yield Finding(
            "community_stays_enabled",
            f"The {label} is public, and Azure can end that only by resetting its sharing, after which it stays "
            "private; set 'sharing: private' to do so.",
        )


def sharing_warnings(request: GalleryRequest, state: GalleryState) -> Iterator[Finding]:
    """Warnings about sharing that is ended, or that is kept."""
    present = permissions_of(state.gallery)
    if state.exists and request.permissions == PRIVATE and present != PRIVATE:
        yield Finding(
            "sharing_ends",
            f"The {request.gallery.label} becomes private, and Azure cannot share it with "
            f"{_SHARED_WITH.get(present, present)} again; scale sets elsewhere that use its images cannot grow any more.",
        )
    if not state.exists or request.exact_sharing or present != GROUPS or request.permissions == PRIVATE:
        return
    others = [each for kind in request.groups for each in _extra(request, state, kind)]
    if others:
        yield Finding(
            "also_shared",
            f"The {request.gallery.label} is also shared with {', '.join(others)}, which is kept; set 'exact_sharing: "
            "true' to end it.",
            quiet=True,
        )


def _extra(request: GalleryRequest, state: GalleryState, kind: str) -> list[str]:
    wanted = {each.lower() for each in request.groups[kind]}
    return [each for each in group_ids(state.gallery, kind) if each.lower() not in wanted]


# -- steps --------------------------------------------------------------------------------------------------------


def sharing_steps(request: GalleryRequest, state: GalleryState) -> Iterator[Step]:
    """The requests that change with whom a gallery is shared."""
    if request.permissions == PRIVATE and state.exists and permissions_of(state.gallery) != PRIVATE:
        yield reset_step(request.gallery)
        return
    removed = {kind: _extra(request, state, kind) for kind in request.groups} if request.exact_sharing else {}
    added = {kind: _missing(request, state, kind) for kind in request.groups}
    if any(removed.values()):
        yield _groups_step(request, "Remove", f"no longer share the {request.gallery.label} with", removed)
    if any(added.values()):
        yield _groups_step(request, "Add", f"share the {request.gallery.label} with", added)
    if request.public and not is_public(state.gallery):
        yield _step(
            request,
            actions.SHARE_GALLERY,
            f"make the {request.gallery.label} public, so that all users of Azure can use its images",
            {"operationType": "EnableCommunity"},
        )


def _missing(request: GalleryRequest, state: GalleryState, kind: str) -> list[str]:
    has = {each.lower() for each in group_ids(state.gallery, kind)}
    return [each for each in request.groups[kind] if each.lower() not in has]


def _groups_step(request: GalleryRequest, operation: str, description: str, ids: dict[str, list[str]]) -> Step:
    named = [f"the {_KINDS[kind]} {', '.join(each)}" for kind, each in ids.items() if each]
    groups = [{"type": kind, "ids": each} for kind, each in ids.items() if each]
    body = {"operationType": operation, "groups": groups}
    return _step(request, actions.SHARE_GALLERY, f"{description} {' and '.join(named)}", body)


def _step(request: GalleryRequest, action: Action, description: str, body: Json) -> Step:
    return Step(action, request.gallery, description, method="POST", path=f"{request.gallery}/share", body=body)
